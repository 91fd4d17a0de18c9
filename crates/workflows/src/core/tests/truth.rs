//! Money moves once: against a Stripe that knows the truth and a person who tells it.
//!
//! Every call is done or refused, and some of that nobody can find out by machine. A
//! person then says what is true, cancels and retries at will. However it goes, no step
//! is done twice, and a step that counts as done is.

use proptest::prelude::*;

use super::properties::{Act, MIXED, check, parked_error, play};
use super::*;
use crate::core::Undecided;

/// What becomes of a call.
#[derive(Debug, Clone, Copy)]
enum Fate {
    Done,
    /// Done, and nobody can find out by machine.
    DoneUnseen,
    Refused,
    /// Not done, and nobody can find out by machine.
    RefusedUnseen,
}

fn fate() -> impl Strategy<Value = Fate> {
    prop_oneof![
        4 => Just(Fate::Done),
        2 => Just(Fate::DoneUnseen),
        2 => Just(Fate::Refused),
        2 => Just(Fate::RefusedUnseen),
    ]
}

/// The truth: what was done, in whatever way it is told. Its person knows it.
struct Stripe {
    fates: Vec<Fate>,
    done: Vec<StepPath>,
    /// Whether the last call was done.
    last: Option<bool>,
}

impl Stripe {
    /// Moves the run by one; says whether there was anything to move.
    fn turn(&mut self, run: &mut Run<'_>) -> bool {
        match run.open.last().cloned() {
            Some(Command::Call { path, .. }) => self.called(run, &path),
            Some(_) => play(run, &Act::Well),
            None => match run.state.undecided(run.program) {
                Some(undecided) => self.decide(run, &undecided),
                None => return false,
            },
        }
        true
    }

    fn called(&mut self, run: &mut Run<'_>, path: &StepPath) {
        let fate = self.fates.pop().unwrap_or(Fate::Done);
        let happened = matches!(fate, Fate::Done | Fate::DoneUnseen);
        self.last = Some(happened);
        if happened {
            self.done.push(path.clone());
        }
        let result = match fate {
            Fate::Done => object("obj_1"),
            Fate::Refused => Err(declined()),
            Fate::DoneUnseen | Fate::RefusedUnseen => Err(parked_error()),
        };
        run.answer(path.as_str(), result);
    }

    /// The truth, and of what is known to be undone that it be repeated.
    fn decide(&mut self, run: &mut Run<'_>, undecided: &Undecided) {
        let resolution = match self.last {
            Some(true) => done("obj_1"),
            _ => Resolution::NotDone,
        };
        run.resolve(undecided.path.as_str(), resolution);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_truthful_person_never_makes_a_write_happen_twice(
        fates in proptest::collection::vec(fate(), 0..30), wishes in proptest::collection::vec(any::<u8>(), 0..60),
    ) {
        let program = program(MIXED);
        let mut run = Run::start(&program, json!({ "email": "a@example.com", "wanted": true }));
        let mut stripe = Stripe { fates, done: Vec::new(), last: None };
        let mut wishes = wishes.into_iter();
        for _ in 0..200 {
            match wishes.next() {
                Some(0..30) => drop(run.tell(Happened::Canceled)),
                Some(30..90) => drop(run.retry()),
                _ => {}
            }
            if !stripe.turn(&mut run) {
                break;
            }
        }
        prop_assert_eq!(phase(&run), Phase::Ended, "{:?}", run.all);
        let mut once = stripe.done.clone();
        once.sort();
        once.dedup();
        prop_assert_eq!(once.len(), stripe.done.len(), "done twice: {:?}", stripe.done);
        for step in run.state.steps(&program) {
            let happened = stripe.done.contains(&step.path);
            let (calls, status) = (step.kind != "wait", step.status);
            prop_assert!(!calls || status != StepStatus::Completed || happened, "{} was not done", step.path);
            prop_assert!(status != StepStatus::Failed || !happened, "{} was done", step.path);
        }
        check(&run);
    }
}
