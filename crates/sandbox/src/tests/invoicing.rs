//! Invoices from draft to paid, and everything that can be wrong on the way.

use serde_json::json;

use super::client::*;

#[tokio::test]
async fn an_invoice_goes_from_draft_to_paid_and_tells_every_step() {
    let (sandbox, _) = quiet(1).await;
    let (customer, invoice) = draft(&sandbox).await;
    let path = format!("/v1/invoices/{invoice}");
    let drafted = get(&sandbox, &path).await.ok();
    assert_eq!(drafted["status"], "draft");
    assert_eq!(drafted["amount_due"], 4200);
    assert_eq!(drafted["number"], json!(null));
    assert_eq!(drafted["lines"]["data"][0]["amount"], 4200);
    let finalized = post(&sandbox, &format!("{path}/finalize"), json!({})).await.ok();
    assert_eq!(finalized["status"], "open");
    assert!(finalized["number"].as_str().unwrap().ends_with("-0001"));
    assert_eq!(finalized["due_date"], NOON + 30 * 86_400);
    post(&sandbox, &format!("{path}/send"), json!({})).await.ok();
    let paid = sandbox.pay_invoice(&invoice, "pm_card_visa").await.unwrap();
    assert_eq!(
        (&paid["status"], &paid["amount_paid"], &paid["amount_remaining"]),
        (&json!("paid"), &json!(4200), &json!(0))
    );
    assert_eq!(
        event_types(&sandbox),
        [
            "customer.created",
            "invoice.created",
            "invoiceitem.created",
            "invoice.updated",
            "invoice.finalized",
            "invoice.updated",
            "payment_intent.created",
            "invoice.sent",
            "charge.succeeded",
            "payment_intent.succeeded",
            "invoice.updated",
            "invoice.paid",
            "invoice.payment_succeeded",
            "invoice_payment.paid",
        ]
    );
    let events = sandbox.events();
    let joined = &events[3]["data"];
    assert_eq!(joined["previous_attributes"]["amount_due"], 0);
    assert_eq!(joined["object"]["amount_due"], 4200);
    assert_eq!(events[0]["request"]["idempotency_key"], "key-0");
    assert_eq!(events[11]["request"], json!({"id": null, "idempotency_key": null}));
    assert_eq!(events[11]["data"]["object"]["customer"], customer.as_str());
}

#[tokio::test]
async fn a_declined_attempt_stays_and_a_good_card_pays_after_it() {
    let (sandbox, _) = quiet(2).await;
    let (_, invoice) = open(&sandbox).await;
    let path = format!("/v1/invoices/{invoice}");
    let refused =
        post(&sandbox, &format!("{path}/pay"), json!({"payment_method": "pm_card_chargeDeclined"})).await;
    let error = refused.error(402);
    assert_eq!((&error["type"], &error["code"]), (&json!("card_error"), &json!("card_declined")));
    assert_eq!(error["decline_code"], "generic_decline");
    assert_eq!(error["payment_intent"]["status"], "requires_payment_method");
    let after = get(&sandbox, &path).await.ok();
    assert_eq!(
        (&after["status"], &after["attempt_count"], &after["attempted"]),
        (&json!("open"), &json!(1), &json!(true))
    );
    let charge = get(&sandbox, &format!("/v1/charges/{}", error["charge"].as_str().unwrap())).await.ok();
    assert_eq!((&charge["status"], &charge["paid"]), (&json!("failed"), &json!(false)));
    let types = event_types(&sandbox);
    let tail =
        ["charge.failed", "payment_intent.payment_failed", "invoice.updated", "invoice.payment_failed"];
    assert_eq!(types[types.len() - 4..], tail);
    let paid = post(&sandbox, &format!("{path}/pay"), json!({"payment_method": "pm_card_visa"})).await.ok();
    assert_eq!((&paid["status"], &paid["attempt_count"]), (&json!("paid"), &json!(2)));
    post(&sandbox, &format!("{path}/pay"), json!({})).await.error(400);
    let intents = get(&sandbox, "/v1/payment_intents?limit=1").await.ok();
    assert_eq!(intents["data"][0]["status"], "succeeded");
    get(&sandbox, "/v1/charges").await.ok();
}

#[tokio::test]
async fn a_card_that_asks_for_3ds_leaves_the_invoice_open() {
    let (sandbox, _) = quiet(3).await;
    let (_, invoice) = open(&sandbox).await;
    let body = sandbox.pay_invoice(&invoice, "pm_card_authenticationRequired").await.unwrap_err();
    assert_eq!(body["error"]["code"], "invoice_payment_intent_requires_action");
    assert_eq!(sandbox.object(&invoice).unwrap()["status"], "open");
    let types = event_types(&sandbox);
    assert!(
        types.ends_with(&["invoice.payment_action_required".to_owned(), "invoice.payment_failed".to_owned()])
    );
}

#[tokio::test]
async fn voiding_cancels_the_payment_intent_and_is_for_good() {
    let (sandbox, _) = quiet(4).await;
    let (_, invoice) = open(&sandbox).await;
    let void = format!("/v1/invoices/{invoice}/void");
    assert_eq!(post(&sandbox, &void, json!({})).await.ok()["status"], "void");
    let intent = sandbox.objects("payment_intent").remove(0);
    assert_eq!(
        (&intent["status"], &intent["cancellation_reason"]),
        (&json!("canceled"), &json!("void_invoice"))
    );
    for call in ["void", "finalize", "pay", "send", "mark_uncollectible"] {
        let error = post(&sandbox, &format!("/v1/invoices/{invoice}/{call}"), json!({})).await.error(400);
        assert_eq!(error["code"], "invoice_not_editable", "{call}");
    }
    let listed = get(&sandbox, &format!("/v1/invoice_payments?invoice={invoice}")).await.ok();
    assert_eq!(listed["data"][0]["status"], "canceled");
    assert!(event_types(&sandbox).contains(&"invoice.voided".to_owned()));
}

#[tokio::test]
async fn an_uncollectible_invoice_can_still_be_paid_out_of_band() {
    let (sandbox, _) = quiet(5).await;
    let (_, invoice) = open(&sandbox).await;
    post(&sandbox, &format!("/v1/invoices/{invoice}/mark_uncollectible"), json!({})).await.ok();
    let paid =
        post(&sandbox, &format!("/v1/invoices/{invoice}/pay"), json!({"paid_out_of_band": true})).await.ok();
    assert_eq!((&paid["status"], &paid["amount_paid_off_stripe"]), (&json!("paid"), &json!(4200)));
    let types = event_types(&sandbox);
    assert!(types.contains(&"invoice.paid".to_owned()));
    assert!(!types.contains(&"invoice.payment_succeeded".to_owned()));
}

#[tokio::test]
async fn only_a_draft_is_deleted_and_its_item_is_pending_again() {
    let (sandbox, _) = quiet(6).await;
    let (customer, invoice) = draft(&sandbox).await;
    delete(&sandbox, &format!("/v1/invoices/{invoice}")).await.ok();
    get(&sandbox, &format!("/v1/invoices/{invoice}")).await.error(404);
    let pending = get(&sandbox, &format!("/v1/invoiceitems?customer={customer}&pending=true")).await.ok();
    assert_eq!(pending["data"].as_array().unwrap().len(), 1);
    let params = json!({"customer": customer, "pending_invoice_items_behavior": "include"});
    let second = post(&sandbox, "/v1/invoices", params).await.ok();
    assert_eq!(
        (&second["total"], &second["collection_method"]),
        (&json!(4200), &json!("charge_automatically"))
    );
    let (_, opened) = open(&sandbox).await;
    delete(&sandbox, &format!("/v1/invoices/{opened}")).await.error(400);
    event_types(&sandbox);
}

#[tokio::test]
async fn items_change_a_draft_and_nothing_later() {
    let (sandbox, _) = quiet(7).await;
    let (customer, invoice) = draft(&sandbox).await;
    let line =
        json!({"customer": customer, "invoice": invoice, "quantity": 3, "unit_amount_decimal": "12.5"});
    let item = id(&post(&sandbox, "/v1/invoiceitems", line).await.ok());
    let total = |s: &crate::Sandbox| s.object(&invoice).unwrap()["total"].clone();
    assert_eq!(total(&sandbox), 4238);
    post(&sandbox, &format!("/v1/invoiceitems/{item}"), json!({"quantity": 4, "description": "Hours"}))
        .await
        .ok();
    assert_eq!(total(&sandbox), 4250);
    let lines = get(&sandbox, &format!("/v1/invoices/{invoice}/lines")).await.ok();
    assert_eq!(lines["data"][0]["description"], "Hours");
    delete(&sandbox, &format!("/v1/invoiceitems/{item}")).await.ok();
    assert_eq!(total(&sandbox), 4200);
    get(&sandbox, &format!("/v1/invoiceitems/{item}")).await.error(404);
    post(&sandbox, &format!("/v1/invoices/{invoice}/finalize"), json!({})).await.ok();
    let late = json!({"customer": customer, "invoice": invoice, "amount": 1});
    assert_eq!(post(&sandbox, "/v1/invoiceitems", late).await.error(400)["code"], "invoice_not_editable");
    let path = format!("/v1/invoices/{invoice}");
    post(&sandbox, &path, json!({"description": "late"})).await.error(400);
    let kept = post(&sandbox, &path, json!({"metadata": {"order": "7"}})).await.ok();
    assert_eq!(kept["metadata"], json!({"order": "7"}));
    event_types(&sandbox);
}

#[tokio::test]
async fn what_is_too_little_to_charge_waits_for_the_next_invoice() {
    let (sandbox, _) = quiet(8).await;
    let customer = id(&post(&sandbox, "/v1/customers", json!({})).await.ok());
    let mut statuses = Vec::new();
    for amount in [30, 40] {
        let invoice = id(&post(&sandbox, "/v1/invoices", json!({"customer": customer})).await.ok());
        let line = json!({"customer": customer, "invoice": invoice, "amount": amount});
        post(&sandbox, "/v1/invoiceitems", line).await.ok();
        let done = post(&sandbox, &format!("/v1/invoices/{invoice}/finalize"), json!({})).await.ok();
        statuses.push((done["status"].clone(), done["amount_due"].clone(), done["ending_balance"].clone()));
    }
    assert_eq!(statuses[0], (json!("paid"), json!(0), json!(30)));
    assert_eq!(statuses[1], (json!("open"), json!(70), json!(0)));
    assert_eq!(sandbox.object(&customer).unwrap()["balance"], 0);
    event_types(&sandbox);
}

#[tokio::test]
async fn an_empty_invoice_is_paid_on_finalization() {
    let (sandbox, _) = quiet(9).await;
    let customer = id(&post(&sandbox, "/v1/customers", json!({})).await.ok());
    let invoice = id(&post(&sandbox, "/v1/invoices", json!({"customer": customer})).await.ok());
    let done = post(&sandbox, &format!("/v1/invoices/{invoice}/pay"), json!({})).await.ok();
    assert_eq!((&done["status"], &done["amount_paid"]), (&json!("paid"), &json!(0)));
    assert!(event_types(&sandbox).ends_with(&["invoice.paid".to_owned()]));
}

#[tokio::test]
async fn money_that_cannot_be_is_refused_and_changes_nothing() {
    let (sandbox, _) = quiet(10).await;
    let (customer, invoice) = draft(&sandbox).await;
    let before = (sandbox.objects("invoiceitem"), sandbox.events().len());
    for (form, code, param) in [
        ("amount=1.5", "parameter_invalid_integer", "amount"),
        ("amount=abc", "parameter_invalid_integer", "amount"),
        ("amount=1000000000000", "amount_too_large", "amount"),
        ("amount=99999999999999999999999", "", "amount"),
        ("amount=1&currency=xyz", "", "currency"),
        ("amount=1&currency=eur", "", "currency"),
        ("amount=1&unit_amount_decimal=1", "parameters_exclusive", "unit_amount_decimal"),
        ("unit_amount_decimal=1.5x", "", "unit_amount_decimal"),
        ("quantity=-1&amount=1", "parameter_invalid_integer", "quantity"),
        ("quantity=2", "parameter_missing", "amount"),
    ] {
        let form = format!("customer={customer}&invoice={invoice}&{form}");
        let error = post_form(&sandbox, "/v1/invoiceitems", &form).await.error(400);
        assert_eq!(error["param"], param, "{form}: {error}");
        if !code.is_empty() {
            assert_eq!(error["code"], code, "{form}: {error}");
        }
    }
    assert_eq!((sandbox.objects("invoiceitem"), sandbox.events().len()), before);
}

#[tokio::test]
async fn due_dates_belong_to_sent_invoices() {
    let (sandbox, _) = quiet(11).await;
    let customer = id(&post(&sandbox, "/v1/customers", json!({})).await.ok());
    for params in [
        json!({"customer": customer, "collection_method": "send_invoice"}),
        json!({"customer": customer, "days_until_due": 3}),
        json!({"customer": customer, "collection_method": "send_invoice", "days_until_due": 3, "due_date": NOON + 9}),
        json!({"customer": customer, "collection_method": "send_invoice", "due_date": 5}),
    ] {
        post(&sandbox, "/v1/invoices", params).await.error(400);
    }
    let charged = id(&post(&sandbox, "/v1/invoices", json!({"customer": customer})).await.ok());
    post(&sandbox, &format!("/v1/invoices/{charged}/send"), json!({})).await.error(400);
    assert_eq!(sandbox.objects("invoice").len(), 1);
}
