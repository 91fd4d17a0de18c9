//! Starts runs from receipts and tells waits, in the transaction that marks the
//! receipt dispatched.
//!
//! A start that fails is tried again by [`RETRIES`], then the receipt is dead and a
//! person can replay it. A database error is not a try. What one workflow cannot do
//! keeps no other from being started. An event that announces the end of access ends the
//! connections before its receipt is marked: a process that dies in between does it again.

use std::{sync::Arc, time::Duration};

use connections::{Connections, Vault};
use engine::{Driver, Programs, Triggered, open_event};
use futures_util::StreamExt as _;
use model::{Clock, Code, Failure, ReceiptId, Timestamp};
use serde_json::Value;
use store::{CommitError, Effected, NewRun, ReadError, Receipt, Refusal, Store, Unit, Write};
use tokio::sync::Notify;

use crate::{ending, failures};

/// When a failed start is tried again; after the last the receipt is dead.
pub const RETRIES: [Duration; 5] = [
    Duration::from_secs(10),
    Duration::from_secs(60),
    Duration::from_secs(600),
    Duration::from_secs(3_600),
    Duration::from_secs(21_600),
];

/// Most receipts of one step.
const BATCH: u32 = 128;
/// Most receipts worked on at once; their units are committed together.
const AT_ONCE: usize = 32;
/// The pause after a database error.
const PAUSE: Duration = Duration::from_secs(1);
/// The longest sleep without looking at the clock, which may jump.
const RECHECK: Duration = Duration::from_secs(60);

/// The dispatcher. One per driver. Clones share everything.
#[derive(Clone)]
pub struct Dispatcher {
    inner: Arc<Inner>,
}

struct Inner {
    store: Store,
    vault: Vault,
    connections: Connections,
    programs: Programs,
    driver: Driver,
    clock: Arc<dyn Clock>,
    arrived: Notify,
}

impl Dispatcher {
    /// Over these parts.
    pub fn new(
        store: Store,
        vault: Vault,
        connections: Connections,
        programs: Programs,
        driver: Driver,
        clock: Arc<dyn Clock>,
    ) -> Self {
        let arrived = Notify::new();
        Self { inner: Arc::new(Inner { store, vault, connections, programs, driver, clock, arrived }) }
    }

    /// Says that something may have arrived.
    pub fn wake(&self) {
        self.inner.arrived.notify_one();
    }

    /// Dispatches what is due; says how many receipts.
    ///
    /// # Errors
    /// A database error, which is not a try; the other receipts were still worked on.
    pub async fn step(&self) -> Result<usize, Failure> {
        let inner = &self.inner;
        let due = match inner.store.to_dispatch(inner.clock.now(), BATCH).await {
            Ok(due) => due,
            Err(error) => return inner.set_aside(&error).await,
        };
        let count = due.len();
        let mut work = futures_util::stream::iter(due)
            .map(|receipt| async move { inner.dispatch(&receipt).await })
            .buffer_unordered(AT_ONCE);
        let mut trouble = None;
        while let Some(done) = work.next().await {
            trouble = done.err().or(trouble);
        }
        trouble.map_or(Ok(count), Err)
    }

    /// Dispatches as things arrive and fall due, until dropped or until another
    /// driver has taken over.
    pub async fn run(&self) {
        while !self.inner.driver.fenced() {
            match self.step().await {
                Ok(0) => self.rest().await,
                Ok(_) => {}
                Err(why) => {
                    tracing::warn!(%why, "events wait for the database");
                    tokio::time::sleep(PAUSE).await;
                }
            }
        }
    }

    async fn rest(&self) {
        let wait = match self.inner.store.next_dispatch().await {
            Ok(None) => RECHECK,
            Ok(Some(at)) => {
                let now = self.inner.clock.now();
                let millis = at.as_millisecond().saturating_sub(now.as_millisecond()).saturating_add(1);
                Duration::from_millis(u64::try_from(millis).unwrap_or(1)).min(RECHECK)
            }
            Err(_) => PAUSE,
        };
        tokio::select! {
            () = tokio::time::sleep(wait) => {}
            () = self.inner.arrived.notified() => {}
        }
    }
}

/// What an event leads to.
#[derive(Default)]
struct Wanted {
    runs: Vec<NewRun>,
    /// The first thing that could not be decided or made.
    failure: Option<Failure>,
}

impl Inner {
    async fn dispatch(&self, receipt: &Receipt) -> Result<(), Failure> {
        let wanted = match self.wanted(receipt).await {
            Ok(wanted) => wanted,
            Err(failure) if failure.code == Code::StoreUnavailable => return Err(failure),
            Err(failure) => Wanted { runs: Vec::new(), failure: Some(failure) },
        };
        match wanted.failure {
            None => self.start(receipt, wanted.runs).await,
            Some(failure) => self.put_off(receipt, wanted.runs, &failure).await,
        }
    }

    /// The runs that the active workflows want for an event.
    async fn wanted(&self, receipt: &Receipt) -> Result<Wanted, Failure> {
        let active = self.programs.active(receipt.company).await?;
        let mut wanted = Wanted { failure: active.broken.first().cloned(), ..Wanted::default() };
        let listens = |one: &&Triggered| one.program.trigger().listens(&receipt.kind);
        let listening: Vec<&Triggered> = active.triggered.iter().filter(listens).collect();
        let ends_access = receipt.kind == ending::KIND;
        if listening.is_empty() && !ends_access {
            // Most events: not worth opening.
            return Ok(wanted);
        }
        let mut event = open_event(&self.vault, receipt).await?;
        if ends_access {
            let of = (&receipt.account, receipt.mode, receipt.created_at);
            match ending::apply(&self.connections, Some(receipt.company), of, &event).await {
                Ok(()) => {}
                Err(failure) if failure.code == Code::StoreUnavailable => return Err(failure),
                Err(failure) => wanted.failure = Some(failure),
            }
        }
        // Thin events write the time as text; triggers compare Unix seconds.
        if !event["created"].is_i64() && event.is_object() {
            event["created"] = receipt.created_at.as_second().into();
        }
        for triggered in listening {
            match self.run_for(triggered, receipt, &event).await {
                Ok(run) => wanted.runs.extend(run),
                Err(failure) if failure.code == Code::StoreUnavailable => return Err(failure),
                Err(failure) => {
                    wanted.failure.get_or_insert(failure);
                }
            }
        }
        Ok(wanted)
    }

    async fn run_for(
        &self,
        triggered: &Triggered,
        receipt: &Receipt,
        event: &Value,
    ) -> Result<Option<NewRun>, Failure> {
        let Some(since) = triggered.workflow.activated_at else { return Ok(None) };
        match triggered.program.trigger().starts(event, since) {
            Ok(true) => self.driver.plan_event_run(triggered, receipt).await,
            Ok(false) => Ok(None),
            Err(why) => {
                let key = &triggered.workflow.key;
                let text = format!(
                    "The filter of `{key}` cannot be evaluated on this event: {why}. No run of it was started. \
                     Correct the filter, then `bursar events replay {}`.",
                    receipt.event
                );
                Err(Failure::new(Code::TemplateError, text).at("trigger.filter"))
            }
        }
    }

    async fn start(&self, receipt: &Receipt, runs: Vec<NewRun>) -> Result<(), Failure> {
        let planned: Vec<_> = runs.iter().map(|run| run.id).collect();
        let dispatch = Write::Dispatch { receipt: receipt.id, runs, epoch: self.driver.epoch() };
        match self.store.commit(Unit::background(vec![dispatch])).await {
            Ok(effected) => {
                self.wake(effected);
                Ok(())
            }
            // Refused means that nothing was changed; that it was dispatched already is fine.
            Err(CommitError::Refused { why: Refusal::NotReceived | Refusal::Missing, .. }) => Ok(()),
            Err(error @ CommitError::Refused { .. }) => {
                self.put_off(receipt, Vec::new(), &failures::commit(&error)).await
            }
            Err(error) => Err(self.doubt(&error, planned)),
        }
    }

    /// Notes that a start failed, and starts what could be started.
    async fn put_off(&self, receipt: &Receipt, runs: Vec<NewRun>, why: &Failure) -> Result<(), Failure> {
        let tries = ending::tries_that_count(&receipt.kind, why, receipt.tries);
        let next_try_at = next_try(self.clock.now(), tries);
        tracing::warn!(event = %receipt.event, %why, dead = next_try_at.is_none(), "an event could not start its runs");
        let planned: Vec<_> = runs.iter().map(|run| run.id).collect();
        let mut writes: Vec<Write> = runs.into_iter().map(Write::StartRun).collect();
        writes.push(Write::RetryDispatch {
            receipt: receipt.id,
            next_try_at,
            tries: receipt.tries.saturating_add(1),
            error: serde_json::to_string(why).unwrap_or_else(|_| why.message.clone()),
            epoch: self.driver.epoch(),
        });
        match self.store.commit(Unit::background(writes)).await {
            Ok(effected) => {
                self.wake(effected);
                Ok(())
            }
            Err(CommitError::Refused { .. }) => Ok(()),
            Err(error) => Err(self.doubt(&error, planned)),
        }
    }

    /// A damaged receipt is given to the dead letters, so that it does not block the
    /// others; any other error is the database's.
    async fn set_aside(&self, error: &ReadError) -> Result<usize, Failure> {
        let why = failures::read(error);
        let damaged = match error {
            ReadError::Damaged { table: "receipts", id } => id.parse::<ReceiptId>().ok(),
            _ => None,
        };
        let Some(receipt) = damaged else { return Err(why) };
        tracing::error!(%receipt, %why, "an event cannot be read and is set aside");
        let error = serde_json::to_string(&why).unwrap_or_else(|_| why.message.clone());
        let epoch = self.driver.epoch();
        let dead = Write::RetryDispatch { receipt, next_try_at: None, tries: 0, error, epoch };
        match self.store.commit(Unit::background(vec![dead])).await {
            Ok(_) | Err(CommitError::Refused { .. }) => Ok(1),
            Err(error) => Err(self.doubt(&error, Vec::new())),
        }
    }

    fn wake(&self, effected: Vec<Effected>) {
        for effect in effected {
            match effect {
                Effected::Dispatched { started, told } => {
                    started.into_iter().chain(told).for_each(|run| self.driver.wake(run));
                }
                Effected::Started { run, existed: false } => self.driver.wake(run),
                _ => {}
            }
        }
    }

    /// A commit that failed or may have: what it may have started or told is looked at.
    fn doubt(&self, error: &CommitError, planned: Vec<model::RunId>) -> Failure {
        match error {
            CommitError::Fenced => self.driver.fence(),
            CommitError::Unavailable(_) => {
                planned.into_iter().for_each(|run| self.driver.wake(run));
                self.driver.wake_all();
            }
            _ => {}
        }
        failures::commit(error)
    }
}

/// When a receipt that has failed `tries` times before is tried again.
fn next_try(now: Timestamp, tries: u32) -> Option<Timestamp> {
    let after = RETRIES.get(usize::try_from(tries).ok()?)?;
    let micros = i64::try_from(after.as_micros()).ok()?;
    Some(model::from_micros(model::micros(now).saturating_add(micros)))
}
