//! Steps that name a connection, whose name another connection has since.

use connections::{Edit, NewConnection};
use model::{ConnectionId, Mode};
use stripe::Credential;

use super::*;

/// Both customers are made by the connection `pay`, which is not the run's own.
const NAMED: &str = r#"
name: Named
trigger: { type: api }
steps:
  - { id: first, action: stripe.createCustomer, connection: pay, config: { email: ada@example.com },
      compensate: { action: stripe.updateCustomer, config: { customerId: "{{ steps.first.output.id }}", description: gone } } }
  - { id: nameless, action: stripe.createCustomer, connection: pay, config: { name: Ada } }
"#;

impl Node<'_> {
    async fn connection(&self, name: &str) -> ConnectionId {
        let account = self.world.sandbox.account();
        let credential = Credential::new(account.clone(), Mode::Local, self.world.sandbox.secret_key());
        let new = NewConnection {
            name: name.into(),
            account,
            mode: Mode::Local,
            base_url: "http://127.0.0.1:12111".into(),
            is_default: false,
            credential,
        };
        self.connections.put(self.world.company, new).await.unwrap().id
    }

    async fn rename(&self, id: ConnectionId, name: &str) {
        let edit = Edit { name: Some(name.into()), ..Edit::default() };
        self.connections.edit(self.world.company, id, edit).await.unwrap();
    }

    /// A run that is parked at its second customer, and the connection that it began by,
    /// whose name another one has by now.
    async fn parked_and_renamed(&self, text: &str) -> (RunId, ConnectionId) {
        let (pay, spare) = (self.connection("pay").await, self.connection("spare").await);
        self.world.secretive.store(true, Ordering::SeqCst);
        let named = self.activate(text).await;
        self.world.sandbox.fault_at(Fault::Slow { ms: 1 }, 1, Some("POST"), Some("/v1/customers"));
        self.world.sandbox.fault_at(Fault::Stored500, 1, Some("POST"), Some("/v1/customers"));
        let run = self.start(&named, "k", json!({})).await.unwrap().run.id;
        self.settle().await;
        assert_eq!(step(&self.show(run).await, "nameless").status, StepStatus::Parked);
        self.rename(pay, "old").await;
        self.rename(spare, "pay").await;
        (run, pay)
    }

    async fn cancel_as_not_done(&self, run: RunId) {
        self.driver.cancel(self.world.company, run, somebody()).await.unwrap();
        self.resolve(run, "nameless", Word::NotDone, None).await.unwrap();
        self.settle().await;
    }

    /// The connections of all that was sent for a step, oldest first.
    async fn sent_by(&self, run: RunId, step: &str) -> Vec<ConnectionId> {
        let intents = self.store.intents_of_run(run).await.unwrap();
        let of_step = intents.into_iter().filter(|intent| intent.path.as_str() == step);
        of_step.map(|intent| intent.binding.connection).collect()
    }
}

#[tokio::test(start_paused = true)]
async fn a_compensation_goes_to_the_connection_of_its_step_whatever_that_is_called_now() {
    let world = World::new().await;
    let node = Node::ready(&world).await;
    let (run, pay) = node.parked_and_renamed(NAMED).await;
    node.cancel_as_not_done(run).await;
    assert_eq!(node.status(run).await, RunStatus::Canceled);
    assert_eq!(node.sent_by(run, "first~compensate").await, [pay]);
}

#[tokio::test(start_paused = true)]
async fn what_is_sent_once_more_goes_to_the_connection_of_the_first_attempt() {
    let world = World::new().await;
    let node = Node::ready(&world).await;
    let (run, pay) = node.parked_and_renamed(NAMED).await;
    node.resolve(run, "nameless", Word::NotDone, None).await.unwrap();
    node.settle().await;
    assert_eq!(node.status(run).await, RunStatus::Completed);
    assert_eq!(node.sent_by(run, "nameless").await, [pay, pay]);
}

#[tokio::test(start_paused = true)]
async fn a_compensation_whose_connection_was_removed_is_sent_by_no_other() {
    let world = World::new().await;
    let node = Node::ready(&world).await;
    let text = NAMED.replace("connection: pay, config: { name: Ada }", "config: { name: Ada }");
    let (run, pay) = node.parked_and_renamed(&text).await;
    node.connections.disconnect(world.company, pay).await.unwrap();
    node.connections.remove(world.company, pay).await.unwrap();
    node.cancel_as_not_done(run).await;
    let view = node.show(run).await;
    let failure = step(&view, "first~compensate").error.as_ref().unwrap();
    assert_eq!((view.status, failure.code), (RunStatus::Parked, Code::ConnectionRequired), "{failure}");
    assert!(failure.message.contains("was removed. Nothing was sent"), "{failure}");
    assert_eq!(node.sent_by(run, "first~compensate").await, []);
}
