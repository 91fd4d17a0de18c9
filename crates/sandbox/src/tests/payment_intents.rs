//! Payment intents from creation to their end.

use serde_json::{Value, json};
use stripe::{Attempt, Version};

use super::client::*;
use crate::Sandbox;

pub(super) const PATH: &str = "/v1/payment_intents";

/// An intent over 20.00 USD with these parameters.
pub(super) async fn create(sandbox: &Sandbox, more: Value) -> Got {
    let mut params = json!({"amount": 2000, "currency": "usd"});
    params.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    post(sandbox, PATH, params).await
}

async fn act(sandbox: &Sandbox, intent: &str, what: &str, params: Value) -> Got {
    post(sandbox, &format!("{PATH}/{intent}/{what}"), params).await
}

fn at<'a>(object: &'a Value, fields: [&str; 3]) -> [&'a Value; 3] {
    fields.map(|field| &object[field])
}

#[tokio::test]
async fn an_intent_goes_from_creation_over_a_card_to_success() {
    let (sandbox, _) = quiet(1).await;
    let fresh = create(&sandbox, json!({"metadata": {"order": "7"}, "receipt_email": "a@b.co"})).await.ok();
    assert_eq!(
        at(&fresh, ["status", "capture_method", "payment_method"]),
        [&json!("requires_payment_method"), &json!("automatic_async"), &json!(null)]
    );
    assert_eq!(fresh["automatic_payment_methods"], json!({"allow_redirects": "always", "enabled": true}));
    assert!(fresh["client_secret"].as_str().unwrap().starts_with(&format!("{}_secret_", id(&fresh))));
    let chosen = post(&sandbox, &format!("{PATH}/{}", id(&fresh)), json!({"payment_method": "pm_card_visa"}))
        .await
        .ok();
    assert_eq!(chosen["status"], "requires_confirmation");
    let expand = json!({"expand": ["latest_charge.balance_transaction"]});
    let paid = act(&sandbox, &id(&fresh), "confirm", expand).await.ok();
    assert_eq!(
        at(&paid, ["status", "amount_received", "amount_capturable"]),
        [&json!("succeeded"), &json!(2000), &json!(0)]
    );
    let charge = &paid["latest_charge"];
    assert_eq!(
        at(charge, ["captured", "amount_captured", "paid"]),
        [&json!(true), &json!(2000), &json!(true)]
    );
    assert_eq!(
        (&charge["metadata"]["order"], &charge["balance_transaction"]["fee"]),
        (&json!("7"), &json!(88))
    );
    assert_eq!(
        event_types(&sandbox),
        ["payment_intent.created", "charge.succeeded", "payment_intent.succeeded", "charge.updated"]
    );
    let listed = get(&sandbox, PATH).await.ok();
    assert_eq!(listed["data"][0]["id"], paid["id"]);
}

#[tokio::test]
async fn synchronous_capture_has_its_balance_transaction_at_once() {
    let (sandbox, _) = quiet(2).await;
    let params = json!({"confirm": true, "payment_method": "pm_card_visa", "capture_method": "automatic"});
    create(&sandbox, params).await.ok();
    assert_eq!(
        event_types(&sandbox),
        ["payment_intent.created", "charge.succeeded", "payment_intent.succeeded"]
    );
    let charge = &sandbox.events()[1]["data"]["object"];
    assert!(charge["balance_transaction"].as_str().unwrap().starts_with("txn_3"));
}

#[tokio::test]
async fn a_declined_create_leaves_the_intent_and_a_good_card_pays_it() {
    let (sandbox, _) = quiet(3).await;
    let params = json!({"confirm": true, "payment_method": "pm_card_visa_chargeDeclinedInsufficientFunds"});
    let error = create(&sandbox, params).await.error(402);
    assert_eq!(
        at(&error, ["type", "code", "decline_code"]),
        [&json!("card_error"), &json!("card_declined"), &json!("insufficient_funds")]
    );
    let left = &error["payment_intent"];
    assert_eq!(at(left, ["status", "payment_method", "latest_charge"])[0], "requires_payment_method");
    assert_eq!(left["latest_charge"], error["charge"]);
    let read = get(&sandbox, &format!("{PATH}/{}", id(left))).await.ok();
    assert_eq!(read["last_payment_error"]["decline_code"], "insufficient_funds");
    assert_eq!(read["last_payment_error"]["charge"], error["charge"]);
    assert_eq!(
        event_types(&sandbox),
        ["payment_intent.created", "charge.failed", "payment_intent.payment_failed"]
    );
    let paid = act(&sandbox, &id(left), "confirm", json!({"payment_method": "pm_card_visa"})).await.ok();
    assert_eq!(
        at(&paid, ["status", "last_payment_error", "next_action"])[..2],
        [&json!("succeeded"), &json!(null)]
    );
    let charges = get(&sandbox, &format!("/v1/charges?payment_intent={}", id(left))).await.ok();
    assert_eq!(charges["data"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn money_that_is_held_is_captured_in_whole_or_in_part() {
    let (sandbox, _) = quiet(4).await;
    let hold = json!({"confirm": true, "payment_method": "pm_card_visa", "capture_method": "manual"});
    let held = create(&sandbox, hold.clone()).await.ok();
    assert_eq!(
        at(&held, ["status", "amount_capturable", "amount_received"]),
        [&json!("requires_capture"), &json!(2000), &json!(0)]
    );
    let charge = sandbox.object(held["latest_charge"].as_str().unwrap()).unwrap();
    assert_eq!(
        at(&charge, ["captured", "balance_transaction", "status"])[..2],
        [&json!(false), &json!(null)]
    );
    for (params, code) in [
        (json!({"amount_to_capture": 2001}), "amount_too_large"),
        (json!({"amount_to_capture": 0}), "parameter_invalid_integer"),
        (json!({"amount_to_capture": 49}), "amount_too_small"),
    ] {
        let error = act(&sandbox, &id(&held), "capture", params).await.error(400);
        assert_eq!((&error["code"], &error["param"]), (&json!(code), &json!("amount_to_capture")));
    }
    act(&sandbox, &id(&held), "capture", json!({"final_capture": false})).await.error(400);
    let taken = act(&sandbox, &id(&held), "capture", json!({"amount_to_capture": 1250})).await.ok();
    assert_eq!(
        at(&taken, ["status", "amount_capturable", "amount_received"]),
        [&json!("succeeded"), &json!(0), &json!(1250)]
    );
    let charge = sandbox.object(held["latest_charge"].as_str().unwrap()).unwrap();
    assert_eq!(
        at(&charge, ["captured", "amount_captured", "amount_refunded"]),
        [&json!(true), &json!(1250), &json!(750)]
    );
    let all = create(&sandbox, hold).await.ok();
    assert_eq!(act(&sandbox, &id(&all), "capture", json!({})).await.ok()["amount_received"], 2000);
    assert_eq!(
        event_types(&sandbox)[..5],
        [
            "payment_intent.created",
            "charge.succeeded",
            "payment_intent.amount_capturable_updated",
            "charge.captured",
            "payment_intent.succeeded"
        ]
    );
    let path = format!("/v1/charges/{}/capture", charge["id"].as_str().unwrap());
    assert_eq!(post(&sandbox, &path, json!({})).await.error(400)["code"], "charge_already_captured");
}

#[tokio::test]
async fn canceling_releases_what_is_held() {
    let (sandbox, _) = quiet(5).await;
    let hold = json!({"confirm": true, "payment_method": "pm_card_visa", "capture_method": "manual"});
    let held = create(&sandbox, hold).await.ok();
    let gone = act(&sandbox, &id(&held), "cancel", json!({"cancellation_reason": "duplicate"})).await.ok();
    assert_eq!(
        at(&gone, ["status", "amount_capturable", "cancellation_reason"]),
        [&json!("canceled"), &json!(0), &json!("duplicate")]
    );
    let charge = sandbox.object(held["latest_charge"].as_str().unwrap()).unwrap();
    assert_eq!(at(&charge, ["refunded", "amount_refunded", "captured"])[..2], [&json!(true), &json!(2000)]);
    assert!(sandbox.objects("balance_transaction").is_empty());
    assert_eq!(event_types(&sandbox)[3..], ["refund.created", "charge.refunded", "payment_intent.canceled"]);
}

#[tokio::test]
async fn a_bank_lets_go_of_held_money_after_seven_days() {
    let (sandbox, _) = quiet(15).await;
    let hold = json!({"confirm": true, "payment_method": "pm_card_visa", "capture_method": "manual"});
    let (held, taken) = (create(&sandbox, hold.clone()).await.ok(), create(&sandbox, hold).await.ok());
    act(&sandbox, &id(&taken), "capture", json!({})).await.ok();
    const DAY_MS: i64 = 86_400_000;
    sandbox.advance_ms(7 * DAY_MS - 1000).await;
    assert_eq!(sandbox.object(&id(&held)).unwrap()["status"], "requires_capture");
    let before = event_types(&sandbox).len();
    sandbox.advance_ms(1000).await;
    let gone = get(&sandbox, &format!("{PATH}/{}", id(&held))).await.ok();
    assert_eq!(
        at(&gone, ["status", "cancellation_reason", "amount_capturable"]),
        [&json!("canceled"), &json!("automatic"), &json!(0)]
    );
    assert_eq!(
        event_types(&sandbox)[before..],
        ["refund.created", "charge.expired", "payment_intent.canceled"]
    );
    assert_eq!(sandbox.objects("refund")[0]["reason"], "expired_uncaptured_charge");
    assert_eq!(sandbox.object(&id(&taken)).unwrap()["status"], "succeeded");
    act(&sandbox, &id(&held), "capture", json!({})).await.error(400);
}

#[tokio::test]
async fn a_call_in_the_wrong_state_is_refused_with_the_intent() {
    let (sandbox, _) = quiet(6).await;
    let open = id(&create(&sandbox, json!({})).await.ok());
    let paid = id(&create(&sandbox, json!({"confirm": true, "payment_method": "pm_card_visa"})).await.ok());
    let gone = id(&create(&sandbox, json!({})).await.ok());
    act(&sandbox, &gone, "cancel", json!({})).await.ok();
    let card = json!({"payment_method": "pm_card_visa"});
    for (intent, what, params) in [
        (&open, "capture", json!({})),
        (&open, "confirm", json!({})),
        (&paid, "confirm", card.clone()),
        (&paid, "capture", json!({})),
        (&paid, "cancel", json!({})),
        (&gone, "confirm", card),
        (&gone, "cancel", json!({})),
    ] {
        let error = act(&sandbox, intent, what, params).await.error(400);
        assert_eq!(error["code"], "payment_intent_unexpected_state", "{what}: {error}");
        assert_eq!(error["payment_intent"]["id"], intent.as_str(), "{what}");
    }
    let fixed = post(&sandbox, &format!("{PATH}/{paid}"), json!({"amount": 500})).await.error(400);
    assert_eq!(fixed["code"], "payment_intent_unexpected_state");
    let noted = post(&sandbox, &format!("{PATH}/{paid}"), json!({"metadata": {"a": "b"}})).await.ok();
    assert_eq!(noted["metadata"], json!({"a": "b"}));
    get(&sandbox, &format!("{PATH}/pi_none")).await.error(404);
}

/// The same request under another version.
async fn under(sandbox: &Sandbox, version: &str, params: Value) -> (u16, Value) {
    let mut request = post_request(PATH, &params, &format!("{version}{params}"));
    request.version = Version::parse(version).unwrap();
    match attempt(sandbox, &request).await {
        Attempt::Answered(answer) => (answer.status, answer.body),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn payment_method_types_are_written_in_older_versions_only() {
    let (sandbox, _) = quiet(10).await;
    let params = json!({"amount": 2000, "currency": "usd", "payment_method_types": ["card", "link"]});
    for version in ["2024-09-30.acacia", "2025-03-31.basil", "2025-09-30.clover", "2026-03-25.dahlia"] {
        let (status, body) = under(&sandbox, version, params.clone()).await;
        assert_eq!(
            (status, &body["payment_method_types"]),
            (200, &json!(["card", "link"])),
            "{version}: {body}"
        );
        assert_eq!(body["automatic_payment_methods"], json!(null));
    }
    let (status, body) = under(&sandbox, stripe::PINNED.as_str(), params).await;
    assert_eq!((status, &body["error"]["code"]), (400, &json!("payment_method_types_no_longer_supported")));
    assert_eq!(body["error"]["param"], "payment_method_types");
    let wrong = json!({"amount": 2000, "currency": "usd", "payment_method_types": ["cardd"]});
    assert_eq!(under(&sandbox, "2026-03-25.dahlia", wrong).await.0, 400);
    let link = json!({"amount": 2000, "currency": "usd", "payment_method_types": ["link"],
                      "payment_method": "pm_card_visa", "confirm": true});
    let (status, body) = under(&sandbox, "2026-03-25.dahlia", link).await;
    assert_eq!((status, &body["error"]["code"]), (400, &json!("payment_intent_incompatible_payment_method")));
    assert_eq!(sandbox.objects("payment_intent").len(), 4);
}

#[tokio::test]
async fn allowed_payment_method_types_narrow_what_the_account_has() {
    let (sandbox, _) = quiet(11).await;
    let narrowed = create(&sandbox, json!({"allowed_payment_method_types": ["card", "ideal"]})).await.ok();
    assert_eq!(narrowed["allowed_payment_method_types"], json!(["card", "ideal"]));
    assert_eq!(narrowed["payment_method_types"], json!(["card"]));
    let error = create(&sandbox, json!({"allowed_payment_method_types": ["ideal"]})).await.error(400);
    assert_eq!(error["param"], "allowed_payment_method_types");
    let error = create(&sandbox, json!({"excluded_payment_method_types": ["card"]})).await.error(400);
    assert_eq!(error["param"], "excluded_payment_method_types");
    let error = create(&sandbox, json!({"allowed_payment_method_types": ["cardd"]})).await.error(400);
    assert_eq!(error["param"], "allowed_payment_method_types[0]");
}

#[tokio::test]
async fn a_card_for_later_becomes_the_customers() {
    let (sandbox, _) = quiet(12).await;
    let customer = id(&post(&sandbox, "/v1/customers", json!({})).await.ok());
    let params = json!({"customer": customer, "setup_future_usage": "off_session", "confirm": true,
                        "payment_method": "pm_card_visa"});
    let paid = create(&sandbox, params).await.ok();
    let kept = get(&sandbox, &format!("/v1/payment_methods?customer={customer}")).await.ok();
    assert_eq!(kept["data"][0]["id"], paid["payment_method"]);
    assert!(event_types(&sandbox).contains(&"payment_method.attached".to_owned()));
    let again = json!({"confirm": true, "payment_method": paid["payment_method"]});
    create(&sandbox, again).await.error(400);
    let listed = get(&sandbox, &format!("{PATH}?customer={customer}&limit=1")).await.ok();
    assert_eq!(listed["data"][0]["id"], paid["id"]);
}

#[tokio::test]
async fn confirming_the_intent_of_an_invoice_pays_the_invoice() {
    let (sandbox, _) = quiet(13).await;
    let (_, invoice) = open(&sandbox).await;
    let intent = sandbox.objects("payment_intent").remove(0);
    act(&sandbox, &id(&intent), "cancel", json!({})).await.error(400);
    post(&sandbox, &format!("{PATH}/{}", id(&intent)), json!({"amount": 100})).await.error(400);
    act(&sandbox, &id(&intent), "confirm", json!({"payment_method": "pm_card_chargeDeclined"}))
        .await
        .error(402);
    assert_eq!(sandbox.object(&invoice).unwrap()["attempt_count"], 1);
    let card = json!({"payment_method": "pm_card_authenticationRequired"});
    assert_eq!(act(&sandbox, &id(&intent), "confirm", card).await.ok()["status"], "requires_action");
    assert_eq!(sandbox.object(&invoice).unwrap()["status"], "open");
    sandbox.authenticate(&id(&intent), true).await.unwrap();
    let paid = sandbox.object(&invoice).unwrap();
    assert_eq!(
        at(&paid, ["status", "attempt_count", "amount_paid"]),
        [&json!("paid"), &json!(2), &json!(4200)]
    );
    let types = event_types(&sandbox);
    for kind in ["invoice.payment_failed", "invoice.payment_action_required", "invoice.paid"] {
        assert!(types.contains(&kind.to_owned()), "{kind}");
    }
}

#[tokio::test]
async fn what_an_intent_cannot_be_is_refused_and_nothing_is_kept() {
    let (sandbox, _) = quiet(14).await;
    for (form, code, param) in [
        ("currency=usd", "parameter_missing", "amount"),
        ("amount=2000", "parameter_missing", "currency"),
        ("amount=0&currency=usd", "parameter_invalid_integer", "amount"),
        ("amount=49&currency=usd", "amount_too_small", "amount"),
        ("amount=100000000&currency=usd", "amount_too_large", "amount"),
        ("amount=1234&currency=kwd", "parameter_invalid_integer", "amount"),
        ("amount=20.5&currency=usd", "parameter_invalid_integer", "amount"),
        ("amount=2000&currency=usx", "", "currency"),
        ("amount=2000&currency=usd&customer=cus_none", "resource_missing", "customer"),
        ("amount=2000&currency=usd&payment_method=pm_none", "resource_missing", "payment_method"),
        ("amount=2000&currency=usd&receipt_email=x", "email_invalid", "receipt_email"),
        ("amount=2000&currency=usd&statement_descriptor=12", "", "statement_descriptor"),
        ("amount=2000&currency=usd&confirm=true", "parameter_missing", "payment_method"),
        ("amount=2000&currency=usd&capture_method=later", "", "capture_method"),
    ] {
        let error = post_form(&sandbox, PATH, form).await.error(400);
        assert_eq!(error["param"], param, "{form}: {error}");
        assert_eq!(error.get("code").and_then(Value::as_str).unwrap_or_default(), code, "{form}: {error}");
    }
    assert!(sandbox.objects("payment_intent").is_empty() && sandbox.events().is_empty());
}

#[tokio::test]
async fn an_authorization_grows_when_the_card_was_asked_for_that() {
    let (sandbox, _) = quiet(31).await;
    let held = json!({"amount": 2000, "currency": "usd", "confirm": true, "payment_method": "pm_card_visa",
        "capture_method": "manual",
        "payment_method_options": {"card": {"request_incremental_authorization": "if_available"}}});
    let made = post(&sandbox, "/v1/payment_intents", held.clone()).await.ok();
    let path = format!("/v1/payment_intents/{}/increment_authorization", id(&made));
    let less = post(&sandbox, &path, json!({"amount": 2000})).await.error(400);
    assert_eq!((&less["code"], &less["param"]), (&json!("amount_too_small"), &json!("amount")));
    let more = post(&sandbox, &path, json!({"amount": 2600, "description": "A longer stay"})).await.ok();
    assert_eq!((&more["amount"], &more["amount_capturable"]), (&json!(2600), &json!(2600)));
    let charge = sandbox.object(more["latest_charge"].as_str().unwrap()).unwrap();
    assert_eq!(charge["payment_method_details"]["card"]["incremental_authorization"]["status"], "available");
    let taken = post(&sandbox, &format!("/v1/payment_intents/{}/capture", id(&made)), json!({})).await.ok();
    assert_eq!(taken["amount_received"], 2600);
    assert_eq!(
        post(&sandbox, &path, json!({"amount": 3000})).await.error(400)["code"],
        "payment_intent_unexpected_state"
    );
    let mut plain = held;
    plain.as_object_mut().unwrap().shift_remove("payment_method_options");
    let plain = post(&sandbox, "/v1/payment_intents", plain).await.ok();
    let path = format!("/v1/payment_intents/{}/increment_authorization", id(&plain));
    let refused = post(&sandbox, &path, json!({"amount": 2600})).await.error(400);
    assert!(refused["message"].as_str().unwrap().contains("request_incremental_authorization"), "{refused}");
}
