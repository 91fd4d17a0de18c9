//! What must not spread: a panic, a document that no longer compiles, a change whose
//! caller has left, a secret in an error.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use actions::Catalog;
use calls::{Caller, CallerParts, Limits, Transports};
use connections::{NewConnection, RowId, Wanted};
use model::{AccountId, CallerKey, Cause, Code, Failure, KeyId, Mode, RunId, RunStatus, WorkflowStatus};
use serde_json::json;
use store::{MemoryOptions, Page, Run, RunFilter, RunInput, Secret, Unit, Write};
use stripe::Credential;

use super::{LISTEN, Office};
use crate::{Driver, Parts, Person, Start, rows};

const READ: &str = "name: Read\ntrigger: { type: api }\n\
    steps:\n  - id: look\n    action: stripe.listInvoices\n    config: { limit: 3 }\n";

const TELL: &str = "name: Tell\ntrigger: { type: api }\nsteps:\n  - id: bill\n    action: stripe.createInvoice\n    \
    config: { customerId: cus_1, collectionMethod: \"{{ secrets.KEY }}\" }\n";

impl Office {
    async fn driver(&self, transports: Transports) -> Driver {
        let account = AccountId::new("acct_1");
        let connection = NewConnection {
            name: "acme".into(),
            account: account.clone(),
            mode: Mode::Test,
            base_url: "https://api.stripe.com".into(),
            is_default: true,
            credential: Credential::new(account, Mode::Test, "sk_test_abc"),
        };
        self.connections.put(self.company, connection).await.unwrap();
        let (store, vault) = (self.store.clone(), self.vault.clone());
        let (clock, rng, connections) = (self.clock.clone(), self.rng.clone(), self.connections.clone());
        let caller = Caller::new(CallerParts {
            store: store.clone(),
            vault: vault.clone(),
            connections: connections.clone(),
            transports,
            clock: clock.clone(),
            rng: rng.clone(),
            limits: Limits::default(),
        });
        let (catalog, programs) = (Catalog, self.programs.clone());
        let parts =
            Parts { store, vault, connections, caller, catalog, programs, clock, rng, concurrency: 4 };
        Driver::open(parts).await.unwrap()
    }

    async fn start(&self, driver: &Driver, text: &str) -> RunId {
        let start = self.asked(text).await;
        driver.start(start).await.unwrap().run.id
    }

    async fn asked(&self, text: &str) -> Start {
        let workflow = self.push(text).await.unwrap().workflow.id;
        self.lifecycle.activate(self.company, workflow).await.unwrap();
        let cause = Cause::Caller(CallerKey::parse("k").unwrap());
        let (company, input, connection) = (self.company, json!({}), Wanted::Default);
        Start { company, workflow, cause, input, connection }
    }
}

fn somebody() -> KeyId {
    "key_01900000000070008000000000000001".parse().unwrap()
}

fn unreachable() -> Transports {
    Arc::new(|_| Err(Failure::new(Code::InternalError, "nobody is called here")))
}

#[tokio::test(start_paused = true)]
async fn a_panic_parks_its_run_and_the_run_can_be_driven_again() {
    let office = Office::new().await;
    let driver = office.driver(Arc::new(|_| panic!("planned"))).await;
    let run = office.start(&driver, READ).await;
    driver.drive_until_idle().await;
    let view = driver.show(office.company, run).await.unwrap();
    assert_eq!(view.status, RunStatus::Parked);
    assert_eq!(view.error.unwrap().code, Code::InternalError);
    driver.cancel(office.company, run, somebody()).await.unwrap();
    driver.drive_until_idle().await;
    assert_eq!(driver.show(office.company, run).await.unwrap().status, RunStatus::Canceled);
}

#[tokio::test(start_paused = true)]
async fn a_run_whose_cause_of_trouble_is_gone_goes_on_when_asked() {
    let office = Office::new().await;
    let mended = Arc::new(AtomicBool::new(false));
    let fine = mended.clone();
    let transports: Transports = Arc::new(move |_| match fine.load(Ordering::SeqCst) {
        true => Err(Failure::new(Code::ConnectionRequired, "mended")),
        false => panic!("planned"),
    });
    let driver = office.driver(transports).await;
    let run = office.start(&driver, READ).await;
    driver.drive_until_idle().await;
    let view = driver.show(office.company, run).await.unwrap();
    let commands: Vec<_> = view.ways.iter().map(|way| way.command.clone()).collect();
    assert_eq!(commands, [format!("bursar runs retry {run}"), format!("bursar runs cancel {run}")]);
    assert!(commands.iter().all(|command| view.error.as_ref().unwrap().message.contains(command)));
    let retry = || {
        let person = Person { by: somebody(), note: "tried again".into(), request_key: None };
        driver.retry(office.company, run, person)
    };
    retry().await.unwrap();
    driver.drive_until_idle().await;
    assert_eq!(driver.show(office.company, run).await.unwrap().status, RunStatus::Parked, "as before");
    mended.store(true, Ordering::SeqCst);
    retry().await.unwrap();
    let waits = tokio::time::timeout(Duration::from_secs(60), driver.drive_until_idle()).await;
    assert!(waits.is_err(), "the call waits for its connection");
    let view = driver.show(office.company, run).await.unwrap();
    assert_eq!((view.status, view.decisions.len()), (RunStatus::Running, 2));
}

#[tokio::test(start_paused = true)]
async fn a_run_that_was_parked_before_it_began_begins_when_asked() {
    const WAIT: &str = "name: Wait\ntrigger: { type: api }\nsteps: [{ id: nap, type: wait, for: 1h }]\n";
    let office = Office::new().await;
    let driver = office.driver(unreachable()).await;
    let start = office.asked(WAIT).await;
    let first = driver.start(start).await.unwrap().run;
    driver.drive_until_idle().await;
    // Of a version that is not there yet.
    let cause = Cause::Caller(CallerKey::parse("later").unwrap());
    let mut run = Run { id: office.run(), cause, version: 2, status: RunStatus::Pending, ..first };
    let keyring = office.vault.keyring(office.company).await.unwrap();
    run.input = RunInput::Given(rows::seal_json(&keyring, "runs", &rows::input_row(run.id), &json!({})));
    let (id, company) = (run.id, office.company);
    office.store.commit(Unit::interactive(vec![Write::StartRun(run)])).await.unwrap();
    driver.wake(id);
    driver.drive_until_idle().await;
    let view = driver.show(company, id).await.unwrap();
    assert_eq!((view.status, view.ways[1].way), (RunStatus::Parked, "abandon"), "{view:#?}");
    assert_eq!(driver.cancel(company, id, somebody()).await.unwrap_err().code, Code::Parked);
    office.push(&WAIT.replace("1h", "2h")).await.unwrap();
    let person = Person { by: somebody(), note: String::new(), request_key: None };
    driver.retry(company, id, person).await.unwrap();
    driver.drive_until_idle().await;
    assert_eq!(office.store.timers(id).await.unwrap().len(), 1, "its wait has begun");
    assert_eq!(driver.show(company, id).await.unwrap().ways, []);
}

#[tokio::test(start_paused = true)]
async fn a_run_whose_caller_has_left_is_driven_all_the_same() {
    let office = Office::with(MemoryOptions { sync_ms_max: 1_000, ..MemoryOptions::default() }).await;
    let driver = office.driver(Arc::new(|_| panic!("planned"))).await;
    let start = office.asked(READ).await;
    let mut starting = Box::pin(driver.start(start));
    assert!(futures_util::poll!(&mut starting).is_pending());
    drop(starting);
    tokio::time::sleep(Duration::from_secs(2)).await;
    driver.drive_until_idle().await;
    let page = Page { limit: 9, after: None };
    let runs = office.store.runs(office.company, RunFilter::default(), page).await.unwrap().rows;
    // It got as far as its first call, which is planned to fail.
    assert_eq!(runs.iter().map(|run| run.status).collect::<Vec<_>>(), [RunStatus::Parked]);
}

#[tokio::test(start_paused = true)]
async fn what_is_wrong_with_a_secret_is_told_without_it() {
    let office = Office::new().await;
    let keyring = office.vault.keyring(office.company).await.unwrap();
    let row = rows::secret_row(office.company, "KEY");
    let value = keyring.seal(RowId { table: "secrets", id: &row }, b"canary-7");
    let secret = Secret { company: office.company, name: "KEY".into(), value, updated_at: model::seconds(1) };
    office.store.commit(Unit::interactive(vec![Write::PutSecret(secret)])).await.unwrap();
    let driver = office.driver(unreachable()).await;
    let run = office.start(&driver, TELL).await;
    driver.drive_until_idle().await;
    let view = driver.show(office.company, run).await.unwrap();
    assert_eq!(view.status, RunStatus::Failed);
    let shown = serde_json::to_string(&view).unwrap();
    assert!(shown.contains("collectionMethod") && !shown.contains("canary"), "{shown}");
}

#[tokio::test(start_paused = true)]
async fn a_step_that_comes_to_ask_for_every_page_fails_with_nothing_sent() {
    let office = Office::new().await;
    let driver = office.driver(unreachable()).await;
    // What a template gives, no checker knows.
    let extra = "extra: \"{{ {'all': true} }}\"";
    let run = office.start(&driver, &READ.replace("limit: 3", extra)).await;
    driver.drive_until_idle().await;
    let view = driver.show(office.company, run).await.unwrap();
    let error = view.error.unwrap();
    assert_eq!((view.status, error.code), (RunStatus::Failed, Code::ValidationError));
    assert!(error.message.contains("one page") && error.message.contains("Nothing was sent"), "{error}");
}

#[tokio::test]
async fn a_document_that_no_longer_compiles_keeps_no_other_from_listening() {
    let office = Office::new().await;
    let id = office.push(LISTEN).await.unwrap().workflow.id;
    office.lifecycle.activate(office.company, id).await.unwrap();
    let pushed = office.push(&LISTEN.replace("Listen", "Stale")).await.unwrap().workflow;
    let mut version = office.store.workflow_version(pushed.id, 1).await.unwrap().unwrap();
    (version.version, version.source) = (2, "no document".into());
    let workflow = store::Workflow { status: WorkflowStatus::Active, version: 2, ..pushed };
    let save = Write::SaveWorkflow { workflow, version: Some(version) };
    office.store.commit(Unit::interactive(vec![save])).await.unwrap();
    let listening = office.programs.active(office.company).await.unwrap();
    assert_eq!(listening.triggered.iter().map(|one| one.workflow.id).collect::<Vec<_>>(), [id]);
    assert_eq!(listening.broken.len(), 1);
    assert!(listening.broken[0].message.contains("does not compile"), "{}", listening.broken[0].message);
}

#[tokio::test(start_paused = true)]
async fn a_change_whose_caller_has_left_is_seen_all_the_same() {
    let office = Office::with(MemoryOptions { sync_ms_max: 1_000, ..MemoryOptions::default() }).await;
    let id = office.push(LISTEN).await.unwrap().workflow.id;
    let mut activating = Box::pin(office.lifecycle.activate(office.company, id));
    assert!(futures_util::poll!(&mut activating).is_pending());
    drop(activating);
    // Read before the commit is on disk, and not kept beyond it.
    assert!(office.programs.active(office.company).await.unwrap().triggered.is_empty());
    tokio::time::sleep(Duration::from_secs(2)).await;
    assert_eq!(office.programs.active(office.company).await.unwrap().triggered.len(), 1);
}
