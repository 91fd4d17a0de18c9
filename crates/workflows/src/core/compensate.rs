//! Making up for completed steps, last first.

use super::advance::{Place, Turn};
use super::begin::template_error;
use super::state::{Calling, Doing};
use super::{Command, RunError};
use crate::steps::{Does, Step};
use model::StepStatus;

impl Turn<'_> {
    /// The run will fail: from here on it goes back. It stopped before the step at
    /// this index, or in it.
    pub fn turn_back(&mut self, at: usize, error: RunError) {
        self.state.stopped_at = Some(at);
        self.go_back(self.program.document.steps.len(), error);
    }

    /// Makes up for the last completed step before an index, or ends the run.
    pub fn go_back(&mut self, before: usize, error: RunError) {
        let program = self.program;
        let due = |step: &Step| self.state.completed(step) && compensation(step).is_some();
        let Some(index) = program.document.steps[..before].iter().rposition(due) else {
            return self.end(Command::Fail { error });
        };
        let step = &program.document.steps[index];
        let Some((action, compensation)) = compensation(step) else { return };
        let path = step.path.compensation();
        let generation = self.open(&path);
        let Some(scope) = self.state.scope(program, self.now) else { return };
        let place = Place::Back(index, error);
        match compensation.config.evaluate(&scope) {
            Ok(config) => {
                let connection = action.connection.clone().or_else(|| program.document.connection.clone());
                let action = compensation.action.clone();
                self.call(place, Calling { generation, action, config, connection });
            }
            Err(e) => {
                let why = template_error(&e);
                if let Some(record) = self.state.records.get_mut(&path) {
                    record.status = StepStatus::Parked;
                    record.error = Some(why.clone());
                }
                self.commands.push(Command::Park { path, why });
                self.stand(place, Doing::Parked(None));
            }
        }
    }
}

fn compensation(step: &Step) -> Option<(&crate::steps::ActionStep, &crate::steps::action::Compensation)> {
    let Does::Action(action) = &step.does else { return None };
    action.compensate.as_ref().map(|compensation| (action, compensation))
}
