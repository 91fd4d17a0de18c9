//! What the database keeps, row by row. Plain data: no behavior lives here.

use model::{
    AccountId, AuditId, Binding, CallId, CallerKey, Cause, CompanyId, ConnectionId, ConnectionStatus,
    EventId, IdempotencyKey, KeyId, Mode, Origin, ReceiptId, ReceiptStatus, RunId, RunStatus, Sealed,
    SourceId, StepPath, Timestamp, WorkflowId, WorkflowKey, WorkflowStatus,
};

/// Who owns data.
#[derive(Debug, Clone, PartialEq)]
#[expect(missing_docs, reason = "named for what they hold")]
pub struct Company {
    pub id: CompanyId,
    pub name: String,
    pub created_at: Timestamp,
}

/// An API key of ours; only its hash is kept.
#[derive(Debug, Clone, PartialEq)]
pub struct ApiKey {
    /// Its id.
    pub id: KeyId,
    /// Whose it is.
    pub company: CompanyId,
    /// What people call it.
    pub name: String,
    /// SHA-256 of the key's text.
    pub hash: [u8; 32],
    /// Scopes, `actions:read` and so on; `admin` includes the others.
    pub scopes: Vec<String>,
    /// Of an installation's key: whether it acts for its own company when a request
    /// names none. Of any other key, always.
    pub bound: bool,
    /// When it was made.
    pub created_at: Timestamp,
    /// From when on it is refused.
    pub expires_at: Option<Timestamp>,
    /// When it was last used, to the minute. [`crate::Write::UseApiKey`] sets it.
    pub used_at: Option<Timestamp>,
}

/// One entry of the audit log: who changed what. Never changed, and never a secret.
#[derive(Debug, Clone, PartialEq)]
pub struct Audited {
    /// Its id; later ones are higher.
    pub id: AuditId,
    /// In whose log it stands.
    pub company: CompanyId,
    /// When.
    pub at: Timestamp,
    /// The key that asked for it; `None` when nobody's did: Stripe or Nango told of it.
    pub actor: Option<KeyId>,
    /// What was done, a word of [`AUDITED`](crate::AUDITED).
    pub what: String,
    /// To what: an id or a name.
    pub target: String,
    /// More about it, as a JSON object.
    pub details: String,
}

/// What goes with a company, in the order in which it goes: first what lets anything new
/// in, then what lets anything out, at last what opens the rest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "named for the rows that go")]
pub enum PurgePart {
    ApiKeys,
    Sources,
    Authorizations,
    Connections,
    Secrets,
    Workflows,
    Runs,
    Intents,
    Receipts,
    RequestKeys,
    Audit,
    /// The data keys, and the company itself.
    DataKeys,
}

impl PurgePart {
    /// Every part, in order.
    pub const ALL: [Self; 12] = [
        Self::ApiKeys,
        Self::Sources,
        Self::Authorizations,
        Self::Connections,
        Self::Secrets,
        Self::Workflows,
        Self::Runs,
        Self::Intents,
        Self::Receipts,
        Self::RequestKeys,
        Self::Audit,
        Self::DataKeys,
    ];
}

/// A data key, wrapped by the master key; what it wraps is the vault's business.
#[derive(Debug, Clone, PartialEq)]
pub struct DataKey {
    /// Unique text chosen by the vault, such as `co_…/receipts`.
    pub id: String,
    /// The wrapped key.
    pub wrapped: Sealed,
    /// Names the master key that wraps it.
    pub master: String,
}

/// Our authorized link to a Stripe account.
#[derive(Debug, Clone, PartialEq)]
pub struct Connection {
    /// Its id, kept over reconnects.
    pub id: ConnectionId,
    /// Whose it is.
    pub company: CompanyId,
    /// What people and documents call it; unique per company.
    pub name: String,
    /// The Stripe account; unknown until it has been authorized for the first time.
    pub account: Option<AccountId>,
    /// Live, test or local.
    pub mode: Mode,
    /// `api_key`, `connect`, `app` or `nango`.
    pub kind: String,
    /// Where it stands.
    pub status: ConnectionStatus,
    /// The sealed credential; none before the first authorization, and none after it
    /// was given up.
    pub credential: Option<Sealed>,
    /// When the credential runs out; `None` when it does not by itself.
    pub expires_at: Option<Timestamp>,
    /// Where calls go: Stripe's address, or the sandbox's in mode `local`.
    pub base_url: String,
    /// The API version of its calls; the pinned one when there is none.
    pub version: Option<String>,
    /// What was granted, in the provider's words.
    pub scopes: Vec<String>,
    /// What its kind has to know besides and is no secret, as a JSON object.
    pub details: String,
    /// The last failure of its credential, as a failure's body in JSON.
    pub error: Option<String>,
    /// Whether it is taken when nobody names one.
    pub is_default: bool,
    /// 1 when it is made, one more with every change.
    pub revision: u64,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
    /// When somebody last authorized it.
    pub authorized_at: Option<Timestamp>,
    /// When a call last used it, to the minute. [`crate::Write::UseConnection`] sets it.
    pub used_at: Option<Timestamp>,
}

/// A link to an authorization page that was handed out and has not come back.
#[derive(Debug, Clone, PartialEq)]
pub struct Authorization {
    /// SHA-256 of the state in the link.
    pub state: [u8; 32],
    /// Who asked.
    pub company: CompanyId,
    /// The connection that it is to authorize.
    pub connection: ConnectionId,
    /// What is needed when it comes back, sealed.
    pub kept: Sealed,
    /// When it was handed out.
    pub created_at: Timestamp,
    /// From when on it is refused.
    pub expires_at: Timestamp,
}

/// Stripe's webhook endpoint that points at us: account and mode it is bound to,
/// and its sealed signing secret. Rotation adds a second row for a while.
#[derive(Debug, Clone, PartialEq)]
pub struct Source {
    /// Its id.
    pub id: SourceId,
    /// Who receives. `None` for the installation's: each event goes to the companies
    /// that have a connection to its account.
    pub company: Option<CompanyId>,
    /// The account whose events come unless an event names another.
    pub account: AccountId,
    /// The only mode whose events are accepted.
    pub mode: Mode,
    /// Stripe's endpoint id, `we_…`.
    pub endpoint: String,
    /// Where Stripe posts to.
    pub url: String,
    /// The sealed signing secret.
    pub secret: Sealed,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it stops being accepted, after a rotation.
    pub expires_at: Option<Timestamp>,
}

/// A named secret that documents refer to.
#[derive(Debug, Clone, PartialEq)]
#[expect(missing_docs, reason = "named for what they hold")]
pub struct Secret {
    pub company: CompanyId,
    pub name: String,
    pub value: Sealed,
    pub updated_at: Timestamp,
}

/// A workflow; its text is in its versions.
#[derive(Debug, Clone, PartialEq)]
pub struct Workflow {
    /// Its id.
    pub id: WorkflowId,
    /// Whose it is.
    pub company: CompanyId,
    /// Its identity for pushes and idempotency keys; unique per company.
    pub key: WorkflowKey,
    /// What people call it.
    pub name: String,
    /// Only active ones start runs.
    pub status: WorkflowStatus,
    /// The version that new runs get, from 1.
    pub version: u32,
    /// When it last became active. Events from before start nothing.
    pub activated_at: Option<Timestamp>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
}

/// One version of a workflow's document; never changes.
#[derive(Debug, Clone, PartialEq)]
pub struct WorkflowVersion {
    /// Of this workflow.
    pub workflow: WorkflowId,
    /// From 1.
    pub version: u32,
    /// The source text, comments included.
    pub source: String,
    /// Hash of the document's model, hexadecimal: identity of documents is identity of the model.
    pub model_hash: String,
    /// When it was saved.
    pub created_at: Timestamp,
}

/// One Stripe event as received, once per (company, account, livemode, event id).
#[derive(Debug, Clone, PartialEq)]
pub struct Receipt {
    /// Ours.
    pub id: ReceiptId,
    /// Who received it.
    pub company: CompanyId,
    /// The event's account; never missing.
    pub account: AccountId,
    /// The mode of the source that verified it.
    pub mode: Mode,
    /// Stripe's.
    pub event: EventId,
    /// `invoice.paid`.
    pub kind: String,
    /// Stripe's `created`.
    pub created_at: Timestamp,
    /// When it was accepted.
    pub received_at: Timestamp,
    /// `data.object.id`, and the ids of its customer, invoice, payment intent, charge
    /// and subscription, where present; what waits match on. The first is the object's own.
    pub objects: Vec<String>,
    /// How many active workflows listened for the type at that time; part of the answer.
    pub listeners: u32,
    /// The raw bytes, sealed.
    pub body: Sealed,
    /// Where it stands.
    pub status: ReceiptStatus,
    /// Failed starts so far.
    pub tries: u32,
    /// Not before this time, after a failed start.
    pub next_try_at: Option<Timestamp>,
    /// Why the last start failed, as a failure's body.
    pub error: Option<String>,
}

/// A connection as far as it says who has to do with an account: read from its plain
/// columns, so that a row whose contents are damaged still stands for its company.
#[derive(Debug, Clone, PartialEq)]
pub struct Holder {
    /// Whose connection.
    pub company: CompanyId,
    /// The way that it came to be.
    pub kind: String,
    /// Where its requests go.
    pub base_url: String,
    /// How it stands; `None` when that cannot be read.
    pub status: Option<ConnectionStatus>,
    /// When it was last authorized, if that is known.
    pub authorized_at: Option<Timestamp>,
    /// When it last changed, if that can be read.
    pub updated_at: Option<Timestamp>,
}

/// An event of an account that no company has a connection to, once per (account, mode,
/// event id). What is there is what a [`Receipt`] has of it.
#[derive(Debug, Clone, PartialEq)]
#[expect(missing_docs, reason = "as of a receipt")]
pub struct Unclaimed {
    pub id: ReceiptId,
    pub account: AccountId,
    pub mode: Mode,
    pub event: EventId,
    pub kind: String,
    pub created_at: Timestamp,
    pub received_at: Timestamp,
    pub objects: Vec<String>,
    /// The raw bytes, sealed for the installation; empty in lists.
    pub body: Sealed,
}

/// How much is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bound {
    /// At most so many rows.
    pub count: u32,
    /// At most so many bytes of sealed bodies.
    pub bytes: u64,
}

/// How many unclaimed events there are of an account and mode.
#[derive(Debug, Clone, PartialEq)]
#[expect(missing_docs, reason = "named for what they hold")]
pub struct UnclaimedOf {
    pub account: AccountId,
    pub mode: Mode,
    pub count: u64,
    /// When the oldest and the newest of them came.
    pub first_at: Timestamp,
    pub last_at: Timestamp,
}

/// Where a run's input comes from.
#[derive(Debug, Clone, PartialEq)]
pub enum RunInput {
    /// The event of this receipt.
    Receipt(ReceiptId),
    /// The caller's input, sealed.
    Given(Sealed),
}

/// One execution of a workflow, as lists show it. The journal holds the rest.
#[derive(Debug, Clone, PartialEq)]
pub struct Run {
    /// Its id.
    pub id: RunId,
    /// Whose it is.
    pub company: CompanyId,
    /// Of this workflow.
    pub workflow: WorkflowId,
    /// The workflow's key; part of the run's idempotency keys.
    pub key: WorkflowKey,
    /// The document's version, fixed for the run's life.
    pub version: u32,
    /// The version of the core that it began with; gates changes of behavior.
    pub core: u32,
    /// Why it exists; unique per (company, workflow).
    pub cause: Cause,
    /// The connection that it is bound to.
    pub binding: Binding,
    /// Its input.
    pub input: RunInput,
    /// Where it stands.
    pub status: RunStatus,
    /// When it was made; the `now` of its first step.
    pub created_at: Timestamp,
    /// When it ended.
    pub ended_at: Option<Timestamp>,
    /// What it put out or how it failed, sealed, once it has ended or is parked.
    pub result: Option<Sealed>,
}

/// One row of a run's journal, sealed.
#[derive(Debug, Clone, PartialEq)]
pub struct JournalRow {
    /// From 1, without gaps.
    pub seq: u64,
    /// What the engine wrote.
    pub row: Sealed,
}

/// Whether an intent's outcome is known.
#[derive(Debug, Clone, PartialEq)]
pub enum IntentState {
    /// It has to be finished: the same bytes under the same key.
    Open,
    /// Nobody knows; a person has to decide. Holds what is known, sealed.
    Parked(Sealed),
    /// Known for good; holds the outcome, sealed.
    Settled(Sealed),
}

/// Our record of a write, committed before the request leaves.
#[derive(Debug, Clone, PartialEq)]
pub struct Intent {
    /// The idempotency key; the row's identity.
    pub key: IdempotencyKey,
    /// The call, as surfaces name it.
    pub call: CallId,
    /// What asked for it.
    pub origin: Origin,
    /// The run, when a run asked.
    pub run: Option<RunId>,
    /// The step, or `call`.
    pub path: StepPath,
    /// Which deliberate attempt.
    pub generation: u32,
    /// It goes out for this account and mode and no other.
    pub binding: Binding,
    /// The action's name.
    pub action: String,
    /// The exact request, sealed.
    pub request: Sealed,
    /// When it was begun; the age of Stripe's memory of the key counts from here.
    pub first_attempt: Timestamp,
    /// Whether the outcome is known.
    pub state: IntentState,
    /// Stripe's `Request-Id` of the answer that settled it.
    pub stripe_request_id: Option<String>,
    /// When it was settled.
    pub settled_at: Option<Timestamp>,
}

/// A caller's key and what it was used for, remembered at least 45 days.
#[derive(Debug, Clone, PartialEq)]
pub struct RequestKey {
    /// Whose it is.
    pub company: CompanyId,
    /// What was asked: `action:stripe.createInvoice`, `workflow:wf_…`.
    pub target: String,
    /// The caller's key.
    pub key: CallerKey,
    /// SHA-256 of the canonical input; another input under the same key is a conflict.
    pub input_hash: [u8; 32],
    /// What it led to: a call id or a run id.
    pub result: String,
    /// When it was first used.
    pub created_at: Timestamp,
}

/// A moment that a run waits for.
#[derive(Debug, Clone, PartialEq)]
#[expect(missing_docs, reason = "named for what they hold")]
pub struct Timer {
    pub run: RunId,
    pub path: StepPath,
    pub at: Timestamp,
}

/// What an event wait matches on by index: an event type and an object's id, in
/// one account and mode of one company.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct WaitKey {
    /// Whose events.
    pub company: CompanyId,
    /// Of this account.
    pub account: AccountId,
    /// In this mode.
    pub mode: Mode,
    /// Exact types, at least one.
    pub kinds: Vec<String>,
    /// One of the receipt's `objects`.
    pub object: String,
}

/// A wait that is open.
#[derive(Debug, Clone, PartialEq)]
#[expect(missing_docs, reason = "named for what they hold")]
pub struct Wait {
    pub run: RunId,
    pub path: StepPath,
    pub on: WaitKey,
}

/// What a run is told from outside, in order of arrival.
#[derive(Debug, Clone, PartialEq)]
pub struct Input {
    /// The run told.
    pub run: RunId,
    /// Its place, rising within the run.
    pub n: u64,
    /// What it is told.
    pub kind: InputKind,
}

/// The kinds of input from outside.
#[derive(Debug, Clone, PartialEq)]
pub enum InputKind {
    /// An event that an open wait may want; its filter is still to be evaluated.
    /// At most once per (run, path, receipt).
    Event {
        /// The waiting step.
        path: StepPath,
        /// The event.
        receipt: ReceiptId,
    },
    /// Somebody canceled the run. At most once per run.
    Cancel,
}

/// A page of a list, newest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Page<Id> {
    /// At most this many, 1 to 100.
    pub limit: u32,
    /// Only rows older than this one.
    pub after: Option<Id>,
}

/// Rows and whether there are more.
#[derive(Debug, Clone, PartialEq)]
#[expect(missing_docs, reason = "named for what they hold")]
pub struct PageOf<T> {
    pub rows: Vec<T>,
    pub has_more: bool,
}

/// Which runs.
#[derive(Debug, Clone, Default, PartialEq)]
#[expect(missing_docs, reason = "named for what they hold")]
pub struct RunFilter {
    pub workflow: Option<WorkflowId>,
    pub status: Option<RunStatus>,
}

/// Which receipts.
#[derive(Debug, Clone, Default, PartialEq)]
#[expect(missing_docs, reason = "named for what they hold")]
pub struct ReceiptFilter {
    pub kind: Option<String>,
    pub status: Option<ReceiptStatus>,
    pub object: Option<String>,
}
