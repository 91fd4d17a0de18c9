//! Letting a run go on.

use std::sync::Arc;

use model::{CompanyId, Failure, RunId};
use store::Write;
use workflows::{Happened, Phase};

use super::{Decided, Person, commit, decision, load, of_request, refusals, visit};
use crate::{inner::Inner, session::Session};

pub(super) async fn perform(
    inner: &Arc<Inner>,
    company: CompanyId,
    run: RunId,
    person: Person,
) -> Result<Decided, Failure> {
    let row = visit::row(inner, company, run).await?;
    let session = load(inner, row).await?;
    if let Some(decided) = on_record(&session, &person)? {
        return Ok(decided);
    }
    may(&session)?;
    let visit = visit::Visit::enter(inner, run).await;
    let mut session = load(inner, visit::row(inner, company, run).await?).await?;
    if let Some(decided) = on_record(&session, &person)? {
        return Ok(decided);
    }
    // Who came first may have been the same request.
    let _visit = visit?;
    may(&session)?;
    let ended = session.run.status.is_final();
    let before = ended.then_some(Write::Reopen { run, epoch: inner.epoch }).into_iter().collect();
    let what = Happened::Retried { decision: decision(&person, None) };
    commit(inner, &mut session, before, &person, what).await
}

fn on_record(session: &Session, person: &Person) -> Result<Option<Decided>, Failure> {
    let found = of_request(session, person, |recorded| recorded.resolved.is_none())?;
    let decided = |at| Decided { run: session.run.clone(), at, repeated: true };
    Ok(found.map(|recorded| decided(recorded.at)))
}

/// Whether the run stands still and would go on.
fn may(session: &Session) -> Result<(), Failure> {
    let (run, phase) = (&session.run, session.state.phase());
    if !visit::stands_still(run.status) {
        return Err(refusals::going(run.id));
    }
    match phase {
        Phase::Ended if run.status.is_final() => {}
        Phase::Parked if !run.status.is_final() => {}
        // Whatever kept it from being driven: it is looked at again.
        _ if !run.status.is_final() => return Ok(()),
        _ => return Err(refusals::given_up(run.id)),
    }
    session.state.may_retry(&session.program).map_err(|why| refusals::no_retry(session, &why))
}
