//! Ending a step: it succeeded, failed, is tried again, or a person has to decide.

use model::{Code, Failure, Retry as Class, StepPath, StepStatus};
use serde_json::{Value, json};

use super::advance::{Place, Turn, cancellation};
use super::begin::template_error;
use super::state::{At, Calling, Doing};
use super::{Command, RunError, StepError};
use crate::duration::later;
use crate::steps::{Does, OnError, Retry, WaitStep};

impl Turn<'_> {
    /// A step, or a compensation, did what it should.
    pub fn succeeded(&mut self, place: Place, output: &Value) {
        let path = self.path(&place);
        if let Some(record) = self.state.records.get_mut(&path) {
            record.output = Some(output.clone());
            record.error = None;
        }
        self.close(&path, StepStatus::Completed);
        match place {
            Place::Step(index) => self.after(index),
            Place::Back(index, error) => self.go_back(index, error),
        }
    }

    /// A call ended without success.
    pub fn refused(&mut self, place: Place, calling: Calling, e: &StepError) {
        let path = self.path(&place);
        if let Some(record) = self.state.records.get_mut(&path) {
            record.error = Some(e.clone());
        }
        if e.parked {
            return self.park(place, calling, e);
        }
        let attempts = self.state.records.get(&path).map_or(1, |r| r.attempts - r.counted_from);
        if !self.state.canceled
            && let Some(delay) = self.delay(&place, attempts, e)
        {
            return self.pause(place, calling, delay);
        }
        match place {
            Place::Step(index) => self.failed(index, e.clone()),
            Place::Back(..) => self.park(place, calling, e),
        }
    }

    /// How long to wait before the next try; `None` when there is none. Whatever is
    /// tried again is known to have had no effect: an unknown outcome parks.
    fn delay(&self, place: &Place, attempts: u32, e: &StepError) -> Option<i64> {
        let default = Retry::default();
        let retry = match (place, &self.step_of(place).does) {
            (Place::Step(_), Does::Action(action)) => &action.retry,
            _ => &default,
        };
        let by_class = matches!(e.failure.retry, Class::SameKey | Class::After { .. });
        let wanted = by_class || retry.on.contains(&e.failure.code);
        if e.left_behind || !wanted || attempts >= retry.attempts_max {
            return None;
        }
        let factor = i64::from(retry.multiplier).saturating_pow(attempts.saturating_sub(1));
        let delay = retry.initial.ms.saturating_mul(factor).min(retry.max.ms);
        match e.failure.retry {
            Class::After { after_ms } => Some(delay.max(i64::try_from(after_ms).unwrap_or(i64::MAX))),
            _ => Some(delay),
        }
    }

    fn step_of(&self, place: &Place) -> &crate::steps::Step {
        let (Place::Step(index) | Place::Back(index, _)) = place;
        &self.program.document.steps[*index]
    }

    fn pause(&mut self, place: Place, calling: Calling, delay: i64) {
        let path = self.path(&place);
        let until = later(self.now, delay);
        if let Some(record) = self.state.records.get_mut(&path) {
            record.status = StepStatus::Retrying;
        }
        self.commands.push(Command::Sleep { path, until });
        self.stand(place, Doing::Pausing { calling, until });
    }

    /// Tries again under a new key: the outcome before is known to have had no effect.
    pub fn call_again(&mut self, place: Place, calling: Calling) {
        let calling = Calling { generation: calling.generation + 1, ..calling };
        self.call(place, calling);
    }

    fn park(&mut self, place: Place, calling: Calling, e: &StepError) {
        let path = self.path(&place);
        if let Some(record) = self.state.records.get_mut(&path) {
            record.status = StepStatus::Parked;
            record.error = Some(e.clone());
        }
        self.commands.push(Command::Park { path, why: e.clone() });
        self.stand(place, Doing::Parked(Some(calling)));
    }

    /// A step failed for good.
    pub fn failed(&mut self, index: usize, e: StepError) {
        let program = self.program;
        let step = &program.document.steps[index];
        if let Some(record) = self.state.records.get_mut(&step.path) {
            record.error = Some(e.clone());
        }
        self.close(&step.path, StepStatus::Failed);
        let mut failure = e.failure;
        if let OnError::Continue(fallback) = &step.on_error {
            let Some(scope) = self.state.scope(program, self.now) else { return };
            match fallback.evaluate(&scope) {
                Ok(output) => {
                    if let Some(record) = self.state.records.get_mut(&step.path) {
                        record.output = Some(output);
                    }
                    return self.after(index);
                }
                Err(e) => failure = template_error(&e).failure,
            }
        }
        if self.state.canceled {
            return self.turn_back(index, cancellation());
        }
        self.turn_back(index, RunError { step: Some(step.path.clone()), failure, canceled: false });
    }

    /// An event did not come in time.
    pub fn timed_out(&mut self, path: &StepPath, place: &Place) {
        let Place::Step(index) = place else { return };
        let Does::Wait(WaitStep::Event(wait)) = &self.program.document.steps[*index].does else { return };
        self.commands.push(Command::Forget { path: path.clone() });
        if wait.goes_on {
            return self.succeeded(place.clone(), &json!({ "event": null, "timedOut": true }));
        }
        let message = format!(
            "No {} came for `{path}` in time. Nothing was changed at Stripe by waiting. \
             Use `onTimeout: continue` if the run should go on without it.",
            wait.kinds.join(" or ")
        );
        let failure = Failure::new(Code::Timeout, message);
        self.failed(*index, StepError { failure, left_behind: false, parked: false });
    }

    /// A step is behind the run: the next one, unless somebody canceled.
    pub fn after(&mut self, index: usize) {
        if self.state.canceled { self.turn_back(index + 1, cancellation()) } else { self.begin(index + 1) }
    }

    /// Remembers how a step ended.
    pub fn close(&mut self, path: &StepPath, status: StepStatus) {
        let now = self.now;
        if let Some(record) = self.state.records.get_mut(path) {
            record.status = status;
            record.ended_at = Some(now);
        }
    }

    /// The run is over.
    pub fn end(&mut self, command: Command) {
        self.commands.push(command);
        self.state.at = At::Ended;
    }
}
