//! What must hold whatever a run is told: random scripts of answers, refusals, lost
//! outcomes, timers, events, cancels, decisions of people, and inputs that come late
//! or twice.

use proptest::prelude::*;

use super::*;

/// Six steps of every kind, most of them with something to make up for.
pub(super) const MIXED: &str = "
name: Mixed
trigger: { type: api }
steps:
  - { id: a, action: stripe.createCustomer, config: { email: '{{ input.email }}' },
      compensate: { action: stripe.updateCustomer, config: { customerId: '{{ steps.a.output.id }}' } } }
  - { id: maybe, action: stripe.createCustomer, when: input.wanted,
      compensate: { action: stripe.updateCustomer, config: { customerId: '{{ steps.maybe.output.id }}' } } }
  - { id: b, action: stripe.createInvoice, retry: { maxAttempts: 4, on: [card_declined] },
      compensate: { action: stripe.voidInvoice, config: { invoiceId: '{{ steps.b.output.id }}' } } }
  - { id: nap, type: wait, for: 1h }
  - { id: soft, action: stripe.sendInvoice, onError: { strategy: continue, fallback: { id: none } } }
  - { id: paid, type: wait, event: invoice.paid, match: { data.object.id: '{{ steps.b.output.id }}' }, atMost: 1d }
  - { id: last, action: stripe.finalizeInvoice, config: { invoiceId: '{{ steps.soft.output.id }}' },
      compensate: { action: stripe.voidInvoice, config: { invoiceId: '{{ steps.last.output.id }}' } } }
output: { b: '{{ steps.b.output.id }}', maybe: '{{ steps.maybe.output.id | default(\"-\") }}' }
";

/// One thing that the world does.
#[derive(Debug, Clone)]
pub(super) enum Act {
    /// What is open ends well: a call succeeds, a timer fires, an event comes.
    Well,
    Refuse(bool, bool),
    LoseOutcome,
    /// A timer fires in time for a wait to run out.
    RunOut,
    TooEarly,
    OtherEvent,
    Cancel,
    /// A person says something of whatever waits for it.
    Resolve(u8),
    Retry,
    /// An input of the past comes once more.
    Again(usize),
}

fn acts() -> impl Strategy<Value = Vec<Act>> {
    let act = prop_oneof![
        10 => Just(Act::Well),
        2 => (any::<bool>(), any::<bool>()).prop_map(|(busy, left)| Act::Refuse(busy, left)),
        1 => Just(Act::LoseOutcome),
        1 => Just(Act::RunOut),
        1 => Just(Act::TooEarly),
        1 => Just(Act::OtherEvent),
        1 => Just(Act::Cancel),
        2 => (0..3_u8).prop_map(Act::Resolve),
        1 => Just(Act::Retry),
        2 => any::<usize>().prop_map(Act::Again),
    ];
    proptest::collection::vec(act, 0..40)
}

pub(super) fn play(run: &mut Run<'_>, act: &Act) {
    let open = run.open.last().cloned();
    let undecided = run.state.undecided(run.program).map(|undecided| undecided.path);
    match (act, open) {
        (Act::Cancel, _) => drop(run.tell(Happened::Canceled)),
        (Act::Again(n), _) => again(run, *n),
        (Act::Well, None) if phase(run) == Phase::Parked => {
            run.resolve(undecided.unwrap().as_str(), done("decided"));
        }
        (Act::Resolve(n), None) => {
            let resolutions = [done("decided"), Resolution::NotDone, Resolution::Skipped];
            let path = undecided.map_or_else(|| "last".to_owned(), |path| path.to_string());
            run.resolve(&path, resolutions[usize::from(*n)].clone());
        }
        (Act::Retry, _) => drop(run.retry()),
        (Act::Well, Some(Command::Call { path, .. })) => {
            run.answer(path.as_str(), object("obj_1"));
        }
        (Act::Well | Act::RunOut, Some(Command::Sleep { path, until })) => fire(run, &path, until),
        (Act::Well, Some(Command::Wait { path, object, .. })) => matched(run, &path, &object),
        (Act::RunOut, Some(Command::Wait { path, until, .. })) => fire(run, &path, until),
        (Act::Refuse(busy, left_behind), Some(Command::Call { path, .. })) => {
            let e = if *busy { refusal(Code::RateLimitError, Retry::SameKey) } else { declined() };
            run.answer(path.as_str(), Err(StepError { left_behind: *left_behind, ..e }));
        }
        (Act::LoseOutcome, Some(Command::Call { path, .. })) => {
            run.answer(path.as_str(), Err(parked_error()));
        }
        (Act::TooEarly, Some(Command::Sleep { path, .. } | Command::Wait { path, .. })) => {
            let commands = run.tell(Happened::Fired { path });
            assert!(commands.is_empty() || run.second > 0, "{commands:?}");
        }
        (Act::OtherEvent, Some(Command::Wait { path, .. })) => {
            let event = json!({ "type": "invoice.paid", "data": { "object": { "id": "another" } } });
            assert_eq!(run.tell(Happened::Matched { path, event }), []);
        }
        _ => {}
    }
}

pub(super) fn parked_error() -> StepError {
    super::parked()
}

fn fire(run: &mut Run<'_>, path: &StepPath, until: Timestamp) {
    let second = (until.as_millisecond() + 999) / 1_000 - at(0).as_second();
    run.fire(path.as_str(), run.second.max(second));
}

fn matched(run: &mut Run<'_>, path: &StepPath, id: &str) {
    run.open.clear();
    let event = json!({ "type": "invoice.paid", "data": { "object": { "id": id } } });
    run.tell(Happened::Matched { path: path.clone(), event });
}

/// An input that was already told: it changes nothing once the run has gone on from it.
/// (While a further try of the same call is open, an answer cannot be told from the
/// one before; drivers journal each answer once.)
fn again(run: &mut Run<'_>, n: usize) {
    let (input, _) = run.journal[n % run.journal.len()].clone();
    let stale = match &input.what {
        Happened::Started { .. } | Happened::Evaluated { .. } => true,
        Happened::Called { path, .. } | Happened::Fired { path } | Happened::Matched { path, .. } => {
            let step = run.state.steps(run.program).into_iter().find(|s| s.path == *path);
            step.is_some_and(|s| s.ended_at.is_some())
        }
        Happened::Canceled | Happened::Retried { .. } => false,
        Happened::Resolved { path, .. } => {
            run.state.undecided(run.program).is_none_or(|undecided| undecided.path != *path)
        }
    };
    if stale {
        let before = run.state.clone();
        let input = Input { now: at(run.second), what: input.what };
        assert_eq!(advance(run.program, &mut run.state, &input), [], "{input:?}");
        assert_eq!(run.state, before);
    }
}

fn ended(command: &Command) -> bool {
    matches!(command, Command::Done { .. } | Command::Fail { .. })
}

/// Compensations in the order in which they began.
fn compensations(run: &Run<'_>) -> Vec<String> {
    let mut paths: Vec<String> = run.calls().into_iter().filter(|call| call.contains('~')).collect();
    paths.iter_mut().for_each(|call| call.truncate(call.find('~').unwrap()));
    paths.dedup();
    paths
}

pub(super) fn check(run: &Run<'_>) {
    run.assert_replays();
    let ends = run.all.iter().filter(|c| ended(c)).count();
    let decisions = run.journal.iter().filter(|(input, _)| decided(&input.what)).count();
    assert!(ends <= 1 + decisions, "ended twice by itself");
    assert_eq!(phase(run) == Phase::Ended, run.all.last().is_some_and(ended), "{:?}", run.all);
    let completed_once = run.all.iter().position(|c| matches!(c, Command::Done { .. }));
    assert!(completed_once.is_none_or(|at| at + 1 == run.all.len()), "something followed completion");
    let steps = run.state.steps(run.program);
    let completed: Vec<String> = steps
        .iter()
        .filter(|s| {
            s.status == StepStatus::Completed && ["a", "maybe", "b", "last"].contains(&s.path.as_str())
        })
        .map(|s| s.path.to_string())
        .collect();
    let mut last_first = completed;
    last_first.reverse();
    match run.all.last() {
        Some(Command::Fail { .. }) => {
            assert_eq!(compensations(run), last_first, "each exactly once, last first")
        }
        Some(Command::Done { .. }) => assert_eq!(compensations(run), Vec::<String>::new()),
        _ => assert!(last_first.starts_with(&compensations(run))),
    }
    let mut calls = run.calls();
    let all = calls.len();
    calls.sort();
    calls.dedup();
    assert_eq!(calls.len(), all, "one call per path and generation");
}

fn decided(what: &Happened) -> bool {
    matches!(what, Happened::Resolved { .. } | Happened::Retried { .. })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_happens_replay_agrees_and_completed_steps_are_made_up_for_once(
        acts in acts(), wanted in any::<bool>(), broken in prop::bool::weighted(0.1),
    ) {
        let program = program(MIXED);
        let input = if broken { json!({}) } else { json!({ "email": "a@example.com", "wanted": wanted }) };
        let mut run = Run::start(&program, input);
        for act in &acts {
            play(&mut run, act);
        }
        check(&run);
        // From anywhere, a world that does well brings the run to its end.
        for _ in 0..40 {
            play(&mut run, &Act::Well);
        }
        prop_assert_eq!(phase(&run), Phase::Ended);
        check(&run);
    }

    #[test]
    fn no_text_makes_the_compiler_panic(text in "\\PC{0,200}|[ \\n:{}\\[\\]\"'&*!|>%#,a-z0-9-]{0,300}") {
        compile(&text);
        compile(&format!("{{{text}"));
        compile(&format!("name: T\ntrigger: {{ type: api }}\nsteps:\n  - {text}\n"));
        let quoted = serde_json::to_string(&format!("{{{{ {text} }}}}")).unwrap();
        compile(&format!("name: T\ntrigger: {{ type: api }}\nsteps:\n  - id: a\n    type: wait\n    until: {quoted}\n"));
    }

    #[test]
    fn no_damage_to_an_example_makes_the_compiler_panic(
        at in any::<prop::sample::Index>(), cut in 0usize..40, with in "\\PC{0,8}|[\\n {}\\[\\]:'\"]{0,6}", json in any::<bool>(),
    ) {
        let yaml = include_str!("../../../../../workflows/invoice-and-payment.yaml");
        let node = crate::notation::parse(&Source::new("a", yaml)).unwrap();
        let whole = if json { node.to_json().to_string() } else { yaml.to_owned() };
        let mut chars: Vec<char> = whole.chars().collect();
        let from = at.index(chars.len());
        let to = (from + cut).min(chars.len());
        chars.splice(from..to, with.chars());
        compile(&chars.into_iter().collect::<String>());
    }
}

fn compile(text: &str) {
    let source = Source::new("t", text);
    match Program::compile(&source, &actions::Catalog) {
        Ok((program, _)) => drop(program.accept(json!({ "email": 5 }))),
        Err(found) => {
            assert!(!found.is_empty());
            let lines = u32::try_from(text.split('\n').count()).unwrap();
            assert!(found.iter().all(|f| f.line >= 1 && f.line <= lines && f.column >= 1), "{found:?}");
        }
    }
}
