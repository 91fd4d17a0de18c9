//! The one entrance: which input means what in which state.

use model::{Code, Failure, StepPath, StepStatus, Timestamp};
use serde_json::{Value, json};

use super::state::{At, Begun, Doing};
use super::{Command, Happened, Input, RunError, State, StepError, Told};
use crate::Program;

/// Decides what a run does next. Total: an input that does not fit the state (a late
/// timer, a second event) changes nothing and gives no command.
pub fn advance(program: &Program, state: &mut State, input: &Input) -> Vec<Command> {
    let mut turn = Turn { program, state, now: input.now, commands: Vec::new() };
    match &input.what {
        Happened::Started { input, run } => turn.started(input, run),
        Happened::Evaluated { path, result } => turn.evaluated(path, result),
        Happened::Called { path, result, stripe_request_id } => {
            turn.called(path, result, stripe_request_id.as_deref());
        }
        Happened::Fired { path } => turn.fired(path),
        Happened::Matched { path, event } => turn.matched(path, event),
        Happened::Resolved { path, resolution, .. } => turn.resolved(path, resolution),
        Happened::Retried { .. } => turn.retried(),
        Happened::Canceled => turn.canceled(),
    }
    turn.commands
}

/// One input on its way through the state.
pub(super) struct Turn<'a> {
    pub program: &'a Program,
    pub state: &'a mut State,
    pub now: Timestamp,
    pub commands: Vec<Command>,
}

/// A step or a compensation.
#[derive(Debug, Clone, PartialEq)]
#[expect(clippy::large_enum_variant, reason = "there is one of it at a time; a box would save nothing")]
pub(super) enum Place {
    Step(usize),
    Back(usize, RunError),
}

impl Turn<'_> {
    /// What the run is in the middle of, when it is this path that an input is about.
    fn here(&self, path: &StepPath) -> Option<(Place, Doing)> {
        let (place, doing) = match &self.state.at {
            At::Step { index, doing } => (Place::Step(*index), doing),
            At::Back { index, doing, error } => (Place::Back(*index, error.clone()), doing),
            At::Nowhere | At::Ended => return None,
        };
        (self.path(&place) == *path).then(|| (place, doing.clone()))
    }

    pub fn path(&self, place: &Place) -> StepPath {
        match place {
            Place::Step(index) => self.program.document.steps[*index].path.clone(),
            Place::Back(index, _) => self.program.document.steps[*index].path.compensation(),
        }
    }

    pub fn stand(&mut self, place: Place, doing: Doing) {
        self.state.at = match place {
            Place::Step(index) => At::Step { index, doing },
            Place::Back(index, error) => At::Back { index, doing, error },
        };
    }

    fn started(&mut self, input: &Value, told: &Told) {
        if self.state.at != At::Nowhere {
            return;
        }
        let variables = self.program.document.variables(told.mode);
        self.state.begun = Some(Begun { input: input.clone(), told: told.clone(), at: self.now, variables });
        self.begin(0);
    }

    /// A pure result is in the journal: what it says counts, and nothing is evaluated again.
    fn evaluated(&mut self, path: &StepPath, result: &Result<Value, StepError>) {
        match (self.here(path), result) {
            (Some((Place::Step(index), Doing::Pure)), Ok(_)) => {
                self.close(path, StepStatus::Skipped);
                self.after(index);
            }
            (Some((Place::Step(index), Doing::Pure)), Err(e)) => self.failed(index, e.clone()),
            _ => {}
        }
    }

    fn called(&mut self, path: &StepPath, result: &Result<Value, StepError>, request_id: Option<&str>) {
        // Where a person has to decide, nothing else does.
        let Some((place, Doing::Calling(calling))) = self.here(path) else { return };
        if let Some(record) = self.state.records.get_mut(path)
            && let Some(id) = request_id
        {
            record.stripe_request_id = Some(id.to_owned());
        }
        match result {
            Ok(output) => self.succeeded(place, output),
            Err(e) => self.refused(place, calling, e),
        }
    }

    fn fired(&mut self, path: &StepPath) {
        let Some((place, doing)) = self.here(path) else { return };
        match doing {
            Doing::Pausing { calling, until } if self.now >= until => self.call_again(place, calling),
            Doing::Sleeping { since, until } if self.now >= until => {
                let waited_ms = (model::micros(self.now) - model::micros(since)).div_euclid(1_000);
                self.succeeded(place, &json!({ "waitedMs": waited_ms }));
            }
            Doing::Waiting { until, .. } if self.now >= until => self.timed_out(path, &place),
            // Too early: a restored timer. Or nothing here waits for a time.
            _ => {}
        }
    }

    fn matched(&mut self, path: &StepPath, event: &Value) {
        let Some((place, Doing::Waiting { kinds, filter, .. })) = self.here(path) else { return };
        let wanted = event["type"].as_str().is_some_and(|kind| kinds.iter().any(|k| k == kind));
        // What cannot be compared does not match.
        if !wanted || !filter.matches(event).unwrap_or(false) {
            return;
        }
        self.commands.push(Command::Forget { path: path.clone() });
        self.succeeded(place, &json!({ "event": event, "timedOut": false }));
    }

    fn canceled(&mut self) {
        let At::Step { index, doing } = self.state.at.clone() else { return };
        match doing {
            // A sent write is never abandoned, and a person's decision is awaited.
            Doing::Pure | Doing::Calling(_) | Doing::Parked(_) => self.state.canceled = true,
            Doing::Pausing { .. } | Doing::Sleeping { .. } | Doing::Waiting { .. } => {
                let path = self.path(&Place::Step(index));
                self.commands.push(Command::Forget { path: path.clone() });
                self.close(&path, StepStatus::Failed);
                self.turn_back(index, cancellation());
            }
        }
    }
}

/// Why a canceled run ends.
pub(super) fn cancellation() -> RunError {
    let message = "The run was canceled. What it had completed was made up for where the workflow says how; \
                   the rest stands. Start another run if it is needed after all.";
    RunError { step: None, failure: Failure::new(Code::WorkflowFailed, message), canceled: true }
}
