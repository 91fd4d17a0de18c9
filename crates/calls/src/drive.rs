//! A call on its way: send, fold, wait, until an outcome is known.

use std::time::Duration;

use model::{Binding, Failure};
use stripe::{Answer, Attempt, Kind, Next, NotSent, Outcome, Request, Unknown, fold};

use crate::{
    Call, CallError, Ended, Settle, Settled, begin::Job, caller::Caller, failures, patience::Patience,
    reconcile::Verdict,
};

/// Stripe may forget a key after 24 hours (Stripe's API, Idempotent requests); ours is
/// an hour short of it.
const KEY_MEMORY: Duration = Duration::from_secs(23 * 3600);

/// A read that Stripe answers with 5xx is tried this often.
const READS_MAX: u32 = 8;

/// Why no attempt was made.
pub(crate) struct Hindrance {
    pub(crate) failure: Failure,
    /// Waiting a little does not help; a caller who waits is told at once.
    pub(crate) lasting: bool,
}

impl Caller {
    /// Drives a write to its end. Nothing here forgets that an attempt may have taken place.
    pub(crate) async fn drive(
        &self,
        job: Job,
        patience: &mut Patience,
        settle: Settle<'_>,
    ) -> Result<Ended, CallError> {
        let Job { intent, request, locks, mut before } = job;
        let mut resent = 0;
        loop {
            let (last, told, lasting) = if self.has_to_look(&intent, before.as_ref()) {
                match self.reconcile(&intent, &request, before.as_ref(), resent, patience).await {
                    Ok(Verdict::Settled(settled)) => {
                        return self.settle(&intent, settled, patience.class, settle).await;
                    }
                    Ok(Verdict::SendAgain) => {
                        resent += 1;
                        before = Some(open_again(before));
                        continue;
                    }
                    Err(hindrance) => (hindrance.failure, Duration::ZERO, hindrance.lasting),
                }
            } else {
                match self.send(&intent.binding, &request, &locks, patience).await {
                    Ok(attempt) => {
                        let now = fold(before.as_ref(), &request.kind, attempt);
                        let (last, told, lasting) = match &now {
                            Outcome::Done(answer) => {
                                let settled = Settled::Done(answer.clone());
                                return self.settle(&intent, settled, patience.class, settle).await;
                            }
                            Outcome::Rejected(error) => {
                                let settled = Settled::Rejected(error.clone());
                                return self.settle(&intent, settled, patience.class, settle).await;
                            }
                            Outcome::NotSent(why) => waiting(why),
                            Outcome::OutcomeUnknown(why) => unknown(why),
                        };
                        let look = self.has_to_look(&intent, Some(&now));
                        before = Some(now);
                        if look {
                            continue;
                        }
                        (last, told, lasting)
                    }
                    Err(hindrance) => (hindrance.failure, Duration::ZERO, hindrance.lasting),
                }
            };
            let ends = lasting && patience.class == crate::Class::Interactive;
            if ends || !patience.pause(&last, told).await {
                let failure = failures::given_up(&intent, before.as_ref(), last);
                return Err(failures::unfinished(failure, Some(intent.call)));
            }
        }
    }

    /// Makes a read. Repeats it at will.
    pub(crate) async fn read(&self, mut call: Call, settle: Settle<'_>) -> Result<Ended, CallError> {
        let action = call.plan.action;
        let mut patience = self.patience(call.class, call.watch.take());
        let request = call.plan.into_request(Kind::Read).map_err(|f| failures::unfinished(f, None))?;
        let mut answered = 0;
        let settled = loop {
            let (last, told, lasting) = match self.send(&call.binding, &request, &[], &patience).await {
                Ok(attempt) => match fold(None, &Kind::Read, attempt) {
                    Outcome::Done(answer) => break Settled::Done(answer),
                    Outcome::Rejected(error) => break Settled::Rejected(error),
                    Outcome::NotSent(why) => waiting(&why),
                    Outcome::OutcomeUnknown(Unknown { error: Some(error), .. })
                        if answered + 1 >= READS_MAX =>
                    {
                        break Settled::Rejected(error);
                    }
                    Outcome::OutcomeUnknown(why) => {
                        answered += u32::from(why.error.is_some());
                        unknown(&why)
                    }
                },
                Err(hindrance) => (hindrance.failure, Duration::ZERO, hindrance.lasting),
            };
            let ends = lasting && patience.class == crate::Class::Interactive;
            if ends || !patience.pause(&last, told).await {
                return Err(failures::unfinished(failures::not_read(action, last), None));
            }
        };
        self.settle_read(settled, patience.class, settle).await
    }

    /// One attempt: its turn, the limiter, the credential, the wire.
    pub(crate) async fn send(
        &self,
        of: &Binding,
        request: &Request,
        locks: &[String],
        patience: &Patience,
    ) -> Result<Attempt, Hindrance> {
        let write = request.kind != Kind::Read;
        let locks: Vec<_> = locks.iter().map(|id| format!("{}/{}/{id}", of.account, of.mode)).collect();
        let turn = async {
            let turns = self.objects.take_all(&locks).await;
            self.limiter.admit(of, write, patience.class).await;
            turns
        };
        let Some(_turns) = patience.within(turn).await else {
            return Err(Hindrance { failure: failures::no_time_to_send(), lasting: true });
        };
        let lasting = |failure| Hindrance { failure, lasting: true };
        let (credential, base) = self.parts.connections.credential(of).await.map_err(lasting)?;
        let transport = (self.parts.transports)(&base).map_err(lasting)?;
        let attempt = patience.within(transport.attempt(request, &credential)).await;
        let attempt = attempt.unwrap_or_else(|| {
            Attempt::Broken("no answer came within the time that the caller waits".into())
        });
        if let Attempt::Answered(answer) = &attempt {
            self.heed(of, write, answer);
        }
        Ok(attempt)
    }

    /// What an answer says beyond its own call.
    fn heed(&self, of: &Binding, write: bool, answer: &Answer) {
        match answer.status {
            // The key may have been replaced by now.
            401 => self.parts.connections.forget(of.connection),
            429 => {
                let headers = &answer.headers;
                self.limiter.obey(of, write, headers.rate_limited_reason.as_deref(), headers.retry_after);
            }
            _ => {}
        }
    }

    /// Whether sending would tell nothing, or could do it a second time.
    fn has_to_look(&self, intent: &store::Intent, before: Option<&Outcome>) -> bool {
        let age = self.parts.clock.now().duration_since(intent.first_attempt);
        let forgotten = Duration::try_from(age).is_ok_and(|age| age >= KEY_MEMORY);
        let pointless = matches!(
            before,
            Some(Outcome::OutcomeUnknown(Unknown { next: Next::Reconcile | Next::ReadFirst, .. }))
        );
        forgotten || pointless
    }

    /// Whether Stripe still knows the intent's key for sure.
    pub(crate) fn key_is_remembered(&self, intent: &store::Intent) -> bool {
        !self.has_to_look(intent, None)
    }
}

/// What is told while a request that did not take place waits, how long Stripe asks
/// for, and whether that is likely to last.
fn waiting(why: &NotSent) -> (Failure, Duration, bool) {
    let told = match why {
        NotSent::Limited(error) => error.headers.retry_after.unwrap_or_default(),
        NotSent::Unreachable(_) | NotSent::Unauthorized(_) => Duration::ZERO,
    };
    (failures::not_sent(why), told, matches!(why, NotSent::Unauthorized(_)))
}

fn unknown(why: &Unknown) -> (Failure, Duration, bool) {
    let told = match why.next {
        Next::SameKey { after } => after,
        Next::ReadFirst | Next::Reconcile => Duration::ZERO,
    };
    (failures::unknown(why), told, false)
}

/// After a look that found nothing done: the same bytes under the same key again.
fn open_again(before: Option<Outcome>) -> Outcome {
    let why = match before {
        Some(Outcome::OutcomeUnknown(unknown)) => unknown.why,
        _ => "it was not found at Stripe".into(),
    };
    Outcome::OutcomeUnknown(Unknown { why, error: None, next: Next::SameKey { after: Duration::ZERO } })
}
