//! Refunds and charges.

use serde_json::{Value, json};

use super::client::*;
use crate::Sandbox;

/// A paid intent and its charge.
async fn paid(sandbox: &Sandbox, more: Value) -> (String, String) {
    let mut params =
        json!({"amount": 2000, "currency": "usd", "confirm": true, "payment_method": "pm_card_visa"});
    params.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    let intent = post(sandbox, "/v1/payment_intents", params).await.ok();
    (id(&intent), intent["latest_charge"].as_str().unwrap().to_owned())
}

#[tokio::test]
async fn a_payment_is_refunded_in_parts_and_never_too_much() {
    let (sandbox, _) = quiet(1).await;
    let (intent, charge) = paid(&sandbox, json!({"capture_method": "automatic"})).await;
    let part = json!({"payment_intent": intent, "amount": 500, "reason": "requested_by_customer",
                      "metadata": {"why": "late"}});
    let first = post(&sandbox, "/v1/refunds", part).await.ok();
    assert_eq!((&first["status"], &first["charge"]), (&json!("succeeded"), &json!(charge)));
    let shown = sandbox.object(&charge).unwrap();
    assert_eq!((&shown["amount_refunded"], &shown["refunded"]), (&json!(500), &json!(false)));
    let error = post(&sandbox, "/v1/refunds", json!({"charge": charge, "amount": 1501})).await.error(400);
    assert_eq!((&error["param"], error.get("code")), (&json!("amount"), None));
    let rest = post(&sandbox, "/v1/refunds", json!({"charge": charge})).await.ok();
    assert_eq!(rest["amount"], 1500);
    assert_eq!(sandbox.object(&charge).unwrap()["refunded"], true);
    for by in [json!({"charge": charge}), json!({"payment_intent": intent, "amount": 1})] {
        let error = post(&sandbox, "/v1/refunds", by).await.error(400);
        assert_eq!(error["code"], "charge_already_refunded");
    }
    assert_eq!(
        event_types(&sandbox)[3..],
        ["refund.created", "charge.refunded", "refund.created", "charge.refunded"]
    );
    let told = &sandbox.events()[4]["data"];
    assert_eq!(
        (&told["object"]["object"], &told["object"]["amount_refunded"]),
        (&json!("charge"), &json!(500))
    );
    assert!(told.get("previous_attributes").is_none());
}

#[tokio::test]
async fn what_was_not_taken_cannot_be_refunded() {
    let (sandbox, _) = quiet(2).await;
    let (held, charge) = paid(&sandbox, json!({"capture_method": "manual"})).await;
    let open =
        id(&post(&sandbox, "/v1/payment_intents", json!({"amount": 2000, "currency": "usd"})).await.ok());
    let failed = json!({"amount": 2000, "currency": "usd", "confirm": true, "payment_method": "pm_card_chargeDeclined"});
    let failed = post(&sandbox, "/v1/payment_intents", failed).await.error(402);
    let before = sandbox.events().len();
    for by in [
        json!({"payment_intent": held}),
        json!({"charge": charge}),
        json!({"payment_intent": open}),
        json!({"charge": failed["charge"]}),
        json!({"payment_intent": failed["payment_intent"]["id"]}),
    ] {
        let error = post(&sandbox, "/v1/refunds", by).await.error(400);
        assert!(error.get("code").is_none(), "{error}");
    }
    for (by, code) in [
        (json!({}), "parameter_missing"),
        (json!({"payment_intent": "pi_none"}), "resource_missing"),
        (json!({"charge": "ch_none"}), "resource_missing"),
        (json!({"charge": charge, "payment_intent": held}), "parameters_exclusive"),
    ] {
        assert_eq!(post(&sandbox, "/v1/refunds", by).await.error(400)["code"], code);
    }
    assert_eq!(sandbox.events().len(), before);
    let (_, whole) = paid(&sandbox, json!({"amount": 1500, "currency": "kwd"})).await;
    for (amount, code) in [
        (0, "parameter_invalid_integer"),
        (-5, "parameter_invalid_integer"),
        (105, "parameter_invalid_integer"),
    ] {
        let error =
            post(&sandbox, "/v1/refunds", json!({"charge": whole, "amount": amount})).await.error(400);
        assert_eq!((&error["code"], &error["param"]), (&json!(code), &json!("amount")), "{amount}");
    }
    post(&sandbox, "/v1/refunds", json!({"charge": whole, "amount": 110})).await.ok();
}

#[tokio::test]
async fn of_a_partial_capture_only_what_was_taken_comes_back() {
    let (sandbox, _) = quiet(3).await;
    let (held, charge) = paid(&sandbox, json!({"capture_method": "manual"})).await;
    let path = format!("/v1/payment_intents/{held}/capture");
    post(&sandbox, &path, json!({"amount_to_capture": 1250})).await.ok();
    post(&sandbox, "/v1/refunds", json!({"charge": charge, "amount": 1251})).await.error(400);
    assert_eq!(post(&sandbox, "/v1/refunds", json!({"payment_intent": held})).await.ok()["amount"], 1250);
    let shown = sandbox.object(&charge).unwrap();
    assert_eq!((&shown["amount_refunded"], &shown["refunded"]), (&json!(2000), &json!(true)));
}

#[tokio::test]
async fn refunds_are_read_listed_noted_on_and_never_canceled() {
    let (sandbox, _) = quiet(4).await;
    let (intent, charge) = paid(&sandbox, json!({})).await;
    let (_, other) = paid(&sandbox, json!({})).await;
    let refund =
        id(&post(&sandbox, "/v1/refunds", json!({"payment_intent": intent, "amount": 100})).await.ok());
    post(&sandbox, "/v1/refunds", json!({"charge": other})).await.ok();
    for query in [format!("charge={charge}"), format!("payment_intent={intent}")] {
        let listed = get(&sandbox, &format!("/v1/refunds?{query}")).await.ok();
        assert_eq!(listed["data"].as_array().unwrap().len(), 1, "{query}");
        assert_eq!(listed["data"][0]["id"], refund.as_str());
    }
    let path = format!("/v1/refunds/{refund}");
    let noted = post(&sandbox, &path, json!({"metadata": {"a": "b"}})).await.ok();
    assert_eq!(noted["metadata"], json!({"a": "b"}));
    let types = event_types(&sandbox);
    assert_eq!(types[types.len() - 2..], ["refund.updated", "charge.refund.updated"]);
    post(&sandbox, &format!("{path}/cancel"), json!({})).await.error(400);
    let read = get(&sandbox, &format!("{path}?expand[]=charge&expand[]=balance_transaction")).await.ok();
    assert_eq!(read["balance_transaction"]["net"], -100);
}

#[tokio::test]
async fn a_charge_takes_notes_and_keeps_its_money() {
    let (sandbox, _) = quiet(5).await;
    let (_, charge) = paid(&sandbox, json!({})).await;
    let path = format!("/v1/charges/{charge}");
    let notes = json!({"description": "Order 7", "metadata": {"order": "7"}, "receipt_email": "a@b.co",
                       "fraud_details": {"user_report": "safe"},
                       "shipping": {"name": "Ada", "address": {"line1": "Street 1"}}});
    let noted = post(&sandbox, &path, notes).await.ok();
    assert_eq!(
        (&noted["description"], &noted["fraud_details"]["user_report"]),
        (&json!("Order 7"), &json!("safe"))
    );
    assert_eq!(noted["shipping"]["address"]["line1"], "Street 1");
    assert_eq!(event_types(&sandbox).last().unwrap(), "charge.updated");
    post(&sandbox, &path, json!({"amount": 1})).await.error(400);
    post(&sandbox, &path, json!({"customer": "cus_none"})).await.error(400);
}

#[tokio::test]
async fn a_refund_that_pends_arrives_later_and_one_that_fails_gives_the_money_back() {
    let (sandbox, _) = quiet(20).await;
    for (card, begins, ends, refunded) in [
        ("pm_card_pendingRefund", "pending", "succeeded", 2000),
        ("pm_card_refundFail", "succeeded", "failed", 0),
    ] {
        let params = json!({"amount": 2000, "currency": "usd", "confirm": true, "payment_method": card});
        let paid = post(&sandbox, "/v1/payment_intents", params).await.ok();
        let refund = post(&sandbox, "/v1/refunds", json!({"payment_intent": paid["id"]})).await.ok();
        assert_eq!(refund["status"], begins, "{card}");
        sandbox.advance_ms(60_000).await;
        let after = sandbox.object(&id(&refund)).unwrap();
        assert_eq!(after["status"], ends, "{card}");
        let charge = sandbox.object(paid["latest_charge"].as_str().unwrap()).unwrap();
        assert_eq!(
            (&charge["amount_refunded"], &charge["refunded"]),
            (&json!(refunded), &json!(refunded > 0))
        );
        if ends == "failed" {
            let back = sandbox.object(after["failure_balance_transaction"].as_str().unwrap()).unwrap();
            assert_eq!((&back["type"], &back["net"]), (&json!("refund_failure"), &json!(2000)));
            assert!(event_types(&sandbox).contains(&"refund.failed".to_owned()));
            post(&sandbox, "/v1/refunds", json!({"payment_intent": paid["id"]})).await.ok();
        }
        let path = format!("/v1/refunds/{}/cancel", id(&refund));
        assert!(
            post(&sandbox, &path, json!({})).await.error(400)["message"].as_str().unwrap().contains(ends)
        );
    }
}

#[tokio::test]
async fn a_bank_fails_a_refund_by_command_once() {
    let (sandbox, _) = quiet(21).await;
    let params =
        json!({"amount": 2000, "currency": "usd", "confirm": true, "payment_method": "pm_card_visa"});
    let paid = post(&sandbox, "/v1/payment_intents", params).await.ok();
    let refund =
        id(&post(&sandbox, "/v1/refunds", json!({"payment_intent": paid["id"], "amount": 700})).await.ok());
    let failed = sandbox.fail_refund(&refund).await.unwrap();
    assert_eq!(
        (&failed["status"], &failed["failure_reason"]),
        (&json!("failed"), &json!("lost_or_stolen_card"))
    );
    assert!(sandbox.fail_refund(&refund).await.is_err());
    let net: i64 = sandbox.objects("balance_transaction").iter().map(|t| t["net"].as_i64().unwrap()).sum();
    assert_eq!(net, 2000 - 88);
}
