//! The task that drives one run until it has nothing left to do.

use std::{panic::AssertUnwindSafe, sync::Arc, time::Duration};

use futures_util::FutureExt as _;
use model::{Failure, RunId, RunStatus};
use store::{Run, Write};
use workflows::{Command, RunError};

use crate::{
    batch::{Batch, seal_ending},
    failures,
    inner::Inner,
    perform,
    permits::Permit,
    rows::Ending,
    session::Session,
    slots::Slot,
    take_in,
    trouble::Trouble,
};

/// The pauses while the store is in trouble.
const PAUSE: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// Drives a run until it rests, for as long as it is woken meanwhile. A panic parks
/// the run and gives its place up; otherwise nobody could drive it any more.
pub(crate) async fn attend(inner: Arc<Inner>, id: RunId, slot: Arc<Slot>) {
    if AssertUnwindSafe(follow(inner.clone(), id, slot)).catch_unwind().await.is_ok() {
        return;
    }
    let why = failures::panicked(id);
    while let Err(Trouble::Again(_)) = park(&inner, id, &why).await {
        rest(&inner, LONGEST_PAUSE).await;
        if inner.stop.is_cancelled() {
            break;
        }
    }
    inner.slots.abandon(id);
}

async fn follow(inner: Arc<Inner>, id: RunId, slot: Arc<Slot>) {
    let mut pause = PAUSE;
    while !inner.stop.is_cancelled() {
        match turn(&inner, id, &slot).await {
            Ok(()) if inner.slots.leave(id) => return,
            Ok(()) => pause = PAUSE,
            Err(Trouble::Again(why)) => {
                tracing::warn!(run = %id, %why, "the run waits for the database");
                rest(&inner, pause).await;
                pause = (pause * 2).min(LONGEST_PAUSE);
            }
            Err(Trouble::Fenced) => inner.fence(),
            Err(Trouble::Stopped) => break,
            Err(Trouble::Park(why)) => match park(&inner, id, &why).await {
                Ok(()) if inner.slots.leave(id) => return,
                Ok(()) => {}
                Err(Trouble::Fenced) => inner.fence(),
                Err(_) => rest(&inner, pause).await,
            },
        }
    }
    inner.slots.abandon(id);
}

async fn rest(inner: &Inner, pause: Duration) {
    tokio::select! {
        () = tokio::time::sleep(pause) => {}
        () = inner.stop.cancelled() => {}
    }
}

/// One turn: loads the run, and goes on until it rests. A resting run holds no permit.
async fn turn(inner: &Arc<Inner>, id: RunId, slot: &Slot) -> Result<(), Trouble> {
    let Some(_permit) = place(inner, id).await? else { return Ok(()) };
    slot.take_again();
    let Some(run) = inner.parts.store.run(id).await? else { return Ok(()) };
    if run.status.is_final() || resting(inner, &run).await? {
        return Ok(());
    }
    let mut session = Session::load(inner, run).await?;
    drive(inner, &mut session, slot).await
}

/// A place among the runs that are driven; `None` when there is no such run any more.
async fn place(inner: &Inner, id: RunId) -> Result<Option<Permit>, Trouble> {
    if let Some(permit) = inner.permits.try_take() {
        return Ok(Some(permit));
    }
    let Some(run) = inner.parts.store.run(id).await? else { return Ok(None) };
    tokio::select! {
        permit = inner.permits.take(run.company) => Ok(Some(permit)),
        () = inner.stop.cancelled() => Err(Trouble::Stopped),
    }
}

/// Whether a run that waits was told nothing: then its journal need not be read.
async fn resting(inner: &Inner, run: &Run) -> Result<bool, Trouble> {
    if !matches!(run.status, RunStatus::Suspended | RunStatus::Parked) {
        return Ok(false);
    }
    let due = take_in::due_timers(inner, run.id).await?;
    Ok(due.is_empty() && inner.parts.store.inputs(run.id).await?.is_empty())
}

async fn drive(inner: &Arc<Inner>, session: &mut Session, slot: &Slot) -> Result<(), Trouble> {
    let mut look = true;
    if session.run.status == RunStatus::Pending {
        begin(inner, session).await?;
    }
    loop {
        if inner.stop.is_cancelled() {
            return Err(Trouble::Stopped);
        }
        look |= slot.take_again();
        if look {
            look = take_in::take_in(inner, session).await?;
            if session.run.status.is_final() {
                return Ok(());
            }
            if look {
                continue;
            }
        }
        // What a parked run had still to do is for a person to decide.
        if session.run.status == RunStatus::Parked {
            return Ok(());
        }
        match session.pending.first().cloned() {
            None => return Ok(()),
            Some(Command::Call { path, generation, action, config, connection }) => {
                let asked = perform::Asked { path, generation, action, config, connection };
                look = perform::call(inner, session, slot, asked).await?;
            }
            Some(_) => look = pure(inner, session).await?,
        }
        if session.run.status.is_final() {
            return Ok(());
        }
    }
}

/// The first unit of a run.
async fn begin(inner: &Inner, session: &mut Session) -> Result<(), Trouble> {
    let now = inner.now();
    let mut batch = Batch::begin(session, inner.epoch);
    batch.feed_pure(now);
    let (writes, after) = batch.finish(now);
    inner.commit(writes).await?;
    after.install(inner, session);
    Ok(())
}

/// Feeds pure results back; says whether events may have been found looking back.
async fn pure(inner: &Inner, session: &mut Session) -> Result<bool, Trouble> {
    let now = inner.now();
    let mut batch = Batch::of(session, inner.epoch);
    batch.feed_pure(now);
    let (writes, after) = batch.finish(now);
    let effected = inner.commit(writes).await?;
    let found = after.found(&effected);
    after.install(inner, session);
    Ok(found)
}

/// Parks a run that cannot be understood. One that is parked or over stays as it is.
async fn park(inner: &Inner, id: RunId, why: &Failure) -> Result<(), Trouble> {
    let Ok(Some(run)) = inner.parts.store.run(id).await else {
        tracing::error!(run = %id, %why, "the run cannot be read");
        return Ok(());
    };
    if run.status.is_final() || run.status == RunStatus::Parked {
        return Ok(());
    }
    tracing::error!(run = %id, %why, "the run is parked");
    let keyring = inner.parts.vault.keyring(run.company).await?;
    let ending = Ending::Error(RunError { step: None, failure: why.clone(), canceled: false });
    let result = Some(seal_ending(&keyring, id, &ending));
    let write =
        Write::SetRun { run: id, status: RunStatus::Parked, result, ended_at: None, epoch: inner.epoch };
    inner.commit(vec![write]).await?;
    inner.tell(crate::Progress::Run {
        company: run.company,
        run: id,
        workflow: run.key.to_string(),
        status: RunStatus::Parked,
        at: inner.now(),
    });
    Ok(())
}
