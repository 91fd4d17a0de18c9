//! The one path.

use std::sync::Arc;

use actions::Plan;
use connections::{Connections, Vault};
use model::{Binding, CallId, Clock, CompanyId, Failure, IdempotencyKey, Origin, Rng, RunId, StepPath};
use store::{CommitError, Store, Unit};
use stripe::Transport;

use crate::{Limits, outcome::Settled};

/// Who waits for the call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Class {
    /// A person or program waits: admitted first, and given up after a while with
    /// `outcome_unknown` or the reason it was not sent; the intent stays open and is
    /// finished in the background.
    Interactive,
    /// A run or a sweep: waits for Stripe, the credential and the limiter as long as
    /// it takes.
    Background,
}

/// Told when a call has to wait or repeat: why, as every surface shows it.
pub type Watch = Arc<dyn Fn(&Failure) + Send + Sync>;

/// One use of an action.
#[derive(Clone)]
pub struct Call {
    /// What asks.
    pub origin: Origin,
    /// The run, when a run asks.
    pub run: Option<RunId>,
    /// The step, or [`StepPath::direct`].
    pub path: StepPath,
    /// Which deliberate attempt.
    pub generation: u32,
    /// For which account, through which connection.
    pub binding: Binding,
    /// The checked request.
    pub plan: Plan,
    /// Who waits.
    pub class: Class,
    /// Told of waiting and repeating.
    pub watch: Option<Watch>,
}

/// What the caller adds to the unit that settles: called once with the outcome, right
/// before the commit. Called for reads too, whose unit has these writes only. If the
/// commit has to be repeated the same unit is committed again.
pub type Settle<'a> = &'a mut (dyn FnMut(&Settled, &mut Unit) + Send);

/// Where requests of a base address go; HTTP in production, in-process in the simulation.
pub type Transports = Arc<dyn Fn(&str) -> Result<Arc<dyn Transport>, Failure> + Send + Sync>;

/// Why a call has no outcome to show.
#[derive(Debug, thiserror::Error)]
pub enum CallError {
    /// Not now: not sent, or the outcome is not known yet. The failure's `retry` says
    /// what to do; with `same_key` the same call again is safe and finds out.
    #[error("{failure}")]
    Unfinished {
        /// As every surface shows it.
        failure: Box<Failure>,
        /// The call, when an intent exists.
        call: Option<CallId>,
    },
    /// The key is in use for another request.
    #[error("{0}")]
    Conflict(Box<Failure>),
    /// The outcome could not be stored; read the store before going on.
    #[error("the outcome could not be stored: {0}")]
    Store(#[from] CommitError),
}

/// What a caller is made of.
#[derive(Clone)]
#[expect(missing_docs, reason = "named for what they are")]
pub struct CallerParts {
    pub store: Store,
    pub vault: Vault,
    pub connections: Connections,
    pub transports: Transports,
    pub clock: Arc<dyn Clock>,
    pub rng: Arc<dyn Rng>,
    pub limits: Limits,
}

/// Makes calls.
#[derive(Clone)]
pub struct Caller {
    // the helper's
    _parts: Arc<CallerParts>,
}

/// A call's end and its record.
#[derive(Debug, Clone)]
pub struct Ended {
    /// How it ended.
    pub settled: Settled,
    /// The key of a write.
    pub key: Option<IdempotencyKey>,
    /// The call's id; reads have one too, but no record.
    pub call: CallId,
    /// Whether the outcome was stored already: nothing was sent now.
    pub replayed: bool,
}

impl Caller {
    /// A caller of these parts.
    pub fn new(_parts: CallerParts) -> Self {
        todo!()
    }

    /// Makes the call, or finishes it: an existing intent is finished with its stored
    /// bytes and never rebuilt, a settled one is returned as it is. Safe to repeat,
    /// and to drop at any moment: the intent stays open and can be finished later.
    ///
    /// # Errors
    /// See [`CallError`].
    pub async fn call(&self, _call: Call, _settle: Settle<'_>) -> Result<Ended, CallError> {
        todo!()
    }

    /// Finishes an open intent with its stored bytes.
    ///
    /// # Errors
    /// See [`CallError`].
    pub async fn finish_open(&self, _key: &IdempotencyKey, _settle: Settle<'_>) -> Result<Ended, CallError> {
        todo!()
    }

    /// Finishes every open intent that no run owns: those of a former process and
    /// those an interactive caller gave up. Runs until dropped.
    pub async fn sweep(&self) {
        todo!()
    }

    /// What a stored intent came to, opened: the outcome, or `None` while it is open.
    ///
    /// # Errors
    /// When the row cannot be opened.
    pub async fn recall(
        &self,
        _company: CompanyId,
        _intent: &store::Intent,
    ) -> Result<Option<Settled>, Failure> {
        todo!()
    }
}
