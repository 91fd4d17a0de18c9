use std::sync::Mutex;

use model::{ConnectionId, ManualClock, SeededRng};
use serde_json::json;
use stripe::Headers;
use tokio::time::Instant;

use super::*;

mod demand;
mod properties;

fn binding(account: &str, company: u64, mode: Mode) -> Binding {
    let (clock, rng) = (ManualClock::at_second(1), SeededRng::new(company));
    let company = model::CompanyId::new(&clock, &rng);
    let connection = ConnectionId::new(&clock, &SeededRng::new(0));
    Binding { company, connection, account: AccountId::new(account), mode }
}

const WRITE: Errand = Errand { operation: "invoices.create", write: true, search: false };
const READ: Errand = Errand { operation: "invoices.list", write: false, search: false };
const OTHER: Errand = Errand { operation: "customers.list", write: false, search: false };
const SEARCH: Errand = Errand { operation: "invoices.search", write: false, search: true };

fn answer(reason: Option<&str>, code: &str, retry_after: Option<u64>) -> Answer {
    let headers = Headers {
        retry_after: retry_after.map(Duration::from_secs),
        rate_limited_reason: reason.map(str::to_owned),
        ..Headers::default()
    };
    Answer { status: 429, headers, body: json!({ "error": { "code": code } }) }
}

impl Limiter {
    /// Goes and ends at once.
    async fn pass(&self, of: &Binding, errand: Errand) {
        self.admit(of, errand, Rank::Interactive).await;
    }

    /// How long until it may go, to the millisecond.
    async fn wait_of(&self, of: &Binding, errand: Errand) -> u128 {
        let began = Instant::now();
        self.pass(of, errand).await;
        began.elapsed().as_millis()
    }
}

/// Admits calls at once and notes who went, in order.
async fn order(limiter: &Limiter, calls: &[(&'static str, Binding, Errand, Rank)]) -> Vec<&'static str> {
    let went = Mutex::new(Vec::new());
    let waits = calls.iter().map(|(name, binding, errand, rank)| {
        let went = &went;
        async move {
            limiter.admit(binding, *errand, *rank).await;
            went.lock().unwrap().push(*name);
        }
    });
    futures_util::future::join_all(waits).await;
    went.into_inner().unwrap()
}

#[tokio::test(start_paused = true)]
async fn interactive_calls_go_first_then_pages_then_the_rest_and_companies_take_turns() {
    let limiter = Limiter::new(Limits { write: 10.0, ..Limits::default() });
    let (a, b) = (binding("acct_1", 1, Mode::Test), binding("acct_1", 2, Mode::Test));
    for _ in 0..5 {
        limiter.pass(&a, WRITE).await;
    }
    let calls = [
        ("background a", a.clone(), WRITE, Rank::Background),
        ("page a", a.clone(), WRITE, Rank::Paging),
        ("a1", a.clone(), WRITE, Rank::Interactive),
        ("a2", a.clone(), WRITE, Rank::Interactive),
        ("a3", a.clone(), WRITE, Rank::Interactive),
        ("b1", b.clone(), WRITE, Rank::Interactive),
        ("background b", b.clone(), WRITE, Rank::Background),
    ];
    let went = order(&limiter, &calls).await;
    assert_eq!(went, ["a1", "b1", "a2", "a3", "page a", "background a", "background b"]);
}

#[tokio::test(start_paused = true)]
async fn one_in_eight_is_of_a_lower_rank_that_waits() {
    let limiter = Limiter::new(Limits { write: 10.0, ..Limits::default() });
    let a = binding("acct_1", 1, Mode::Test);
    for _ in 0..5 {
        limiter.pass(&a, WRITE).await;
    }
    let mut calls = vec![("background", a.clone(), WRITE, Rank::Background); 3];
    calls.extend(vec![("interactive", a.clone(), WRITE, Rank::Interactive); 24]);
    let went = order(&limiter, &calls).await;
    let places: Vec<_> =
        went.iter().enumerate().filter(|(_, name)| **name == "background").map(|(n, _)| n).collect();
    assert_eq!(places, [7, 15, 23]);
}

#[tokio::test(start_paused = true)]
async fn a_call_that_waits_for_its_operation_holds_up_no_other() {
    let limiter = Limiter::new(Limits { operation: 1.0, ..Limits::default() });
    let a = binding("acct_1", 1, Mode::Live);
    for _ in 0..5 {
        limiter.pass(&a, READ).await;
    }
    let began = Instant::now();
    let same = limiter.admit(&a, READ, Rank::Interactive);
    let other = async {
        limiter.admit(&a, OTHER, Rank::Background).await;
        began.elapsed()
    };
    let (_, other) = tokio::join!(same, other);
    assert!(other < Duration::from_millis(100), "{other:?}");
    assert_eq!(began.elapsed().as_secs(), 1);
}

#[tokio::test(start_paused = true)]
async fn searches_of_all_kinds_share_a_bucket_beside_those_of_their_operations() {
    let limiter = Limiter::new(Limits { search: 1.0, ..Limits::default() });
    let a = binding("acct_1", 1, Mode::Live);
    for _ in 0..5 {
        limiter.pass(&a, SEARCH).await;
    }
    let other = Errand { operation: "customers.search", ..SEARCH };
    let began = Instant::now();
    let search = limiter.pass(&a, other);
    let no_search = async { limiter.wait_of(&a, READ).await };
    let ((), no_search) = tokio::join!(search, no_search);
    assert!(no_search < 100 && began.elapsed().as_secs() == 1, "{no_search} ms, {:?}", began.elapsed());
}

#[tokio::test(start_paused = true)]
async fn no_more_are_under_way_than_allowed_and_one_that_ends_lets_the_next_go() {
    let limiter = Limiter::new(Limits { concurrent_test: 2, ..Limits::default() });
    let a = binding("acct_1", 1, Mode::Test);
    let first = limiter.admit(&a, READ, Rank::Background).await;
    let second = limiter.admit(&a, WRITE, Rank::Background).await;
    let mut third = Box::pin(limiter.admit(&a, READ, Rank::Interactive));
    let waited = tokio::time::timeout(Duration::from_secs(60), &mut third).await;
    assert!(waited.is_err(), "two are under way");
    let began = Instant::now();
    drop(first);
    let third = third.await;
    assert!(began.elapsed() < Duration::from_millis(2));
    drop((second, third));
    assert_eq!(limiter.wait_of(&a, READ).await, 0);
}

#[tokio::test(start_paused = true)]
async fn one_who_leaves_while_being_admitted_leaves_its_place_free() {
    let limiter = Limiter::new(Limits { concurrent_test: 1, ..Limits::default() });
    let a = binding("acct_1", 1, Mode::Test);
    for _ in 0..200 {
        let held = limiter.admit(&a, READ, Rank::Background).await;
        let mut leaves = Box::pin(limiter.admit(&a, READ, Rank::Background));
        let mut stays = Box::pin(limiter.admit(&a, OTHER, Rank::Background));
        assert!(
            futures_util::poll!(&mut leaves).is_pending() && futures_util::poll!(&mut stays).is_pending()
        );
        drop(held);
        // The one that watches the time for both goes away without looking again.
        drop(leaves);
        let stays = tokio::time::timeout(Duration::from_secs(3), stays).await;
        assert!(stays.is_ok(), "the place is free");
    }
}

#[tokio::test(start_paused = true)]
async fn one_who_gives_up_does_not_hold_up_the_others() {
    let limiter = Limiter::new(Limits { write: 1.0, ..Limits::default() });
    let a = binding("acct_1", 1, Mode::Test);
    for _ in 0..5 {
        limiter.pass(&a, WRITE).await;
    }
    let began = Instant::now();
    let impatient = tokio::time::timeout(Duration::from_millis(10), limiter.pass(&a, WRITE));
    let (gave_up, ()) = tokio::join!(impatient, limiter.pass(&a, WRITE));
    assert!(gave_up.is_err());
    assert!(began.elapsed() < Duration::from_millis(1_100), "{:?}", began.elapsed());
}

#[tokio::test(start_paused = true)]
async fn a_429_rests_what_it_names_and_nothing_else() {
    let rests = |reason: Option<&'static str>, code: &'static str| async move {
        let limiter = Limiter::new(Limits::default());
        let (a, other) = (binding("acct_1", 1, Mode::Test), binding("acct_2", 1, Mode::Test));
        limiter.obey(&a, READ, &answer(reason, code, Some(7)));
        assert_eq!(limiter.wait_of(&other, READ).await, 0, "{reason:?}: another account");
        let elsewhere = limiter.wait_of(&a, OTHER).await;
        (elsewhere, limiter.wait_of(&a, READ).await)
    };
    for reason in ["global-rate", "global-concurrency"] {
        assert_eq!(rests(Some(reason), "rate_limit").await, (7_000, 0), "{reason}");
    }
    for reason in [Some("endpoint-rate"), Some("endpoint-concurrency"), Some("named-later"), None] {
        assert_eq!(rests(reason, "rate_limit").await, (0, 7_000), "{reason:?}");
    }
    assert_eq!(rests(Some("resource-specific"), "rate_limit").await, (0, 0));
    assert_eq!(rests(None, "lock_timeout").await, (0, 0));
}

#[tokio::test(start_paused = true)]
async fn a_429_without_a_time_rests_a_second_and_no_time_is_obeyed_for_hours() {
    let limiter = Limiter::new(Limits::default());
    let a = binding("acct_1", 1, Mode::Test);
    limiter.obey(&a, READ, &answer(Some("global-rate"), "rate_limit", None));
    assert_eq!(limiter.wait_of(&a, READ).await, 1_000);
    limiter.obey(&a, READ, &answer(Some("global-rate"), "rate_limit", Some(86_400)));
    assert_eq!(limiter.wait_of(&a, READ).await, 600_000);
}

#[tokio::test(start_paused = true)]
async fn mode_local_is_limited_only_when_asked() {
    let local = binding("acct_1", 1, Mode::Local);
    let free = Limiter::new(Limits::default());
    let asked = Limiter::new(Limits { total_local: Some(10.0), ..Limits::default() });
    let began = Instant::now();
    for _ in 0..50 {
        free.pass(&local, WRITE).await;
    }
    assert!(began.elapsed().is_zero());
    for _ in 0..25 {
        asked.pass(&local, WRITE).await;
    }
    assert!(began.elapsed() >= Duration::from_secs(2));
}

#[tokio::test(start_paused = true)]
async fn lanes_that_nobody_uses_are_forgotten_and_used_ones_are_not() {
    let limiter = Limiter::new(Limits { total_test: 1.0, ..Limits::default() });
    let busy = binding("busy", 1, Mode::Test);
    let held = limiter.admit(&busy, READ, Rank::Background).await;
    for n in 0..1_000 {
        limiter.pass(&binding(&format!("acct_{n}"), 1, Mode::Test), READ).await;
        tokio::time::sleep(Duration::from_secs(2)).await;
    }
    let lanes = limiter.lanes.lock().unwrap();
    assert!(lanes.of.len() <= LANES, "{}", lanes.of.len());
    assert!(lanes.of.contains_key(&(busy.account, busy.mode)));
    drop(held);
}
