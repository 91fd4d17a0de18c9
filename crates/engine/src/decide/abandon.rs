//! Giving up a run that cannot be driven any more.
//!
//! Its journal cannot be read, or this version decides differently from the one that
//! wrote it, so nothing can be made up for. What it began at Stripe is settled all the
//! same, and the end says what it leaves.

use std::sync::Arc;

use model::{CompanyId, Failure, RunId, RunStatus};
use store::{Intent, IntentState, Run, Unit, Write};
use workflows::RunError;

use super::{Person, refusals, visit};
use crate::{
    Progress, batch::seal_ending, failures, inner::Inner, rows::Ending, session::Session, trouble::Trouble,
};

pub(super) async fn perform(
    inner: &Arc<Inner>,
    company: CompanyId,
    run: RunId,
    person: Person,
) -> Result<Run, Failure> {
    let row = visit::row(inner, company, run).await?;
    if row.status.is_final() {
        return Ok(row);
    }
    let _visit = visit::Visit::enter(inner, run).await?;
    let row = visit::row(inner, company, run).await?;
    if row.status.is_final() {
        return Ok(row);
    }
    let why = match Session::load(inner, row.clone()).await {
        Err(Trouble::Park(why)) => why,
        Ok(_) => return Err(refusals::can_be_driven(run)),
        Err(Trouble::Again(failure)) => return Err(failure),
        Err(Trouble::Fenced | Trouble::Stopped) => return Err(failures::commit(&store::CommitError::Fenced)),
    };
    settle_begun(inner, run).await?;
    let left = intents(inner, run).await?;
    end(inner, row, &person, refusals::abandoned(&why, &person, &left)).await
}

async fn intents(inner: &Inner, run: RunId) -> Result<Vec<Intent>, Failure> {
    inner.parts.store.intents_of_run(run).await.map_err(|e| failures::read(&e))
}

/// A sent write is never abandoned: its outcome is found out, or it is known that nobody
/// can.
async fn settle_begun(inner: &Inner, run: RunId) -> Result<(), Failure> {
    for intent in intents(inner, run).await?.into_iter().filter(|it| it.state == IntentState::Open) {
        let mut nothing_follows = |_: &calls::Settled, _: &mut Unit| {};
        let finishing = inner.parts.caller.finish_open(&intent.key, &mut nothing_follows);
        match tokio::time::timeout(calls::BUDGET, finishing).await {
            Ok(Ok(_)) => {}
            Ok(Err(error)) => return Err(refusals::not_settled(&intent, &error.to_string())),
            Err(_) => return Err(refusals::not_settled(&intent, "Stripe gave no answer in time")),
        }
    }
    Ok(())
}

async fn end(inner: &Inner, row: Run, person: &Person, failure: Failure) -> Result<Run, Failure> {
    let keyring = inner.parts.vault.keyring(row.company).await?;
    let ending = Ending::Error(RunError { step: None, failure, canceled: true });
    let now = inner.now();
    let result = seal_ending(&keyring, row.id, &ending);
    let (run, status, ended_at) = (row.id, RunStatus::Canceled, Some(now));
    let write = Write::SetRun { run, status, result: Some(result.clone()), ended_at, epoch: inner.epoch };
    let entry = super::audited(inner, &row, person, "run.abandoned", serde_json::json!({}));
    let unit = Unit::interactive(vec![write, entry]);
    inner.parts.store.commit(unit).await.map_err(|e| failures::commit(&e))?;
    inner.tell(Progress::Run { company: row.company, run, workflow: row.key.to_string(), status, at: now });
    Ok(Run { status, ended_at, result: Some(result), ..row })
}
