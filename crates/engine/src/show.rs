//! A run as people see it, rebuilt from its journal.

use std::collections::HashMap;

use model::{Failure, IdempotencyKey, RunId, RunStatus, StepPath, StepStatus, Timestamp, WorkflowId};
use serde::Serialize;
use serde_json::Value;
use store::{InputKind, Run, Timer, Wait};
use workflows::{StepState, Undecided};

use crate::{
    Parts, decide, failures,
    known::{self, Known},
    rows::{self, Ending},
    session::{self, Recorded, Session},
    trouble::Trouble,
    ways::{self, Way},
};

/// A run with its steps.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[expect(missing_docs, reason = "named for what they hold")]
pub struct RunView {
    pub run_id: RunId,
    pub workflow_id: WorkflowId,
    pub workflow: String,
    pub workflow_version: u32,
    pub status: RunStatus,
    pub mode: model::Mode,
    /// Why it exists, as canonical text: `event:evt_…`, `caller:…`.
    pub cause: String,
    pub connection_id: model::ConnectionId,
    pub created_at: Timestamp,
    pub ended_at: Option<Timestamp>,
    pub input: Value,
    pub output: Option<Value>,
    pub error: Option<Failure>,
    /// Empty when the journal cannot be replayed; `error` then says why.
    pub steps: Vec<StepView>,
    /// What people have decided about it, in order.
    pub decisions: Vec<DecisionView>,
    /// What can be done about a run that stands still.
    pub ways: Vec<Way>,
}

/// A decision on record.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[expect(missing_docs, reason = "named for what they hold")]
pub struct DecisionView {
    pub at: Timestamp,
    /// The API key, by id.
    pub by: String,
    /// `done`, `not_done`, `skip` or `retry`.
    pub decision: &'static str,
    pub step: Option<StepPath>,
    pub object_id: Option<String>,
    /// Stripe has no way to show that object: it is taken on the person's word.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub on_trust: bool,
    pub note: Option<String>,
}

/// A step of a run.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[expect(missing_docs, reason = "named for what they hold")]
pub struct StepView {
    pub step: StepPath,
    pub kind: String,
    pub status: StepStatus,
    pub started_at: Option<Timestamp>,
    pub ended_at: Option<Timestamp>,
    pub attempts: u32,
    pub output: Option<Value>,
    pub error: Option<Failure>,
    /// What it waits for or why it is tried again, in words.
    pub note: Option<String>,
    pub stripe_request_id: Option<String>,
    /// The key of its last write.
    pub idempotency_key: Option<String>,
    /// Of a step that waits for a person's word.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub known: Option<Known>,
}

/// What is known of a run's steps besides its journal.
struct Beside {
    keys: HashMap<StepPath, IdempotencyKey>,
    timers: Vec<Timer>,
    waits: Vec<Wait>,
}

/// What a replayed journal tells.
#[derive(Default)]
struct Told {
    steps: Vec<StepView>,
    decisions: Vec<DecisionView>,
    ways: Vec<Way>,
    error: Option<Failure>,
}

/// The view of a run. Reads only.
pub(crate) async fn view(parts: &Parts, run: Run) -> Result<RunView, Failure> {
    let input = session::input(&parts.store, &parts.vault, &run).await.map_err(shown)?;
    let (output, kept) = match ending(parts, &run).await? {
        Some(Ending::Output(output)) => (Some(output), None),
        Some(Ending::Error(error)) => (None, Some(error.failure)),
        None => (None, None),
    };
    let told = match told(parts, &run, input.clone(), kept.clone()).await {
        Ok(told) => told,
        Err(Trouble::Park(why)) => undrivable(&run, kept, &why),
        Err(trouble) => return Err(shown(trouble)),
    };
    Ok(RunView {
        run_id: run.id,
        workflow_id: run.workflow,
        workflow: run.key.to_string(),
        workflow_version: run.version,
        status: run.status,
        mode: run.binding.mode,
        cause: run.cause.canonical(),
        connection_id: run.binding.connection,
        created_at: run.created_at,
        ended_at: run.ended_at,
        input,
        output,
        error: told.error,
        steps: told.steps,
        decisions: told.decisions,
        ways: told.ways,
    })
}

/// Of a run whose journal cannot be replayed nothing is known but that.
fn undrivable(run: &Run, kept: Option<Failure>, why: &Failure) -> Told {
    if run.status.is_final() {
        return Told { error: Some(kept.unwrap_or_else(|| why.clone())), ..Told::default() };
    }
    let ways = if run.status == RunStatus::Parked { ways::of_undrivable(run.id) } else { Vec::new() };
    Told { error: Some(decide::undrivable(run.id, why)), ways, ..Told::default() }
}

async fn ending(parts: &Parts, run: &Run) -> Result<Option<Ending>, Failure> {
    let Some(sealed) = &run.result else { return Ok(None) };
    let keyring = parts.vault.keyring(run.company).await?;
    rows::open_json(&keyring, "runs", &rows::result_row(run.id), sealed).map(Some)
}

async fn told(parts: &Parts, run: &Run, input: Value, kept: Option<Failure>) -> Result<Told, Trouble> {
    let program = parts.programs.get(run.workflow, run.version).await?;
    let keyring = parts.vault.keyring(run.company).await?;
    let journal = parts.store.journal(run.id).await?;
    let session = Session::replay(run.clone(), program, keyring, input, &journal)?;
    let undecided = undecided(parts, &session).await?;
    let steps = steps(parts, &session, undecided.as_ref()).await?;
    let ways = ways::of(run, &session, undecided.as_ref());
    let error = match run.status {
        RunStatus::Parked => ways::explained(undecided.as_ref(), kept, &ways),
        _ => kept,
    };
    Ok(Told { steps, decisions: session.decisions.iter().map(decision).collect(), ways, error })
}

/// The step that waits for a word. A cancel counts as soon as it is stored.
async fn undecided(parts: &Parts, session: &Session) -> Result<Option<Undecided>, Trouble> {
    let Some(undecided) = session.state.undecided(&session.program) else { return Ok(None) };
    let inputs = parts.store.inputs(session.run.id).await?;
    let canceled = undecided.canceled || inputs.iter().any(|input| input.kind == InputKind::Cancel);
    Ok(Some(Undecided { canceled, ..undecided }))
}

async fn steps(
    parts: &Parts,
    session: &Session,
    undecided: Option<&Undecided>,
) -> Result<Vec<StepView>, Trouble> {
    let run = &session.run;
    // Oldest first, so that the last write of a step is the one that stays.
    let intents = parts.store.intents_of_run(run.id).await?;
    let mut known = match undecided {
        Some(undecided) => Some(known::known(parts, session, undecided, &intents).await?),
        None => None,
    };
    let beside = Beside {
        keys: intents.into_iter().map(|intent| (intent.path, intent.key)).collect(),
        timers: parts.store.timers(run.id).await?,
        waits: parts.store.waits(run.id).await?,
    };
    let in_doubt = undecided.map(|undecided| &undecided.path);
    let steps = session.state.steps(&session.program).into_iter();
    // What was never made up for is no news of a run that is over.
    let of_interest = |step: &StepState| {
        !(run.status.is_final() && step.compensation && step.status == StepStatus::Pending)
    };
    let view = |step: StepState| {
        let known = if Some(&step.path) == in_doubt { known.take() } else { None };
        StepView { known, ..beside.step(step) }
    };
    Ok(steps.filter(of_interest).map(view).collect())
}

fn decision(recorded: &Recorded) -> DecisionView {
    let Recorded { at, resolved, decision } = recorded;
    DecisionView {
        at: *at,
        by: decision.by.clone(),
        decision: resolved.as_ref().map_or("retry", |(_, word)| word.as_str()),
        step: resolved.as_ref().map(|(path, _)| path.clone()),
        object_id: decision.object.clone(),
        on_trust: decision.on_trust,
        note: Some(decision.note.clone()).filter(|note| !note.is_empty()),
    }
}

impl Beside {
    fn step(&self, step: StepState) -> StepView {
        let note = self.note(&step);
        StepView {
            kind: step.kind,
            status: step.status,
            started_at: step.started_at,
            ended_at: step.ended_at,
            attempts: step.attempts,
            output: step.output,
            error: step.error.map(|error| error.failure),
            note,
            stripe_request_id: step.stripe_request_id,
            idempotency_key: self.keys.get(&step.path).map(|key| key.as_str().to_owned()),
            known: None,
            step: step.path,
        }
    }

    fn note(&self, step: &StepState) -> Option<String> {
        if !matches!(step.status, StepStatus::Suspended | StepStatus::Retrying | StepStatus::Running) {
            return None;
        }
        let until = self.timers.iter().find(|timer| timer.path == step.path).map(|timer| timer.at);
        let wait = self.waits.iter().find(|wait| wait.path == step.path);
        match (wait, until) {
            (Some(wait), Some(at)) => {
                Some(format!("waits for {} on {}, until {at}", wait.on.kinds.join(" or "), wait.on.object))
            }
            (Some(wait), None) => {
                Some(format!("waits for {} on {}", wait.on.kinds.join(" or "), wait.on.object))
            }
            (None, Some(at)) if step.status == StepStatus::Retrying => {
                Some(format!("is tried again at {at}"))
            }
            (None, Some(at)) => Some(format!("waits until {at}")),
            (None, None) => None,
        }
    }
}

fn shown(trouble: Trouble) -> Failure {
    match trouble {
        Trouble::Again(failure) | Trouble::Park(failure) => failure,
        Trouble::Fenced | Trouble::Stopped => failures::commit(&store::CommitError::Fenced),
    }
}
