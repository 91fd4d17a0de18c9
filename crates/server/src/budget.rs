//! How often a key may ask: a bucket per key and one per company, for each class of
//! requests.
//!
//! A bucket is one number, the time at which it is full again (the generic cell rate
//! algorithm), so admitting is constant work. What would surprise: a bucket that is full
//! is not kept. Two maps take turns, a minute each, and what nobody has touched for a
//! minute, the time in which any bucket fills, goes with the older one.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use model::{Code, CompanyId, Failure, KeyId, Retry, Timestamp, micros};

use crate::{KeyLimits, failure::Refused};

/// Every limit is per minute, and a bucket holds a minute's worth.
const MINUTE_US: i64 = 60_000_000;

/// What a request does, as far as limits go.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Class {
    Read,
    Write,
    Execute,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Owner {
    Key(KeyId),
    Company(CompanyId),
}

/// The buckets of a process.
pub(crate) struct Budgets {
    limits: KeyLimits,
    buckets: Mutex<Buckets>,
}

/// When each bucket is full again, in microseconds.
#[derive(Default)]
struct Buckets {
    current: HashMap<(Owner, Class), i64>,
    previous: HashMap<(Owner, Class), i64>,
    since: i64,
}

impl Budgets {
    pub(crate) fn new(limits: KeyLimits) -> Self {
        Self { limits, buckets: Mutex::default() }
    }

    /// Takes one request out of both buckets, or out of neither.
    ///
    /// # Errors
    /// `rate_limited`, with when to come again.
    pub(crate) fn admit(
        &self,
        key: KeyId,
        company: CompanyId,
        class: Class,
        now: Timestamp,
    ) -> Result<(), Refused> {
        let (now, limit) = (micros(now), self.limit(class));
        let whole = i64::from(limit) * i64::from(self.limits.company.max(1));
        let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        buckets.turn(now);
        let key = buckets.taken((Owner::Key(key), class), i64::from(limit), now);
        let company = buckets.taken((Owner::Company(company), class), whole, now);
        let wait = |full_at: i64| full_at - now - MINUTE_US;
        if wait(key.1) > 0 {
            return Err(limited(
                &format!("This key may send {limit} {} per minute", class.words()),
                wait(key.1),
            ));
        }
        if wait(company.1) > 0 {
            let text = format!("The keys of this company may send {whole} {} per minute", class.words());
            return Err(limited(&text, wait(company.1)));
        }
        buckets.current.extend([key, company]);
        Ok(())
    }

    fn limit(&self, class: Class) -> u32 {
        let limit = match class {
            Class::Read => self.limits.read,
            Class::Write => self.limits.write,
            Class::Execute => self.limits.execute,
        };
        limit.max(1)
    }
}

impl Buckets {
    /// Forgets what has not been touched for a minute.
    fn turn(&mut self, now: i64) {
        if (0..MINUTE_US).contains(&(now - self.since)) {
            return;
        }
        let older = std::mem::take(&mut self.current);
        // Two minutes without a request: even the newer one is full again.
        let idle = now - self.since >= 2 * MINUTE_US;
        self.previous = if idle { HashMap::new() } else { older };
        self.since = now;
    }

    /// The bucket, and when it would be full again with one request more taken out of it.
    /// A clock that went back does not keep anybody out for longer than a minute.
    fn taken(&self, bucket: (Owner, Class), per_minute: i64, now: i64) -> ((Owner, Class), i64) {
        let known = self.current.get(&bucket).or_else(|| self.previous.get(&bucket));
        let full_at = known.copied().unwrap_or(now).clamp(now, now + MINUTE_US);
        (bucket, full_at + MINUTE_US / per_minute)
    }
}

impl Class {
    fn words(self) -> &'static str {
        match self {
            Self::Read => "reading requests",
            Self::Write => "writing requests",
            Self::Execute => "calls and starts of runs",
        }
    }
}

fn limited(what: &str, wait_us: i64) -> Refused {
    let after_ms = u64::try_from(wait_us).unwrap_or(0).div_ceil(1_000);
    let text = format!(
        "{what}, and did. Nothing was done and nothing was sent to Stripe. Wait, then repeat the request."
    );
    Failure::new(Code::RateLimited, text).retry(Retry::After { after_ms }).into()
}

#[cfg(test)]
mod tests {
    use model::{Clock as _, ManualClock, SeededRng};

    use super::*;

    fn world() -> (Budgets, ManualClock, CompanyId, [KeyId; 3]) {
        let (clock, rng) = (ManualClock::at_second(1_700_000_000), SeededRng::new(1));
        let company = CompanyId::new(&clock, &rng);
        let keys = [0; 3].map(|_| KeyId::new(&clock, &rng));
        let limits = KeyLimits { read: 60, write: 6, execute: 6, company: 2 };
        (Budgets::new(limits), clock, company, keys)
    }

    fn after_ms(refused: Refused) -> u64 {
        match refused.into_failure().retry {
            Retry::After { after_ms } => after_ms,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_key_gets_its_minute_and_then_waits_for_the_next_request_only() {
        let (budgets, clock, company, [key, ..]) = world();
        let ask = |class| budgets.admit(key, company, class, clock.now());
        assert_eq!((0..10).filter(|_| ask(Class::Write).is_ok()).count(), 6);
        assert_eq!(after_ms(ask(Class::Write).unwrap_err()), 10_000);
        assert!(ask(Class::Read).is_ok(), "classes are apart");
        clock.advance_ms(10_000);
        assert!(ask(Class::Write).is_ok());
        assert!(ask(Class::Write).is_err());
    }

    #[test]
    fn keys_of_one_company_share_and_another_company_is_not_held_up() {
        let (budgets, clock, company, keys) = world();
        let ask = |key, company| budgets.admit(key, company, Class::Write, clock.now()).is_ok();
        let passed = keys.iter().map(|key| (0..6).filter(|_| ask(*key, company)).count()).sum::<usize>();
        assert_eq!(passed, 12, "twice a key's, by three keys");
        let other = CompanyId::new(&clock, &SeededRng::new(2));
        assert!(ask(keys[2], other), "a refusal took nothing out of the key's own bucket");
    }

    #[test]
    fn what_is_full_again_is_forgotten_and_nothing_else() {
        let (budgets, clock, company, [key, ..]) = world();
        let ask = |class| budgets.admit(key, company, class, clock.now());
        while ask(Class::Write).is_ok() {}
        clock.advance_ms(30_000);
        for _ in 0..3 {
            ask(Class::Write).unwrap();
        }
        clock.advance_ms(31_000);
        assert_eq!((0..9).filter(|_| ask(Class::Write).is_ok()).count(), 3, "over the turn of the maps");
        clock.advance_ms(10 * 60_000);
        ask(Class::Read).unwrap();
        let buckets = budgets.buckets.lock().unwrap();
        assert_eq!((buckets.current.len(), buckets.previous.len()), (2, 0));
    }

    #[test]
    fn a_clock_that_goes_back_keeps_nobody_out_for_long() {
        let (budgets, clock, company, [key, ..]) = world();
        while budgets.admit(key, company, Class::Write, clock.now()).is_ok() {}
        clock.advance_ms(-3_600_000);
        let refused = budgets.admit(key, company, Class::Write, clock.now()).unwrap_err();
        assert!(after_ms(refused) <= 60_000);
    }
}
