//! Writes: one typed atomic set at a time.

use model::{
    CompanyId, ConnectionId, IdempotencyKey, KeyId, ReceiptId, RunId, RunStatus, Sealed, SourceId, StepPath,
    Timestamp, WorkflowId, WorkflowStatus,
};

use crate::rows::{
    ApiKey, Audited, Authorization, Bound, Company, Connection, DataKey, InputKind, Intent, PurgePart,
    Receipt, RequestKey, Run, Secret, Source, Unclaimed, WaitKey, Workflow, WorkflowVersion,
};

/// Which driver writes. A new driver raises it, and writes of an older one are refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Epoch(pub u64);

/// Who waits less when units queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Priority {
    /// Somebody is waiting: receipts, calls, requests.
    Interactive,
    /// Runs going on by themselves.
    Background,
}

/// A set of writes that happen together or not at all.
#[derive(Debug, Clone)]
pub struct Unit {
    /// Who waits less.
    pub priority: Priority,
    /// In this order.
    pub writes: Vec<Write>,
}

/// A run to be made; exists once per (company, workflow, cause).
pub type NewRun = Run;

/// One write. Each says what repeating it does.
#[derive(Debug, Clone)]
pub enum Write {
    /// Stores an event. One that is known changes nothing and returns the stored receipt.
    Receive(Receipt),
    /// Makes the runs, tells the matching open waits, and marks the receipt
    /// `dispatched`, or `ignored` when nothing wanted it. Refused (`NotReceived`)
    /// unless the receipt is `received` or `failed`. A run whose cause is known is
    /// not made again.
    Dispatch {
        /// The receipt.
        receipt: ReceiptId,
        /// The runs it starts.
        runs: Vec<NewRun>,
        /// The writing driver.
        epoch: Epoch,
    },
    /// Notes a failed start: `failed` until `next_try_at`, or `dead` without one. The
    /// matching open waits are told all the same, unless the receipt is damaged.
    /// Refused (`NotReceived`) unless the receipt is `received` or `failed`.
    RetryDispatch {
        /// The receipt.
        receipt: ReceiptId,
        /// When to try again; `None` gives it to the dead letters.
        next_try_at: Option<Timestamp>,
        /// Failed starts so far.
        tries: u32,
        /// Why, as a failure's body.
        error: String,
        /// The writing driver: what it tells has to be taken in by the present one.
        epoch: Epoch,
    },
    /// Makes a `dead`, `failed` or `ignored` receipt `received` again, with no tries.
    Replay {
        /// The receipt.
        receipt: ReceiptId,
    },
    /// Makes a run, unless its cause is known for its workflow: then returns that run.
    StartRun(NewRun),
    /// Notes that a write begins. A known key changes nothing and returns what is stored.
    BeginIntent(Intent),
    /// Settles an open or parked intent. A settled one keeps its first outcome and
    /// the unit is refused (`AlreadySettled`).
    SettleIntent {
        /// Which.
        key: IdempotencyKey,
        /// How it ended.
        outcome: Sealed,
        /// Stripe's id of the answer.
        stripe_request_id: Option<String>,
        /// When.
        at: Timestamp,
    },
    /// Parks an open intent with what is known.
    ParkIntent {
        /// Which.
        key: IdempotencyKey,
        /// What is known.
        known: Sealed,
    },
    /// Appends to a run's journal. Refused (`Conflict`) when the place is taken.
    Journal {
        /// The run.
        run: RunId,
        /// The row's place, from 1.
        seq: u64,
        /// The row.
        row: Sealed,
        /// The writing driver.
        epoch: Epoch,
    },
    /// Sets where a run stands. A final status also removes its timers, waits and
    /// inputs, and makes its receipt `done` once all of that receipt's runs have ended.
    SetRun {
        /// The run.
        run: RunId,
        /// Where it stands.
        status: RunStatus,
        /// Its output or error, sealed.
        result: Option<Sealed>,
        /// When it ended.
        ended_at: Option<Timestamp>,
        /// The writing driver.
        epoch: Epoch,
    },
    /// An ended run goes on: it is `running`, has neither end nor result, and its
    /// receipt, if that is `done`, is `dispatched` again. Refused (`Conflict`) unless
    /// the run has ended.
    Reopen {
        /// The run.
        run: RunId,
        /// The writing driver.
        epoch: Epoch,
    },
    /// Sets or moves a timer.
    SetTimer {
        /// The run.
        run: RunId,
        /// The step.
        path: StepPath,
        /// When.
        at: Timestamp,
        /// The writing driver.
        epoch: Epoch,
    },
    /// Removes a timer; none is fine.
    ClearTimer {
        /// The run.
        run: RunId,
        /// The step.
        path: StepPath,
        /// The writing driver.
        epoch: Epoch,
    },
    /// Opens a wait and looks back: receipts since `since` that match become inputs
    /// at once, whatever their status; a later dispatch of one tells nothing twice.
    /// The receipt that started the run never counts. Together with `Dispatch` no
    /// event is missed or doubled. Repeating looks back again.
    BeginWait {
        /// The run.
        run: RunId,
        /// The step.
        path: StepPath,
        /// What it matches on.
        on: WaitKey,
        /// Events received before are not looked at.
        since: Timestamp,
        /// The writing driver.
        epoch: Epoch,
    },
    /// Closes a wait; none is fine.
    EndWait {
        /// The run.
        run: RunId,
        /// The step.
        path: StepPath,
        /// The writing driver.
        epoch: Epoch,
    },
    /// Tells a run something. Repeating is safe.
    Tell {
        /// The run.
        run: RunId,
        /// What.
        kind: InputKind,
    },
    /// Asks a run to stop. Refused (`Conflict`) when it has ended or was asked before, so
    /// that what says who asked, in the same unit, is said once.
    Cancel {
        /// The run.
        run: RunId,
    },
    /// Removes an input that the run has taken in; none is fine.
    ConsumeInput {
        /// The run.
        run: RunId,
        /// Its place.
        n: u64,
        /// The writing driver.
        epoch: Epoch,
    },
    /// Raises the epoch by one and returns it: earlier drivers are fenced off.
    TakeDriver,
    /// Remembers a caller's key. A known one changes nothing and returns what is stored.
    RememberKey(RequestKey),
    /// Stores a workflow with a new version. Refused (`Conflict`) when the key
    /// belongs to another workflow of the company, or the version is not the next one.
    SaveWorkflow {
        /// The workflow as it is to be.
        workflow: Workflow,
        /// The version to add, if the document changed.
        version: Option<WorkflowVersion>,
    },
    /// Sets a workflow's status.
    SetWorkflow {
        /// Which.
        workflow: WorkflowId,
        /// The status.
        status: WorkflowStatus,
        /// When it became active, when it did.
        activated_at: Option<Timestamp>,
        /// The version that new runs get.
        version: u32,
        /// Now.
        at: Timestamp,
    },
    /// Stores or replaces a company. Refused (`Conflict`) when its name belongs to
    /// another one.
    PutCompany(Company),
    /// Removes at most so many rows of one part of what a company owns, with what hangs
    /// on them. From the first on, every write that makes a row of the company is refused
    /// (`Removed`), whoever it comes from, for good. Says how many rows went, by table; when fewer than the limit went of the
    /// part's own table, there are no more.
    Purge {
        /// Whose.
        company: CompanyId,
        /// What.
        part: PurgePart,
        /// At most so many rows of the part's own table.
        limit: u32,
    },
    /// Stores or replaces an API key. When it was last used stays as it is stored.
    PutApiKey(ApiKey),
    /// Notes that a key was used; an earlier time changes nothing, and so does a key that
    /// is gone.
    UseApiKey(KeyId, Timestamp),
    /// Removes an API key. Refused (`Missing`) when there is none.
    RemoveApiKey(KeyId),
    /// Adds an entry to the audit log. Refused (`Conflict`) when its id exists.
    Audit(Audited),
    /// Stores a data key. A known id changes nothing and returns what is stored.
    PutDataKey(DataKey),
    /// Wraps data keys under another master key, all of them or none. Refused
    /// (`Changed`) when one of them is not wrapped by `from`, or when another key still
    /// is: it was made meanwhile.
    RewrapDataKeys {
        /// The master key so far.
        from: String,
        /// Every data key, wrapped anew.
        keys: Vec<DataKey>,
    },
    /// Makes a connection (revision 1), or replaces one of the revision before.
    /// Refused (`Conflict`) when its name belongs to another one of the company or it
    /// exists already, (`Changed`) when the stored one has another revision or is
    /// gone. When it was last used stays as it is stored.
    PutConnection(Connection),
    /// Notes that a connection was used; an earlier time changes nothing, and so does
    /// a connection that is gone. No change of the revision.
    UseConnection(CompanyId, ConnectionId, Timestamp),
    /// Removes a connection and its open authorizations; none is fine.
    RemoveConnection(CompanyId, ConnectionId),
    /// Stores a link that was handed out. Refused (`Conflict`) when its state exists.
    PutAuthorization(Authorization),
    /// Removes a link because it came back. Refused (`Missing`) when there is none:
    /// of two that come back at once, one is refused.
    TakeAuthorization([u8; 32]),
    /// Removes the links that ran out before this time.
    ForgetAuthorizations(Timestamp),
    /// Stores or replaces a source.
    PutSource(Source),
    /// Removes a source of the company's, or of the installation's; none is fine.
    RemoveSource(Option<CompanyId>, SourceId),
    /// Stores an event that nobody claims. One that is known changes nothing. What is
    /// beyond the bounds goes, oldest first, but never this event.
    KeepUnclaimed {
        /// The event.
        event: Unclaimed,
        /// Of one account and mode.
        of_account: Bound,
        /// Of all.
        of_all: Bound,
    },
    /// Removes an unclaimed event, because it was claimed. Refused (`Missing`) when there
    /// is none: of two that claim it at once, one is refused.
    TakeUnclaimed(ReceiptId),
    /// Removes the unclaimed events that were received before this time.
    ForgetUnclaimed(Timestamp),
    /// Stores or replaces a secret.
    PutSecret(Secret),
}

/// What a write did, in the order of the writes.
#[derive(Debug, Clone, PartialEq)]
pub enum Effected {
    /// Nothing to say.
    Done,
    /// Of `Receive`.
    Received {
        /// The stored receipt: the new one, or the one that was there.
        receipt: Box<Receipt>,
        /// Whether it is new.
        fresh: bool,
    },
    /// Of `Dispatch` and `RetryDispatch`: the runs made now, and the waiting runs told.
    Dispatched {
        /// Made now.
        started: Vec<RunId>,
        /// Told now.
        told: Vec<RunId>,
    },
    /// Of `StartRun`.
    Started {
        /// The run of that cause.
        run: RunId,
        /// Whether it existed before.
        existed: bool,
    },
    /// Of `BeginIntent`.
    Begun(Begun),
    /// Of `BeginWait`: how many events were found looking back.
    Waiting {
        /// Inputs added.
        found: usize,
    },
    /// Of `TakeDriver`.
    Driver(Epoch),
    /// Of `RememberKey`: what is stored, and whether it was there before.
    Remembered {
        /// What is stored.
        key: RequestKey,
        /// Whether it was there before.
        existed: bool,
    },
    /// Of `PutDataKey`: what is stored.
    DataKey(DataKey),
    /// Of `KeepUnclaimed`.
    Kept {
        /// Whether it is new.
        fresh: bool,
        /// How many others went, because there were too many.
        gone: u64,
    },
    /// Of `ForgetUnclaimed`: how many went.
    Forgotten(u64),
    /// Of `Purge`: how many rows went, by table; the part's own table first.
    Purged(Vec<(&'static str, u64)>),
}

/// What `BeginIntent` found.
#[derive(Debug, Clone, PartialEq)]
pub enum Begun {
    /// The key was new; the intent is stored now.
    Fresh,
    /// The key is known; this is stored, in whatever state.
    Known(Box<Intent>),
}

/// Why a write cannot be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// A uniqueness or a place in a sequence is taken.
    #[error("another row has that name or place")]
    Conflict,
    /// The row to change does not exist.
    #[error("the row to change does not exist")]
    Missing,
    /// The receipt has been dispatched already.
    #[error("the receipt has been dispatched already")]
    NotReceived,
    /// The intent has an outcome already.
    #[error("the intent has an outcome already")]
    AlreadySettled,
    /// The row was changed since it was read.
    #[error("the row was changed in the meantime")]
    Changed,
    /// The company is removed, or being removed.
    #[error("the company was removed")]
    Removed,
}

/// Why a unit was not committed, or may not have been.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CommitError {
    /// One write cannot be done; nothing of the unit was.
    #[error("write {write} of the unit was refused: {why}")]
    Refused {
        /// Its place in the unit.
        write: usize,
        /// Why.
        why: Refusal,
    },
    /// Another driver has taken over; nothing was done.
    #[error("another driver has taken over")]
    Fenced,
    /// The disk is full or read-only, or the queue is; nothing was done.
    #[error("the database cannot be written: {0}")]
    Full(String),
    /// Whether it was committed is unknown.
    #[error("the database failed, and the result is unknown: {0}")]
    Unavailable(String),
}

impl Unit {
    /// A unit for which somebody waits.
    pub fn interactive(writes: Vec<Write>) -> Self {
        Self { priority: Priority::Interactive, writes }
    }

    /// A unit of background work.
    pub fn background(writes: Vec<Write>) -> Self {
        Self { priority: Priority::Background, writes }
    }

    /// Adds a write at the end.
    pub fn push(&mut self, write: Write) {
        self.writes.push(write);
    }
}
