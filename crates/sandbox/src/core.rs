//! The one lock, and what is durable.
//!
//! A change is appended to the log and made true under the lock, in that order; its
//! answer leaves only after a sync. Whoever waits for a sync shares it with all
//! others that wait. When the log cannot be written, every further request is
//! answered 500: what was promised stays promised, nothing more is.

use std::{
    collections::{HashSet, VecDeque},
    fs::File,
    sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError},
};

use tokio::sync::{Notify, watch};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::{
    clock::SandboxClock,
    conformance::Checker,
    faults::Armed,
    ids::{Ids, Stream},
    journal::{JOURNAL_MAX, JournalEntry},
    limits::Limiter,
    state::{Asking, Record, State, Tx, log::Log},
    value,
};

/// What the lock protects.
#[derive(Debug)]
pub(crate) struct Core {
    pub(crate) state: State,
    pub(crate) faults: Vec<Armed>,
    pub(crate) limiter: Limiter,
    pub(crate) journal: VecDeque<JournalEntry>,
    /// Keys whose request has not been answered yet.
    pub(crate) in_flight: HashSet<String>,
    /// Where request ids come from.
    pub(crate) requests: Ids,
    log: Option<Log>,
    /// Holds events against the tables as they are recorded.
    checker: Option<Arc<Checker>>,
    /// How many records were made true since the start.
    pub(crate) seq: u64,
    /// The log failed or was closed; nothing may be changed any more.
    pub(crate) closed: bool,
}

/// The log did not take a record; nothing was changed.
#[derive(Debug)]
pub(crate) struct Closed;

impl Core {
    pub(crate) fn new(state: State, log: Option<Log>, checks: bool) -> Self {
        let checker = checks.then(Arc::<Checker>::default);
        let requests = Ids::new(state.seed, Stream::Requests(state.boot), 0);
        Self {
            state,
            faults: Vec::new(),
            limiter: Limiter::default(),
            journal: VecDeque::new(),
            in_flight: HashSet::new(),
            requests,
            log,
            checker,
            seq: 0,
            closed: false,
        }
    }

    /// Makes a record true. Not durable before [`Shared::durable`] says so.
    pub(crate) fn commit(&mut self, record: Record) -> Result<u64, Closed> {
        if self.closed {
            return Err(Closed);
        }
        if let Some(log) = &self.log
            && let Err(error) = log.append(&record)
        {
            tracing::error!(%error, "the sandbox's log cannot be written; it takes no more changes");
            self.closed = true;
            return Err(Closed);
        }
        if let Some(checker) = &self.checker {
            record.events().for_each(|event| checker.event(&value::public(event)));
        }
        self.state.apply(record);
        self.seq += 1;
        Ok(self.seq)
    }

    pub(crate) fn note(&mut self, entry: JournalEntry) {
        if self.journal.len() == JOURNAL_MAX {
            self.journal.pop_front();
        }
        self.journal.push_back(entry);
    }

    fn file(&self) -> Option<Arc<File>> {
        self.log.as_ref().map(Log::file)
    }
}

/// How far the log is synced.
#[derive(Debug, Clone, Copy)]
struct Synced {
    upto: u64,
    failed: bool,
}

/// What the tasks of a sandbox share.
pub(crate) struct Shared {
    core: Mutex<Core>,
    pub(crate) clock: SandboxClock,
    /// Holds what leaves against the tables, when that was asked for.
    pub(crate) checker: Option<Arc<Checker>>,
    /// The address under which the sandbox is reached.
    base: OnceLock<(String, bool)>,
    /// Something new may be due.
    pub(crate) wake: Notify,
    to_sync: Notify,
    synced: watch::Sender<Synced>,
    logged: bool,
    pub(crate) stop: CancellationToken,
    pub(crate) tasks: TaskTracker,
}

impl Shared {
    pub(crate) fn new(core: Core, clock: SandboxClock) -> Self {
        clock.set_offset_ms(core.state.offset_ms);
        let logged = core.log.is_some();
        let checker = core.checker.clone();
        Self {
            core: Mutex::new(core),
            clock,
            checker,
            base: OnceLock::new(),
            wake: Notify::new(),
            to_sync: Notify::new(),
            synced: watch::Sender::new(Synced { upto: 0, failed: false }),
            logged,
            stop: CancellationToken::new(),
            tasks: TaskTracker::new(),
        }
    }

    pub(crate) fn core(&self) -> MutexGuard<'_, Core> {
        self.core.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Says where the sandbox listens; once, before the first request.
    pub(crate) fn set_base(&self, base: String, loopback: bool) {
        let _ = self.base.set((base, loopback));
    }

    /// Where the sandbox listens, if it does.
    pub(crate) fn listening(&self) -> Option<&str> {
        self.base.get().map(|(base, _)| base.as_str())
    }

    /// What the addresses of hosted pages begin with.
    pub(crate) fn base(&self) -> &str {
        self.listening().unwrap_or("http://sandbox.invalid")
    }

    /// Whether only this machine can reach the sandbox.
    pub(crate) fn loopback(&self) -> bool {
        self.base.get().is_none_or(|(_, loopback)| *loopback)
    }

    /// A view for reading; nothing comes of what is changed in it.
    pub(crate) fn reading<'a>(&'a self, core: &'a Core) -> Tx<'a> {
        self.reading_of(core, None)
    }

    /// The same of a connected account; without one of the sandbox's own.
    pub(crate) fn reading_of<'a>(&'a self, core: &'a Core, account: Option<&str>) -> Tx<'a> {
        Tx::new(&core.state, account, self.clock.now_ms(), Asking::default(), self.base())
    }

    /// Whether everything up to this record is synced.
    pub(crate) fn is_durable(&self, seq: u64) -> bool {
        !self.logged || self.synced.borrow().upto >= seq
    }

    /// Commits and waits until it is durable.
    pub(crate) async fn commit(&self, record: Record) -> Result<(), Closed> {
        let seq = {
            let mut core = self.core();
            let seq = core.commit(record)?;
            self.clock.set_offset_ms(core.state.offset_ms);
            seq
        };
        if self.durable(seq).await { Ok(()) } else { Err(Closed) }
    }

    /// Waits until everything up to this record is synced. `false`: it never will
    /// be known to be.
    pub(crate) async fn durable(&self, seq: u64) -> bool {
        if !self.logged {
            return true;
        }
        let mut synced = self.synced.subscribe();
        self.to_sync.notify_one();
        match synced.wait_for(|s| s.failed || s.upto >= seq).await {
            Ok(s) => s.upto >= seq,
            Err(_) => false,
        }
    }

    /// Syncs the log for whoever waits, until the sandbox stops.
    pub(crate) async fn sync_log(self: Arc<Self>) {
        loop {
            let stopped = tokio::select! {
                () = self.to_sync.notified() => false,
                () = self.stop.cancelled() => true,
            };
            let (upto, file) = {
                let core = self.core();
                (core.seq, core.file())
            };
            let Some(file) = file else { break };
            if self.synced.borrow().upto < upto {
                let done = self.tasks.spawn_blocking(move || file.sync_data()).await;
                if !matches!(done, Ok(Ok(()))) {
                    tracing::error!("the sandbox's log cannot be synced; it takes no more changes");
                    self.core().closed = true;
                    break;
                }
                self.synced.send_modify(|s| s.upto = upto);
            }
            if stopped {
                break;
            }
        }
        self.synced.send_modify(|s| s.failed = true);
    }

    /// Takes no more changes and frees the folder.
    pub(crate) fn close(&self) {
        let mut core = self.core();
        core.closed = true;
        core.log = None;
    }
}
