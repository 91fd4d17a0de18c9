//! The parts that need no run: times, timers, slots, rows, and the life of a workflow.
//!
//! Whole runs are played in the tests of `events`, where events come from.

mod defects;

use std::{sync::Arc, time::Duration};

use actions::Catalog;
use connections::{Connections, MasterKey, NewConnection, Vault};
use model::{AccountId, Code, CompanyId, ManualClock, Mode, RunId, SeededRng, WorkflowStatus};
use proptest::prelude::*;
use store::{JournalRow, Memory, MemoryOptions, Store};
use stripe::Credential;
use workflows::{Happened, Input, Source};

use crate::{Lifecycle, Programs, journal::Row, rows, slots::Slots, timers::Timers};

struct Office {
    company: CompanyId,
    clock: Arc<ManualClock>,
    rng: Arc<SeededRng>,
    store: Store,
    vault: Vault,
    connections: Connections,
    programs: Programs,
    lifecycle: Lifecycle,
}

impl Office {
    async fn new() -> Self {
        Self::with(MemoryOptions::default()).await
    }

    async fn with(options: MemoryOptions) -> Self {
        let (clock, rng) = (Arc::new(ManualClock::at_second(1_790_000_000)), Arc::new(SeededRng::new(3)));
        let store: Store = Arc::new(Memory::new(options));
        let vault = Vault::open(store.clone(), MasterKey::random()).await.unwrap();
        let connections = Connections::new(store.clone(), vault.clone(), clock.clone(), rng.clone());
        let programs = Programs::new(store.clone());
        let lifecycle = Lifecycle::new(
            store.clone(),
            programs.clone(),
            connections.clone(),
            Catalog,
            clock.clone(),
            rng.clone(),
        );
        let company = CompanyId::new(clock.as_ref(), rng.as_ref());
        Self { company, clock, rng, store, vault, connections, programs, lifecycle }
    }

    fn run(&self) -> RunId {
        RunId::new(self.clock.as_ref(), self.rng.as_ref())
    }

    async fn push(&self, text: &str) -> Result<crate::Pushed, model::Failure> {
        self.lifecycle.push(self.company, Source { text: text.into(), name: "w.yaml".into() }).await
    }
}

const LISTEN: &str = "name: Listen\ntrigger: { type: webhook, provider: stripe, events: [invoice.paid] }\n\
    steps:\n  - id: look\n    action: stripe.listInvoices\n    config: { limit: 3 }\n";

proptest! {
    #[test]
    fn a_timer_is_never_set_before_its_time(ns in 0_i128..4_000_000_000_000_000_000) {
        let until = model::Timestamp::from_nanosecond(ns).unwrap();
        let at = rows::stored_up(until);
        prop_assert!(at >= until);
        prop_assert!(at.as_nanosecond() - until.as_nanosecond() < 1_000);
        prop_assert_eq!(rows::stored(at), at);
    }
}

#[tokio::test(start_paused = true)]
async fn timers_come_due_once_and_wake_the_sleeper() {
    let office = Office::new().await;
    let (timers, first, second) = (Timers::default(), office.run(), office.run());
    timers.add(model::seconds(20), second);
    timers.add(model::seconds(10), first);
    timers.add(model::seconds(10), first);
    assert!(timers.due(model::seconds(9)).is_empty());
    assert!(!timers.any_due(model::seconds(9)));
    assert_eq!(timers.due(model::seconds(15)), [first]);
    assert_eq!(timers.due(model::seconds(20)), [second]);
    let begun = tokio::time::Instant::now();
    let earlier = async {
        tokio::time::sleep(Duration::from_secs(1)).await;
        timers.add(model::seconds(10), first);
    };
    futures_util::future::join(timers.rest(model::seconds(0)), earlier).await;
    assert_eq!(begun.elapsed().as_secs(), 1, "an earlier moment ends the sleep");
    timers.rest(model::seconds(9)).await;
    assert!(begun.elapsed() < Duration::from_millis(2_100));
}

#[tokio::test]
async fn a_run_has_one_task_and_no_wake_is_lost() {
    let (office, slots) = (Office::new().await, Slots::default());
    let run = office.run();
    let slot = slots.enter(run).unwrap();
    assert!(slots.enter(run).is_none());
    slot.told().await;
    assert!(!slots.leave(run), "it was told something meanwhile");
    assert!(slots.leave(run));
    slots.until_empty().await;
    assert!(slots.enter(run).is_some());
}

#[tokio::test]
async fn a_journal_row_opens_in_its_own_place_only() {
    let office = Office::new().await;
    let keyring = office.vault.keyring(office.company).await.unwrap();
    let (run, other) = (office.run(), office.run());
    let input = Input { now: model::seconds(5), what: Happened::Canceled };
    let row = Row::new(input, &[], Some(workflows::commands_hash(&[])));
    let stored = |seq| JournalRow { seq, row: row.seal(&keyring, run, 1) };
    let opened = Row::open(&keyring, run, 1, &stored(1)).unwrap();
    assert_eq!(opened, row);
    assert!(opened.agrees(&workflows::commands_hash(&[]), &[]));
    assert!(!opened.agrees("another start", &[]));
    for (of, expected, seq) in [(run, 2, 2), (run, 1, 2), (other, 1, 1)] {
        let failure = Row::open(&keyring, of, expected, &stored(seq)).unwrap_err();
        assert_eq!(failure.code, Code::Parked);
    }
}

#[tokio::test]
async fn saving_makes_a_version_when_the_document_differs() {
    let office = Office::new().await;
    let first = office.push(LISTEN).await.unwrap();
    assert!(first.created && first.changed);
    assert_eq!((first.workflow.status, first.workflow.version), (WorkflowStatus::Draft, 1));
    let same = office.push(&format!("# a comment\n{LISTEN}")).await.unwrap();
    assert!(!same.created && !same.changed);
    let id = first.workflow.id;
    office.lifecycle.activate(office.company, id).await.unwrap();
    assert_eq!(office.programs.active(office.company).await.unwrap().triggered.len(), 1);
    let next = office.push(&LISTEN.replace("limit: 3", "limit: 4")).await.unwrap();
    assert!(next.changed && !next.created);
    assert_eq!(
        (next.workflow.status, next.workflow.version, next.workflow.id),
        (WorkflowStatus::Active, 2, id)
    );
    let active = office.programs.active(office.company).await.unwrap();
    assert_eq!(active.triggered[0].workflow.version, 2);
    assert_eq!(office.store.workflow_versions(id).await.unwrap().len(), 2);
}

#[tokio::test]
async fn a_document_with_errors_is_not_saved() {
    let office = Office::new().await;
    let failure = office.push(&LISTEN.replace("listInvoices", "listInvoces")).await.unwrap_err();
    assert_eq!(failure.code, Code::ValidationError);
    assert!(failure.message.starts_with("w.yaml:"), "{}", failure.message);
    assert!(!failure.details.unwrap()["findings"].as_array().unwrap().is_empty());
    assert!(office.store.workflows(office.company).await.unwrap().is_empty());
}

#[tokio::test]
async fn a_life_goes_from_draft_to_archive() {
    let office = Office::new().await;
    let (company, id) = (office.company, office.push(LISTEN).await.unwrap().workflow.id);
    assert_eq!(office.lifecycle.pause(company, id).await.unwrap_err().code, Code::Conflict);
    let active = office.lifecycle.activate(company, id).await.unwrap();
    office.clock.advance_ms(5_000);
    assert_eq!(office.lifecycle.activate(company, id).await.unwrap(), active, "it stays as it is");
    office.lifecycle.pause(company, id).await.unwrap();
    assert!(office.programs.active(company).await.unwrap().triggered.is_empty());
    let again = office.lifecycle.activate(company, id).await.unwrap();
    assert!(again.activated_at > active.activated_at, "what came meanwhile is history");
    office.lifecycle.archive(company, id).await.unwrap();
    assert_eq!(office.lifecycle.activate(company, id).await.unwrap_err().code, Code::Conflict);
    assert_eq!(office.push(LISTEN).await.unwrap_err().code, Code::Conflict);
    let other = CompanyId::new(office.clock.as_ref(), office.rng.as_ref());
    assert_eq!(office.lifecycle.archive(other, id).await.unwrap_err().code, Code::NotFound);
}

#[tokio::test]
async fn a_workflow_needs_the_connection_that_it_names() {
    let office = Office::new().await;
    let id = office.push(&format!("connection: acme\n{LISTEN}")).await.unwrap().workflow.id;
    let refused = office.lifecycle.activate(office.company, id).await.unwrap_err();
    assert_eq!(refused.code, Code::ConnectionRequired);
    let account = AccountId::new("acct_1");
    let new = NewConnection {
        name: "acme".into(),
        account: account.clone(),
        mode: Mode::Test,
        base_url: "https://api.stripe.com".into(),
        is_default: false,
        credential: Credential::new(account, Mode::Test, "sk_test_abc"),
    };
    office.connections.put(office.company, new).await.unwrap();
    office.lifecycle.activate(office.company, id).await.unwrap();
}
