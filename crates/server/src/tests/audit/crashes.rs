//! A crash takes a change away with its entry, or neither.

use std::{collections::BTreeSet, sync::Arc, time::Duration};

use http::Method;
use model::{AuditId, CompanyId, ConnectionStatus, ReceiptId, ReceiptStatus, RunId, WorkflowStatus};
use serde_json::{Value, json};
use store::{Backend, CommitError, Memory, MemoryOptions, Page, Refusal, Unit, Write};

use super::NAMED;
use crate::{
    ServerLimits,
    tests::{Server, audit::NAMELESS},
};

/// The longest sync of the disk. Every request below waits for one at least.
const SYNC_MS: u64 = 20;
const SEEDS: u64 = 60;

/// What was there before anybody asked for anything.
struct Before {
    company: CompanyId,
    run: RunId,
    receipt: ReceiptId,
    masters: BTreeSet<String>,
    /// The entries of its making.
    log: BTreeSet<AuditId>,
}

#[tokio::test(start_paused = true)]
async fn after_a_crash_there_is_the_change_and_its_entry_or_neither() {
    let (mut kept, mut lost) = (BTreeSet::new(), BTreeSet::new());
    for seed in 0..SEEDS {
        let (before, left) = life(seed).await;
        let page = Page { limit: 100, after: None };
        let log = left.audit(before.company, page).await.unwrap().rows;
        for (what, changed) in changes(&left, &before).await {
            let entries = log.iter().filter(|e| e.what == what && !before.log.contains(&e.id)).count();
            assert_eq!(entries, usize::from(changed), "seed {seed}: {what}, changed: {changed}");
            if changed {
                kept.insert(what)
            } else {
                lost.insert(what)
            };
        }
    }
    assert_eq!(kept, lost, "crashes come before and after each of these");
}

/// Asks for one thing after another until the process dies.
async fn life(seed: u64) -> (Before, Memory) {
    let store = Arc::new(Memory::new(MemoryOptions { seed, sync_ms_max: SYNC_MS, loses_nothing: false }));
    let server = Server::over(store.clone(), ServerLimits::default()).await.equipped();
    let gone = json!({ "name": "gone", "scopes": ["runs:read"] });
    server.does(Method::POST, "/keys", &gone).await.data();
    let mut before = Before {
        log: BTreeSet::new(),
        company: server.company,
        run: server.stuck("nameless", NAMELESS).await.parse().unwrap(),
        receipt: server.dead_event().await,
        masters: masters(&*store).await,
    };
    let page = Page { limit: 100, after: None };
    let log = store.audit(server.company, page).await.unwrap().rows;
    before.log = log.iter().map(|entry| entry.id).collect();
    let requests = requests(&server, &before);
    let asking = async {
        for (method, path, body) in requests {
            server.does(method, &path, &body).await;
        }
    };
    // From before the first of them to after the last, a part of them each time.
    let _ = tokio::time::timeout(Duration::from_millis(seed * SYNC_MS / 2), asking).await;
    (before, store.crash())
}

fn requests(server: &Server, before: &Before) -> Vec<(Method, String, Value)> {
    let (run, receipt) = (before.run, before.receipt);
    let key = json!({ "name": "made", "scopes": ["runs:read"] });
    let named = json!({ "source": NAMED });
    [
        (Method::POST, "/keys".to_owned(), key),
        (Method::DELETE, "/keys/gone".to_owned(), Value::Null),
        (Method::POST, "/companies".to_owned(), json!({ "name": "B" })),
        (Method::POST, "/connections".to_owned(), server.api_key("second")),
        (Method::PUT, "/connections/second".to_owned(), json!({ "name": "renamed" })),
        (Method::POST, "/workflows".to_owned(), named),
        (Method::POST, "/workflows/nameless/pause".to_owned(), json!({})),
        (Method::POST, format!("/runs/{run}/cancel"), json!({})),
        (Method::POST, format!("/events/{receipt}/replay"), json!({})),
        (Method::POST, "/vault/rotate".to_owned(), json!({})),
        (Method::DELETE, "/connections/renamed?remove=true".to_owned(), Value::Null),
        (Method::DELETE, "/companies/B".to_owned(), Value::Null),
    ]
    .into()
}

/// What was asked for, and whether it has happened.
async fn changes(store: &Memory, before: &Before) -> Vec<(&'static str, bool)> {
    let connections = store.connections(before.company).await.unwrap();
    let log = store.audit(before.company, Page { limit: 100, after: None }).await.unwrap().rows;
    let target = |what: &str| log.iter().find(|entry| entry.what == what).map(|entry| entry.target.clone());
    let second = target("connection.added");
    let row = connections.iter().find(|row| row.name != "local");
    let keys = store.api_keys(before.company).await.unwrap();
    let has_key = |name: &str| keys.iter().any(|key| key.name == name);
    let has_company = store.company("B").await.unwrap().is_some();
    let workflow = async |key: &str| {
        let key = model::WorkflowKey::parse(key).unwrap();
        store.workflow_by_key(before.company, &key).await.unwrap()
    };
    let paused = workflow("nameless").await.is_some_and(|w| w.status == WorkflowStatus::Paused);
    let receipt = store.receipt(before.receipt).await.unwrap().unwrap();
    let gone = second.is_some() && row.is_none();
    let disconnected = row.is_some_and(|row| row.status == ConnectionStatus::Disconnected);
    let company_made = has_company || target("company.removed").is_some();
    vec![
        ("key.created", has_key("made")),
        ("key.revoked", !has_key("gone")),
        ("company.created", company_made),
        ("company.removed", target("company.created").is_some() && !has_company),
        ("connection.added", row.is_some() || gone),
        ("connection.changed", row.is_some_and(|row| row.name == "renamed") || gone),
        ("connection.disconnected", disconnected || gone),
        ("connection.removed", gone),
        ("workflow.saved", workflow("named").await.is_some()),
        ("workflow.paused", paused),
        ("run.canceled", is_canceled(store, before.run).await),
        ("event.replayed", receipt.status == ReceiptStatus::Received),
        ("vault.rotated", masters(store).await != before.masters),
    ]
}

/// A run is asked to stop once: whoever asks a second time is told so.
async fn is_canceled(store: &Memory, run: RunId) -> bool {
    let asked = store.commit(Unit::interactive(vec![Write::Cancel { run }])).await;
    matches!(asked, Err(CommitError::Refused { why: Refusal::Conflict, .. }))
}

async fn masters(store: &dyn Backend) -> BTreeSet<String> {
    store.data_keys().await.unwrap().into_iter().map(|key| key.master).collect()
}
