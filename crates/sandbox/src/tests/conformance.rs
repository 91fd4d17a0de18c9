//! A sandbox that watches itself notices what deviates, wherever it leaves.

use serde_json::{Value, json};

use super::client::*;
use crate::{Options, Sandbox, Watched};

async fn watching(check_objects: bool) -> Sandbox {
    Sandbox::open(Options { listen: None, seed: 1, check_objects, ..Options::default() }).await.unwrap()
}

/// A customer, and the same again with a fault in it.
async fn damaged(sandbox: &Sandbox, damage: fn(&mut Value)) -> String {
    let mut customer = post(sandbox, "/v1/customers", json!({"name": "Ada"})).await.ok();
    damage(&mut customer);
    sandbox.plant(std::slice::from_ref(&customer)).await;
    format!("/v1/customers/{}", id(&customer))
}

#[tokio::test]
async fn an_answer_that_deviates_becomes_a_500_that_says_how_and_is_counted() {
    type Damage = (fn(&mut Value), &'static str);
    let damages: &[Damage] = &[
        (
            |c| drop(c.as_object_mut().unwrap().shift_remove("livemode")),
            "customers.retrieve.livemode is missing",
        ),
        (|c| c["mood"] = json!("good"), "customers.retrieve.mood is in no table"),
        (|c| c["created"] = json!("today"), "customers.retrieve.created is \"today\", which is no Integer"),
        (|c| c["metadata"] = Value::Null, "customers.retrieve.metadata is null"),
        (
            |c| c["tax_exempt"] = json!("perhaps"),
            "customers.retrieve.tax_exempt is \"perhaps\", which is no Enum",
        ),
        (|c| c["shipping"] = json!({"nom": "Ada"}), "customers.retrieve.shipping.nom is in no table"),
    ];
    for (damage, says) in damages {
        let sandbox = watching(true).await;
        let path = damaged(&sandbox, *damage).await;
        let before = sandbox.conformance();
        assert_eq!(before.deviating, 0, "{says}");
        let error = get(&sandbox, &path).await.error(500);
        assert_eq!(error["type"], "api_error");
        assert!(error["message"].as_str().unwrap().contains(says), "{error}");
        let after = sandbox.conformance();
        assert!(after.deviating > 0 && after.deviations[0].starts_with(says), "{:?}", after.deviations);
        assert_eq!((after.answers, after.objects > before.objects), (before.answers + 1, true));
        get(&sandbox, "/v1/customers").await.error(500);
        get(&sandbox, "/v1/invoices").await.ok();
    }
}

#[tokio::test]
async fn an_event_that_deviates_is_counted_when_it_is_recorded_and_when_it_is_delivered() {
    let sandbox = watching(true).await;
    sandbox.deliver_to("http://127.0.0.1:1/hook".parse().unwrap(), &["*"]).await;
    post(&sandbox, "/v1/customers", json!({})).await.ok();
    let mut event = sandbox.events().remove(0);
    event["data"]["object"]["livemode"] = json!("no");
    sandbox.plant(&[event]).await;
    let recorded = sandbox.conformance().deviating;
    assert_eq!(recorded, 1);
    assert_eq!(sandbox.due_deliveries().len(), 1);
    assert_eq!(sandbox.conformance().deviating, recorded + 1);
    assert!(sandbox.conformance().deviations[1].starts_with("customer.created.data.object.livemode is"));
}

#[tokio::test]
async fn a_sandbox_that_does_not_watch_itself_counts_nothing() {
    let sandbox = watching(false).await;
    let path = damaged(&sandbox, |c| c["mood"] = json!("good")).await;
    get(&sandbox, &path).await.ok();
    assert_eq!(sandbox.conformance(), crate::Conformance::default());
}

#[tokio::test]
#[should_panic(expected = "the sandbox deviates from the tables")]
async fn a_suite_fails_with_its_sandbox() {
    let options = Options { listen: None, seed: 1, ..Options::default() };
    let sandbox = Watched::open(options).await.unwrap();
    let path = damaged(&sandbox, |c| c["mood"] = json!("good")).await;
    get(&sandbox, &path).await.error(500);
}
