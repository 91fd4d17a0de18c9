//! A run's memory.

use std::collections::BTreeMap;

use model::{StepPath, StepStatus, Timestamp};
use serde::Serialize;
use serde_json::{Map, Value, json};

use super::{RunError, StepError, Told};
use crate::filter::Filter;
use crate::program::Program;
use crate::steps::Does;
use crate::template::{Names, Scope};
use crate::{Trigger, steps::Step};

/// Where a run stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// Going through its steps.
    Running,
    /// Waits for an event.
    Suspended,
    /// Makes up for completed steps, last first.
    Compensating,
    /// Stopped until a person decides.
    Parked,
    /// Over, one way or another.
    Ended,
}

/// A run's memory, rebuilt by replay and never stored.
#[derive(Debug, Clone, PartialEq)]
pub struct State {
    /// The version of the core's behavior that the run began with.
    pub(super) core: u32,
    pub(super) begun: Option<Begun>,
    pub(super) at: At,
    pub(super) records: BTreeMap<StepPath, Record>,
    /// Somebody canceled, and a sent call has to end first.
    pub(super) canceled: bool,
    /// The step from which a run that did not complete could go on.
    pub(super) stopped_at: Option<usize>,
}

/// What a run began with.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Begun {
    pub input: Value,
    pub told: Told,
    pub at: Timestamp,
    pub variables: Map<String, Value>,
}

/// Where the run is.
#[derive(Debug, Clone, PartialEq)]
#[expect(clippy::large_enum_variant, reason = "there is one of it at a time; a box would save nothing")]
pub(super) enum At {
    /// Before its start.
    Nowhere,
    /// At this step.
    Step {
        index: usize,
        doing: Doing,
    },
    /// At the compensation of this step.
    Back {
        index: usize,
        doing: Doing,
        error: RunError,
    },
    Ended,
}

/// What a step, or a compensation, is in the middle of.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Doing {
    /// A pure result was given away to be journaled.
    Pure,
    Calling(Calling),
    /// Waits to try again.
    Pausing {
        calling: Calling,
        until: Timestamp,
    },
    Sleeping {
        since: Timestamp,
        until: Timestamp,
    },
    Waiting {
        kinds: Vec<String>,
        filter: Filter,
        until: Timestamp,
    },
    /// A person has to decide; the call in question, if it could be put together.
    Parked(Option<Calling>),
}

/// A call that was asked for. Kept, so that a further try asks for the same.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Calling {
    pub generation: u32,
    pub action: String,
    pub config: Value,
    pub connection: Option<String>,
}

/// What is known of a step that was reached.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Record {
    pub status: StepStatus,
    pub started_at: Timestamp,
    pub ended_at: Option<Timestamp>,
    pub output: Option<Value>,
    pub error: Option<StepError>,
    pub attempts: u32,
    /// Attempts before a person's decision, which the limit of `retry` leaves out.
    pub counted_from: u32,
    /// The generation of its next call; none is ever used twice.
    pub generation: u32,
    pub stripe_request_id: Option<String>,
}

/// What is known of one step, for people.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct StepState {
    /// Its path.
    pub path: StepPath,
    /// Its type or action.
    pub kind: String,
    /// Whether it makes up for the step before it.
    pub compensation: bool,
    /// Where it stands.
    pub status: StepStatus,
    /// When it began.
    pub started_at: Option<Timestamp>,
    /// When it ended.
    pub ended_at: Option<Timestamp>,
    /// Its output.
    pub output: Option<Value>,
    /// Why it failed or is being tried again.
    pub error: Option<StepError>,
    /// Tries so far.
    pub attempts: u32,
    /// Stripe's id of the last answer.
    pub stripe_request_id: Option<String>,
}

impl State {
    /// The memory of a run that has not begun. `core` is the version that the run began with.
    pub fn new(core: u32) -> Self {
        let (begun, records) = (None, BTreeMap::new());
        Self { core, begun, at: At::Nowhere, records, canceled: false, stopped_at: None }
    }

    /// The version of the core's behavior that the run began with.
    pub fn core(&self) -> u32 {
        self.core
    }

    /// Where the run stands.
    pub fn phase(&self) -> Phase {
        match &self.at {
            At::Ended => Phase::Ended,
            At::Step { doing: Doing::Parked(_), .. } | At::Back { doing: Doing::Parked(_), .. } => {
                Phase::Parked
            }
            At::Back { .. } => Phase::Compensating,
            At::Step { doing: Doing::Waiting { .. }, .. } => Phase::Suspended,
            At::Nowhere | At::Step { .. } => Phase::Running,
        }
    }

    /// Whether an event could be wanted by the step at this path now.
    pub fn is_waiting(&self, program: &Program, path: &StepPath) -> bool {
        let At::Step { index, doing: Doing::Waiting { .. } } = &self.at else { return false };
        program.document.steps.get(*index).is_some_and(|step| step.path == *path)
    }

    /// Every step of the program in order, compensations after their steps, reached or not.
    pub fn steps(&self, program: &Program) -> Vec<StepState> {
        let mut all = Vec::new();
        for step in &program.document.steps {
            all.push(self.step(step.path.clone(), step.kind(), false));
            if let Does::Action(action) = &step.does
                && let Some(compensation) = &action.compensate
            {
                all.push(self.step(step.path.compensation(), &compensation.action, true));
            }
        }
        all
    }

    fn step(&self, path: StepPath, kind: &str, compensation: bool) -> StepState {
        let record = self.records.get(&path);
        StepState {
            kind: kind.to_owned(),
            compensation,
            status: record.map_or(StepStatus::Pending, |r| r.status),
            started_at: record.map(|r| r.started_at),
            ended_at: record.and_then(|r| r.ended_at),
            output: record.and_then(|r| r.output.clone()),
            error: record.and_then(|r| r.error.clone()),
            attempts: record.map_or(0, |r| r.attempts),
            stripe_request_id: record.and_then(|r| r.stripe_request_id.clone()),
            path,
        }
    }

    /// Whether a step completed.
    pub(super) fn completed(&self, step: &Step) -> bool {
        self.records.get(&step.path).is_some_and(|r| r.status == StepStatus::Completed)
    }

    /// The names that a template of the step sees; `now` is when it began.
    pub(super) fn scope(&self, program: &Program, now: Timestamp) -> Option<Scope> {
        let begun = self.begun.as_ref()?;
        let mut steps = Map::new();
        for step in &program.document.steps {
            let Some(record) = self.records.get(&step.path) else { continue };
            let mut known = json!({ "status": record.status.as_str() });
            if let Some(output) = &record.output {
                known["output"] = output.clone();
            }
            steps.insert(step.id.clone(), known);
        }
        Some(Scope::new(&Names {
            input: &begun.input,
            is_event: matches!(program.document.trigger, Trigger::Webhook { .. }),
            steps,
            variables: &begun.variables,
            run: &begun.told,
            started_at: begun.at,
            now,
            secrets: program.secrets(),
        }))
    }
}
