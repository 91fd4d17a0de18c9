//! What holds for buckets whatever comes.

use model::Timestamp;
use proptest::prelude::*;

use super::super::{
    bucket::{Admission, BURST_MAX, Bucket, Slots, admit},
    buckets::Buckets,
};
use super::*;

fn at(us: i64) -> Timestamp {
    Timestamp::from_microsecond(us).unwrap()
}

/// Places for as many as come.
fn plenty() -> Slots {
    Slots::new(u32::MAX)
}

/// No window of these moments holds more than its rate and one burst.
fn within(rate: f64, burst: f64, admitted: &[i64]) -> Result<(), TestCaseError> {
    for (i, from) in admitted.iter().enumerate() {
        for (j, to) in admitted.iter().enumerate().skip(i) {
            let seconds = (to - from) as f64 / 1e6;
            prop_assert!((j - i + 1) as f64 <= rate * seconds + burst + 1e-6);
        }
    }
    Ok(())
}

const ERRANDS: [Errand; 6] = [
    READ,
    OTHER,
    WRITE,
    SEARCH,
    Errand { operation: "customers.search", ..SEARCH },
    Errand { operation: "customers.create", ..WRITE },
];

proptest! {
    #[test]
    fn no_window_admits_more_than_its_rate_and_one_burst(
        rate in 0.5_f64..200.0,
        burst in 1.0_f64..5.0,
        steps in proptest::collection::vec(0_i64..200_000, 1..200),
    ) {
        let mut bucket = Bucket::new(rate, burst);
        let (mut now, mut admitted, mut slots) = (0, Vec::new(), plenty());
        for step in steps {
            now += step;
            while admit(at(now), &mut [&mut bucket], &mut slots) == Admission::Now {
                admitted.push(now);
            }
        }
        within(rate, burst, &admitted)?;
    }

    #[test]
    fn all_buckets_pay_or_none_and_a_place_is_taken_or_not(
        rates in proptest::collection::vec(0.5_f64..50.0, 3),
        most in 1_u32..5,
        steps in proptest::collection::vec((0_i64..300_000, any::<bool>()), 1..100),
    ) {
        let mut buckets: Vec<_> = rates.iter().map(|rate| Bucket::new(*rate, 3.0)).collect();
        let (mut slots, mut now, mut under_way) = (Slots::new(most), 0, 0);
        for (step, ends) in steps {
            now += step;
            let before: Vec<_> = buckets.iter_mut().map(|bucket| bucket.level_at(at(now))).collect();
            let [a, b, c] = &mut buckets[..] else { unreachable!() };
            let paid = match admit(at(now), &mut [a, b, c], &mut slots) {
                Admission::Now => 1,
                Admission::Occupied => {
                    prop_assert_eq!(under_way, most);
                    0
                }
                Admission::After(_) => {
                    prop_assert!(before.iter().any(|level| *level < 1.0));
                    0
                }
            };
            for (bucket, before) in buckets.iter_mut().zip(before) {
                let level = bucket.level_at(at(now));
                prop_assert_eq!(level, before - f64::from(paid));
                prop_assert!(level >= 0.0);
            }
            under_way += paid;
            prop_assert!(under_way <= most);
            if ends && under_way > 0 {
                slots.release();
                under_way -= 1;
            }
        }
    }

    #[test]
    fn who_waits_as_told_is_admitted(rate in 0.01_f64..1e6, taken in 1_usize..8) {
        let (mut bucket, mut now, mut slots) = (Bucket::new(rate, 5.0), at(0), plenty());
        for _ in 0..taken {
            if let Admission::After(wait) = admit(now, &mut [&mut bucket], &mut slots) {
                now += wait;
                prop_assert_eq!(admit(now, &mut [&mut bucket], &mut slots), Admission::Now);
            }
        }
    }

    #[test]
    fn each_request_keeps_within_every_bucket_that_it_falls_under(
        steps in proptest::collection::vec((0_i64..60_000, 0..ERRANDS.len()), 1..300),
    ) {
        let limits = Limits { total_live: 30.0, read: 20.0, write: 15.0, operation: 9.0, search: 6.0, ..Limits::default() };
        let mut buckets = Buckets::new(&limits, Mode::Live).unwrap();
        let (mut now, mut went) = (0, Vec::new());
        for (step, errand) in steps {
            now += step;
            if buckets.admit(at(now), ERRANDS[errand]) == Admission::Now {
                went.push((now, ERRANDS[errand]));
                buckets.release();
            }
        }
        let of = |takes: &dyn Fn(&Errand) -> bool| {
            went.iter().filter(|(_, errand)| takes(errand)).map(|(at, _)| *at).collect::<Vec<_>>()
        };
        within(30.0, BURST_MAX, &of(&|_| true))?;
        within(20.0, BURST_MAX, &of(&|errand| !errand.write))?;
        within(15.0, BURST_MAX, &of(&|errand| errand.write))?;
        within(6.0, BURST_MAX, &of(&|errand| errand.search))?;
        for errand in ERRANDS {
            within(9.0, BURST_MAX, &of(&|other| other.operation == errand.operation))?;
        }
    }

    #[test]
    fn forgotten_operations_gain_nothing(
        steps in proptest::collection::vec((0_i64..2_000, 0_usize..400), 1..600),
    ) {
        let names: Vec<&'static str> = NAMES.iter().copied().take(400).collect();
        let limits = Limits { total_live: 1e6, read: 1e6, operation: 2.0, ..Limits::default() };
        let mut buckets = Buckets::new(&limits, Mode::Live).unwrap();
        let (mut now, mut went) = (0, Vec::new());
        for (step, nth) in steps {
            now += step;
            // Few operations often, many seldom.
            let operation = names[if step % 2 == 0 { nth % 3 } else { nth }];
            let errand = Errand { operation, ..READ };
            if buckets.admit(at(now), errand) == Admission::Now {
                went.push((now, operation));
                buckets.release();
            }
            prop_assert!(buckets.operations() <= 256);
        }
        for name in &names[..3] {
            let times: Vec<_> = went.iter().filter(|(_, other)| other == name).map(|(at, _)| *at).collect();
            within(2.0, BURST_MAX, &times)?;
        }
    }
}

/// Every operation of the tables, which is more than have a bucket of their own.
static NAMES: std::sync::LazyLock<Vec<&'static str>> =
    std::sync::LazyLock::new(|| stripe::tables::operation_ids().collect());

#[test]
fn nonsense_rates_neither_stop_nor_open_the_gate() {
    for rate in [f64::NAN, f64::INFINITY, -1.0, 0.0] {
        let (mut bucket, mut slots) = (Bucket::new(rate, f64::NAN), plenty());
        assert_eq!(admit(at(0), &mut [&mut bucket], &mut slots), Admission::Now);
        assert_ne!(admit(at(0), &mut [&mut bucket], &mut slots), Admission::Now);
    }
    assert_eq!(admit(at(0), &mut [], &mut Slots::new(0)), Admission::Now);
}

#[test]
fn a_clock_set_back_gives_no_tokens() {
    let (mut bucket, mut slots) = (Bucket::new(1.0, 1.0), plenty());
    assert_eq!(admit(at(10_000_000), &mut [&mut bucket], &mut slots), Admission::Now);
    let again = admit(at(0), &mut [&mut bucket], &mut slots);
    assert_eq!(again, Admission::After(Duration::from_micros(1_000_001)));
}
