use std::sync::Arc;

use model::{ConnectionId, ManualClock, SeededRng};
use proptest::prelude::*;

use super::*;

fn at(us: i64) -> Timestamp {
    Timestamp::from_microsecond(us).unwrap()
}

fn binding(account: &str, company: u64, mode: Mode) -> Binding {
    let (clock, rng) = (ManualClock::at_second(1), SeededRng::new(company));
    let company = model::CompanyId::new(&clock, &rng);
    let connection = ConnectionId::new(&clock, &SeededRng::new(0));
    Binding { company, connection, account: AccountId::new(account), mode }
}

proptest! {
    #[test]
    fn no_window_admits_more_than_its_rate_and_one_burst(
        rate in 0.5_f64..200.0,
        burst in 1.0_f64..5.0,
        steps in proptest::collection::vec(0_i64..200_000, 1..200),
    ) {
        let mut bucket = Bucket::new(rate, burst);
        let (mut now, mut admitted) = (0, Vec::new());
        for step in steps {
            now += step;
            while admit(at(now), &mut [&mut bucket]) == Admission::Now {
                admitted.push(now);
            }
        }
        for (i, from) in admitted.iter().enumerate() {
            for (j, to) in admitted.iter().enumerate().skip(i) {
                let seconds = (to - from) as f64 / 1e6;
                prop_assert!((j - i + 1) as f64 <= rate * seconds + burst + 1e-6);
            }
        }
    }

    #[test]
    fn all_buckets_pay_or_none(
        rates in proptest::collection::vec(0.5_f64..50.0, 3),
        steps in proptest::collection::vec(0_i64..300_000, 1..100),
    ) {
        let mut buckets: Vec<_> = rates.iter().map(|rate| Bucket::new(*rate, 3.0)).collect();
        let mut now = 0;
        for step in steps {
            now += step;
            for bucket in &mut buckets {
                bucket.refill(at(now));
            }
            let before: Vec<_> = buckets.iter().map(|bucket| bucket.level).collect();
            let [a, b, c] = &mut buckets[..] else { unreachable!() };
            let paid = match admit(at(now), &mut [a, b, c]) { Admission::Now => 1.0, Admission::After(_) => 0.0 };
            for (bucket, before) in buckets.iter().zip(before) {
                prop_assert_eq!(bucket.level, before - paid);
                prop_assert!(bucket.level >= 0.0);
            }
        }
    }

    #[test]
    fn who_waits_as_told_is_admitted(rate in 0.01_f64..1e6, taken in 1_usize..8) {
        let mut bucket = Bucket::new(rate, 5.0);
        let mut now = at(0);
        for _ in 0..taken {
            if let Admission::After(wait) = admit(now, &mut [&mut bucket]) {
                now += wait;
                prop_assert_eq!(admit(now, &mut [&mut bucket]), Admission::Now);
            }
        }
    }
}

#[test]
fn nonsense_rates_neither_stop_nor_open_the_gate() {
    for rate in [f64::NAN, f64::INFINITY, -1.0, 0.0] {
        let mut bucket = Bucket::new(rate, f64::NAN);
        assert_eq!(admit(at(0), &mut [&mut bucket]), Admission::Now);
        assert_ne!(admit(at(0), &mut [&mut bucket]), Admission::Now);
    }
}

#[test]
fn a_clock_set_back_gives_no_tokens() {
    let mut bucket = Bucket::new(1.0, 1.0);
    assert_eq!(admit(at(10_000_000), &mut [&mut bucket]), Admission::Now);
    assert_eq!(admit(at(0), &mut [&mut bucket]), Admission::After(Duration::from_micros(1_000_001)));
}

/// Admits calls one by one in the background and notes who went, in order.
async fn order(limiter: &Arc<Limiter>, calls: &[(&'static str, Binding, Class)]) -> Vec<&'static str> {
    let went = Arc::new(Mutex::new(Vec::new()));
    let waits = calls.iter().map(|(name, binding, class)| {
        let (went, limiter) = (went.clone(), limiter.clone());
        async move {
            limiter.admit(binding, true, *class).await;
            went.lock().unwrap().push(*name);
        }
    });
    futures_util::future::join_all(waits).await;
    let went = went.lock().unwrap();
    went.clone()
}

#[tokio::test(start_paused = true)]
async fn interactive_calls_go_first_and_companies_take_turns() {
    let limits = Limits { write: 10.0, ..Limits::default() };
    let limiter = Arc::new(Limiter::new(limits, None));
    let (a, b) = (binding("acct_1", 1, Mode::Test), binding("acct_1", 2, Mode::Test));
    for _ in 0..5 {
        limiter.admit(&a, true, Class::Background).await;
    }
    let calls = [
        ("background a", a.clone(), Class::Background),
        ("a1", a.clone(), Class::Interactive),
        ("a2", a.clone(), Class::Interactive),
        ("a3", a.clone(), Class::Interactive),
        ("b1", b.clone(), Class::Interactive),
        ("background b", b.clone(), Class::Background),
    ];
    assert_eq!(order(&limiter, &calls).await, ["a1", "b1", "a2", "a3", "background a", "background b"]);
}

#[tokio::test(start_paused = true)]
async fn one_who_gives_up_does_not_hold_up_the_others() {
    let limiter = Arc::new(Limiter::new(Limits { write: 1.0, ..Limits::default() }, None));
    let a = binding("acct_1", 1, Mode::Test);
    for _ in 0..5 {
        limiter.admit(&a, true, Class::Interactive).await;
    }
    let began = Instant::now();
    let impatient =
        tokio::time::timeout(Duration::from_millis(10), limiter.admit(&a, true, Class::Interactive));
    let (gave_up, ()) = tokio::join!(impatient, limiter.admit(&a, true, Class::Interactive));
    assert!(gave_up.is_err());
    assert!(began.elapsed() < Duration::from_millis(1_100), "{:?}", began.elapsed());
}

#[tokio::test(start_paused = true)]
async fn a_full_queue_uses_the_whole_rate() {
    let limiter = Arc::new(Limiter::new(Limits::default(), None));
    let a = binding("acct_1", 1, Mode::Test);
    let began = Instant::now();
    let calls: Vec<_> = (0..255).map(|_| ("x", a.clone(), Class::Background)).collect();
    order(&limiter, &calls).await;
    let seconds = began.elapsed().as_secs_f64();
    assert!((10.0..10.5).contains(&seconds), "250 beyond the burst at 25/s took {seconds} s");
}

#[tokio::test(start_paused = true)]
async fn a_429_rests_the_bucket_that_it_names() {
    let limiter = Limiter::new(Limits::default(), None);
    let (a, other) = (binding("acct_1", 1, Mode::Test), binding("acct_2", 1, Mode::Test));
    limiter.obey(&a, true, Some("endpoint-rate"), Some(Duration::from_secs(7)));
    let began = Instant::now();
    limiter.admit(&a, false, Class::Background).await;
    limiter.admit(&other, true, Class::Background).await;
    assert!(began.elapsed() < Duration::from_millis(1));
    limiter.admit(&a, true, Class::Background).await;
    assert_eq!(began.elapsed().as_secs(), 7);
    limiter.obey(&a, true, Some("global-rate"), Some(Duration::from_secs(3)));
    limiter.admit(&a, false, Class::Background).await;
    assert_eq!(began.elapsed().as_secs(), 10);
}

#[tokio::test(start_paused = true)]
async fn mode_local_is_limited_only_when_asked() {
    let local = binding("acct_1", 1, Mode::Local);
    let (free, asked) = (Limiter::new(Limits::default(), None), Limiter::new(Limits::default(), Some(10.0)));
    let began = Instant::now();
    for _ in 0..50 {
        free.admit(&local, true, Class::Background).await;
    }
    assert!(began.elapsed().is_zero());
    for _ in 0..25 {
        asked.admit(&local, true, Class::Background).await;
    }
    assert!(began.elapsed() >= Duration::from_secs(2));
}
