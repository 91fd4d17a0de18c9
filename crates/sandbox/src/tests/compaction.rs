//! A log that has grown is made shorter at the next start, and tells the same.

use serde_json::json;

use super::client::*;
use crate::{Options, Watched};

async fn open_at(folder: &std::path::Path) -> Watched {
    let options = Options { listen: None, data: Some(folder.to_owned()), seed: 7, ..Options::default() };
    Watched::open(options).await.unwrap()
}

fn log(folder: &std::path::Path) -> Vec<u8> {
    std::fs::read(folder.join("sandbox.log")).unwrap()
}

/// What a client and an auditor can see.
async fn seen(sandbox: &Watched) -> serde_json::Value {
    let mut all = Vec::new();
    for kind in ["customers", "invoices", "invoiceitems", "events", "payment_intents", "webhook_endpoints"] {
        all.push(get(sandbox, &format!("/v1/{kind}?limit=100")).await.ok());
    }
    let key = model::IdempotencyKey::from_text("the key");
    let again = keyed(sandbox, "/v1/customers", json!({"name": "Keyed"}), "the key").await;
    json!([all, sandbox.executions(&key), sandbox.open_deliveries(), again.headers.replayed, again.body])
}

#[tokio::test]
async fn a_log_that_was_made_shorter_tells_the_same_and_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let sandbox = open_at(folder.path()).await;
    sandbox.deliver_to("http://127.0.0.1:1/hook".parse().unwrap(), &["customer.*"]).await;
    let (customer, invoice) = open(&sandbox).await;
    for n in 0..20 {
        post(&sandbox, &format!("/v1/customers/{customer}"), json!({"name": format!("Ada {n}")})).await.ok();
    }
    for delivery in sandbox.due_deliveries().into_iter().skip(2) {
        sandbox.carried(delivery.id, 200);
    }
    sandbox.pay_invoice(&invoice, "pm_card_visa").await.unwrap();
    // The answers so far are not remembered any more; this one is.
    sandbox.advance_ms(2 * 24 * 3_600_000).await;
    keyed(&sandbox, "/v1/customers", json!({"name": "Keyed"}), "the key").await.ok();
    let before = seen(&sandbox).await;
    sandbox.shutdown().await;
    drop(sandbox);

    let long = log(folder.path());
    std::fs::write(folder.path().join("sandbox.log.new"), b"what a crash left").unwrap();
    let sandbox = open_at(folder.path()).await;
    assert!(log(folder.path()).len() < long.len() * 3 / 4);
    assert_eq!(seen(&sandbox).await, before);
    let next = id(&post(&sandbox, "/v1/customers", json!({"name": "Next"})).await.ok());
    sandbox.shutdown().await;
    drop(sandbox);

    // The old log, which a crash before the rename would have left, goes on in the same way.
    let other = tempfile::tempdir().unwrap();
    std::fs::write(other.path().join("sandbox.log"), &long).unwrap();
    let sandbox = open_at(other.path()).await;
    assert_eq!(id(&post(&sandbox, "/v1/customers", json!({"name": "Next"})).await.ok()), next);
    drop(sandbox);
    let sandbox = open_at(folder.path()).await;
    assert_eq!(get(&sandbox, &format!("/v1/customers/{next}")).await.ok()["name"], "Next");
}
