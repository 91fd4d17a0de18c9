use model::IdempotencyKey;
use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::Headers;

fn write() -> Kind {
    Kind::Write(IdempotencyKey::from_text("bursar_k"))
}

fn answer(status: u16) -> Attempt {
    with(status, "", Headers::default())
}

fn with(status: u16, error_type: &str, headers: Headers) -> Attempt {
    let body = if status < 300 { json!({ "id": "x" }) } else { json!({ "error": { "type": error_type } }) };
    Attempt::Answered(Answer { status, headers, body })
}

fn replayed(status: u16) -> Attempt {
    with(status, "", Headers { replayed: true, ..Headers::default() })
}

fn told(status: u16, should_retry: bool) -> Attempt {
    with(status, "", Headers { should_retry: Some(should_retry), ..Headers::default() })
}

fn wait(status: u16) -> Attempt {
    with(status, "", Headers { retry_after: Some(Duration::from_secs(3)), ..Headers::default() })
}

fn reused() -> Attempt {
    with(400, "idempotency_error", Headers::default())
}

fn never() -> Attempt {
    Attempt::NeverSent("refused".into())
}

fn broken() -> Attempt {
    Attempt::Broken("reset".into())
}

/// An outcome in one word.
fn word(outcome: &Outcome) -> &'static str {
    match outcome {
        Outcome::Done(_) => "done",
        Outcome::Rejected(_) => "rejected",
        Outcome::NotSent(NotSent::Unreachable(_)) => "unreachable",
        Outcome::NotSent(NotSent::Limited(_)) => "limited",
        Outcome::NotSent(NotSent::Unauthorized(_)) => "unauthorized",
        Outcome::OutcomeUnknown(unknown) => match unknown.next {
            Next::SameKey { after } if after.is_zero() => "same key",
            Next::SameKey { .. } => "same key later",
            Next::ReadFirst => "read first",
            Next::Reconcile => "reconcile",
        },
    }
}

/// One row of the table: the attempt, and what it means for a write, a read, a
/// delete, and for a write or a delete of which an earlier attempt is unknown.
type Row = (&'static str, fn() -> Attempt, [&'static str; 5]);

const ROWS: &[Row] = &[
    ("200", || answer(200), ["done", "done", "done", "done", "done"]),
    ("204", || answer(204), ["done", "done", "done", "done", "done"]),
    ("200 replayed", || replayed(200), ["done", "done", "done", "done", "done"]),
    ("400", || answer(400), ["rejected", "rejected", "rejected", "reconcile", "read first"]),
    ("402", || answer(402), ["rejected", "rejected", "rejected", "reconcile", "read first"]),
    ("403", || answer(403), ["rejected", "rejected", "rejected", "reconcile", "read first"]),
    ("404", || answer(404), ["rejected", "rejected", "rejected", "reconcile", "read first"]),
    ("400 replayed", || replayed(400), ["rejected", "rejected", "rejected", "rejected", "rejected"]),
    ("402 replayed", || replayed(402), ["rejected", "rejected", "rejected", "rejected", "rejected"]),
    ("409 replayed", || replayed(409), ["rejected", "rejected", "rejected", "rejected", "rejected"]),
    ("429 replayed", || replayed(429), ["rejected", "rejected", "rejected", "rejected", "rejected"]),
    ("idempotency_error", reused, ["reconcile", "rejected", "rejected", "reconcile", "read first"]),
    ("401", || answer(401), ["unauthorized", "unauthorized", "unauthorized", "same key", "read first"]),
    ("429", || answer(429), ["limited", "limited", "limited", "same key", "read first"]),
    ("429 wait", || wait(429), ["limited", "limited", "limited", "same key later", "read first"]),
    ("never sent", never, ["unreachable", "unreachable", "unreachable", "same key", "read first"]),
    ("409", || answer(409), ["same key", "same key", "read first", "same key", "read first"]),
    (
        "409 wait",
        || wait(409),
        ["same key later", "same key later", "read first", "same key later", "read first"],
    ),
    ("500", || answer(500), ["same key", "same key", "read first", "same key", "read first"]),
    (
        "503 wait",
        || wait(503),
        ["same key later", "same key later", "read first", "same key later", "read first"],
    ),
    ("500 do retry", || told(500, true), ["same key", "same key", "read first", "same key", "read first"]),
    (
        "500 don't retry",
        || told(500, false),
        ["reconcile", "same key", "read first", "reconcile", "read first"],
    ),
    ("500 replayed", || replayed(500), ["reconcile", "same key", "read first", "reconcile", "read first"]),
    ("302", || answer(302), ["same key", "same key", "read first", "same key", "read first"]),
    ("broken", broken, ["same key", "same key", "read first", "same key", "read first"]),
];

#[test]
fn the_table_of_outcomes() {
    for (name, attempt, expected) in ROWS {
        let unknown = |kind| fold(None, kind, broken());
        let found = [
            fold(None, &write(), attempt()),
            fold(None, &Kind::Read, attempt()),
            fold(None, &Kind::Delete, attempt()),
            fold(Some(&unknown(&write())), &write(), attempt()),
            fold(Some(&unknown(&Kind::Delete)), &Kind::Delete, attempt()),
        ];
        assert_eq!(found.each_ref().map(word), *expected, "{name}");
    }
}

#[test]
fn a_request_that_was_not_sent_is_judged_afresh() {
    for (name, attempt, expected) in ROWS {
        for before in [never(), answer(401), answer(429)] {
            let before = fold(None, &write(), before);
            assert_eq!(word(&fold(Some(&before), &write(), attempt())), expected[0], "{name}");
        }
    }
}

#[test]
fn the_last_attempt_of_a_read_decides() {
    for (name, attempt, expected) in ROWS {
        let before = fold(None, &Kind::Read, broken());
        assert_eq!(word(&fold(Some(&before), &Kind::Read, attempt())), expected[1], "{name}");
    }
}

#[test]
fn what_is_settled_stays_settled() {
    for settled in [answer(200), answer(402)] {
        let settled = fold(None, &write(), settled);
        for (name, attempt, _) in ROWS {
            assert_eq!(fold(Some(&settled), &write(), attempt()), settled, "{name}");
        }
    }
}

#[test]
fn a_reconciler_is_never_called_off_by_silence() {
    let saved = fold(None, &write(), replayed(500));
    for attempt in [broken(), never(), answer(429), answer(409), answer(500), answer(400)] {
        assert_eq!(word(&fold(Some(&saved), &write(), attempt)), "reconcile");
    }
    assert_eq!(word(&fold(Some(&saved), &write(), answer(200))), "done");
}

#[test]
fn stripes_error_is_kept_while_the_outcome_is_unknown() {
    let first = fold(None, &write(), answer(500));
    let Outcome::OutcomeUnknown(then) = fold(Some(&first), &write(), never()) else { panic!("settled") };
    assert_eq!(then.error.map(|error| error.status), Some(500));
    assert!(then.why.contains("earlier attempt"), "{}", then.why);
}

fn any_attempt() -> impl Strategy<Value = Attempt> {
    let status = prop_oneof![
        Just(200u16),
        Just(400),
        Just(401),
        Just(402),
        Just(409),
        Just(429),
        Just(500),
        100u16..700
    ];
    let kind = prop_oneof![Just("card_error"), Just("idempotency_error"), Just("api_error")];
    prop_oneof![
        1 => Just(never()),
        1 => Just(broken()),
        6 => (status, kind, any::<bool>(), any::<Option<bool>>(), prop::option::of(0u64..9)).prop_map(
            |(status, kind, replayed, should_retry, wait)| with(status, kind, Headers {
                replayed, should_retry, retry_after: wait.map(Duration::from_secs), ..Headers::default()
            })
        ),
    ]
}

proptest! {
    /// The first promise: what may have happened is settled by proof alone.
    #[test]
    fn after_an_unknown_outcome_only_proof_settles(
        attempts in prop::collection::vec(any_attempt(), 1..12), delete in any::<bool>(),
    ) {
        let kind = if delete { Kind::Delete } else { write() };
        let mut before: Option<Outcome> = None;
        for attempt in attempts {
            let proof = match &attempt {
                Attempt::Answered(a) => (200..300).contains(&a.status)
                    || (a.headers.replayed && (400..500).contains(&a.status)),
                _ => false,
            };
            let after = fold(before.as_ref(), &kind, attempt);
            if matches!(before, Some(Outcome::OutcomeUnknown(_))) && !proof {
                prop_assert!(matches!(after, Outcome::OutcomeUnknown(_)), "{after:?}");
            }
            if let (Kind::Delete, Outcome::OutcomeUnknown(unknown)) = (&kind, &after) {
                prop_assert_eq!(unknown.next, Next::ReadFirst);
            }
            before = Some(after);
        }
    }

    /// `NotSent` promises that nothing happened: no attempt before it may have executed.
    #[test]
    fn not_sent_is_said_only_when_nothing_was(attempts in prop::collection::vec(any_attempt(), 1..12)) {
        let mut before: Option<Outcome> = None;
        let mut harmless = true;
        for attempt in attempts {
            harmless &= match &attempt {
                Attempt::NeverSent(_) => true,
                Attempt::Answered(a) => matches!(a.status, 401 | 429) && !a.headers.replayed,
                Attempt::Broken(_) => false,
            };
            let after = fold(before.as_ref(), &write(), attempt);
            prop_assert!(!matches!(after, Outcome::NotSent(_)) || harmless, "{after:?}");
            before = Some(after);
        }
    }
}
