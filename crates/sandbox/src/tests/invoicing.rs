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
