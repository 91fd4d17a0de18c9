//! One rule of the core each.

use super::*;

pub(super) const TWO: &str = "
name: Two
trigger: { type: api }
connection: acme
steps:
  - id: a
    action: stripe.createCustomer
    config: { email: '{{ input.email }}' }
    retry: { maxAttempts: 3, initialDelay: 2s, maxDelay: 3s, multiplier: 2, on: [card_declined] }
    compensate: { action: stripe.updateCustomer, config: { customerId: '{{ steps.a.output.id }}' } }
  - id: b
    action: stripe.createInvoice
    connection: other
    config: { customerId: '{{ steps.a.output.id }}' }
    compensate: { action: stripe.voidInvoice, config: { invoiceId: '{{ steps.b.output.id }}' } }
output: { a: '{{ steps.a.output.id }}' }
";

pub(super) fn two() -> Program {
    program(TWO)
}

pub(super) fn start(program: &Program) -> Run<'_> {
    Run::start(program, json!({ "email": "a@example.com" }))
}

pub(super) fn sleep(step: &str, second: i64) -> Command {
    Command::Sleep { path: path(step), until: at(second) }
}

#[test]
fn a_failed_run_makes_up_for_completed_steps_last_first() {
    let program = program(&TWO.replace("output: {", "  - { id: c, action: stripe.listInvoices }\noutput: {"));
    let mut run = start(&program);
    run.answer("a", object("cus_1"));
    run.answer("b", object("in_1"));
    let commands = run.answer("c", Err(declined()));
    assert_eq!(config(&commands), json!({ "invoiceId": "in_1" }));
    assert_eq!(config(&run.answer("b~compensate", object("in_1"))), json!({ "customerId": "cus_1" }));
    let commands = run.answer("a~compensate", object("cus_1"));
    assert!(matches!(&commands[..], [Command::Fail { error }]
        if error.step == Some(path("c")) && !error.canceled && error.failure.code == Code::CardDeclined));
    assert_eq!(run.calls(), ["a#0", "b#0", "c#0", "b~compensate#0", "a~compensate#0"]);
    assert_eq!(run.status("c"), StepStatus::Failed);
    run.assert_replays();
}

#[test]
fn a_step_uses_its_own_connection_else_the_documents() {
    let program = two();
    let mut run = start(&program);
    run.answer("a", object("cus_1"));
    let connections: Vec<_> = run
        .all
        .iter()
        .filter_map(|c| if let Command::Call { connection, .. } = c { connection.clone() } else { None })
        .collect();
    assert_eq!(connections, ["acme", "other"]);
    assert_eq!(program.connections(), ["acme", "other"]);
}

#[test]
fn a_retry_waits_and_asks_for_the_same_under_the_next_generation() {
    let program = two();
    let mut run = start(&program);
    let first = run.all.clone();
    let limited = || refusal(Code::RateLimitError, Retry::SameKey);
    assert_eq!(run.answer("a", Err(limited())), [sleep("a", 2)]);
    assert_eq!(run.status("a"), StepStatus::Retrying);
    assert_eq!(run.fire("a", 1), [], "too early");
    let again = run.fire("a", 2);
    assert_eq!(config(&again), config(&first));
    assert_eq!(run.answer("a", Err(limited())), [sleep("a", 2 + 3)], "capped by maxDelay");
    run.fire("a", 5);
    let commands = run.answer("a", Err(limited()));
    assert!(matches!(&commands[..], [Command::Fail { .. }]), "three attempts are all");
    assert_eq!(run.calls(), ["a#0", "a#1", "a#2"]);
    run.assert_replays();
}

#[test]
fn a_decline_is_tried_again_only_when_asked_for_and_never_after_something_was_left_behind() {
    let program = two();
    let mut run = start(&program);
    assert_eq!(run.answer("a", Err(declined())), [sleep("a", 2)], "`on` names it");
    let mut run = start(&program);
    let commands = run.answer("a", Err(StepError { left_behind: true, ..declined() }));
    assert!(matches!(&commands[..], [Command::Fail { .. }]));
    let mut run = start(&program);
    run.answer("a", object("cus_1"));
    let commands = run.answer("b", Err(declined()));
    assert!(matches!(&commands[..], [Command::Call { .. }]), "no `on`: straight to the compensation");
    assert_eq!(run.calls().last().unwrap(), "a~compensate#0");
}

#[test]
fn stripes_own_delay_wins_when_it_is_longer() {
    let program = two();
    let mut run = start(&program);
    let later = refusal(Code::RateLimited, Retry::After { after_ms: 60_000 });
    assert_eq!(run.answer("a", Err(later)), [sleep("a", 60)]);
    let mut run = start(&program);
    let endless = refusal(Code::RateLimited, Retry::After { after_ms: u64::MAX });
    let commands = run.answer("a", Err(endless));
    assert_eq!(commands, [Command::Sleep { path: path("a"), until: Timestamp::MAX }]);
}

#[test]
fn a_compensation_that_stripe_was_too_busy_for_is_tried_again() {
    let program = two();
    let mut run = start(&program);
    run.answer("a", object("cus_1"));
    run.answer("b", Err(declined()));
    let commands = run.answer("a~compensate", Err(refusal(Code::RateLimitError, Retry::SameKey)));
    assert_eq!(commands, [sleep("a~compensate", 1)]);
    run.fire("a~compensate", 1);
    assert_eq!(run.calls().last().unwrap(), "a~compensate#1");
    run.assert_replays();
}

#[test]
fn a_cancel_waits_for_a_sent_write_and_then_makes_up_for_it() {
    let program = two();
    let mut run = start(&program);
    assert_eq!(run.tell(Happened::Canceled), [], "a sent write is never abandoned");
    let commands = run.answer("a", object("cus_1"));
    assert_eq!(config(&commands), json!({ "customerId": "cus_1" }));
    let commands = run.answer("a~compensate", object("cus_1"));
    assert!(matches!(&commands[..], [Command::Fail { error }] if error.canceled));
    let mut run = start(&program);
    run.tell(Happened::Canceled);
    let commands = run.answer("a", Err(refusal(Code::RateLimitError, Retry::SameKey)));
    assert!(matches!(&commands[..], [Command::Fail { error }] if error.canceled), "no retry after a cancel");
    run.assert_replays();
}

#[test]
fn a_cancel_between_two_tries_takes_the_timer_away() {
    let program = two();
    let mut run = start(&program);
    run.answer("a", Err(declined()));
    let commands = run.tell(Happened::Canceled);
    assert!(matches!(&commands[..], [Command::Forget { path: at }, Command::Fail { error }]
        if *at == path("a") && error.canceled));
    assert_eq!(run.tell(Happened::Fired { path: path("a") }), []);
    assert_eq!(run.tell(Happened::Canceled), []);
    run.assert_replays();
}

#[test]
fn a_skipped_step_is_journaled_and_has_no_output() {
    let program = program(
        "name: Skips\ntrigger: { type: api }\nsteps:\n  - { id: a, action: stripe.createCustomer, when: input.n > 5 }\n  - { id: b, action: stripe.createCustomer, when: \"{{ steps.a.status == 'completed' }}\" }\n  - { id: c, action: stripe.createCustomer, when: false }\noutput: { a: '{{ steps.a.status }}', b: \"{{ steps.b.output.id | default('none') }}\" }\n",
    );
    let mut run = Run::start(&program, json!({ "n": 3 }));
    assert_eq!(run.calls(), Vec::<String>::new());
    let done = Command::Done { output: json!({ "a": "skipped", "b": "none" }) };
    assert_eq!(run.all.last(), Some(&done));
    assert_eq!(run.status("a"), StepStatus::Skipped);
    run.assert_replays();
    run = Run::start(&program, json!({ "n": 6 }));
    run.answer("a", object("cus_1"));
    assert_eq!(run.calls(), ["a#0", "b#0"]);
    run.assert_replays();
}

#[test]
fn a_template_that_fails_fails_its_step_and_sends_nothing() {
    let program = two();
    let run = Run::start(&program, json!({}));
    let [Command::Evaluated { result: Err(e), .. }, Command::Fail { error }] = &run.all[..] else {
        panic!("{:?}", run.all);
    };
    assert_eq!((e.failure.code, error.step.clone()), (Code::TemplateError, Some(path("a"))));
    assert!(e.failure.message.contains("steps[0].config.email"), "{}", e.failure.message);
    run.assert_replays();
}

#[test]
fn a_step_that_may_fail_gives_its_fallback() {
    let text = TWO.replace(
        "    connection: other\n",
        "    connection: other\n    onError: { strategy: continue, fallback: { id: '{{ input.email }}' } }\n",
    );
    let program = program(&text.replace(
        "{ a: '{{ steps.a.output.id }}' }",
        "{ b: '{{ steps.b.output.id }}', s: '{{ steps.b.status }}' }",
    ));
    let mut run = start(&program);
    run.answer("a", object("cus_1"));
    let commands = run.answer("b", Err(declined()));
    assert_eq!(commands, [Command::Done { output: json!({ "b": "a@example.com", "s": "failed" }) }]);
    run.assert_replays();
}

#[test]
fn waits_for_a_time_sleep_and_say_how_long() {
    let program = program(
        "name: Waits\ntrigger: { type: api }\nsteps:\n  - { id: nap, type: wait, for: 1m }\n  - { id: then, type: wait, until: '{{ input.at }}' }\noutput: '{{ steps.nap.output.waitedMs }}'\n",
    );
    let mut run = Run::start(&program, json!({ "at": 1_800_000_090 }));
    assert_eq!(run.all, [sleep("nap", 60)]);
    assert_eq!(phase(&run), Phase::Running);
    assert_eq!(run.fire("nap", 61), [sleep("then", 90)]);
    assert_eq!(run.fire("then", 90), [Command::Done { output: json!(61_000) }]);
    run.assert_replays();
    let mut run = Run::start(&program, json!({ "at": "soon" }));
    let commands = run.fire("nap", 60);
    assert!(matches!(&commands[..], [Command::Evaluated { result: Err(_), .. }, Command::Fail { .. }]));
}

#[test]
fn a_wait_that_may_not_time_out_fails_the_run() {
    let program = program(
        "name: Waits\ntrigger: { type: api }\nsteps:\n  - id: w\n    type: wait\n    event: [invoice.paid, invoice.voided]\n    match: { data.object.id: '{{ input.id }}', data.object.amount_paid: { $gt: 5 } }\n    atMost: 1d\n",
    );
    let mut run = Run::start(&program, json!({ "id": "in_1" }));
    let event = |amount: i64, kind: &str| json!({ "type": kind, "data": { "object": { "id": "in_1", "amount_paid": amount } } });
    for event in [event(5, "invoice.paid"), event(6, "invoice.created"), json!({}), json!(5)] {
        assert_eq!(run.tell(Happened::Matched { path: path("w"), event }), []);
    }
    let commands = run.fire("w", 86_400);
    assert!(matches!(&commands[..], [Command::Forget { .. }, Command::Fail { error }]
        if error.failure.code == Code::Timeout));
    assert_eq!(run.tell(Happened::Matched { path: path("w"), event: event(6, "invoice.paid") }), []);
    run.assert_replays();
    for id in [json!(5), json!(""), Value::Null] {
        let run = Run::start(&program, json!({ "id": id }));
        assert!(matches!(&run.all[..], [Command::Evaluated { result: Err(_), .. }, Command::Fail { .. }]));
    }
}

#[test]
fn variables_follow_the_mode() {
    let program = program(
        "name: V\ntrigger: { type: api }\nvariables: { a: 1, b: 1 }\nvariablesByMode: { local: { b: 2 }, live: { b: 3 } }\nsteps:\n  - { id: s, type: wait, for: 0s }\noutput: '{{ variables.a + variables.b }}'\n",
    );
    let mut run = Run::start(&program, json!({}));
    assert_eq!(run.fire("s", 0), [Command::Done { output: json!(3) }]);
}

#[test]
fn inputs_that_do_not_fit_change_nothing() {
    let program = two();
    let mut state = State::new(CORE);
    let before = state.clone();
    let early = Input { now: at(0), what: Happened::Canceled };
    assert_eq!(advance(&program, &mut state, &early), []);
    assert_eq!(state, before);
    let mut run = start(&program);
    run.answer("a", object("cus_1"));
    let before = run.state.clone();
    for what in [
        Happened::Started { input: json!({}), run: told() },
        Happened::Evaluated { path: path("b"), result: Ok(json!(1)) },
        Happened::Called {
            path: path("a"),
            result: object("cus_2"),
            stripe_request_id: Some("req_9".into()),
        },
        Happened::Called { path: path("nowhere"), result: object("x"), stripe_request_id: None },
        Happened::Fired { path: path("b") },
        Happened::Matched { path: path("b"), event: json!({ "type": "invoice.paid" }) },
    ] {
        assert_eq!(run.tell(what), []);
    }
    assert_eq!(run.state, before);
}
