//! A call on its way: send, fold, wait, until an outcome is known.

use std::time::Duration;

use model::{Binding, Code, Failure};
use stripe::{Answer, Attempt, Credential, Kind, Next, NotSent, Outcome, Request, Unknown, fold};

use crate::{
    Call, CallError, Class, Ended, Settle, Settled, begin::Job, caller::Caller, failures, limiter::Errand,
    patience::Patience, reconcile::Verdict, reconcile::leaves_nothing,
};

/// Stripe may forget a key after 24 hours (Stripe's API, Idempotent requests); ours is
/// an hour short of it.
const KEY_MEMORY: Duration = Duration::from_secs(23 * 3600);

/// How far a clock may be set back and still be believed.
const SET_BACK_MAX: Duration = Duration::from_secs(60);

/// A read that Stripe answers with 5xx is tried this often.
const READS_MAX: u32 = 8;

/// Why no attempt was made.
pub(crate) struct Hindrance {
    pub(crate) failure: Failure,
    /// Waiting a little does not help; a caller who waits is told at once.
    pub(crate) lasting: bool,
}

/// What one round of driving came to.
enum Round {
    /// The outcome is known.
    End(Box<Settled>),
    /// Another round at once.
    Again,
    /// Another round after a while.
    Wait(Box<Wait>),
}

/// Why a call waits.
struct Wait {
    /// What is told meanwhile.
    why: Failure,
    /// How long Stripe asks for; zero leaves it to the backoff.
    told: Duration,
    /// Waiting a little does not help; a caller who waits is told at once.
    lasting: bool,
}

impl Caller {
    /// Drives a write to its end. Nothing here forgets that an attempt may have taken place.
    pub(crate) async fn drive(
        &self,
        mut job: Job,
        patience: &mut Patience,
        settle: Settle<'_>,
    ) -> Result<Ended, CallError> {
        loop {
            let round = match self.has_to_look(&job) {
                true => self.look(&mut job, patience).await,
                false => self.attempt(&mut job, patience).await,
            };
            let wait = match round {
                Round::End(settled) => {
                    return self.settle(&job.intent, *settled, patience.class, settle).await;
                }
                Round::Again => continue,
                Round::Wait(wait) => wait,
            };
            if !wait.out(patience).await {
                let failure = failures::given_up(&job.intent, job.before.as_ref(), wait.why);
                return Err(failures::unfinished(failure, Some(job.intent.call)));
            }
        }
    }

    /// One round of looking at Stripe.
    async fn look(&self, job: &mut Job, patience: &Patience) -> Round {
        match self.reconcile(job, patience).await {
            Ok(Verdict::Settled(settled)) => Round::End(settled),
            Ok(Verdict::SendAgain) => {
                job.resent += 1;
                job.before = Some(open_again(job.before.take()));
                Round::Again
            }
            Err(hindrance) => Round::Wait(Box::new(hindrance.into())),
        }
    }

    /// One round of sending.
    async fn attempt(&self, job: &mut Job, patience: &Patience) -> Round {
        let attempt = match self.send(&job.intent.binding, &job.request, &job.locks, patience).await {
            Ok(attempt) => attempt,
            Err(hindrance) => return Round::Wait(Box::new(hindrance.into())),
        };
        let now = fold(job.before.as_ref(), &job.request.kind, attempt);
        let wait = match now {
            Outcome::Done(answer) => return Round::End(Box::new(Settled::Done(answer))),
            Outcome::Rejected(error) => {
                let Job { intent, request, .. } = job;
                let settled = self.refused(&intent.binding, &intent.action, request, error).await;
                return Round::End(Box::new(settled));
            }
            Outcome::NotSent(ref why) => waiting(why),
            Outcome::OutcomeUnknown(ref why) => unknown(why),
        };
        job.before = Some(now);
        // A delete that goes out again and again is looked for at a walking pace.
        let at_once = job.request.kind != Kind::Delete || job.resent == 0;
        if at_once && self.has_to_look(job) { Round::Again } else { Round::Wait(Box::new(wait)) }
    }

    /// Makes a read. Repeats it at will.
    pub(crate) async fn read(
        &self,
        call: Call,
        mut patience: Patience,
        settle: Settle<'_>,
    ) -> Result<Ended, CallError> {
        let action = call.plan.action;
        let request = call.plan.into_request(Kind::Read).map_err(|f| failures::unfinished(f, None))?;
        let mut answered = 0;
        let settled = loop {
            let wait = match self.send(&call.binding, &request, &[], &patience).await {
                Ok(attempt) => match fold(None, &Kind::Read, attempt) {
                    Outcome::Done(answer) => break Settled::Done(answer),
                    Outcome::Rejected(error) => {
                        break self.refused(&call.binding, action, &request, error).await;
                    }
                    Outcome::NotSent(why) => waiting(&why),
                    Outcome::OutcomeUnknown(why) if why.error.is_some() && answered + 1 >= READS_MAX => {
                        break Settled::NotDone(failures::not_read(action, failures::unknown(&why)));
                    }
                    Outcome::OutcomeUnknown(why) => {
                        answered += u32::from(why.error.is_some());
                        unknown(&why)
                    }
                },
                Err(hindrance) => hindrance.into(),
            };
            if !wait.out(&mut patience).await {
                return Err(failures::unfinished(failures::not_read(action, wait.why), None));
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
        let errand = Errand::of(request);
        let locks: Vec<_> = locks.iter().map(|id| format!("{}/{}/{id}", of.account, of.mode)).collect();
        let turn = async {
            let turns = self.objects.take_all(&locks).await;
            (turns, self.limiter.admit(of, errand, patience.rank).await)
        };
        // Both are held until the answer is there.
        let Some(_turns_and_permit) = patience.within(turn).await else {
            return Err(Hindrance { failure: failures::no_time_to_send(), lasting: true });
        };
        let (attempt, used) = self.once(of, request, patience).await?;
        let attempt = match self.again(of, request, &attempt, &used, patience).await? {
            true => self.renewed(of, request, patience).await?,
            false => attempt,
        };
        if let Attempt::Answered(answer) = &attempt {
            self.heed(of, errand, answer).await;
        }
        Ok(attempt)
    }

    /// One request under the connection's credential of now.
    async fn once(
        &self,
        of: &Binding,
        request: &Request,
        patience: &Patience,
    ) -> Result<(Attempt, Credential), Hindrance> {
        let lasting = |failure| Hindrance { failure, lasting: true };
        let (credential, base) = self.parts.connections.credential(of).await.map_err(lasting)?;
        let transport = (self.parts.transports)(&base).map_err(lasting)?;
        let attempt = patience.within(transport.attempt(request, &credential)).await;
        let attempt = attempt.unwrap_or_else(|| {
            Attempt::Broken("no answer came within the time that the caller waits".into())
        });
        Ok((attempt, credential))
    }

    /// Whether the same bytes may go out once more at once, because Stripe refused the
    /// credential and there is another one by now. A refused credential did nothing.
    async fn again(
        &self,
        of: &Binding,
        request: &Request,
        attempt: &Attempt,
        used: &Credential,
        patience: &Patience,
    ) -> Result<bool, Hindrance> {
        let Some(refusal) = refusal(request, attempt) else { return Ok(false) };
        let Some(renewed) = patience.within(self.parts.connections.refused(of, used, refusal)).await else {
            return Err(Hindrance { failure: failures::no_time_to_send(), lasting: true });
        };
        match renewed {
            Ok(()) => Ok(true),
            // The refusal itself: it is what the call's own outcome says.
            Err(failure) if failure.code == Code::AuthenticationError => Ok(false),
            Err(failure) => Err(Hindrance { failure, lasting: true }),
        }
    }

    /// The same request under a credential that was just renewed. When Stripe refuses
    /// that one too, the connection is marked: renewing it again would not help.
    async fn renewed(
        &self,
        of: &Binding,
        request: &Request,
        patience: &Patience,
    ) -> Result<Attempt, Hindrance> {
        let (attempt, used) = self.once(of, request, patience).await?;
        if let Some(refusal) = refusal(request, &attempt)
            && let Err(failure) = self.parts.connections.failed(of, &used, &refusal).await
        {
            return Err(Hindrance { failure, lasting: true });
        }
        Ok(attempt)
    }

    /// What an answer says beyond its own call. What cannot be noted now is noted later.
    async fn heed(&self, of: &Binding, errand: Errand, answer: &Answer) {
        let connections = &self.parts.connections;
        let noted = match answer.status {
            403 if answer.body["error"]["code"] == "account_invalid" => {
                connections.taken_back(of).await.map(drop)
            }
            429 => {
                self.limiter.obey(of, errand, answer);
                Ok(())
            }
            // What Stripe's own code judged; a gateway's 5xx says nothing about a key.
            200..=299 | 400 | 402 | 404 => connections.accepted(of).await,
            _ => Ok(()),
        };
        if let Err(failure) = noted {
            tracing::warn!(connection = %of.connection, why = failure.message, "not noted");
        }
    }

    /// Whether sending would tell nothing, or could do it a second time. What surely
    /// was never sent may go out at any age; so may a delete of what is still there, and
    /// what leaves nothing.
    fn has_to_look(&self, job: &Job) -> bool {
        let Some(Outcome::OutcomeUnknown(unknown)) = &job.before else { return false };
        let at_any_age = job.request.kind == Kind::Delete || leaves_nothing(job);
        let forgotten = !at_any_age && !self.key_is_remembered(&job.intent);
        forgotten || matches!(unknown.next, Next::Reconcile | Next::ReadFirst)
    }

    /// Whether Stripe still knows the intent's key for sure.
    pub(crate) fn key_is_remembered(&self, intent: &store::Intent) -> bool {
        let age = self.parts.clock.now().duration_since(intent.first_attempt);
        match Duration::try_from(age) {
            Ok(age) => age < KEY_MEMORY,
            // A clock that was set back by more than a correction tells no age.
            Err(_) => age.unsigned_abs() < SET_BACK_MAX,
        }
    }
}

impl Wait {
    /// Waits; `false` when the caller does not wait any longer.
    async fn out(&self, patience: &mut Patience) -> bool {
        let ends = self.lasting && patience.class == Class::Interactive;
        !ends && patience.pause(&self.why, self.told).await
    }
}

impl From<Hindrance> for Wait {
    fn from(hindrance: Hindrance) -> Self {
        Self { why: hindrance.failure, told: Duration::ZERO, lasting: hindrance.lasting }
    }
}

/// Stripe's refusal of the credential, if that is what an attempt came to.
fn refusal(request: &Request, attempt: &Attempt) -> Option<Failure> {
    let Attempt::Answered(Answer { status: 401, .. }) = attempt else { return None };
    match fold(None, &request.kind, attempt.clone()) {
        Outcome::NotSent(why) => Some(failures::not_sent(&why)),
        _ => None,
    }
}

fn waiting(why: &NotSent) -> Wait {
    let told = match why {
        NotSent::Limited(error) => error.headers.retry_after.unwrap_or_default(),
        NotSent::Unreachable(_) | NotSent::Unauthorized(_) => Duration::ZERO,
    };
    Wait { why: failures::not_sent(why), told, lasting: matches!(why, NotSent::Unauthorized(_)) }
}

fn unknown(why: &Unknown) -> Wait {
    let told = match why.next {
        Next::SameKey { after } => after,
        Next::ReadFirst | Next::Reconcile => Duration::ZERO,
    };
    Wait { why: failures::unknown(why), told, lasting: false }
}

/// After a look that found nothing done: the same bytes under the same key again.
fn open_again(before: Option<Outcome>) -> Outcome {
    let why = match before {
        Some(Outcome::OutcomeUnknown(unknown)) => unknown.why,
        _ => "it was not found at Stripe".into(),
    };
    Outcome::OutcomeUnknown(Unknown { why, error: None, next: Next::SameKey { after: Duration::ZERO } })
}
