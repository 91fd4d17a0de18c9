//! What time alone does to invoices.

use model::ManualClock;
use serde_json::{Value, json};

use super::client::*;
use crate::{Options, Sandbox, Watched};

const HOUR_MS: i64 = 3_600_000;
const DAY_MS: i64 = 24 * HOUR_MS;

/// A customer that pays with this card, and a draft of 20.00 USD that advances.
async fn advancing(sandbox: &Sandbox, card: Option<&str>) -> (String, String) {
    let customer = id(&post(sandbox, "/v1/customers", json!({})).await.ok());
    if let Some(card) = card {
        let path = format!("/v1/payment_methods/{card}/attach");
        let method = id(&post(sandbox, &path, json!({"customer": customer})).await.ok());
        let settings = json!({"invoice_settings": {"default_payment_method": method}});
        post(sandbox, &format!("/v1/customers/{customer}"), settings).await.ok();
    }
    let params = json!({"customer": customer, "auto_advance": true});
    let invoice = id(&post(sandbox, "/v1/invoices", params).await.ok());
    let line = json!({"customer": customer, "invoice": invoice, "amount": 2000, "currency": "usd"});
    post(sandbox, "/v1/invoiceitems", line).await.ok();
    (customer, invoice)
}

fn seen(sandbox: &Sandbox, invoice: &str) -> (Value, Value, Value) {
    let shown = sandbox.object(invoice).unwrap();
    (shown["status"].clone(), shown["attempt_count"].clone(), shown["next_payment_attempt"].clone())
}

#[tokio::test]
async fn a_draft_that_advances_is_finalized_and_charged_after_an_hour() {
    let (sandbox, _) = quiet(1).await;
    let (_, invoice) = advancing(&sandbox, Some("pm_card_visa")).await;
    let before = event_types(&sandbox).len();
    sandbox.advance_ms(HOUR_MS - 1).await;
    assert_eq!(seen(&sandbox, &invoice).0, "draft");
    sandbox.advance_ms(1).await;
    assert_eq!(seen(&sandbox, &invoice), (json!("paid"), json!(1), json!(null)));
    assert_eq!(
        event_types(&sandbox)[before..],
        [
            "invoice.finalized",
            "invoice.updated",
            "payment_intent.created",
            "charge.succeeded",
            "payment_intent.succeeded",
            "invoice.updated",
            "invoice.paid",
            "invoice.payment_succeeded",
            "invoice_payment.paid",
        ]
    );
    let event = sandbox.events().pop().unwrap();
    assert_eq!((&event["created"], &event["request"]["id"]), (&json!(NOON + 3600), &json!(null)));
}

#[tokio::test]
async fn a_refused_charge_comes_again_after_3_5_and_7_days_and_then_no_more() {
    for card in [Some("pm_card_chargeCustomerFail"), None] {
        let (sandbox, _) = quiet(2).await;
        let (_, invoice) = advancing(&sandbox, card).await;
        sandbox.advance_ms(HOUR_MS).await;
        let mut at = NOON + 3600;
        for (tried, days) in [(1, 3), (2, 5), (3, 7)] {
            let next = at + days * 86_400;
            assert_eq!(seen(&sandbox, &invoice), (json!("open"), json!(tried), json!(next)), "{card:?}");
            sandbox.advance_ms(days * DAY_MS - 1).await;
            assert_eq!(seen(&sandbox, &invoice).1, tried);
            sandbox.advance_ms(1).await;
            at = next;
        }
        assert_eq!(seen(&sandbox, &invoice), (json!("open"), json!(4), json!(null)));
        sandbox.advance_ms(365 * DAY_MS).await;
        let failed = event_types(&sandbox).into_iter().filter(|t| t == "invoice.payment_failed");
        assert_eq!(failed.count(), 4);
    }
}

#[tokio::test]
async fn one_long_step_of_the_clock_does_everything_in_order_and_in_its_own_time() {
    let (steps, _) = quiet(3).await;
    let (leap, _) = quiet(3).await;
    for sandbox in [&steps, &leap] {
        advancing(sandbox, Some("pm_card_visa")).await;
        sandbox.advance_ms(60_000).await;
        advancing(sandbox, Some("pm_card_chargeCustomerFail")).await;
    }
    for _ in 0..20 {
        steps.advance_ms(DAY_MS).await;
    }
    leap.advance_ms(20 * DAY_MS).await;
    assert_eq!(steps.events(), leap.events());
    let created: Vec<i64> = leap.events().iter().map(|e| e["created"].as_i64().unwrap()).collect();
    assert!(created.is_sorted());
}

#[tokio::test]
async fn a_sent_invoice_is_finalized_sent_and_told_of_when_it_is_overdue() {
    let (sandbox, clock) = quiet(4).await;
    let (_, invoice) = draft(&sandbox).await;
    post(&sandbox, &format!("/v1/invoices/{invoice}"), json!({"auto_advance": true})).await.ok();
    let before = event_types(&sandbox).len();
    clock.advance_ms(2 * HOUR_MS);
    assert_eq!(get(&sandbox, &format!("/v1/invoices/{invoice}")).await.ok()["status"], "open");
    sandbox.advance_ms(40 * DAY_MS).await;
    let types = event_types(&sandbox);
    assert_eq!(
        types[before..],
        ["invoice.finalized", "invoice.updated", "payment_intent.created", "invoice.sent", "invoice.overdue"]
    );
    sandbox.pay_invoice(&invoice, "pm_card_visa").await.unwrap();
}

#[tokio::test]
async fn an_invoice_of_a_deleted_customer_waits_for_a_person() {
    let (sandbox, _) = quiet(5).await;
    let (customer, invoice) = advancing(&sandbox, Some("pm_card_visa")).await;
    delete(&sandbox, &format!("/v1/customers/{customer}")).await.ok();
    sandbox.advance_ms(DAY_MS).await;
    let shown = sandbox.object(&invoice).unwrap();
    assert_eq!((&shown["status"], &shown["auto_advance"]), (&json!("draft"), &json!(false)));
    assert!(shown["last_finalization_error"]["message"].as_str().unwrap().contains("deleted"));
    assert_eq!(event_types(&sandbox).last().unwrap(), "invoice.finalization_failed");
}

#[tokio::test]
async fn what_fell_due_while_nobody_looked_happens_at_its_own_time_after_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let clock = std::sync::Arc::new(ManualClock::at_second(NOON));
    let open = || {
        Watched::open(Options {
            listen: None,
            seed: 6,
            clock: clock.clone(),
            data: Some(folder.path().to_owned()),
            ..Options::default()
        })
    };
    let sandbox = open().await.unwrap();
    let (_, invoice) = advancing(&sandbox, Some("pm_card_visa")).await;
    sandbox.shutdown().await;
    drop(sandbox);
    clock.advance_ms(5 * DAY_MS);
    let sandbox = open().await.unwrap();
    let shown = get(&sandbox, &format!("/v1/invoices/{invoice}")).await.ok();
    assert_eq!(
        (&shown["status"], &shown["status_transitions"]["paid_at"]),
        (&json!("paid"), &json!(NOON + 3600))
    );
    let events = sandbox.events();
    sandbox.shutdown().await;
    drop(sandbox);
    assert_eq!(open().await.unwrap().events(), events);
}
