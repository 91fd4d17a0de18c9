//! Runs that stand still, and the people who get them going again.

mod crashes;
mod renamed;
mod resolved;
mod stopped;

use std::sync::atomic::Ordering;

use engine::{Decided, Person, RunView, Say, StepView, Word};
use model::{Code, Failure, RunId, RunStatus, StepStatus};
use sandbox::Fault;
use serde_json::json;

use super::{
    node::{BILL, Node},
    world::World,
};

/// The key of whoever decides or cancels.
const SOMEBODY: &str = "key_01900000000070008000000000000001";

/// Of the second customer nothing tells whether it was made.
const NAMELESS: &str = r#"
name: Nameless
trigger: { type: api }
steps:
  - { id: first, action: stripe.createCustomer, config: { email: ada@example.com },
      compensate: { action: stripe.updateCustomer, config: { customerId: "{{ steps.first.output.id }}", description: gone } } }
  - { id: nameless, action: stripe.createCustomer, config: { name: Ada } }
output: { first: "{{ steps.first.output.id }}" }
"#;

pub(super) fn somebody() -> model::KeyId {
    SOMEBODY.parse().unwrap()
}

fn step<'v>(view: &'v RunView, id: &str) -> &'v StepView {
    view.steps.iter().find(|step| step.step.as_str() == id).unwrap_or_else(|| panic!("{view:#?}"))
}

fn person(note: &str, key: Option<&str>) -> Person {
    let by = somebody();
    Person { by, note: note.into(), request_key: key.map(Into::into) }
}

fn say(word: Word, object: Option<&str>) -> Say {
    Say { word, object: object.map(Into::into) }
}

impl Node<'_> {
    async fn resolve(
        &self,
        run: RunId,
        step: &str,
        word: Word,
        object: Option<&str>,
    ) -> Result<Decided, Failure> {
        self.driver.resolve(self.world.company, run, step, say(word, object), person("looked", None)).await
    }

    async fn retry(&self, run: RunId) -> Result<Decided, Failure> {
        self.driver.retry(self.world.company, run, person("", None)).await
    }

    /// A run of the document that is parked at its first customer, which was made.
    async fn parked_although_done(&self) -> RunId {
        self.world.secretive.store(true, Ordering::SeqCst);
        self.world.sandbox.fault_at(Fault::Stored500AfterCommit, 1, Some("POST"), Some("/v1/customers"));
        let run = self.bill(&self.activate(BILL).await).await;
        self.settle().await;
        assert_eq!(self.status(run).await, RunStatus::Parked);
        run
    }

    /// A run that is parked at its nameless customer, which was not made.
    async fn parked_and_not_done(&self) -> RunId {
        self.world.secretive.store(true, Ordering::SeqCst);
        let nameless = self.activate(NAMELESS).await;
        self.world.sandbox.fault_at(Fault::Slow { ms: 1 }, 1, Some("POST"), Some("/v1/customers"));
        self.world.sandbox.fault_at(Fault::Stored500, 1, Some("POST"), Some("/v1/customers"));
        let run = self.start(&nameless, "k", json!({})).await.unwrap().run.id;
        self.settle().await;
        assert_eq!(step(&self.show(run).await, "nameless").status, StepStatus::Parked);
        run
    }

    /// A run that was canceled although its customer had paid: Stripe voids no paid invoice.
    async fn stuck_in_compensation(&self) -> (RunId, String) {
        let run = self.bill(&self.activate(BILL).await).await;
        self.settle().await;
        let invoice = self.world.sandbox.objects("invoice")[0]["id"].as_str().unwrap().to_owned();
        self.world.sandbox.pay_invoice(&invoice, "pm_card_visa").await.unwrap();
        self.driver.cancel(self.world.company, run, somebody()).await.unwrap();
        self.settle().await;
        assert_eq!(self.status(run).await, RunStatus::Parked);
        (run, invoice)
    }
}

fn customer(world: &World) -> String {
    world.sandbox.objects("customer")[0]["id"].as_str().unwrap().to_owned()
}

/// Each key was executed once at most, and there is one object of each kind.
fn nothing_twice(world: &World) {
    assert!(world.executions().values().all(|count| *count <= 1), "{:?}", world.executions());
    for kind in ["customer", "invoice", "invoiceitem"] {
        assert!(world.sandbox.objects(kind).len() <= 1, "{kind}");
    }
}

#[track_caller]
fn refused<T: std::fmt::Debug>(result: Result<T, Failure>, code: Code, says: &str) {
    let failure = result.unwrap_err();
    assert_eq!(failure.code, code, "{failure}");
    assert!(failure.message.contains(says), "{failure}");
}
