//! Performing a call: the only command that reaches out of the process.
//!
//! The outcome and everything that follows from it are committed in one unit: the
//! caller settles the intent, and the run's next state joins that unit.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use actions::Catalog;
use calls::{CallError, Ended, Settled};
use model::{Code, Failure, Retry, StepPath, StepStatus};
use serde_json::{Value, json};
use store::{InputKind, Unit};
use stripe::StripeError;
use workflows::{Happened, StepError};

use crate::{
    batch::{After, Batch},
    inner::Inner,
    prepare::{Unprepared, prepare, unprepared},
    session::Session,
    slots::Slot,
    trouble::Trouble,
};

/// The pause before a call that did not come to an end is made again.
const PAUSE: Duration = Duration::from_secs(2);
/// How long a stopping driver lets a settling commit finish.
const LAST_COMMIT: Duration = Duration::from_secs(5);

/// A call that the core asks for.
pub(crate) struct Asked {
    pub(crate) path: StepPath,
    pub(crate) generation: u32,
    pub(crate) action: String,
    pub(crate) config: Value,
    pub(crate) connection: Option<String>,
}

/// Performs a call and commits what follows. Says whether the run should look at its
/// inputs. Safe to repeat after a crash: the intent is finished, never rebuilt.
pub(crate) async fn call(
    inner: &Arc<Inner>,
    session: &mut Session,
    slot: &Slot,
    asked: Asked,
) -> Result<bool, Trouble> {
    let made = Made::default();
    let ended = match prepare(inner, session, &asked).await {
        Ok(call) => {
            let mut settle = |settled: &Settled, unit: &mut Unit| {
                made.settle(inner, session, &asked, settled, unit);
            };
            until_stopped(inner, session, slot, &made, inner.parts.caller.call(call, &mut settle)).await?
        }
        Err(failure) => match unprepared(inner, session, &asked, failure).await? {
            Unprepared::Failed(error) => return fail(inner, session, &asked.path, *error).await,
            Unprepared::Begun(key) => {
                let mut settle = |settled: &Settled, unit: &mut Unit| {
                    made.settle(inner, session, &asked, settled, unit);
                };
                let finish = inner.parts.caller.finish_open(&key, &mut settle);
                until_stopped(inner, session, slot, &made, finish).await?
            }
        },
    };
    conclude(inner, session, slot, &asked, made, ended).await
}

async fn conclude(
    inner: &Arc<Inner>,
    session: &mut Session,
    slot: &Slot,
    asked: &Asked,
    made: Made,
    ended: Result<Ended, CallError>,
) -> Result<bool, Trouble> {
    match ended {
        Ok(ended) => match made.take() {
            Some(after) => {
                let look = after.waits;
                after.install(inner, session);
                Ok(look)
            }
            // The outcome was settled before, and nothing was committed now.
            None => follow(inner, session, asked, &ended.settled).await,
        },
        Err(CallError::Conflict(failure)) => {
            let error = StepError { failure: *failure, left_behind: false, parked: true };
            fail(inner, session, &asked.path, error).await
        }
        Err(CallError::Store(error)) => Err(error.into()),
        Err(CallError::Unfinished { failure, .. }) => {
            if failure.code == Code::StoreUnavailable {
                return Err(Trouble::Again(*failure));
            }
            // A stored request that cannot be read is for a person; asking again tells nothing.
            if failure.retry == Retry::Ask {
                return Err(Trouble::Park(*failure));
            }
            // What will never be sent fails the step; what may have been sent is waited for.
            if failure.retry == Retry::Never
                && let Unprepared::Failed(error) =
                    unprepared(inner, session, asked, (*failure).clone()).await?
            {
                return fail(inner, session, &asked.path, *error).await;
            }
            inner.tell_step(session, asked.path.clone(), StepStatus::Retrying, Some(failure.message));
            tokio::select! {
                () = tokio::time::sleep(PAUSE) => {}
                () = slot.told() => {}
                () = inner.stop.cancelled() => return Err(Trouble::Stopped),
            }
            Ok(true)
        }
    }
}

/// What the settling unit will make of the run, once it is committed, and the
/// cancels that are to be taken in with it.
#[derive(Default)]
struct Made {
    after: Mutex<Option<After>>,
    cancels: Mutex<Vec<u64>>,
}

impl Made {
    fn settle(&self, inner: &Inner, session: &Session, asked: &Asked, settled: &Settled, unit: &mut Unit) {
        let now = inner.now();
        let mut batch = Batch::of(session, inner.epoch);
        // A cancel that came while the call was under way goes first: the core waits
        // for the outcome, and then begins nothing new.
        for n in self.cancels.lock().unwrap_or_else(PoisonError::into_inner).drain(..) {
            batch.feed(now, Happened::Canceled);
            batch.consume(n);
        }
        batch.feed(now, called(asked, settled));
        batch.feed_pure(now);
        let (writes, after) = batch.finish(now);
        unit.writes.extend(writes);
        *self.after.lock().unwrap_or_else(PoisonError::into_inner) = Some(after);
    }

    fn is_settling(&self) -> bool {
        self.after.lock().unwrap_or_else(PoisonError::into_inner).is_some()
    }

    fn take(self) -> Option<After> {
        self.after.into_inner().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes the cancels that have come; a read that fails is made up for later. Says
    /// whether the run is gone, with its company: then nothing can be kept of its call.
    async fn look(&self, inner: &Inner, session: &Session) -> bool {
        let id = session.run.id;
        if matches!(inner.parts.store.run(id).await, Ok(None)) {
            return true;
        }
        let Ok(inputs) = inner.parts.store.inputs(id).await else { return false };
        let cancels = inputs.iter().filter(|input| input.kind == InputKind::Cancel).map(|input| input.n);
        *self.cancels.lock().unwrap_or_else(PoisonError::into_inner) = cancels.collect();
        false
    }
}

/// Waits for a call's end, taking notice of cancels. A driver that stops leaves the
/// call where it is: its intent stays open. So does a run that is gone, whose intent is
/// too. A commit in flight is let finish.
async fn until_stopped(
    inner: &Inner,
    session: &Session,
    slot: &Slot,
    made: &Made,
    call: impl Future<Output = Result<Ended, CallError>>,
) -> Result<Result<Ended, CallError>, Trouble> {
    let mut call = std::pin::pin!(call);
    loop {
        tokio::select! {
            biased;
            ended = &mut call => return Ok(ended),
            () = slot.told() => if made.look(inner, session).await { break },
            () = inner.stop.cancelled() => break,
        }
    }
    if made.is_settling() {
        return tokio::time::timeout(LAST_COMMIT, call).await.map_err(|_| Trouble::Stopped);
    }
    Err(Trouble::Stopped)
}

fn called(asked: &Asked, settled: &Settled) -> Happened {
    let failed = |failure, left_behind, parked| Err(StepError { failure, left_behind, parked });
    let result = match settled {
        Settled::Done(answer) => Ok(output(&answer.body)),
        Settled::Rejected(error) => failed(placed(asked, error), error.left_behind().is_some(), false),
        Settled::Parked(known) => failed(known.failure.clone(), false, true),
        Settled::NotDone(why) => failed(why.clone(), false, false),
    };
    let stripe_request_id = settled.stripe_request_id().map(str::to_owned);
    Happened::Called { path: asked.path.clone(), result, stripe_request_id }
}

/// Stripe's refusal, with the place in the document of the parameter that it names.
fn placed(asked: &Asked, error: &StripeError) -> Failure {
    let mut failure = error.to_failure();
    let param = error.param().filter(|param| !param.is_empty());
    if let (Some(param), Ok(entry)) = (param, Catalog.entry(&asked.action)) {
        let place = entry.place_of(param);
        failure.field = place.map(|place| format!("steps.{}.config.{place}", asked.path));
    }
    failure
}

/// Stripe's object; of a list its rows and whether there are more.
fn output(body: &Value) -> Value {
    match (body.get("object").and_then(Value::as_str), body.get("data")) {
        (Some("list" | "search_result"), Some(data)) => {
            let has_more = body.get("has_more").and_then(Value::as_bool).unwrap_or(false);
            json!({ "data": data, "has_more": has_more })
        }
        _ => body.clone(),
    }
}

/// Commits what follows from an outcome that is settled already.
async fn follow(
    inner: &Inner,
    session: &mut Session,
    asked: &Asked,
    settled: &Settled,
) -> Result<bool, Trouble> {
    tell_core(inner, session, called(asked, settled)).await
}

async fn fail(
    inner: &Inner,
    session: &mut Session,
    path: &StepPath,
    error: StepError,
) -> Result<bool, Trouble> {
    let what = Happened::Called { path: path.clone(), result: Err(error), stripe_request_id: None };
    tell_core(inner, session, what).await
}

async fn tell_core(inner: &Inner, session: &mut Session, what: Happened) -> Result<bool, Trouble> {
    let now = inner.now();
    let mut batch = Batch::of(session, inner.epoch);
    batch.feed(now, what);
    batch.feed_pure(now);
    let (writes, after) = batch.finish(now);
    inner.commit(writes).await?;
    let look = after.waits;
    after.install(inner, session);
    Ok(look)
}
