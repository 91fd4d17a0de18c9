//! The simulation over its seeds, its determinism, and the planted bugs that it has to find.
//!
//! `BURSAR_SEEDS=500` runs more worlds, `BURSAR_SEED=17` one of them.

use std::{
    collections::BTreeSet,
    sync::{
        Mutex,
        atomic::{AtomicU64, Ordering},
    },
};

use bursar_it::simulation::{Boundary, Finding, Kind, Outcome, Planted, Tally, simulate};

/// How many worlds a plain `cargo test` lives through.
const SEEDS: u64 = 40;

/// Lives through one world on a runtime of its own.
fn world(seed: u64, planted: Planted) -> Outcome {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build();
    runtime.unwrap().block_on(simulate(seed, planted))
}

#[expect(clippy::disallowed_methods, reason = "a test is told by its environment which seeds to run")]
fn from_environment(name: &str) -> Option<u64> {
    std::env::var(name).ok().map(|text| text.parse().expect("a number of seeds, or a seed"))
}

/// The seeds to run: one, or the first so many.
fn seeds() -> std::ops::Range<u64> {
    match from_environment("BURSAR_SEED") {
        Some(seed) => seed..seed + 1,
        None => 0..from_environment("BURSAR_SEEDS").unwrap_or(SEEDS),
    }
}

/// What all worlds of a campaign came to.
#[derive(Default)]
struct Campaign {
    tally: Tally,
    findings: Vec<(u64, Finding)>,
}

/// Lives through the worlds of these seeds, two at a time, until `enough`.
fn campaign(
    seeds: std::ops::Range<u64>,
    planted: Planted,
    enough: impl Fn(&Campaign) -> bool + Sync,
) -> Campaign {
    let next = AtomicU64::new(seeds.start);
    let all = Mutex::new(Campaign::default());
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                loop {
                    let seed = next.fetch_add(1, Ordering::SeqCst);
                    if seed >= seeds.end || enough(&all.lock().unwrap()) {
                        return;
                    }
                    let Outcome { report, mut tally, trace } = world(seed, planted);
                    if seeds.end - seeds.start == 1 {
                        println!("{}\n{}", trace.stripe, trace.runs);
                    }
                    (tally.runs, tally.canceled) = (report.runs, report.canceled);
                    let mut all = all.lock().unwrap();
                    all.tally.add(&tally);
                    all.findings.extend(report.findings.into_iter().map(|finding| (seed, finding)));
                }
            });
        }
    });
    let mut all = all.into_inner().unwrap();
    all.findings.sort_by_key(|(seed, _)| *seed);
    if all.tally.units_lost == 0 {
        let text = "no crash took anything away from the store";
        all.findings.push((seeds.end, Finding::new(Kind::NothingLost, text)));
    }
    all
}

#[test]
fn crashes_faults_and_duplicates_change_nothing() {
    let seeds = seeds();
    let all = campaign(seeds.clone(), Planted::Nothing, |_| false);
    println!("{}", all.tally);
    for (seed, finding) in &all.findings {
        println!("seed {seed}: {finding}");
        println!("  BURSAR_SEED={seed} cargo test -p bursar-it --test it simulation::crashes -- --nocapture");
    }
    let failing: BTreeSet<_> = all.findings.iter().map(|(seed, _)| seed).collect();
    assert!(all.findings.is_empty(), "{} findings in the worlds of {failing:?}", all.findings.len());
    if seeds.clone().count() as u64 >= SEEDS {
        for boundary in Boundary::ALL {
            let deaths = all.tally.deaths.get(&boundary).copied().unwrap_or(0);
            assert!(deaths >= 3, "only {deaths} worlds ended {boundary}: the plan is too tame");
        }
        assert!(all.tally.long_absences > 0, "nobody was ever away for longer than Stripe remembers keys");
        for (decision, at_least) in [("done", 3), ("not_done", 3), ("retry", 3), ("wrong object refused", 1)]
        {
            let n = all.tally.decisions.get(decision).copied().unwrap_or(0);
            assert!(n >= at_least, "`{decision}` was decided {n} times: the plan is too tame");
        }
    }
}

#[test]
fn one_seed_is_one_world() {
    for seed in 1_000..1_010 {
        let (first, second) = (world(seed, Planted::Nothing).trace, world(seed, Planted::Nothing).trace);
        assert!(first.stripe.lines().count() > 20, "seed {seed}: Stripe was hardly asked");
        same(seed, "requests at Stripe", &first.stripe, &second.stripe);
        same(seed, "runs and journals", &first.runs, &second.runs);
    }
}

/// Compares byte for byte, and shows where two texts part.
fn same(seed: u64, what: &str, first: &str, second: &str) {
    for (n, (a, b)) in first.lines().zip(second.lines()).enumerate() {
        assert_eq!(a, b, "seed {seed}: the {what} part at line {n}");
    }
    assert_eq!(first, second, "seed {seed}: one of the {what} is longer");
}

/// Plants a bug and expects a finding of this kind within the seeds.
fn finds(planted: Planted, wanted: Kind) {
    let found = |all: &Campaign| all.findings.iter().any(|(_, finding)| finding.kind == wanted);
    let all = campaign(0..SEEDS, planted, found);
    let kinds: BTreeSet<_> = all.findings.iter().map(|(_, finding)| finding.kind).collect();
    assert!(found(&all), "{planted:?} went unnoticed in {} worlds; found only {kinds:?}", all.tally.seeds);
    let (seed, finding) = all.findings.iter().find(|(_, finding)| finding.kind == wanted).unwrap();
    println!("{planted:?} was found by seed {seed}: {finding}");
}

#[test]
fn without_an_intent_something_is_executed_twice() {
    finds(Planted::NoIntent, Kind::Executed);
}

#[test]
fn under_a_new_key_a_resend_is_executed_twice() {
    finds(Planted::NewKeyOnResend, Kind::Executed);
}

#[test]
fn an_event_acknowledged_before_its_commit_is_lost() {
    finds(Planted::DispatchBeforeCommit, Kind::EventLost);
}

#[test]
fn a_person_who_lies_makes_something_happen_twice() {
    finds(Planted::LyingPerson, Kind::Executed);
}

#[test]
fn a_store_that_loses_nothing_proves_nothing() {
    let never = |_: &Campaign| false;
    let planted = campaign(0..8, Planted::LosesNothing, never);
    let kinds: Vec<_> = planted.findings.iter().map(|(_, finding)| finding.kind).collect();
    assert_eq!(kinds, [Kind::NothingLost], "the crashes of {} worlds took nothing away", planted.tally.seeds);
    assert!(campaign(0..8, Planted::Nothing, never).findings.is_empty(), "as it is shipped they do");
}
