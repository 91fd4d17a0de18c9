//! Finding out what became of a write.
//!
//! Nothing is ever added to a request for this. First the account's events since the
//! first attempt are searched for our key: found is done, or tried and refused. (A
//! delete has no key at Stripe; there what is left of the object tells.) Not found proves nothing, so
//! then the action's own reconciler reads a list or the object. What would surprise: a
//! reading that fails is no finding, and is repeated; a finding that cannot tell parks
//! the call for a person; and that no event is listed counts only after a while.

mod agree;
mod declines;
mod lag;
mod look;
mod refusals;
mod review;
mod search;

#[cfg(test)]
mod tests;

pub(crate) use lag::Looks;
pub use review::Witness;

use actions::{Catalog, Reconcile};
use serde_json::{Value, json};
use store::Intent;
use stripe::{Answer, Headers, Kind, Outcome, StripeError};

use crate::{Settled, begin::Job, caller::Caller, drive::Hindrance, failures, patience::Patience};

/// How often the same bytes go out again after a look that found nothing done. A
/// delete goes out as long as a key would be remembered: what is there is not gone.
const RESENDS_MAX: u32 = 2;

/// What follows from looking.
pub(crate) enum Verdict {
    Settled(Box<Settled>),
    /// It was not done, and Stripe still knows the key: the same bytes are safe.
    SendAgain,
}

/// What was seen.
pub(crate) enum Finding {
    /// It was done; the object as it is now, and Stripe's id of the request that did it.
    Done { object: Value, request_id: Option<String> },
    /// It was surely not done.
    NotDone { seen: Value },
    /// Nobody can tell from this.
    Open { why: String, seen: Value },
}

impl Verdict {
    fn settled(settled: Settled) -> Self {
        Self::Settled(Box::new(settled))
    }
}

impl Finding {
    fn word(&self) -> &'static str {
        match self {
            Self::Done { .. } => "done",
            Self::NotDone { .. } => "not done",
            Self::Open { .. } => "open",
        }
    }
}

impl Caller {
    /// Looks, and says what follows.
    pub(crate) async fn reconcile(&self, job: &mut Job, patience: &Patience) -> Result<Verdict, Hindrance> {
        let early = self.looks.is_early(job);
        let (verdict, unlisted) = self.judge(job, patience).await?;
        match &verdict {
            // It is shown that it was done, whatever the events say.
            Verdict::Settled(settled) if matches!(**settled, Settled::Done(_)) => {}
            Verdict::Settled(_) if early && unlisted => {
                return Err(Hindrance { failure: failures::no_event_yet(), lasting: false });
            }
            Verdict::Settled(_) | Verdict::SendAgain => {}
        }
        self.looks.forget(&job.intent.key);
        Ok(verdict)
    }

    /// What follows if what is seen now stays so, and whether it rests on the absence of
    /// an event.
    async fn judge(&self, job: &Job, patience: &Patience) -> Result<(Verdict, bool), Hindrance> {
        let Job { intent, request, before, resent, .. } = job;
        let looker = look::Looker { caller: self, intent, request, patience };
        let leaves_nothing = leaves_nothing(job);
        let told = if leaves_nothing { look::Told::Unread } else { looker.by_event().await? };
        let unlisted = matches!(told, look::Told::Nothing);
        let finding = match told {
            look::Told::By(finding) => finding,
            look::Told::Nothing => looker.by(reconciler(job), true).await?,
            look::Told::Unread => looker.by(reconciler(job), false).await?,
        };
        // The finding itself holds Stripe's object, which no log may show.
        let found = finding.word();
        tracing::info!(call = %intent.call, action = intent.action, found, "looked at Stripe for an outcome");
        // Without its memory of the key Stripe shows what it shows now, which is as good.
        let remembered = leaves_nothing || self.key_is_remembered(intent);
        let error = last_error(before.as_ref());
        let verdict = if request.kind == Kind::Delete {
            decide_delete(intent, finding, error, remembered || *resent < RESENDS_MAX)
        } else {
            decide(intent, finding, error, remembered && *resent < RESENDS_MAX)
        };
        Ok((verdict, unlisted))
    }
}

fn reconciler(job: &Job) -> Reconcile {
    let action = Catalog.performing(&job.intent.action, job.request.operation);
    action.map_or(Reconcile::Park, |action| action.reconcile)
}

/// Whether nothing is made or changed at Stripe, however often it is asked.
pub(crate) fn leaves_nothing(job: &Job) -> bool {
    reconciler(job) == Reconcile::NothingChanges
}

fn last_error(before: Option<&Outcome>) -> Option<&StripeError> {
    match before {
        Some(Outcome::OutcomeUnknown(unknown)) => unknown.error.as_ref(),
        _ => None,
    }
}

/// Whether Stripe's own last word is the outcome, once nothing was found done. A key in
/// use, a limit or a missing authorization say nothing of the write, and a key that met
/// other parameters says that something else was done under it.
fn is_final(error: &StripeError) -> bool {
    !matches!(error.status, 401 | 409 | 429) && !is_of_another_request(error)
}

/// Whether the same bytes could bring anything but the answer that is known.
fn is_saved(error: Option<&StripeError>) -> bool {
    error.is_some_and(|e| e.headers.replayed || is_of_another_request(e))
}

fn park(intent: &Intent, why: &str, seen: Value) -> Verdict {
    park_after(intent, why, seen, None)
}

fn park_after(intent: &Intent, why: &str, seen: Value, last: Option<&StripeError>) -> Verdict {
    Verdict::settled(Settled::Parked(failures::parked(intent, why, seen, last)))
}

fn is_of_another_request(error: &StripeError) -> bool {
    error.kind() == Some("idempotency_error")
}

fn done(object: Value, request_id: Option<String>) -> Verdict {
    let headers = Headers { request_id, ..Headers::default() };
    Verdict::settled(Settled::Done(Answer { status: 200, headers, body: object }))
}

/// Stripe said no, or failed and did nothing, as looking has shown.
fn not_done(intent: &Intent, error: &StripeError) -> Verdict {
    Verdict::settled(match error.status {
        500.. => Settled::NotDone(failures::undone(&intent.action, error)),
        _ => Settled::Rejected(error.clone()),
    })
}

fn decide(intent: &Intent, finding: Finding, error: Option<&StripeError>, may_resend: bool) -> Verdict {
    match (finding, error) {
        (Finding::Done { object, request_id }, _) => done(object, request_id),
        (Finding::NotDone { .. }, Some(error)) if is_final(error) => not_done(intent, error),
        (Finding::NotDone { .. }, error) if may_resend && !is_saved(error) => Verdict::SendAgain,
        (Finding::NotDone { seen }, error) => {
            let taken = error.filter(|error| is_of_another_request(error));
            let why = match taken {
                Some(_) => {
                    "Stripe knows its key for another request, and nothing of this one is to be found there"
                }
                None => {
                    "nothing of it is to be found at Stripe, but Stripe may have forgotten the key, so it is not sent again"
                }
            };
            park_after(intent, why, json!({ "found": "nothing", "seen": seen }), taken)
        }
        (Finding::Open { why, seen }, _) => park(intent, &why, seen),
    }
}

/// What is still there was not removed, so removing it again does nothing twice.
/// Stripe keeps no answers to deletes: a refusal holds, a 5xx says nothing.
fn decide_delete(
    intent: &Intent,
    finding: Finding,
    error: Option<&StripeError>,
    may_resend: bool,
) -> Verdict {
    let refused = |e: &&StripeError| e.status < 500 && is_final(e);
    match finding {
        Finding::Done { object, request_id } => done(object, request_id),
        Finding::NotDone { seen } => match (error.filter(refused), error) {
            (Some(refusal), _) => Verdict::settled(Settled::Rejected(refusal.clone())),
            (None, _) if may_resend => Verdict::SendAgain,
            (None, Some(error)) if is_final(error) => not_done(intent, error),
            (None, _) => park(intent, "it is still there, and Stripe did not answer for too long", seen),
        },
        Finding::Open { why, seen } => park(intent, &why, seen),
    }
}
