//! A write's beginning: the intent is on disk before anything leaves.

use connections::RowId;
use model::{CompanyId, Failure, IdempotencyKey, Origin, StepPath};
use store::{Begun, CommitError, Effected, Intent, IntentState, ReadError, Unit, Write};
use stripe::{Kind, Next, Outcome, Request, Unknown, Version, form};

use crate::{Call, CallError, Class, Ended, caller::Caller, failures, settle::RowOf};

/// How often the intent's commit is tried when the store cannot say whether it is there.
const COMMITS_MAX: u32 = 3;

/// A write to be driven to its end.
pub(crate) struct Job {
    pub(crate) intent: Intent,
    /// The stored bytes, read: never built again.
    pub(crate) request: Request,
    /// Stripe's objects that no other write may hold meanwhile.
    pub(crate) locks: Vec<String>,
    /// What is known already.
    pub(crate) before: Option<Outcome>,
    /// How often it went out again after a look.
    pub(crate) resent: u32,
    /// Of which resend the outcome was looked for last.
    pub(crate) looked: Option<u32>,
}

pub(crate) enum Start {
    Go(Box<Job>),
    Ended(Box<Ended>),
}

impl Caller {
    /// Commits the intent, or finds what its key has come to.
    pub(crate) async fn begin(
        &self,
        call: &Call,
        key: IdempotencyKey,
        request: Request,
        locks: Vec<String>,
    ) -> Result<Start, CallError> {
        if let Some(known) = self.known_without_credential(call, &key).await? {
            return self.take_up(call, known, &request).await;
        }
        let intent = self.intent(call, key, &request).await?;
        match self.commit_intent(call.class, &intent).await? {
            // Ours, whose first commit gave no answer.
            Begun::Known(known) if known.call != intent.call => self.take_up(call, *known, &request).await,
            Begun::Fresh | Begun::Known(_) => {
                Ok(Start::Go(Box::new(Job { intent, request, locks, before: None, resent: 0, looked: None })))
            }
        }
    }

    /// A job of an open intent. A former process may have sent it: until Stripe says
    /// otherwise it counts as sent.
    pub(crate) async fn resume(&self, intent: Intent) -> Result<Job, CallError> {
        let request = self.request_of(&intent).await;
        let request = request.map_err(|failure| failures::unfinished(failure, Some(intent.call)))?;
        let locks = actions::locks_of(&request);
        let next = match request.kind {
            // No key keeps it from being done again.
            Kind::Delete => Next::ReadFirst,
            Kind::Read | Kind::Write(_) => Next::SameKey { after: std::time::Duration::ZERO },
        };
        let why = "it may have been sent before, and no answer was stored".into();
        let before = Some(Outcome::OutcomeUnknown(Unknown { why, error: None, next }));
        Ok(Job { intent, request, locks, before, resent: 0, looked: None })
    }

    /// The exact request of a stored intent, opened.
    ///
    /// # Errors
    /// When the row cannot be opened or is no request.
    pub async fn request_of(&self, intent: &Intent) -> Result<Request, Failure> {
        let keyring = self.parts.vault.keyring(intent.binding.company).await?;
        let row = RowOf::new(&intent.key, RowOf::REQUEST);
        let plain = keyring.open(RowId { table: "intents", id: row.as_str() }, &intent.request)?;
        Request::from_stored(plain.as_bytes()).map_err(|why| failures::bad_record(intent, &why))
    }

    /// The version that the first attempt of a caller's key was made under; `None` when
    /// the key is new. A connection's version may change in between, the request does not.
    ///
    /// # Errors
    /// When the record cannot be read or opened.
    pub async fn version_of(&self, company: CompanyId, origin: &Origin) -> Result<Option<Version>, Failure> {
        let key = IdempotencyKey::derive(&company, origin, &StepPath::direct(), 0);
        let known = self.parts.store.intent(&key).await.map_err(|e| failures::read(&e))?;
        match known {
            Some(intent) => Ok(Some(self.request_of(&intent).await?.version)),
            None => Ok(None),
        }
    }

    /// The stored end of an intent that has one.
    pub(crate) async fn ended(&self, intent: &Intent) -> Result<Option<Ended>, CallError> {
        let settled = self.recall(intent.binding.company, intent).await;
        let settled = settled.map_err(|failure| failures::unfinished(failure, Some(intent.call)))?;
        let key = Some(intent.key.clone());
        Ok(settled.map(|settled| Ended { settled, key, call: intent.call, replayed: true }))
    }

    /// A caller who waits is told of a missing credential before an intent stands
    /// there that would go out some day; unless the key is known, which comes first.
    async fn known_without_credential(
        &self,
        call: &Call,
        key: &IdempotencyKey,
    ) -> Result<Option<Intent>, CallError> {
        if call.class == Class::Background {
            return Ok(None);
        }
        let Err(missing) = self.parts.connections.credential(&call.binding).await else { return Ok(None) };
        match self.parts.store.intent(key).await {
            Ok(Some(known)) => Ok(Some(known)),
            Ok(None) => Err(failures::unfinished(missing, None)),
            Err(error) => Err(failures::unfinished(failures::read(&error), None)),
        }
    }

    async fn intent(&self, call: &Call, key: IdempotencyKey, request: &Request) -> Result<Intent, CallError> {
        let keyring = self.parts.vault.keyring(call.binding.company).await;
        let keyring = keyring.map_err(|failure| failures::unfinished(failure, None))?;
        let row = RowOf::new(&key, RowOf::REQUEST);
        let sealed = keyring.seal(RowId { table: "intents", id: row.as_str() }, &request.to_stored());
        Ok(Intent {
            key,
            call: self.new_call(),
            origin: call.origin.clone(),
            run: call.run,
            path: call.path.clone(),
            generation: call.generation,
            binding: call.binding.clone(),
            action: call.plan.action.to_owned(),
            request: sealed,
            first_attempt: self.parts.clock.now(),
            state: IntentState::Open,
            stripe_request_id: None,
            settled_at: None,
        })
    }

    async fn commit_intent(&self, class: Class, intent: &Intent) -> Result<Begun, CallError> {
        let mut tries = 0;
        loop {
            let unit = unit(class, vec![Write::BeginIntent(intent.clone())]);
            let error = match self.parts.store.commit(unit).await {
                Ok(effects) => return Ok(begun(effects)),
                Err(CommitError::Fenced) => return Err(CommitError::Fenced.into()),
                Err(error) => error,
            };
            tries += 1;
            // Committing it again is safe: a key that is there comes back as it is.
            if tries >= COMMITS_MAX || !matches!(error, CommitError::Unavailable(_)) {
                // The intent may be there and damaged, which no repetition mends.
                let damaged = match self.parts.store.intent(&intent.key).await {
                    Err(why @ ReadError::Damaged { .. }) => Some(failures::read(&why)),
                    _ => None,
                };
                let failure = damaged.unwrap_or_else(|| failures::not_begun(&error));
                return Err(failures::unfinished(failure, None));
            }
            tokio::time::sleep(std::time::Duration::from_millis(100)).await;
        }
    }

    /// A known key: the same request is answered or finished, another is refused.
    async fn take_up(&self, call: &Call, known: Intent, planned: &Request) -> Result<Start, CallError> {
        if matches!(call.origin, Origin::Call { .. }) {
            let same_place =
                known.binding.account == call.binding.account && known.binding.mode == call.binding.mode;
            let stored = self.resume(known.clone()).await?;
            if !same_place || !same_request(&stored.request, planned) {
                return Err(failures::other_request(&known));
            }
        }
        match self.ended(&known).await? {
            Some(ended) => Ok(Start::Ended(Box::new(ended))),
            None => Ok(Start::Go(Box::new(self.resume(known).await?))),
        }
    }
}

pub(crate) fn unit(class: Class, writes: Vec<Write>) -> Unit {
    match class {
        Class::Interactive => Unit::interactive(writes),
        Class::Background => Unit::background(writes),
    }
}

fn begun(effects: Vec<Effected>) -> Begun {
    let found = effects.into_iter().find_map(|effect| match effect {
        Effected::Begun(begun) => Some(begun),
        _ => None,
    });
    found.unwrap_or(Begun::Fresh)
}

/// Whether two requests ask for the same, in whatever order their parameters stand.
/// The version is left aside: a later release pins a later one. So is the operation's
/// name: a later release may know a path that an earlier one did not.
fn same_request(a: &Request, b: &Request) -> bool {
    let same_form = a.form == b.form
        || matches!((form::decode(&a.form), form::decode(&b.form)), (Ok(a), Ok(b)) if a == b);
    a.operation.method == b.operation.method && a.path == b.path && a.account == b.account && same_form
}
