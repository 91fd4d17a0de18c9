//! Deletes, which Stripe keeps no keys for: what is left of the object tells.

use std::time::Duration;

use sandbox::{Fault, Sandbox, Watched};
use serde_json::{Value, json};

use super::{sandboxed, world::*};
use crate::{Call, Class, Settled};

/// A world with a draft, and the call that deletes it.
async fn world() -> (World, Watched, Call) {
    let (world, sandbox) = sandboxed::world().await;
    let customer = world.made("createCustomer", json!({"email": "d@b.c"}), "customer").await["id"].clone();
    let draft = json!({"customerId": customer, "autoAdvance": false});
    let invoice = world.made("createInvoice", draft, "invoice").await["id"].clone();
    let call = world.asked("deleteInvoice", json!({"invoiceId": invoice}), "delete", Class::Background);
    (world, sandbox, call)
}

/// How often a delete was executed.
fn deleted(sandbox: &Sandbox) -> usize {
    sandbox.events().iter().filter(|event| event["type"] == "invoice.deleted").count()
}

fn asked(sandbox: &Sandbox) -> usize {
    sandbox.journal().iter().filter(|entry| entry.method == "DELETE").count()
}

fn is_gone(body: &Value) {
    assert_eq!((&body["deleted"], &body["object"]), (&json!(true), &json!("invoice")));
    assert!(body["id"].as_str().unwrap().starts_with("in_"));
}

#[tokio::test(start_paused = true)]
async fn a_delete_whose_answer_is_lost_is_looked_for_and_not_sent_again() {
    for fault in [Fault::LostAnswer, Fault::Stored500AfterCommit] {
        let (world, sandbox, call) = world().await;
        sandbox.fault_at(fault.clone(), 1, Some("DELETE"), None);
        let ended = world.make(call.clone()).await.unwrap();
        is_gone(done(&ended));
        assert_eq!((asked(&sandbox), deleted(&sandbox)), (1, 1), "{}", fault.name());
        let again = world.make(call).await.unwrap();
        assert!(again.replayed);
        is_gone(done(&again));
        assert_eq!(asked(&sandbox), 1);
    }
}

#[tokio::test(start_paused = true)]
async fn a_delete_that_was_not_done_goes_out_again() {
    for fault in [Fault::Reset, Fault::Stored500, Fault::Conflict409, Fault::LockTimeout] {
        for times in [1, 4] {
            let (world, sandbox, call) = world().await;
            sandbox.fault_at(fault.clone(), times, Some("DELETE"), None);
            let ended = world.make(call).await.unwrap();
            is_gone(done(&ended));
            assert_eq!((asked(&sandbox), deleted(&sandbox)), (times as usize + 1, 1), "{}", fault.name());
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_refused_delete_is_refused_whatever_went_before() {
    for lost in [0, 1] {
        let (world, sandbox, call) = world().await;
        let invoice = call.plan.path.rsplit('/').next().unwrap().to_owned();
        let line = json!({"customerId": sandbox.objects("customer")[0]["id"], "invoiceId": invoice,
                          "amount": 500, "currency": "usd"});
        world.made("createInvoiceItem", line, "line").await;
        world.made("finalizeInvoice", json!({"invoiceId": invoice}), "finalize").await;
        sandbox.fault_at(Fault::Reset, lost, Some("DELETE"), None);
        let ended = world.make(call).await.unwrap();
        assert!(matches!(&ended.settled, Settled::Rejected(error) if error.status == 400), "{ended:?}");
        assert_eq!(deleted(&sandbox), 0);
        assert_eq!(sandbox.object(&invoice).unwrap()["status"], "open");
    }
}

#[tokio::test(start_paused = true)]
async fn after_a_crash_a_delete_is_looked_for_first_at_any_age() {
    for (fault, sent) in [(Fault::LostAnswer, 1), (Fault::Reset, 2)] {
        let (world, sandbox, call) = world().await;
        // Nothing can be read meanwhile, so the call is cut before it knows.
        sandbox.fault_at(fault, 1, Some("DELETE"), None);
        sandbox.fault_at(Fault::Reset, 3, Some("GET"), None);
        let cut = tokio::time::timeout(Duration::from_millis(100), world.make(call.clone())).await;
        assert!(cut.is_err());
        let world = world.crashed();
        tokio::time::advance(Duration::from_secs(25 * 3600)).await;
        let ended = world.caller.finish_open(&world.key_of(&call), &mut |_, _| {}).await.unwrap();
        is_gone(done(&ended));
        assert_eq!((asked(&sandbox), deleted(&sandbox)), (sent, 1));
    }
}
