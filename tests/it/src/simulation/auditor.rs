//! The auditor: holds what became of the world against what was promised.
//!
//! Its side of every comparison is its own record, or Stripe's own count. It asks
//! Bursar only for the other side: what it now says about events and runs.
//!
//! No run stands still in the end: what no machine can find out, a person has decided, and
//! what failed was asked to go on. Only a run that somebody canceled may end without
//! completing, and it leaves no invoice open. Nothing takes effect twice in any case.

use std::collections::{BTreeMap, BTreeSet};

use model::{Code, ReceiptStatus, RunId, RunStatus};
use sandbox::Ran;
use serde_json::Value;
use server::App;
use store::{Page, Run, RunFilter};

use super::{
    effects,
    findings::{Finding, Kind},
    plan::Start,
    world::World,
};

/// What the auditor saw.
#[derive(Debug, Default)]
pub struct Report {
    /// Every broken promise.
    pub findings: Vec<Finding>,
    /// Example runs and runs started by events.
    pub runs: u32,
    /// Those that were canceled.
    pub canceled: u32,
}

/// Audits a world that has come to rest.
pub async fn audit(world: &World, app: &App) -> Report {
    let mut audit = Audit { world, app, report: Report::default() };
    audit.trouble();
    audit.events().await;
    audit.forged().await;
    audit.runs_of_events().await;
    for start in world.plan.starts.clone() {
        audit.run_of_key(&start).await;
    }
    audit.report.findings.extend(effects::once_per_key(world));
    audit.report
}

struct Audit<'a> {
    world: &'a World,
    app: &'a App,
    report: Report,
}

impl Audit<'_> {
    fn find(&mut self, kind: Kind, text: impl Into<String>) {
        self.report.findings.push(Finding::new(kind, text));
    }

    fn trouble(&mut self) {
        let trouble = self.world.record.promises().trouble.clone();
        trouble.into_iter().for_each(|text| self.find(Kind::Trouble, text));
    }

    /// Every event answered 200 is stored, as it was sent, and dispatched.
    async fn events(&mut self) {
        let acknowledged = self.world.record.promises().acknowledged.clone();
        for (id, sent) in acknowledged {
            match self.app.inbox.show(self.world.setup.company, &id).await {
                Err(failure) => self.find(Kind::EventLost, format!("{id}: {failure:?}")),
                Ok(view) if view.event.as_ref() != Some(&sent) => {
                    self.find(Kind::EventLost, format!("{id} is stored with another body"));
                }
                Ok(view) => {
                    use ReceiptStatus::{Dispatched, Done, Ignored};
                    if !matches!(view.status, Dispatched | Done | Ignored) {
                        self.find(Kind::EventStuck, format!("{id} is {}", view.status));
                    }
                }
            }
        }
        // Stripe repeats until it gets a 200, so in the end every event had one.
        let open = self.world.sandbox.open_deliveries();
        if open > 0 {
            self.find(Kind::EventStuck, format!("{open} deliveries never got a 200"));
        }
    }

    /// Nothing is stored that Stripe did not sign.
    async fn forged(&mut self) {
        let (forged, fooled) = {
            let promises = self.world.record.promises();
            (promises.forged.clone(), promises.fooled.clone())
        };
        for id in forged {
            match self.app.inbox.show(self.world.setup.company, &id).await {
                Err(failure) if failure.code == Code::NotFound && !fooled.contains(&id) => {}
                other => self.find(Kind::Forged, format!("{id} was not turned away: {other:?}")),
            }
        }
    }

    /// One run per event and workflow, and none for anything else; and it did its work.
    async fn runs_of_events(&mut self) {
        let mut wanted: BTreeMap<String, (u32, Value)> = BTreeMap::new();
        for event in self.world.sandbox.events() {
            let amount = event["data"]["object"]["amount_paid"].as_i64();
            if event["type"] == "invoice.paid" && amount > Some(0) {
                wanted.insert(format!("event:{}", text(&event, "id")), (0, event["data"]["object"].clone()));
            }
        }
        for run in self.runs(RunFilter { workflow: Some(self.world.setup.thanks), status: None }).await {
            self.report.runs += 1;
            let cause = run.cause.canonical();
            let complete = self.ended(&run, false).await;
            let Some((count, invoice)) = wanted.get_mut(&cause) else {
                self.find(Kind::RunsOfEvent, format!("{} was started by {cause}", run.id));
                continue;
            };
            *count += 1;
            let customer = self.world.sandbox.object(text(invoice, "customer")).unwrap_or_default();
            let noted = &customer["metadata"]["last_paid_invoice"];
            if complete && *noted != invoice["id"] {
                self.find(Kind::Object, format!("{cause}: the customer is thanked for {noted}"));
            }
        }
        for (cause, (count, _)) in wanted {
            if count != 1 {
                self.find(
                    Kind::RunsOfEvent,
                    format!("{cause} started {count} runs of \"Thank the customer\""),
                );
            }
        }
    }

    /// A caller's key is one run, the one it was told of, and its effects are there once.
    async fn run_of_key(&mut self, start: &Start) {
        let told = self.world.record.promises().told.get(&start.key).cloned().unwrap_or_default();
        let filter = RunFilter { workflow: Some(self.world.setup.invoice), status: None };
        let cause = format!("caller:{}", start.key);
        let stored: BTreeSet<RunId> =
            self.runs(filter).await.iter().filter(|r| r.cause.canonical() == cause).map(|r| r.id).collect();
        if told.len() != 1 || told != stored {
            self.find(Kind::RunsOfKey, format!("{}: told of {told:?}, stored are {stored:?}", start.key));
        }
        for id in stored {
            self.report.runs += 1;
            match self.app.store.run(id).await {
                Ok(Some(run)) => {
                    let complete = self.ended(&run, start.cancels_after.is_some()).await;
                    self.report.findings.extend(effects::of_run(&self.world.sandbox, start, complete));
                }
                other => self.find(Kind::RunsOfKey, format!("{id}: {other:?}")),
            }
        }
    }

    /// Whether a run completed; anything else has to be excusable.
    async fn ended(&mut self, run: &Run, may_be_canceled: bool) -> bool {
        if run.status == RunStatus::Completed {
            return true;
        }
        match self.app.driver.show(run.company, run.id).await {
            Ok(_) if run.status == RunStatus::Canceled && may_be_canceled => self.report.canceled += 1,
            Ok(view) => {
                let steps: Vec<_> = view
                    .steps
                    .iter()
                    .map(|s| format!("{} {} {}", s.step, s.status, s.note.as_deref().unwrap_or_default()))
                    .collect();
                self.find(
                    Kind::RunNotCompleted,
                    format!("{} ({}) is {}: {:?} {steps:?}", run.id, view.workflow, run.status, view.error),
                );
            }
            Err(failure) => self.find(Kind::RunNotCompleted, format!("{}: {failure:?}", run.id)),
        }
        false
    }

    async fn runs(&mut self, filter: RunFilter) -> Vec<Run> {
        let (mut rows, mut after) = (Vec::new(), None);
        loop {
            match self
                .app
                .store
                .runs(self.world.setup.company, filter.clone(), Page { limit: 100, after })
                .await
            {
                Ok(page) => {
                    after = page.rows.last().map(|run| run.id);
                    rows.extend(page.rows);
                    if !page.has_more {
                        return rows;
                    }
                }
                Err(error) => {
                    self.find(Kind::Trouble, format!("the runs cannot be read: {error}"));
                    return rows;
                }
            }
        }
    }
}

/// Whether a request was executed, for the counts of [`effects`].
pub(super) fn executed(entry: &sandbox::JournalEntry) -> bool {
    entry.ran == Ran::Executed && (200..300).contains(&entry.status)
}

/// A string field, or nothing.
pub(super) fn text<'a>(object: &'a Value, field: &str) -> &'a str {
    object[field].as_str().unwrap_or_default()
}
