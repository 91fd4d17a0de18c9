//! What a person can say of a run that does not go on by itself.

use super::rules::{TWO, sleep, start, two};
use super::*;
use crate::core::{Doubt, NoRetry};

fn may_retry(run: &Run<'_>) -> Result<(), NoRetry> {
    run.state.may_retry(run.program)
}

fn doubt(run: &Run<'_>) -> Option<(String, Doubt)> {
    run.state.undecided(run.program).map(|undecided| (undecided.path.to_string(), undecided.doubt))
}

fn canceled(commands: &[Command]) -> bool {
    matches!(commands, [Command::Fail { error }] if error.canceled)
}

/// Up to the point where Stripe refuses to make up for `b`, after `c` failed.
fn stuck(program: &Program) -> Run<'_> {
    let mut run = start(program);
    run.answer("a", object("cus_1"));
    run.answer("b", object("in_1"));
    run.answer("c", Err(declined()));
    let commands = run.answer("b~compensate", Err(declined()));
    assert!(matches!(&commands[..], [Command::Park { path: at, .. }] if *at == path("b~compensate")));
    run
}

fn three() -> Program {
    program(&TWO.replace("output: {", "  - { id: c, action: stripe.listInvoices }\noutput: {"))
}

#[test]
fn an_unknown_outcome_parks_until_a_person_says_what_it_was() {
    let program = two();
    let mut run = start(&program);
    let commands = run.answer("a", Err(parked()));
    assert!(matches!(&commands[..], [Command::Park { path: at, why }] if *at == path("a") && why.parked));
    assert_eq!((phase(&run), doubt(&run)), (Phase::Parked, Some(("a".into(), Doubt::Outcome))));
    assert_eq!(may_retry(&run), Err(NoRetry::Unknown(path("a"))));
    for nothing in [
        run.answer("a", object("late")),
        run.answer("a", Err(declined())),
        run.tell(Happened::Fired { path: path("a") }),
        run.retry(),
        run.resolve("b", done("in_1")),
        run.resolve("a", Resolution::Skipped),
    ] {
        assert_eq!(nothing, []);
    }
    let commands = run.resolve("a", done("cus_1"));
    assert_eq!(config(&commands), json!({ "customerId": "cus_1" }));
    assert_eq!((run.status("a"), doubt(&run)), (StepStatus::Completed, None));
    assert_eq!(run.resolve("a", Resolution::NotDone), [], "it was said already");
    run.assert_replays();
}

#[test]
fn what_was_not_done_is_asked_for_again_under_the_next_generation() {
    let program = two();
    let mut run = start(&program);
    let first = run.all.clone();
    run.answer("a", Err(parked()));
    let again = run.resolve("a", Resolution::NotDone);
    assert_eq!(config(&again), config(&first));
    run.answer("a", Err(parked()));
    run.resolve("a", Resolution::NotDone);
    assert_eq!(run.calls(), ["a#0", "a#1", "a#2"]);
    run.assert_replays();
}

#[test]
fn a_decision_gives_the_step_its_tries_back() {
    let program = two();
    let mut run = start(&program);
    let limited = || Err(refusal(Code::RateLimitError, Retry::SameKey));
    run.answer("a", limited());
    run.fire("a", 2);
    run.answer("a", limited());
    run.fire("a", 5);
    run.answer("a", Err(parked()));
    run.resolve("a", Resolution::NotDone);
    assert_eq!(run.answer("a", limited()), [sleep("a", 7)], "the first of three");
    run.assert_replays();
}

#[test]
fn a_canceled_run_ends_once_its_parked_step_is_decided() {
    let program = two();
    let mut run = start(&program);
    run.answer("a", Err(parked()));
    assert_eq!(run.tell(Happened::Canceled), []);
    assert_eq!(phase(&run), Phase::Parked, "a write of unknown outcome is not left alone");
    let mut other = start(&program);
    other.answer("a", Err(parked()));
    other.tell(Happened::Canceled);
    assert!(other.state.undecided(&program).unwrap().canceled);
    let commands = run.resolve("a", done("cus_1"));
    assert_eq!(config(&commands), json!({ "customerId": "cus_1" }), "it is made up for");
    assert!(canceled(&run.answer("a~compensate", object("cus_1"))));
    assert!(canceled(&other.resolve("a", Resolution::NotDone)), "it is not sent again");
    assert_eq!(other.calls(), ["a#0"]);
    run.assert_replays();
    other.assert_replays();
}

#[test]
fn a_refused_compensation_is_repeated_taken_as_done_or_left() {
    let program = three();
    let mut run = stuck(&program);
    assert_eq!(doubt(&run), Some(("b~compensate".into(), Doubt::Undone)));
    assert_eq!(run.answer("b~compensate", object("in_1")), [], "nothing but a decision counts");
    assert_eq!(run.tell(Happened::Canceled), []);
    assert_eq!(may_retry(&run), Ok(()));
    assert_eq!(config(&run.retry()), json!({ "invoiceId": "in_1" }));
    assert_eq!(run.calls().last().unwrap(), "b~compensate#1");
    let commands = run.answer("b~compensate", object("in_1"));
    assert_eq!(config(&commands), json!({ "customerId": "cus_1" }));
    run.assert_replays();
    for (resolution, status) in [
        (Resolution::Done { output: Value::Null }, StepStatus::Completed),
        (Resolution::Skipped, StepStatus::Skipped),
    ] {
        let mut run = stuck(&program);
        assert_eq!(config(&run.resolve("b~compensate", resolution)), json!({ "customerId": "cus_1" }));
        assert_eq!(run.status("b~compensate"), status);
        let commands = run.answer("a~compensate", object("cus_1"));
        assert!(matches!(&commands[..], [Command::Fail { error }] if error.step == Some(path("c"))));
        run.assert_replays();
    }
}

#[test]
fn a_compensation_of_unknown_outcome_is_repeated_only_when_it_was_not_done() {
    let program = two();
    let mut run = start(&program);
    run.answer("a", object("cus_1"));
    run.answer("b", Err(declined()));
    run.answer("a~compensate", Err(parked()));
    assert_eq!(may_retry(&run), Err(NoRetry::Unknown(path("a~compensate"))));
    assert_eq!(run.retry(), []);
    run.resolve("a~compensate", Resolution::NotDone);
    assert_eq!(run.calls().last().unwrap(), "a~compensate#1");
    run.assert_replays();
}

#[test]
fn a_compensation_that_cannot_be_put_together_is_taken_as_done_or_left() {
    let text = TWO.replace(
        "{ customerId: '{{ steps.a.output.id }}' } }",
        "{ customerId: '{{ steps.a.output.gone }}' } }",
    );
    let program = program(&text);
    for resolution in [Resolution::Done { output: Value::Null }, Resolution::Skipped] {
        let mut run = start(&program);
        run.answer("a", object("cus_1"));
        run.answer("b", Err(declined()));
        assert!(run.state.undecided(&program).unwrap().asked.is_none());
        assert!(matches!(&run.retry()[..], [Command::Park { .. }]), "it fails as before");
        assert!(matches!(&run.resolve("a~compensate", resolution)[..], [Command::Fail { .. }]));
        run.assert_replays();
    }
}

#[test]
fn a_retry_keeps_what_is_done_and_goes_on_from_the_failed_step() {
    let program = program(&TWO.replace("    compensate: { action: stripe.updateCustomer, config: { customerId: '{{ steps.a.output.id }}' } }\n", ""));
    let mut run = start(&program);
    run.answer("a", object("cus_1"));
    assert!(matches!(&run.answer("b", Err(declined()))[..], [Command::Fail { .. }]));
    assert_eq!(may_retry(&run), Ok(()));
    let again = run.retry();
    assert_eq!((config(&again), phase(&run)), (json!({ "customerId": "cus_1" }), Phase::Running));
    assert_eq!(may_retry(&run), Err(NoRetry::Going));
    assert_eq!(run.retry(), []);
    run.answer("b", Err(declined()));
    run.retry();
    assert_eq!(run.answer("b", object("in_1")), [Command::Done { output: json!({ "a": "cus_1" }) }]);
    assert_eq!(run.calls(), ["a#0", "b#0", "b#1", "b#2"]);
    assert_eq!((may_retry(&run), run.retry()), (Err(NoRetry::Completed), vec![]));
    run.assert_replays();
}

#[test]
fn a_canceled_run_goes_on_where_it_stopped() {
    let program = program(
        "name: W\ntrigger: { type: api }\nsteps:\n  - { id: a, action: stripe.createCustomer }\n  - { id: nap, type: wait, for: 1m }\n  - { id: b, action: stripe.createCustomer }\n",
    );
    let mut run = Run::start(&program, json!({}));
    run.tell(Happened::Canceled);
    assert!(canceled(&run.answer("a", object("cus_1"))));
    assert_eq!(run.retry(), [sleep("nap", 60)], "`a` is done");
    assert!(canceled(&run.tell(Happened::Canceled)[1..]));
    run.second = 5;
    assert_eq!(run.retry(), [sleep("nap", 65)], "the wait begins anew");
    run.fire("nap", 65);
    assert_eq!(run.answer("b", object("cus_2")), [Command::Done { output: Value::Null }]);
    run.assert_replays();
}

#[test]
fn what_was_made_up_for_cannot_be_kept() {
    let program = two();
    let mut run = start(&program);
    run.answer("a", object("cus_1"));
    run.answer("b", Err(declined()));
    run.answer("a~compensate", object("cus_1"));
    assert_eq!(may_retry(&run), Err(NoRetry::MadeUpFor(path("a"))));
    assert_eq!((run.retry(), phase(&run)), (vec![], Phase::Ended));
    run.assert_replays();
}

#[test]
fn a_step_that_left_something_behind_is_not_repeated_before_a_person_says_so() {
    let text = TWO.replace("    compensate: { action: stripe.updateCustomer, config: { customerId: '{{ steps.a.output.id }}' } }\n", "");
    let program = program(&text);
    for (resolution, call) in [(done("in_1"), None), (Resolution::NotDone, Some("b#1"))] {
        let mut run = start(&program);
        run.answer("a", object("cus_1"));
        run.answer("b", Err(left_behind()));
        assert_eq!((phase(&run), doubt(&run)), (Phase::Ended, Some(("b".into(), Doubt::LeftBehind))));
        assert_eq!(may_retry(&run), Err(NoRetry::LeftBehind(path("b"))));
        assert_eq!((run.retry(), run.resolve("b", Resolution::Skipped)), (vec![], vec![]));
        let commands = run.resolve("b", resolution);
        match call {
            Some(call) => assert_eq!(run.calls().last().unwrap(), call),
            None => assert!(matches!(&commands[..], [Command::Done { .. }])),
        }
        run.assert_replays();
    }
}
