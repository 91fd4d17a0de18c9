//! What a seed stands for: everything that happens to one world, decided before it
//! begins. Delays and the like are drawn on the way, each actor from a source of its own.

use std::time::Duration;

use sandbox::Fault;

use super::gate::{Boundary, Death};

/// Below this Stripe does not collect: finalizing marks the invoice paid, sending it is
/// refused, and the run rightly fails (Stripe's API, Minimum charge amounts).
const AMOUNT_MIN: u64 = 50;

/// The plan of one world.
#[derive(Debug, Clone)]
pub struct Plan {
    /// The seed.
    pub seed: u64,
    /// The example runs, in order of their start.
    pub starts: Vec<Start>,
    /// The deaths, one for each incarnation but the last.
    pub deaths: Vec<(Death, Downtime)>,
    /// The faults that are put in Stripe's way.
    pub faults: Vec<(Duration, Fault, u32)>,
    /// How the post treats deliveries.
    pub post: Post,
    /// Whether the connection's key may not list events: then less can be found out by
    /// machine.
    pub secretive: bool,
}

/// One example run that a caller asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Start {
    /// After this long.
    pub after: Duration,
    /// The caller's key, which it repeats until it has an answer.
    pub key: String,
    /// Whom to bill; different in every run, so that objects can be counted by it.
    pub email: String,
    /// Minor units.
    pub amount: u64,
    /// Whether the caller asks again after it was answered.
    pub asks_twice: bool,
    /// How long the customer takes to pay.
    pub pays_after: Duration,
    /// How long after its start somebody cancels the run, if somebody does.
    pub cancels_after: Option<Duration>,
}

/// How long nobody runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Downtime {
    /// Seconds: Stripe still knows every key.
    Short(Duration),
    /// More than a day: Stripe has forgotten the keys.
    BeyondTheKeys(Duration),
}

impl Downtime {
    /// How long.
    pub fn length(self) -> Duration {
        match self {
            Self::Short(length) | Self::BeyondTheKeys(length) => length,
        }
    }
}

/// Chances out of 100 for each delivery.
#[derive(Debug, Clone, Copy)]
pub struct Post {
    /// Lost on its way: Stripe tries again.
    pub lost: u32,
    /// Comes twice.
    pub twice: u32,
    /// Held back, so that later ones overtake it.
    pub late: u32,
    /// Somebody sends a forged one beside it.
    pub forged: u32,
}

impl Plan {
    /// The plan of this seed.
    pub fn of(seed: u64) -> Self {
        let mut rng = fastrand::Rng::with_seed(seed ^ 0x0b0a_7d00_5eed);
        let starts = (0..rng.usize(4..=6)).map(|n| start(&mut rng, seed, n)).collect();
        let long = rng.u32(..100) < 30;
        let lives = rng.usize(2..=5);
        // One of them is long at most: deliveries are given up after three days.
        let long = long.then(|| rng.usize(..lives));
        let deaths = (0..lives).map(|n| death(&mut rng, long == Some(n))).collect();
        // In half of the worlds no 500 is kept, so that nothing excuses a run that stops.
        let kept_500s = rng.bool();
        let faults = (0..rng.usize(5..=14)).map(|_| fault(&mut rng, kept_500s)).collect();
        let post = Post {
            lost: rng.u32(0..20),
            twice: rng.u32(5..30),
            late: rng.u32(10..50),
            forged: rng.u32(2..10),
        };
        let secretive = rng.u32(..100) < 40;
        Self { seed, starts, deaths, faults, post, secretive }
    }
}

fn millis(rng: &mut fastrand::Rng, most: u64) -> Duration {
    Duration::from_millis(rng.u64(0..=most))
}

fn start(rng: &mut fastrand::Rng, seed: u64, n: usize) -> Start {
    Start {
        after: millis(rng, 15_000),
        key: format!("order-{seed}-{n}"),
        email: format!("customer-{n}@example.com"),
        amount: rng.u64(AMOUNT_MIN..=5_000_000),
        asks_twice: rng.u32(..100) < 40,
        pays_after: if rng.bool() { millis(rng, 300) } else { millis(rng, 30_000) },
        cancels_after: (rng.u32(..100) < 12).then(|| millis(rng, 12_000)),
    }
}

fn death(rng: &mut fastrand::Rng, long: bool) -> (Death, Downtime) {
    let (at, nth) = match rng.u32(..100) {
        // Where a long absence hurts: Stripe has done it, and the store does not know.
        0..60 if long => (Boundary::AnswerLost, rng.u32(1..=8)),
        0..10 => (Boundary::BeforeCommit, rng.u32(1..=45)),
        10..40 => (Boundary::DuringCommit, rng.u32(1..=45)),
        40..55 => (Boundary::AfterCommit, rng.u32(1..=45)),
        55..67 => (Boundary::BeforeSend, rng.u32(1..=9)),
        67..85 => (Boundary::AnswerLost, rng.u32(1..=9)),
        _ => (Boundary::AfterAnswer, rng.u32(1..=9)),
    };
    let downtime = if long {
        Downtime::BeyondTheKeys(Duration::from_secs(rng.u64(25 * 3600..=30 * 3600)))
    } else {
        Downtime::Short(millis(rng, 20_000))
    };
    (Death { at, nth }, downtime)
}

fn fault(rng: &mut fastrand::Rng, kept_500s: bool) -> (Duration, Fault, u32) {
    let kind = match rng.u32(..100) {
        45..63 if !kept_500s => 0,
        kind => kind,
    };
    let fault = match kind {
        0..30 => Fault::LostAnswer,
        30..45 => Fault::Reset,
        45..55 => Fault::Stored500,
        55..63 => Fault::Stored500AfterCommit,
        63..75 => Fault::RateLimited { reason: rate_reason(rng) },
        75..84 => Fault::Conflict409,
        84..92 => Fault::LockTimeout,
        _ => Fault::Slow { ms: rng.u64(100..=20_000) },
    };
    (millis(rng, 30_000), fault, rng.u32(1..=3))
}

fn rate_reason(rng: &mut fastrand::Rng) -> String {
    let reasons = ["global-rate", "global-concurrency", "endpoint-rate", "endpoint-concurrency"];
    reasons[rng.usize(..reasons.len())].to_owned()
}
