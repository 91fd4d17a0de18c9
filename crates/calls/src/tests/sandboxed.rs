//! The same path against our sandbox, which counts for itself what it executed.

use std::{sync::Arc, time::Duration};

use model::{Clock, Mode};
use sandbox::{Fault, Options, Watched};
use serde_json::{Value, json};

use super::world::*;
use crate::{Call, Class, Settled};

pub(super) async fn world() -> (World, Watched) {
    let clock: Arc<dyn Clock> = TokioClock::new();
    let options =
        Options { listen: None, data: None, seed: 7, clock, check_objects: true, ..Options::default() };
    let sandbox = Watched::open(options).await.unwrap();
    let (account, secret) = (sandbox.account(), sandbox.secret_key());
    let world =
        World::over(sandbox.transport(), Arc::default(), account.as_str(), &secret, Mode::Local).await;
    (world, sandbox)
}

impl World {
    pub(super) async fn made(&self, action: &str, input: Value, key: &str) -> Value {
        let ended = self.make(self.asked(action, input, key, Class::Background)).await.unwrap();
        done(&ended).clone()
    }

    /// One call of each writing action, on objects of its own.
    async fn every_write(&self) -> Vec<Call> {
        let customer = self.made("createCustomer", json!({"email": "f@b.c"}), "fixture").await["id"].clone();
        let mut invoices = Vec::new();
        for n in 0..4 {
            let input = json!({"customerId": customer, "collectionMethod": "send_invoice", "daysUntilDue": 30,
                               "autoAdvance": false});
            let invoice = self.made("createInvoice", input, &format!("invoice {n}")).await["id"].clone();
            let line =
                json!({"customerId": customer, "invoiceId": invoice, "amount": 500, "currency": "usd"});
            self.made("createInvoiceItem", line, &format!("line {n}")).await;
            invoices.push(invoice);
        }
        for n in [1, 2] {
            self.made("finalizeInvoice", json!({"invoiceId": invoices[n]}), &format!("open {n}")).await;
        }
        let line =
            json!({"customerId": customer, "invoiceId": invoices[3], "amount": 777, "currency": "usd"});
        [
            ("createCustomer", json!({"email": "new@b.c"})),
            ("updateCustomer", json!({"customerId": customer, "name": "New", "metadata": {"a": "b"}})),
            ("createInvoice", json!({"customerId": customer, "description": "the one"})),
            ("createInvoiceItem", line),
            ("finalizeInvoice", json!({"invoiceId": invoices[0]})),
            ("voidInvoice", json!({"invoiceId": invoices[1]})),
            ("sendInvoice", json!({"invoiceId": invoices[2]})),
        ]
        .into_iter()
        .map(|(action, input)| self.asked(action, input, "the call", Class::Background))
        .collect()
    }
}

#[tokio::test(start_paused = true)]
async fn every_write_takes_effect_once_whatever_goes_wrong_on_the_way() {
    for fault in [
        Fault::LostAnswer,
        Fault::Reset,
        Fault::RateLimited { reason: "global-rate".into() },
        Fault::LockTimeout,
        Fault::Conflict409,
        Fault::Stored500AfterCommit,
    ] {
        let (world, sandbox) = world().await;
        for call in world.every_write().await {
            sandbox.fault(fault.clone(), 1);
            let ended = world.make(call.clone()).await.unwrap();
            let (action, name) = (call.plan.action, fault.name());
            assert!(matches!(ended.settled, Settled::Done(_)), "{action} {name}: {:?}", ended.settled);
            assert_eq!(sandbox.executions(&world.key_of(&call)), 1, "{action} {name}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_kept_500_that_did_nothing_is_never_taken_for_done() {
    let (world, sandbox) = world().await;
    for call in world.every_write().await {
        sandbox.fault(Fault::Stored500, 1);
        let ended = world.make(call.clone()).await.unwrap();
        let action = call.plan.action;
        match &ended.settled {
            Settled::NotDone(why) => assert_eq!(why.code, model::Code::ApiError, "{action}"),
            // Sending leaves no mark, so nobody can tell.
            Settled::Parked(_) => assert_eq!(action, "stripe.sendInvoice"),
            other => panic!("{action}: {other:?}"),
        }
    }
}

#[tokio::test(start_paused = true)]
async fn after_a_day_a_lost_call_is_found_among_many_events_and_not_sent_again() {
    let (world, sandbox) = world().await;
    sandbox.fault(Fault::LostAnswer, 1);
    let call = world.customer("k", Class::Background);
    let cut = tokio::time::timeout(Duration::from_millis(100), world.make(call.clone())).await;
    assert!(cut.is_err());
    for n in 0..120 {
        world.made("createCustomer", json!({"name": "other"}), &format!("other {n}")).await;
    }
    let world = world.crashed();
    tokio::time::advance(Duration::from_secs(25 * 3600)).await;
    let ended = world.caller.finish_open(&world.key_of(&call), &mut |_, _| {}).await.unwrap();
    assert_eq!(done(&ended)["email"], "a@b.c");
    assert_eq!(sandbox.objects("customer").len(), 121);
    assert_eq!(sandbox.executions(&world.key_of(&call)), 1);
}
