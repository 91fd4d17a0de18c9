//! Beginning a step.

use model::{Code, Failure, StepPath, StepStatus};
use serde_json::{Value, json};

use super::advance::{Place, Turn};
use super::state::{Calling, Doing, Record};
use super::{Command, RunError, StepError};
use crate::duration::later;
use crate::filter::Filter;
use crate::steps::wait::EventWait;
use crate::steps::{ActionStep, Does, WaitStep, When};
use crate::template::{Scope, TemplateError, evaluate_text, moment};

impl Turn<'_> {
    /// Begins the step at an index, or ends the run behind the last one.
    pub fn begin(&mut self, index: usize) {
        let program = self.program;
        let Some(scope) = self.state.scope(program, self.now) else { return };
        let Some(step) = program.document.steps.get(index) else { return self.complete(&scope) };
        let generation = self.open(&step.path);
        match holds(step.when.as_ref(), &scope) {
            Ok(true) => {}
            Ok(false) => {
                let result = Ok(json!({ "skipped": true }));
                self.commands.push(Command::Evaluated { path: step.path.clone(), result });
                return self.stand(Place::Step(index), Doing::Pure);
            }
            Err(e) => return self.unevaluable(index, &e),
        }
        let begun = match &step.does {
            Does::Action(action) => self.begin_call(index, action, generation, &scope),
            Does::Wait(wait) => self.begin_wait(index, wait, &scope),
        };
        if let Err(e) = begun {
            self.unevaluable(index, &e);
        }
    }

    fn begin_call(
        &mut self,
        index: usize,
        step: &ActionStep,
        generation: u32,
        scope: &Scope,
    ) -> Result<(), TemplateError> {
        let connection = step.connection.clone().or_else(|| self.program.document.connection.clone());
        let config = step.config.evaluate(scope)?;
        self.call(
            Place::Step(index),
            Calling { generation, action: step.action.clone(), config, connection },
        );
        Ok(())
    }

    /// Asks for a call.
    pub fn call(&mut self, place: Place, calling: Calling) {
        let path = self.path(&place);
        if let Some(record) = self.state.records.get_mut(&path) {
            record.status = StepStatus::Running;
            record.attempts += 1;
            record.generation = calling.generation + 1;
        }
        self.commands.push(Command::Call {
            path,
            generation: calling.generation,
            action: calling.action.clone(),
            config: calling.config.clone(),
            connection: calling.connection.clone(),
        });
        self.stand(place, Doing::Calling(calling));
    }

    fn begin_wait(&mut self, index: usize, wait: &WaitStep, scope: &Scope) -> Result<(), TemplateError> {
        let (now, place) = (self.now, Place::Step(index));
        let path = self.path(&place);
        let until = match wait {
            WaitStep::For(span) => span.after(now),
            WaitStep::Until(template) => {
                let value = template.evaluate(scope)?;
                let none = || {
                    TemplateError::new(format!("{}: {value} is no moment", template.path)).at(&template.path)
                };
                moment(&value).ok_or_else(none)?
            }
            WaitStep::Event(event) => return self.begin_event_wait(place, event, scope),
        };
        self.suspend(&path);
        self.commands.push(Command::Sleep { path, until });
        self.stand(place, Doing::Sleeping { since: now, until });
        Ok(())
    }

    fn begin_event_wait(
        &mut self,
        place: Place,
        wait: &EventWait,
        scope: &Scope,
    ) -> Result<(), TemplateError> {
        let filter = wait.filter.fill(&mut |text, path| evaluate_text(text, scope, path))?;
        let object = object_of(&filter)?;
        let until = later(self.now, wait.at_most.ms);
        let path = self.path(&place);
        self.suspend(&path);
        self.commands.push(Command::Wait { path, kinds: wait.kinds.clone(), object, until });
        self.stand(place, Doing::Waiting { kinds: wait.kinds.clone(), filter, until });
        Ok(())
    }

    fn suspend(&mut self, path: &StepPath) {
        if let Some(record) = self.state.records.get_mut(path) {
            record.status = StepStatus::Suspended;
            record.attempts += 1;
        }
    }

    /// Remembers that a step was reached; the generation of its first call, which is
    /// not 0 when a person wanted it once more.
    pub fn open(&mut self, path: &StepPath) -> u32 {
        let generation = self.state.records.get(path).map_or(0, |record| record.generation);
        let record = Record {
            status: StepStatus::Running,
            started_at: self.now,
            ended_at: None,
            output: None,
            error: None,
            attempts: 0,
            counted_from: 0,
            generation,
            stripe_request_id: None,
        };
        self.state.records.insert(path.clone(), record);
        generation
    }

    /// A template failed: the failure is journaled before it counts, because a later
    /// version of the template engine might not fail.
    fn unevaluable(&mut self, index: usize, e: &TemplateError) {
        let path = self.path(&Place::Step(index));
        self.commands.push(Command::Evaluated { path, result: Err(template_error(e)) });
        self.stand(Place::Step(index), Doing::Pure);
    }

    /// Every step is behind the run.
    fn complete(&mut self, scope: &Scope) {
        let output = self.program.document.output.as_ref().map_or(Ok(Value::Null), |o| o.evaluate(scope));
        match output {
            Ok(output) => self.end(Command::Done { output }),
            Err(e) => {
                let failure = template_error(&e).failure;
                let behind = self.program.document.steps.len();
                self.turn_back(behind, RunError { step: None, failure, canceled: false });
            }
        }
    }
}

fn holds(when: Option<&When>, scope: &Scope) -> Result<bool, TemplateError> {
    match when {
        None => Ok(true),
        Some(When::Literal(holds)) => Ok(*holds),
        Some(When::Template(template)) => match template.evaluate(scope)? {
            Value::Bool(holds) => Ok(holds),
            Value::Null => Ok(false),
            other => {
                let shown: String = other.to_string().chars().take(60).collect();
                Err(TemplateError::new(format!(
                    "{}: a condition is true or false, not {shown}",
                    template.path
                )))
            }
        },
    }
}

fn object_of(filter: &Filter) -> Result<String, TemplateError> {
    match filter.id_equality() {
        Some((_, Value::String(id))) if !id.is_empty() => Ok(id.clone()),
        Some((path, other)) => {
            Err(TemplateError::new(format!("`{path}` is to equal {other}, which is no id")))
        }
        None => Err(TemplateError::new("the wait names no object")),
    }
}

/// A template's failure as a step's.
pub(super) fn template_error(e: &TemplateError) -> StepError {
    let message = format!(
        "A template could not be evaluated: {}. Nothing was sent to Stripe for this step. Correct the workflow or its input.",
        e.message.trim_end_matches('.')
    );
    let mut failure = Failure::new(Code::TemplateError, message);
    failure.field.clone_from(&e.path);
    StepError { failure, left_behind: false, parked: false }
}
