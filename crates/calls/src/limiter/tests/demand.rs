//! A minute of full demand in simulated time: many callers, companies, operations and
//! ranks, each request under way for a while.

use std::{cell::RefCell, collections::BTreeMap};

use model::{CompanyId, Rng as _};

use super::super::bucket::BURST_MAX;
use super::*;

const MINUTE: Duration = Duration::from_secs(60);

/// One that went.
struct Went {
    at: f64,
    errand: Errand,
    rank: Rank,
    company: CompanyId,
}

/// What callers ask for, one after another, each without a pause.
struct Caller {
    of: Binding,
    errands: &'static [Errand],
    rank: Rank,
}

/// Lets callers ask for a minute; who went, in order, and the most that were under way.
async fn demand(limits: Limits, callers: &[Caller]) -> (Vec<Went>, usize) {
    let limiter = Limiter::new(limits);
    let (began, went, under_way) =
        (Instant::now(), RefCell::new(Vec::new()), RefCell::new((0_usize, 0_usize)));
    let asking = callers.iter().enumerate().map(|(n, caller)| {
        let (limiter, went, under_way, rng) = (&limiter, &went, &under_way, SeededRng::new(n as u64));
        async move {
            for errand in caller.errands.iter().cycle().skip(n % caller.errands.len()) {
                let permit = limiter.admit(&caller.of, *errand, caller.rank).await;
                let at = began.elapsed().as_secs_f64();
                went.borrow_mut().push(Went {
                    at,
                    errand: *errand,
                    rank: caller.rank,
                    company: caller.of.company,
                });
                let now = under_way.borrow().0 + 1;
                let most = under_way.borrow().1.max(now);
                *under_way.borrow_mut() = (now, most);
                tokio::time::sleep(Duration::from_millis(20 + rng.next_u64() % 880)).await;
                under_way.borrow_mut().0 -= 1;
                drop(permit);
            }
        }
    });
    let _ = tokio::time::timeout(MINUTE, futures_util::future::join_all(asking)).await;
    let most = under_way.borrow().1;
    (went.into_inner(), most)
}

fn callers(
    number: usize,
    company: u64,
    errands: &'static [Errand],
    rank: Rank,
) -> impl Iterator<Item = Caller> {
    (0..number).map(move |_| Caller { of: binding("acct_1", company, Mode::Live), errands, rank })
}

fn per_second(went: &[Went], which: impl Fn(&Went) -> bool) -> f64 {
    went.iter().filter(|one| which(one)).count() as f64 / MINUTE.as_secs_f64()
}

/// No window holds more than a rate and one burst. The windows that matter begin and
/// end with an admission; of a sum that only grows, the worst is found in one pass.
fn keeps(rate: f64, went: &[Went], which: impl Fn(&Went) -> bool) {
    let mut least = f64::INFINITY;
    for (n, one) in went.iter().filter(|one| which(one)).enumerate() {
        let ahead = n as f64 - rate * one.at;
        least = least.min(ahead);
        assert!(
            ahead - least + 1.0 <= BURST_MAX + 1e-6,
            "{} within a window of {rate}/s",
            ahead - least + 1.0
        );
    }
}

fn keeps_every_limit(limits: &Limits, went: &[Went]) {
    keeps(limits.total_live, went, |_| true);
    keeps(limits.read, went, |one| !one.errand.write);
    keeps(limits.write, went, |one| one.errand.write);
    keeps(limits.search, went, |one| one.errand.search);
    let operations: std::collections::BTreeSet<_> = went.iter().map(|one| one.errand.operation).collect();
    for operation in operations {
        keeps(limits.operation, went, |one| one.errand.operation == operation);
    }
}

const fn read(operation: &'static str) -> Errand {
    Errand { operation, write: false, search: false }
}

const MIX: &[Errand] = &[
    READ,
    OTHER,
    WRITE,
    SEARCH,
    read("charges.list"),
    Errand { operation: "customers.update", write: true, search: false },
    read("invoices.retrieve"),
    Errand { operation: "refunds.create", write: true, search: false },
];

#[tokio::test(start_paused = true)]
async fn a_mix_of_operations_uses_the_whole_rate_and_exceeds_nothing() {
    let limits = Limits::default();
    let all: Vec<_> = callers(70, 1, MIX, Rank::Interactive)
        .chain(callers(50, 2, MIX, Rank::Interactive))
        .chain(callers(40, 1, MIX, Rank::Paging))
        .chain(callers(90, 3, MIX, Rank::Background))
        .collect();
    let (went, most) = demand(limits, &all).await;
    keeps_every_limit(&limits, &went);
    assert!(most <= 100, "{most} under way");
    let rate = per_second(&went, |_| true);
    assert!(rate >= 0.95 * 100.0, "{rate}/s of 100/s");
    for (rank, least) in [(Rank::Background, 9.0), (Rank::Paging, 9.0)] {
        let rate = per_second(&went, |one| one.rank == rank);
        assert!(rate >= least, "{rank:?} has {rate}/s while interactive calls want everything");
    }
    let of = |company: &Caller| {
        per_second(&went, |one| one.rank == Rank::Interactive && one.company == company.of.company)
    };
    let (one, other) = (of(&all[0]), of(&all[70]));
    assert!((one - other).abs() < 0.1 * one, "{one}/s and {other}/s for two companies that want everything");
}

#[tokio::test(start_paused = true)]
async fn an_operation_that_everybody_wants_leaves_the_rest_to_the_others() {
    let limits = Limits::default();
    // 200 callers want one operation; 60 others together want more than what is left.
    let others: &[Errand] = const { &[OTHER, WRITE, read("charges.list"), read("events.list")] };
    let all: Vec<_> = callers(200, 1, const { &[READ] }, Rank::Interactive)
        .chain(callers(60, 1, others, Rank::Background))
        .collect();
    let (went, _) = demand(limits, &all).await;
    keeps_every_limit(&limits, &went);
    let wanted = per_second(&went, |one| one.errand == READ);
    assert!((0.95 * 25.0..=25.2).contains(&wanted), "{wanted}/s of the operation's 25/s");
    let rate = per_second(&went, |_| true);
    assert!(rate >= 0.95 * 100.0, "{rate}/s of 100/s");
}

#[tokio::test(start_paused = true)]
async fn full_demand_for_one_operation_uses_the_whole_rate_of_it() {
    let limits = Limits { concurrent_live: 20, ..Limits::default() };
    let all: Vec<_> = callers(200, 1, const { &[SEARCH] }, Rank::Background).collect();
    let (went, most) = demand(limits, &all).await;
    keeps_every_limit(&limits, &went);
    let rate = per_second(&went, |_| true);
    assert!(most <= 20 && rate >= 0.95 * 20.0, "{rate}/s of 20/s with {most} under way");
}

#[tokio::test(start_paused = true)]
async fn one_interactive_call_waits_for_no_listing_and_for_no_run() {
    let limiter = Limiter::new(Limits::default());
    let a = binding("acct_1", 1, Mode::Test);
    let busy =
        callers(50, 1, MIX, Rank::Paging).chain(callers(500, 1, MIX, Rank::Background)).collect::<Vec<_>>();
    let waits: RefCell<BTreeMap<usize, Duration>> = RefCell::default();
    let crowd = busy.iter().map(|caller| async {
        for errand in caller.errands.iter().cycle() {
            let _permit = limiter.admit(&a, *errand, caller.rank).await;
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    });
    let person = async {
        for n in 0..100 {
            tokio::time::sleep(Duration::from_millis(137)).await;
            let began = Instant::now();
            let _permit = limiter.admit(&a, read("balance.retrieve"), Rank::Interactive).await;
            waits.borrow_mut().insert(n, began.elapsed());
        }
    };
    tokio::select! {
        _ = futures_util::future::join_all(crowd) => {}
        () = person => {}
    }
    // At 25/s a token comes every 40 ms; those of a lower rank go ahead once in eight.
    let longest = waits.borrow().values().max().copied().unwrap();
    assert!(longest <= Duration::from_millis(85), "{longest:?}");
    assert_eq!(waits.borrow().len(), 100);
}
