//! The meaning of every write, as one pure function over the state.
//!
//! The suite and the differential test hold SQLite to the same meaning. A write
//! refuses before it changes anything; only `Dispatch` may refuse half way, when
//! a run's id is taken, and the caller then throws the state away.

use model::{ReceiptId, ReceiptStatus, RunId, RunStatus, StepPath};

use super::{
    settings,
    state::{State, identity},
};
use crate::{
    fence,
    rows::{InputKind, Intent, IntentState, Receipt, RequestKey, Run, WaitKey},
    unit::{Begun, CommitError, Effected, Epoch, Refusal, Unit, Write},
};

type Applied = Result<Effected, Refusal>;

/// Does a unit. On a refusal the state may be half changed.
pub(super) fn apply_unit(state: &mut State, unit: &Unit) -> Result<Vec<Effected>, CommitError> {
    if fence::admit(unit, state.epoch()).is_none() {
        return Err(CommitError::Fenced);
    }
    if let Some(write) = fence::of_a_removed_company(unit, |company| state.removed.contains(&company)) {
        return Err(CommitError::Refused { write, why: Refusal::Removed });
    }
    let effects = unit.writes.iter().enumerate();
    effects.map(|(n, w)| apply(state, w).map_err(|why| CommitError::Refused { write: n, why })).collect()
}

/// Does a write and says what it did.
pub(super) fn apply(state: &mut State, write: &Write) -> Applied {
    match write {
        Write::Receive(receipt) => receive(state, receipt),
        Write::Dispatch { receipt, runs, epoch: _ } => dispatch(state, *receipt, runs),
        Write::RetryDispatch { receipt, next_try_at, tries, error, epoch: _ } => {
            let to = if next_try_at.is_some() { ReceiptStatus::Failed } else { ReceiptStatus::Dead };
            let r = receipt_to(state, *receipt, &[ReceiptStatus::Received, ReceiptStatus::Failed])?;
            (r.status, r.next_try_at, r.tries, r.error) = (to, *next_try_at, *tries, Some(error.clone()));
            let row = r.clone();
            let waits = matching_waits(state, &row);
            Ok(Effected::Dispatched { started: Vec::new(), told: tell_all(state, waits, row.id) })
        }
        Write::Replay { receipt } => {
            use ReceiptStatus::{Dead, Failed, Ignored, Received};
            let r = receipt_to(state, *receipt, &[Received, Failed, Dead, Ignored])?;
            (r.status, r.next_try_at, r.tries, r.error) = (Received, None, 0, None);
            Ok(Effected::Done)
        }
        Write::StartRun(run) => {
            let before = insert_run(state, run)?;
            Ok(Effected::Started { run: before.unwrap_or(run.id), existed: before.is_some() })
        }
        Write::BeginIntent(intent) => Ok(begin_intent(state, intent)),
        Write::SettleIntent { key, outcome, stripe_request_id, at } => {
            let intent = unsettled(state, key)?;
            intent.state = IntentState::Settled(outcome.clone());
            intent.stripe_request_id.clone_from(stripe_request_id);
            intent.settled_at = Some(*at);
            Ok(Effected::Done)
        }
        Write::ParkIntent { key, known } => {
            unsettled(state, key)?.state = IntentState::Parked(known.clone());
            Ok(Effected::Done)
        }
        Write::TakeDriver => {
            state.epoch += 1;
            Ok(Effected::Driver(Epoch(state.epoch)))
        }
        Write::RememberKey(key) => Ok(remember(state, key)),
        other => of_run(state, other),
    }
}

/// Writes about a run in progress.
fn of_run(state: &mut State, write: &Write) -> Applied {
    match write {
        Write::Journal { run, seq, row, .. } => {
            is_open(state, *run)?;
            if state.journal.contains_key(&(*run, *seq)) {
                return Err(Refusal::Conflict);
            }
            state.journal.insert((*run, *seq), row.clone());
        }
        Write::SetRun { run, status, result, ended_at, .. } => {
            let row = state.runs.get_mut(run).ok_or(Refusal::Missing)?;
            (row.status, row.ended_at) = (*status, *ended_at);
            row.result.clone_from(result);
            if status.is_final() {
                end_run(state, *run);
            }
        }
        Write::Reopen { run, .. } => reopen(state, *run)?,
        Write::SetTimer { run, path, at, .. } => {
            if is_open(state, *run)? {
                state.timers.insert((*run, path.clone()), *at);
            }
        }
        Write::ClearTimer { run, path, .. } => _ = state.timers.remove(&(*run, path.clone())),
        Write::BeginWait { run, path, on, since, .. } => {
            return begin_wait(state, *run, path, on, *since);
        }
        Write::EndWait { run, path, .. } => _ = state.waits.remove(&(*run, path.clone())),
        Write::Tell { run, kind } => {
            if is_open(state, *run)? {
                tell(state, *run, kind.clone());
            }
        }
        Write::Cancel { run } => {
            if !is_open(state, *run)? || !tell(state, *run, InputKind::Cancel) {
                return Err(Refusal::Conflict);
            }
        }
        Write::ConsumeInput { run, n, .. } => {
            if let Some((_, consumed)) = state.inputs.get_mut(&(*run, *n)) {
                *consumed = true;
            }
        }
        other => return settings::apply(state, other),
    }
    Ok(Effected::Done)
}

fn receive(state: &mut State, receipt: &Receipt) -> Applied {
    let identity = identity(receipt);
    if let Some(stored) = state.by_event.get(&identity).and_then(|id| state.receipts.get(id)) {
        return Ok(Effected::Received { receipt: Box::new(stored.clone()), fresh: false });
    }
    if state.receipts.contains_key(&receipt.id) {
        return Err(Refusal::Conflict);
    }
    state.by_event.insert(identity, receipt.id);
    state.receipts.insert(receipt.id, receipt.clone());
    Ok(Effected::Received { receipt: Box::new(receipt.clone()), fresh: true })
}

/// A receipt, if it is in one of these states.
fn receipt_to<'s>(
    state: &'s mut State,
    id: ReceiptId,
    from: &[ReceiptStatus],
) -> Result<&'s mut Receipt, Refusal> {
    let receipt = state.receipts.get_mut(&id).ok_or(Refusal::Missing)?;
    if from.contains(&receipt.status) { Ok(receipt) } else { Err(Refusal::NotReceived) }
}

fn dispatch(state: &mut State, id: ReceiptId, new: &[Run]) -> Applied {
    let receipt = receipt_to(state, id, &[ReceiptStatus::Received, ReceiptStatus::Failed])?.clone();
    let mut started = Vec::new();
    for run in new {
        if insert_run(state, run)?.is_none() {
            started.push(run.id);
        }
    }
    let waits = matching_waits(state, &receipt);
    let wanted = !new.is_empty() || !waits.is_empty();
    let told = tell_all(state, waits, id);
    if let Some(row) = state.receipts.get_mut(&id) {
        row.status = if wanted { ReceiptStatus::Dispatched } else { ReceiptStatus::Ignored };
        (row.next_try_at, row.error) = (None, None);
    }
    Ok(Effected::Dispatched { started, told })
}

/// The open waits that an event matches, but for runs that it started itself.
fn matching_waits(state: &State, receipt: &Receipt) -> Vec<(RunId, StepPath)> {
    let waits =
        state.waits.iter().filter(|((run, _), on)| matches(on, receipt) && !starts(state, receipt, *run));
    waits.map(|((run, path), _)| (*run, path.clone())).collect()
}

/// Tells waits of an event, and says which runs had not been told before.
fn tell_all(state: &mut State, waits: Vec<(RunId, StepPath)>, receipt: ReceiptId) -> Vec<RunId> {
    let mut told = Vec::new();
    for (run, path) in waits {
        if tell(state, run, InputKind::Event { path, receipt }) && told.last() != Some(&run) {
            told.push(run);
        }
    }
    told
}

fn starts(state: &State, receipt: &Receipt, run: RunId) -> bool {
    state.runs.get(&run).is_some_and(|run| run.input == crate::rows::RunInput::Receipt(receipt.id))
}

fn matches(on: &WaitKey, r: &Receipt) -> bool {
    (on.company, &on.account, on.mode) == (r.company, &r.account, r.mode)
        && on.kinds.contains(&r.kind)
        && r.objects.contains(&on.object)
}

/// Makes a run; returns the one that has its cause already, if there is one.
fn insert_run(state: &mut State, run: &Run) -> Result<Option<RunId>, Refusal> {
    let cause = (run.company, run.workflow, run.cause.canonical());
    if let Some(known) = state.by_cause.get(&cause) {
        return Ok(Some(*known));
    }
    if state.runs.contains_key(&run.id) {
        return Err(Refusal::Conflict);
    }
    state.by_cause.insert(cause, run.id);
    state.runs.insert(run.id, run.clone());
    Ok(None)
}

fn begin_intent(state: &mut State, intent: &Intent) -> Effected {
    if let Some((_, known)) = state.intents.get(&intent.key) {
        return Effected::Begun(Begun::Known(Box::new(known.clone())));
    }
    let order = state.intents.len();
    state.intents.insert(intent.key.clone(), (order, intent.clone()));
    Effected::Begun(Begun::Fresh)
}

fn unsettled<'s>(state: &'s mut State, key: &model::IdempotencyKey) -> Result<&'s mut Intent, Refusal> {
    let (_, intent) = state.intents.get_mut(key).ok_or(Refusal::Missing)?;
    if matches!(intent.state, IntentState::Settled(_)) { Err(Refusal::AlreadySettled) } else { Ok(intent) }
}

fn remember(state: &mut State, key: &RequestKey) -> Effected {
    let place = (key.company, key.target.clone(), key.key.as_str().to_owned());
    if let Some(known) = state.request_keys.get(&place) {
        return Effected::Remembered { key: known.clone(), existed: true };
    }
    state.request_keys.insert(place, key.clone());
    Effected::Remembered { key: key.clone(), existed: false }
}

/// Whether a run has not ended; refuses when there is none.
fn is_open(state: &State, run: RunId) -> Result<bool, Refusal> {
    state.runs.get(&run).map(|run| !run.status.is_final()).ok_or(Refusal::Missing)
}

/// Removes what a run waited for, and finishes its receipt with its last run.
fn end_run(state: &mut State, run: RunId) {
    state.timers.retain(|(of, _), _| *of != run);
    state.waits.retain(|(of, _), _| *of != run);
    state.inputs.retain(|(of, _), _| *of != run);
    let input = state.runs.get(&run).map(|run| run.input.clone());
    let Some(crate::rows::RunInput::Receipt(receipt)) = input else { return };
    let of_receipt = |run: &&Run| run.input == crate::rows::RunInput::Receipt(receipt);
    let all_ended = state.runs.values().filter(of_receipt).all(|run| RunStatus::is_final(run.status));
    if let Some(row) = state.receipts.get_mut(&receipt)
        && row.status == ReceiptStatus::Dispatched
        && all_ended
    {
        row.status = ReceiptStatus::Done;
    }
}

/// Lets an ended run go on.
fn reopen(state: &mut State, run: RunId) -> Result<(), Refusal> {
    let row = state.runs.get_mut(&run).ok_or(Refusal::Missing)?;
    if !row.status.is_final() {
        return Err(Refusal::Conflict);
    }
    (row.status, row.ended_at, row.result) = (RunStatus::Running, None, None);
    if let crate::rows::RunInput::Receipt(receipt) = row.input
        && let Some(receipt) = state.receipts.get_mut(&receipt)
        && receipt.status == ReceiptStatus::Done
    {
        receipt.status = ReceiptStatus::Dispatched;
    }
    Ok(())
}

fn begin_wait(
    state: &mut State,
    run: RunId,
    path: &StepPath,
    on: &WaitKey,
    since: model::Timestamp,
) -> Applied {
    if !is_open(state, run)? {
        return Ok(Effected::Waiting { found: 0 });
    }
    state.waits.insert((run, path.clone()), on.clone());
    let looked_at = |r: &&Receipt| r.received_at >= since && matches(on, r) && !starts(state, r, run);
    let mut found: Vec<_> =
        state.receipts.values().filter(looked_at).map(|r| (r.received_at, r.id)).collect();
    found.sort();
    let tells = found.into_iter().map(|(_, receipt)| InputKind::Event { path: path.clone(), receipt });
    let found = tells.filter(|kind| tell(state, run, kind.clone())).count();
    Ok(Effected::Waiting { found })
}

/// Adds an input unless the run was told the same before; says whether it did.
fn tell(state: &mut State, run: RunId, kind: InputKind) -> bool {
    let of_run = || state.inputs.range((run, 0)..=(run, u64::MAX));
    if of_run().any(|(_, (known, _))| *known == kind) {
        return false;
    }
    let n = of_run().next_back().map_or(1, |((_, n), _)| n + 1);
    state.inputs.insert((run, n), (kind, false));
    true
}
