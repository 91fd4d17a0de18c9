//! One process over a world.

use std::sync::Arc;

use actions::Catalog;
use bytes::Bytes;
use calls::{Caller, CallerParts, Limits};
use connections::{Connections, MasterKey, NewConnection, Vault, Wanted};
use engine::{Driver, Lifecycle, Parts, Programs, RunView, Start, Started};
use model::{CallerKey, Cause, Failure, Mode, RunId, RunStatus, WorkflowStatus};
use serde_json::{Value, json};
use store::{Company, Page, RunFilter, Store, Unit, Workflow, Write};
use stripe::{Credential, Transport, signature::Secret};
use workflows::Source;

use super::{blind::Blind, platform, world::World};
use crate::{Claims, Dispatcher, Inbox, NewSource, Received, Sources};

pub(super) const BILL: &str = include_str!("../../../../workflows/invoice-and-payment.yaml");
pub(super) const THANK: &str = include_str!("../../../../workflows/thank-the-customer.yaml");

pub(super) struct Node<'w> {
    pub(super) world: &'w World,
    pub(super) store: Store,
    pub(super) vault: Vault,
    pub(super) connections: Connections,
    pub(super) sources: Sources,
    pub(super) lifecycle: Lifecycle,
    pub(super) driver: Driver,
    pub(super) inbox: Inbox,
    pub(super) dispatcher: Dispatcher,
    pub(super) claims: Claims,
}

impl<'w> Node<'w> {
    /// A process with nothing set up, or with what an earlier one set up.
    pub(super) async fn open(world: &'w World) -> Result<Self, Failure> {
        let (clock, rng) = (world.clock.clone(), world.rng.clone());
        let store: Store = world.store();
        let master = MasterKey::read_or_create(&world.folder.path().join("key")).unwrap();
        let vault = Vault::open(store.clone(), master).await?;
        let connections = Connections::new(store.clone(), vault.clone(), clock.clone(), rng.clone())
            .with_providers(Arc::new(platform::Tokens), platform::settings())
            .with_transports(world.gate.transports());
        let transport: Arc<dyn Transport> =
            Arc::new(Blind { inner: world.sandbox.transport(), secretive: world.secretive.clone() });
        let caller = Caller::new(CallerParts {
            store: store.clone(),
            vault: vault.clone(),
            connections: connections.clone(),
            transports: Arc::new(move |_| Ok(transport.clone())),
            clock: clock.clone(),
            rng: rng.clone(),
            limits: Limits::default(),
        });
        let programs = Programs::new(store.clone());
        let driver = Driver::open(Parts {
            store: store.clone(),
            vault: vault.clone(),
            connections: connections.clone(),
            caller,
            catalog: Catalog,
            programs: programs.clone(),
            clock: clock.clone(),
            rng: rng.clone(),
            concurrency: 256,
        })
        .await?;
        let sources = Sources::new(store.clone(), vault.clone(), clock.clone(), rng.clone());
        let dispatcher = Dispatcher::new(
            store.clone(),
            vault.clone(),
            connections.clone(),
            programs.clone(),
            driver.clone(),
            clock.clone(),
        );
        let wake = dispatcher.clone();
        let inbox = Inbox::new(
            store.clone(),
            vault.clone(),
            sources.clone(),
            programs.clone(),
            clock.clone(),
            rng.clone(),
            Arc::new(move || wake.wake()),
        );
        let lifecycle =
            Lifecycle::new(store.clone(), programs, connections.clone(), Catalog, clock.clone(), rng.clone());
        let claims = Claims::new(inbox.clone(), connections.clone());
        Ok(Self { world, store, vault, connections, sources, lifecycle, driver, inbox, dispatcher, claims })
    }

    /// A process with the company, its connection and its source.
    pub(super) async fn ready(world: &'w World) -> Self {
        let node = Self::open(world).await.unwrap();
        node.set_up().await.unwrap();
        node
    }

    pub(super) async fn set_up(&self) -> Result<(), Failure> {
        let world = self.world;
        let company =
            Company { id: world.company, name: "Acme".into(), created_at: model::seconds(1_790_000_000) };
        self.store.commit(Unit::interactive(vec![Write::PutCompany(company)])).await.unwrap();
        let account = world.sandbox.account();
        let credential = Credential::new(account.clone(), Mode::Local, world.sandbox.secret_key());
        let connection = NewConnection {
            name: "local".into(),
            account: account.clone(),
            mode: Mode::Local,
            base_url: "http://127.0.0.1:12111".into(),
            is_default: true,
            credential,
        };
        self.connections.put(world.company, connection).await?;
        let source = NewSource {
            account,
            mode: Mode::Local,
            endpoint: world.hook.id.clone(),
            url: "http://127.0.0.1:1/hook".into(),
            secret: Secret::new(&world.hook.secret).unwrap(),
        };
        self.sources.put(world.company, source).await?;
        Ok(())
    }

    pub(super) async fn activate(&self, text: &str) -> Workflow {
        let source = Source { text: text.into(), name: "test.yaml".into() };
        let pushed =
            self.lifecycle.push(self.world.company, source).await.unwrap_or_else(|e| panic!("{e:#?}"));
        let active = self.lifecycle.activate(self.world.company, pushed.workflow.id).await.unwrap();
        assert_eq!(active.status, WorkflowStatus::Active);
        active
    }

    pub(super) async fn start(
        &self,
        workflow: &Workflow,
        key: &str,
        input: Value,
    ) -> Result<Started, Failure> {
        let cause = Cause::Caller(CallerKey::parse(key).unwrap());
        let (company, workflow) = (self.world.company, workflow.id);
        self.driver.start(Start { company, workflow, cause, input, connection: Wanted::Default }).await
    }

    pub(super) async fn bill(&self, workflow: &Workflow) -> RunId {
        let input = json!({ "email": "ada@example.com", "amount": 1999 });
        self.start(workflow, "order-1", input).await.unwrap().run.id
    }

    pub(super) async fn receive(&self, body: &str) -> Result<Received, Failure> {
        let header = self.world.sign(body);
        self.inbox.receive(self.world.company, Some(header.as_bytes()), Bytes::from(body.to_owned())).await
    }

    /// Takes in what the sandbox wants to deliver.
    pub(super) async fn take_deliveries(&self) -> usize {
        let due = self.world.sandbox.due_deliveries();
        let mut given: Vec<_> =
            due.iter().map(|delivery| Given { to: self.world, id: delivery.id, status: 0 }).collect();
        for (delivery, given) in due.iter().zip(&mut given) {
            let header = delivery.signature.as_bytes();
            let body = Bytes::from(delivery.body.clone());
            let received = self.inbox.receive(self.world.company, Some(header), body).await;
            given.status = if received.is_ok() { 200 } else { 500 };
        }
        due.len()
    }

    /// Everything that can happen now, happens.
    pub(super) async fn settle(&self) {
        loop {
            self.driver.drive_until_idle().await;
            let delivered = self.take_deliveries().await;
            let dispatched = self.dispatcher.step().await.unwrap_or(1);
            if delivered + dispatched == 0 {
                return self.driver.drive_until_idle().await;
            }
        }
    }

    pub(super) async fn show(&self, run: RunId) -> RunView {
        self.driver.show(self.world.company, run).await.unwrap()
    }

    pub(super) async fn status(&self, run: RunId) -> RunStatus {
        self.store.run(run).await.unwrap().unwrap().status
    }

    pub(super) async fn runs(&self) -> Vec<store::Run> {
        let page = Page { limit: 100, after: None };
        self.store.runs(self.world.company, RunFilter::default(), page).await.unwrap().rows
    }
}

/// A delivery on its way: a process that dies meanwhile has not answered.
struct Given<'w> {
    to: &'w World,
    id: u64,
    status: u16,
}

impl Drop for Given<'_> {
    fn drop(&mut self) {
        self.to.sandbox.carried(self.id, self.status);
    }
}
