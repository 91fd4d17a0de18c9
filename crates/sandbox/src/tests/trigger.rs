//! Events on command: every one of the table, with what was set, or refused whole.

use serde_json::{Value, json};

use super::client::*;
use crate::{Sandbox, Watched, triggers};

async fn made(sandbox: &Sandbox, event: &str, set: Value) -> (Value, Value) {
    let (status, done) = command(sandbox, "POST", "trigger", &json!({"event": event, "set": set})).await;
    assert_eq!(status, 200, "{event}: {done}");
    let told = sandbox.object(done["event"].as_str().unwrap()).unwrap();
    assert_eq!((&told["type"], &done["type"]), (&json!(event), &json!(event)));
    assert_eq!(told["data"]["object"]["id"], done["object"]);
    (done, told)
}

async fn refused(sandbox: &Watched, body: Value) -> Value {
    let (status, done) = command(sandbox, "POST", "trigger", &body).await;
    assert!(status >= 400, "{done}");
    assert!(sandbox.events().is_empty() && sandbox.journal().is_empty(), "{done}: something was changed");
    done["error"].clone()
}

fn said(error: &Value) -> &str {
    error["message"].as_str().unwrap()
}

#[tokio::test]
async fn every_trigger_of_the_table_ends_in_its_event() {
    let (sandbox, _) = quiet(1).await;
    let mut failing = Vec::new();
    for event in triggers() {
        let (status, done) = command(&sandbox, "POST", "trigger", &json!({ "event": event })).await;
        let told = done["event"].as_str().and_then(|id| sandbox.object(id)).unwrap_or_default();
        if status != 200 || told["type"] != event || told["data"]["object"]["id"] != done["object"] {
            failing.push(format!("{event}: {done}"));
        }
    }
    assert!(failing.is_empty(), "{failing:#?}");
}

#[test]
fn the_table_is_sorted_and_has_only_events_that_the_sandbox_tells() {
    let all: Vec<&str> = triggers().collect();
    assert!(all.is_sorted(), "{all:?}");
    assert!(all.iter().all(|event| crate::event_types().contains(event)));
}

#[tokio::test]
async fn what_is_set_stands_in_the_object_and_an_object_that_is_named_is_not_made_again() {
    let (sandbox, _) = quiet(2).await;
    let customer = id(&post(&sandbox, "/v1/customers", json!({"name": "Grace"})).await.ok());
    let set = json!({"data.object.customer": customer, "metadata.order": 7, "metadata.a.b": "c"});
    let (done, told) = made(&sandbox, "invoice.paid", set).await;
    let invoice = &told["data"]["object"];
    assert_eq!(invoice["customer"], json!(customer));
    assert_eq!(invoice["metadata"], json!({"order": "7", "a.b": "c"}));
    assert_eq!(sandbox.objects("customer").len(), 1, "{done}");
    let (_, told) = made(&sandbox, "customer.subscription.created", json!({"items.0.quantity": 3})).await;
    assert_eq!(told["data"]["object"]["items"]["data"][0]["quantity"], 3);
    let euros = json!({"currency": "eur"});
    let (_, told) = made(&sandbox, "invoice.finalized", euros).await;
    assert_eq!(told["data"]["object"]["currency"], "eur");
}

#[tokio::test]
async fn what_is_wrong_is_named_before_anything_is_done() {
    let (sandbox, _) = quiet(3).await;
    let error = refused(&sandbox, json!({"event": "invoice.payed"})).await;
    assert!(said(&error).contains("The nearest is invoice.paid."), "{error}");
    let error = refused(&sandbox, json!({"event": "invoice.overdue"})).await;
    assert!(said(&error).contains("comes only with time"), "{error}");
    let wrong = |path: &str, value: Value| json!({"event": "invoice.paid", "set": {path: value}});
    let error = refused(&sandbox, wrong("data.object.custmer", json!("cus_1"))).await;
    assert_eq!(error["param"], "custmer");
    assert!(said(&error).contains("Did you mean customer?"), "{error}");
    let error = refused(&sandbox, wrong("data.object.customer", json!("cus_nobody"))).await;
    assert!(said(&error).contains("cus_nobody") && said(&error).ends_with("Nothing was changed."), "{error}");
    let error = refused(&sandbox, wrong("customer.name", json!("Ada"))).await;
    assert_eq!(error["param"], "customer.name");
    let error = refused(&sandbox, wrong("data.object.", json!("Ada"))).await;
    assert_eq!(error["param"], "data.object.");
    let error = refused(&sandbox, wrong("days_until_due", json!("soon"))).await;
    assert_eq!(error["param"], "days_until_due");
    let error = refused(&sandbox, wrong("customer", Value::Null)).await;
    assert_eq!(error["param"], "customer");
    refused(&sandbox, json!({"event": "invoice.paid", "set": 7})).await;
    refused(&sandbox, json!({"event": "invoice.paid", "sett": {}})).await;
}

#[tokio::test]
async fn what_is_set_so_that_the_event_cannot_come_is_said_and_a_refusal_names_its_request() {
    let (sandbox, _) = quiet(4).await;
    let good = json!({"event": "charge.failed", "set": {"payment_method": "pm_card_visa"}});
    let (status, done) = command(&sandbox, "POST", "trigger", &good).await;
    assert_eq!(status, 400);
    assert!(said(&done["error"]).contains("do not end in charge.failed"), "{done}");
    let bad = json!({"event": "charge.refunded", "set": {"amount": 999_999}});
    let (status, done) = command(&sandbox, "POST", "trigger", &bad).await;
    assert_eq!(status, 400, "{done}");
    assert!(said(&done["error"]).starts_with("POST /v1/refunds: "), "{done}");
    assert!(said(&done["error"]).ends_with("What the request before it made stays."), "{done}");
}

#[tokio::test]
async fn faults_wait_for_others() {
    let (sandbox, _) = quiet(5).await;
    sandbox.fault(crate::Fault::Reset, 1);
    made(&sandbox, "customer.created", json!({})).await;
    assert!(matches!(
        attempt(&sandbox, &post_request("/v1/customers", &json!({}), "k")).await,
        stripe::Attempt::Broken(_)
    ));
}
