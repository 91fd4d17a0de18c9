//! What a run is told from outside: events, a cancel, and timers that are due.
//!
//! Each is consumed in the unit that holds the journal row of what it caused. An event
//! that was received in time is never passed over by a timer, dispatched or not.

use model::{IdempotencyKey, RunId, RunStatus, StepPath};
use store::{Effected, Input, InputKind, Timer, Write};
use workflows::{Happened, Phase, StepError};

use crate::{
    batch::Batch,
    failures,
    inner::Inner,
    rows,
    session::{Session, calls},
    trouble::Trouble,
};

/// The timers of a run whose time has come; the others are remembered to be woken by.
pub(crate) async fn due_timers(inner: &Inner, run: RunId) -> Result<Vec<Timer>, Trouble> {
    let now = inner.parts.clock.now();
    let (due, later): (Vec<_>, Vec<_>) =
        inner.parts.store.timers(run).await?.into_iter().partition(|timer| timer.at <= now);
    for timer in later {
        inner.timers.add(timer.at, run);
    }
    Ok(due)
}

/// Takes in the next thing that the run was told, if there is one, and says so.
/// Events go before timers: one that came in time is not timed out.
pub(crate) async fn take_in(inner: &Inner, session: &mut Session) -> Result<bool, Trouble> {
    let inputs = inner.parts.store.inputs(session.run.id).await?;
    if let Some(input) = next(inputs, session.run.status) {
        match input.kind {
            InputKind::Event { .. } => event(inner, session, &input).await?,
            InputKind::Cancel => cancel(inner, session, input.n).await?,
        }
        return Ok(true);
    }
    let Some(timer) = due_timers(inner, session.run.id).await?.into_iter().next() else { return Ok(false) };
    if !heard(inner, session, &timer.path).await? {
        fired(inner, session, timer).await?;
    }
    Ok(true)
}

/// The oldest input; of a parked run a cancel first, because what parked it may be an
/// event that cannot be read.
fn next(mut inputs: Vec<Input>, status: RunStatus) -> Option<Input> {
    let first = match status {
        RunStatus::Parked => inputs.iter().position(|input| input.kind == InputKind::Cancel),
        _ => None,
    };
    if inputs.is_empty() { None } else { Some(inputs.remove(first.unwrap_or(0))) }
}

/// Looks once more for the event before a wait is given up: one that was received
/// may not have been dispatched, because the process was down or busy.
async fn heard(inner: &Inner, session: &Session, path: &StepPath) -> Result<bool, Trouble> {
    let run = session.run.id;
    let waits = inner.parts.store.waits(run).await?;
    let Some(wait) = waits.into_iter().find(|wait| wait.path == *path) else { return Ok(false) };
    let (path, since, epoch) = (wait.path, session.since, inner.epoch);
    let again = Write::BeginWait { run, path, on: wait.on, since, epoch };
    let effected = inner.commit(vec![again]).await?;
    Ok(effected.iter().any(|effect| matches!(effect, Effected::Waiting { found } if *found > 0)))
}

async fn event(inner: &Inner, session: &mut Session, input: &Input) -> Result<(), Trouble> {
    let InputKind::Event { path, receipt } = &input.kind else { return Ok(()) };
    // One that nothing waits for any more need not be readable.
    let wanted = session.state.is_waiting(&session.program, path);
    let stored = if wanted { inner.parts.store.receipt(*receipt).await? } else { None };
    let event = match &stored {
        Some(stored) => Some(rows::open_event(&inner.parts.vault, stored).await?),
        None => None,
    };
    let now = inner.now();
    let mut batch = Batch::of(session, inner.epoch);
    if let Some(event) = event {
        batch.feed(now, Happened::Matched { path: path.clone(), event });
    }
    batch.consume(input.n);
    batch.feed_pure(now);
    let (writes, after) = batch.finish(now);
    inner.commit(writes).await?;
    after.install(inner, session);
    Ok(())
}

async fn fired(inner: &Inner, session: &mut Session, timer: Timer) -> Result<(), Trouble> {
    let path = timer.path;
    // A clock that was set back meanwhile must not make the timer look early: it is
    // taken away below.
    let now = inner.now().max(timer.at);
    let mut batch = Batch::of(session, inner.epoch);
    // Before the feeding, which may set the step's timer anew.
    batch.clear_timer(path.clone());
    batch.feed(now, Happened::Fired { path });
    batch.feed_pure(now);
    let (writes, after) = batch.finish(now);
    inner.commit(writes).await?;
    after.install(inner, session);
    Ok(())
}

/// A cancel: a call that may have been sent is finished first; one that was not
/// begun never will be.
async fn cancel(inner: &Inner, session: &mut Session, n: u64) -> Result<(), Trouble> {
    let running = matches!(session.state.phase(), Phase::Running | Phase::Suspended);
    let unbegun = if running { unbegun(inner, session).await? } else { Vec::new() };
    let now = inner.now();
    let mut batch = Batch::of(session, inner.epoch);
    batch.feed(now, Happened::Canceled);
    for path in unbegun {
        let error = StepError { failure: failures::not_begun(), left_behind: false, parked: false };
        batch.feed(now, Happened::Called { path, result: Err(error), stripe_request_id: None });
    }
    batch.consume(n);
    batch.feed_pure(now);
    let (writes, after) = batch.finish(now);
    inner.commit(writes).await?;
    after.install(inner, session);
    Ok(())
}

/// The calls to be made for which nothing has left: no intent is stored, and only
/// this driver could store one.
async fn unbegun(inner: &Inner, session: &Session) -> Result<Vec<StepPath>, Trouble> {
    let mut paths = Vec::new();
    for (path, generation) in calls(&session.pending) {
        let key = IdempotencyKey::derive(&session.run.company, &session.origin(), &path, generation);
        if inner.parts.store.intent(&key).await?.is_none() {
            paths.push(path);
        }
    }
    Ok(paths)
}
