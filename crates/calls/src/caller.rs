//! The one path.

use std::{sync::Arc, time::Duration};

use actions::{Effect, Plan};
use connections::{Connections, RowId, Vault};
use model::{Binding, CallId, Clock, CompanyId, Failure, IdempotencyKey, Origin, Rng, RunId, StepPath};
use store::{CommitError, IntentState, Store, Unit};
use stripe::{Kind, Transport};

use crate::{
    Limits, begin::Start, cards, failures, limiter::Limiter, outcome::Settled, patience::Patience,
    reconcile::Looks, settle::RowOf, stored, turns::Turns,
};

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
/// commit has to be repeated the same unit is committed again. Not called when the
/// outcome was stored already ([`Ended::replayed`]): its unit is committed.
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

/// How long an interactive call is waited for, unless told otherwise.
pub const BUDGET: Duration = Duration::from_secs(20);

/// Makes calls. Clones share limits and turns.
#[derive(Clone)]
pub struct Caller {
    pub(crate) parts: Arc<CallerParts>,
    pub(crate) limiter: Arc<Limiter>,
    /// Calls under way, by key.
    pub(crate) flights: Arc<Turns>,
    /// Stripe's objects that are being written.
    pub(crate) objects: Arc<Turns>,
    /// Keys whose events Stripe may not list yet.
    pub(crate) looks: Arc<Looks>,
    budget: Duration,
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
    pub fn new(parts: CallerParts) -> Self {
        let limiter = Arc::new(Limiter::new(parts.limits));
        Self {
            parts: Arc::new(parts),
            limiter,
            flights: Arc::default(),
            objects: Arc::default(),
            looks: Arc::default(),
            budget: BUDGET,
        }
    }

    /// Waits this long for an interactive call instead of [`BUDGET`].
    #[must_use]
    pub fn with_budget(mut self, budget: Duration) -> Self {
        self.budget = budget;
        self
    }

    /// Makes the call, or finishes it: an existing intent is finished with its stored
    /// bytes and never rebuilt, a settled one is returned as it is. Safe to repeat,
    /// and to drop at any moment: the intent stays open and can be finished later.
    ///
    /// # Errors
    /// See [`CallError`].
    pub async fn call(&self, mut call: Call, settle: Settle<'_>) -> Result<Ended, CallError> {
        if let Err(refused) = cards::refuse(&call.plan.params, call.binding.mode)
            && !self.is_known(&call).await?
        {
            return Err(failures::unfinished(refused, None));
        }
        if let Some(account) = &call.plan.options.stripe_account {
            let allowed = self.parts.connections.may_act_as(&call.binding, account).await;
            allowed.map_err(|failure| failures::unfinished(failure, None))?;
        }
        match call.plan.effect {
            Effect::Read => {
                let patience = self.patience(call.class, call.watch.take());
                self.read(call, patience, settle).await
            }
            effect @ (Effect::KeyedWrite | Effect::Delete) => self.write(call, effect, settle).await,
        }
    }

    /// Finishes an open intent with its stored bytes.
    ///
    /// # Errors
    /// See [`CallError`]; `not_found` when there is no such intent.
    pub async fn finish_open(&self, key: &IdempotencyKey, settle: Settle<'_>) -> Result<Ended, CallError> {
        let mut patience = self.patience(Class::Background, None);
        let _flight = self.flights.take(key.as_str()).await;
        let intent = self.parts.store.intent(key).await;
        let intent = intent.map_err(|e| failures::unfinished(failures::read(&e), None))?;
        let intent = intent.ok_or_else(|| failures::no_intent(key.as_str()))?;
        if let Some(ended) = self.ended(&intent).await? {
            return Ok(ended);
        }
        let job = self.resume(intent).await?;
        self.drive(job, &mut patience, settle).await
    }

    /// What a stored intent came to, opened: the outcome, or `None` while it is open.
    ///
    /// # Errors
    /// When the row cannot be opened.
    pub async fn recall(
        &self,
        company: CompanyId,
        intent: &store::Intent,
    ) -> Result<Option<Settled>, Failure> {
        let sealed = match &intent.state {
            IntentState::Open => return Ok(None),
            IntentState::Parked(sealed) | IntentState::Settled(sealed) => sealed,
        };
        let parked = matches!(intent.state, IntentState::Parked(_));
        let row = RowOf::new(&intent.key, if parked { RowOf::KNOWN } else { RowOf::OUTCOME });
        let keyring = self.parts.vault.keyring(company).await?;
        let plain = keyring.open(RowId { table: "intents", id: row.as_str() }, sealed)?;
        let read = if parked { stored::parked } else { stored::settled };
        read(plain.as_bytes()).map(Some)
    }

    /// Whether a write has a record: then what became of it is told or found out, whatever
    /// would be refused today.
    async fn is_known(&self, call: &Call) -> Result<bool, CallError> {
        if call.plan.effect == Effect::Read {
            return Ok(false);
        }
        let key = IdempotencyKey::derive(&call.binding.company, &call.origin, &call.path, call.generation);
        let known = self.parts.store.intent(&key).await;
        known.map(|known| known.is_some()).map_err(|e| failures::unfinished(failures::read(&e), None))
    }

    pub(crate) fn patience(&self, class: Class, watch: Option<Watch>) -> Patience {
        Patience::new(class, self.budget, watch, self.parts.rng.clone())
    }

    pub(crate) fn new_call(&self) -> CallId {
        CallId::new(&*self.parts.clock, &*self.parts.rng)
    }

    /// Stripe knows no keys for deletes; ours names the intent all the same.
    async fn write(&self, mut call: Call, effect: Effect, settle: Settle<'_>) -> Result<Ended, CallError> {
        let key = IdempotencyKey::derive(&call.binding.company, &call.origin, &call.path, call.generation);
        let locks = std::mem::take(&mut call.plan.locks);
        let action = call.plan.action;
        let kind = if effect == Effect::Delete { Kind::Delete } else { Kind::Write(key.clone()) };
        let request = call.plan.clone().into_request(kind);
        let request = request.map_err(|failure| failures::unfinished(failure, None))?;
        let mut patience = self.patience(call.class, call.watch.take());
        // Who holds the flight may hold it for long; the caller is told that it is under way.
        let Some(_flight) = patience.within(self.flights.take(key.as_str())).await else {
            return Err(failures::unfinished(failures::running(action), None));
        };
        match self.begin(&call, key, request, locks).await? {
            Start::Ended(ended) => Ok(*ended),
            Start::Go(job) => self.drive(*job, &mut patience, settle).await,
        }
    }
}
