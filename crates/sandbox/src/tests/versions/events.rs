//! Events: told in the account's version, delivered in the endpoint's, and as they were.

use serde_json::{Value, json};
use stripe::PINNED;

use super::{
    Client, account_of, named, releases,
    world::{invoice, world},
};
use crate::{
    Sandbox,
    tests::client::{id, keyed, post, quiet},
};

async fn endpoint(sandbox: &Sandbox, version: Option<&str>, types: &[&str]) -> String {
    let url = format!("http://127.0.0.1:1/{}", version.unwrap_or("account"));
    let mut params = json!({"url": url, "enabled_events": types});
    if let Some(version) = version {
        params["api_version"] = json!(version);
    }
    let made = post(sandbox, "/v1/webhook_endpoints", params).await.ok();
    assert_eq!(made["api_version"], json!(version));
    url
}

/// What is due at an address, oldest first.
fn delivered(due: &[crate::Delivery], url: &str) -> Vec<Value> {
    let to = due.iter().filter(|delivery| delivery.url == url);
    to.map(|delivery| serde_json::from_str(&delivery.body).unwrap()).collect()
}

#[tokio::test]
async fn an_endpoint_gets_its_own_version_and_the_api_the_accounts() {
    let (sandbox, _) = quiet(51).await;
    let mut urls = Vec::new();
    for version in releases() {
        urls.push((version, endpoint(&sandbox, Some(version.as_str()), &["*"]).await));
    }
    let account = endpoint(&sandbox, None, &["*"]).await;
    // The request's own version changes nothing of what is told.
    let made = world(&Client::of(&sandbox, named("clover"))).await;
    let due = sandbox.due_deliveries();
    let told = delivered(&due, &account);
    assert!(told.len() > 50, "{}", told.len());
    for (version, url) in &urls {
        let own = delivered(&due, url);
        for event in &own {
            assert_eq!(event["api_version"], version.as_str());
        }
        let same = |event: &&Value| version.name() != "acacia" || event["type"] != "invoice_payment.paid";
        let ids: Vec<&Value> = told.iter().filter(same).map(|event| &event["id"]).collect();
        assert_eq!(own.iter().map(|event| &event["id"]).collect::<Vec<_>>(), ids, "{version}");
    }
    let of = |nth: usize, kind: &str, object: &str| {
        let all = delivered(&due, &urls[nth].1);
        all.into_iter().find(|e| e["type"] == kind && e["data"]["object"]["id"] == object).unwrap()
    };
    let (old, new) = (of(0, "invoice.paid", &made.paid), of(4, "invoice.paid", &made.paid));
    assert!(old["data"]["object"]["paid"] == true && new["data"]["object"].get("paid").is_none());
    let path = format!("/v1/events/{}", id(&old));
    for version in releases() {
        let read = Client::of(&sandbox, version).get(&path).await.ok();
        assert_eq!(
            (&read["api_version"], &read["data"]),
            (&json!(PINNED.as_str()), &new["data"]),
            "{version}"
        );
    }
}

#[tokio::test]
async fn what_an_object_had_before_is_said_in_the_endpoints_words() {
    let (sandbox, _) = quiet(52).await;
    let url =
        endpoint(&sandbox, Some("2025-02-24.acacia"), &["invoice.updated", "customer.subscription.updated"])
            .await;
    let made = world(&Client::of(&sandbox, PINNED)).await;
    let all = delivered(&sandbox.due_deliveries(), &url);
    let of = |object: &str| {
        let own = all.iter().filter(|event| event["data"]["object"]["id"] == object);
        own.collect::<Vec<_>>()
    };
    let was_open = |event: &&&Value| event["data"]["previous_attributes"]["status"] == "open";
    let told = of(&made.paid);
    let paid = told.iter().find(was_open).unwrap();
    let (object, previous) = (&paid["data"]["object"], &paid["data"]["previous_attributes"]);
    assert_eq!((&previous["paid"], &previous["charge"]), (&json!(false), &Value::Null));
    assert!(previous.as_object().unwrap().contains_key("charge") && object["charge"].is_string());
    assert!(!previous.as_object().unwrap().contains_key("payment_intent"), "it has not changed");
    let told = of(&made.subscription);
    let renewed = told.last().unwrap();
    let (object, previous) = (&renewed["data"]["object"], &renewed["data"]["previous_attributes"]);
    assert!(
        previous["current_period_end"].as_i64().unwrap() < object["current_period_end"].as_i64().unwrap()
    );
}

#[tokio::test]
async fn an_event_keeps_the_object_as_it_was_in_every_version() {
    let (sandbox, _) = quiet(53).await;
    let url = endpoint(&sandbox, Some("2025-02-24.acacia"), &["invoice.finalized"]).await;
    let client = Client::of(&sandbox, PINNED);
    let customer = id(&client.post("/v1/customers", json!({})).await.ok());
    let open = invoice(&client, &customer, None).await;
    client.post(&format!("/v1/invoices/{open}/finalize"), json!({})).await.ok();
    let first = sandbox.due_deliveries();
    sandbox.carried(first[0].id, 500);
    sandbox.pay_invoice(&open, "pm_card_visa").await.unwrap();
    sandbox.advance_ms(2_000).await;
    let second = sandbox.due_deliveries();
    assert_eq!((second.len(), &second[0].body), (1, &first[0].body), "the same bytes after it was paid");
    let told = &delivered(&second, &url)[0]["data"]["object"];
    assert_eq!((&told["paid"], &told["charge"]), (&json!(false), &Value::Null));
    assert!(told["payment_intent"].is_string());
}

#[tokio::test]
async fn an_account_without_an_event_type_has_none_unless_an_endpoint_knows_it() {
    let acacia = named("acacia");
    for known in [false, true] {
        let sandbox = account_of(acacia, 54).await;
        let url = endpoint(&sandbox, known.then_some("2025-08-27.basil"), &["*"]).await;
        world(&Client::of(&sandbox, acacia)).await;
        let kinds = sandbox.events();
        let made = kinds.iter().filter(|event| event["type"] == "invoice_payment.paid");
        let versions: Vec<&Value> = made.map(|event| &event["api_version"]).collect();
        assert_eq!(!versions.is_empty(), known);
        assert!(versions.iter().all(|version| **version == PINNED.as_str()), "{versions:?}");
        let due = delivered(&sandbox.due_deliveries(), &url);
        let got = due.iter().filter(|event| event["type"] == "invoice_payment.paid").count();
        assert_eq!(got, versions.len());
    }
}

#[tokio::test]
async fn a_version_that_is_not_spoken_is_refused_for_an_endpoint() {
    let (sandbox, _) = quiet(55).await;
    for version in ["2019-02-19", "2025-04-30.basil"] {
        let params = json!({"url": "http://127.0.0.1:1/", "enabled_events": ["*"], "api_version": version});
        let refused = post(&sandbox, "/v1/webhook_endpoints", params).await.error(400);
        assert_eq!(refused["param"], "api_version");
        assert!(refused["message"].as_str().unwrap().contains("2025-08-27.basil"), "{refused}");
    }
}

#[tokio::test]
async fn a_restart_under_another_default_leaves_what_was_told() {
    let folder = tempfile::tempdir().unwrap();
    let open = |api_version| {
        crate::Watched::open(crate::Options {
            listen: None,
            data: Some(folder.path().to_owned()),
            seed: 56,
            api_version,
            ..crate::Options::default()
        })
    };
    let sandbox = open(named("acacia")).await.unwrap();
    let url = endpoint(&sandbox, None, &["customer.created"]).await;
    post(&sandbox, "/v1/customers", json!({"name": "Ada"})).await.ok();
    let before = sandbox.events();
    let body = sandbox.due_deliveries().remove(0).body;
    sandbox.shutdown().await;
    drop(sandbox);
    let sandbox = open(PINNED).await.unwrap();
    assert_eq!(sandbox.events(), before);
    let due = sandbox.due_deliveries();
    assert_eq!((due.len(), &due[0].url, &due[0].body), (1, &url, &body));
    keyed(&sandbox, "/v1/customers", json!({}), "after").await.ok();
    assert_eq!(sandbox.events().last().unwrap()["api_version"], PINNED.as_str());
}
