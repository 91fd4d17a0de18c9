//! What a decision of a person does to a run.
//!
//! Only here a run goes on after its end, and only here a call whose outcome was in
//! doubt is asked for again: always under the next generation.

use model::{Code, Failure, StepPath, StepStatus};

use super::advance::{Place, Turn};
use super::decision::{Asked, Doubt, NoRetry, Resolution, Undecided};
use super::state::{At, Calling, Doing, Record};
use super::{State, StepError};
use crate::Program;

/// From where a run goes on when it is asked to.
enum Again {
    From(usize),
    Compensation,
}

impl State {
    /// The step that waits for a person's word, if one does.
    pub fn undecided(&self, program: &Program) -> Option<Undecided> {
        let (index, compensation, calling) = match &self.at {
            At::Step { index, doing: Doing::Parked(calling) } => (*index, false, calling.as_ref()),
            At::Back { index, doing: Doing::Parked(calling), .. } => (*index, true, calling.as_ref()),
            At::Ended => (self.stopped_at.filter(|_| self.made_up_for(program).is_none())?, false, None),
            _ => return None,
        };
        let step = &program.document.steps.get(index)?.path;
        let path = if compensation { step.compensation() } else { step.clone() };
        let record = self.records.get(&path)?;
        let why = record.error.clone()?;
        let doubt = doubt(&why);
        if self.at == At::Ended && (doubt != Doubt::LeftBehind || record.status != StepStatus::Failed) {
            return None;
        }
        let asked = calling.map(|calling| Asked {
            generation: calling.generation,
            action: calling.action.clone(),
            config: calling.config.clone(),
        });
        Some(Undecided { path, compensation, doubt, why, asked, canceled: self.canceled })
    }

    /// Whether `Retried` makes the run go on.
    ///
    /// # Errors
    /// Why not.
    pub fn may_retry(&self, program: &Program) -> Result<(), NoRetry> {
        self.again(program).map(drop)
    }

    fn again(&self, program: &Program) -> Result<Again, NoRetry> {
        if let Some(undecided) = self.undecided(program) {
            match undecided.doubt {
                Doubt::Outcome => return Err(NoRetry::Unknown(undecided.path)),
                Doubt::LeftBehind => return Err(NoRetry::LeftBehind(undecided.path)),
                Doubt::Undone => {}
            }
        }
        match (&self.at, self.stopped_at) {
            (At::Back { doing: Doing::Parked(_), .. }, _) => Ok(Again::Compensation),
            (At::Ended, None) => Err(NoRetry::Completed),
            (At::Ended, Some(index)) => match self.made_up_for(program) {
                Some(path) => Err(NoRetry::MadeUpFor(path)),
                None => Ok(Again::From(index)),
            },
            _ => Err(NoRetry::Going),
        }
    }

    /// The last step whose compensation began.
    fn made_up_for(&self, program: &Program) -> Option<StepPath> {
        let begun = |path: &&StepPath| self.records.contains_key(&path.compensation());
        program.document.steps.iter().rev().map(|step| &step.path).find(begun).cloned()
    }
}

fn doubt(why: &StepError) -> Doubt {
    match (why.parked, why.left_behind) {
        (true, _) => Doubt::Outcome,
        (false, true) => Doubt::LeftBehind,
        (false, false) => Doubt::Undone,
    }
}

impl Turn<'_> {
    /// A person has said what became of a step.
    pub fn resolved(&mut self, path: &StepPath, resolution: &Resolution) {
        let undecided = self.state.undecided(self.program).filter(|undecided| undecided.path == *path);
        let Some(undecided) = undecided else { return };
        if *resolution == Resolution::Skipped && !undecided.compensation {
            return;
        }
        let parked = self.parked().or_else(|| Some((Place::Step(self.reopen()?), None)));
        let Some((place, calling)) = parked else { return };
        match resolution {
            Resolution::Done { output } => self.succeeded(place, output),
            Resolution::NotDone => self.not_done(place, calling),
            Resolution::Skipped => self.skipped(place),
        }
    }

    /// A person wants the run to go on.
    pub fn retried(&mut self) {
        match self.state.again(self.program) {
            Ok(Again::From(index)) => {
                self.reopen();
                self.begin(index);
            }
            Ok(Again::Compensation) => {
                if let Some((place, calling)) = self.parked() {
                    self.not_done(place, calling);
                }
            }
            Err(_) => {}
        }
    }

    /// Where the run is parked, and the call in question.
    fn parked(&self) -> Option<(Place, Option<Calling>)> {
        match self.state.at.clone() {
            At::Step { index, doing: Doing::Parked(calling) } => Some((Place::Step(index), calling)),
            At::Back { index, doing: Doing::Parked(calling), error } => {
                Some((Place::Back(index, error), calling))
            }
            _ => None,
        }
    }

    /// The end is taken back: where the run had stopped.
    fn reopen(&mut self) -> Option<usize> {
        self.state.canceled = false;
        self.state.stopped_at.take()
    }

    /// Known to have had no effect: once more, unless the run is to end.
    fn not_done(&mut self, place: Place, calling: Option<Calling>) {
        if let Some(Record { attempts, counted_from, .. }) = self.state.records.get_mut(&self.path(&place)) {
            *counted_from = *attempts;
        }
        match (place, calling) {
            (Place::Step(index), _) if self.state.canceled => self.failed(index, given_up()),
            (place, Some(calling)) => self.call_again(place, calling),
            (Place::Step(index), None) => self.begin(index),
            (Place::Back(index, error), None) => self.go_back(index + 1, error),
        }
    }

    /// A compensation is left undone.
    fn skipped(&mut self, place: Place) {
        let Place::Back(index, error) = place else { return };
        let path = self.program.document.steps[index].path.compensation();
        self.close(&path, StepStatus::Skipped);
        self.go_back(index, error);
    }
}

/// What becomes of a step that was not done, in a run that was canceled meanwhile.
fn given_up() -> StepError {
    let message = "A person said that this step had no effect at Stripe, and the run was canceled: it is not sent \
                   again. Start another run if it is needed after all.";
    StepError { failure: Failure::new(Code::WorkflowFailed, message), left_behind: false, parked: false }
}
