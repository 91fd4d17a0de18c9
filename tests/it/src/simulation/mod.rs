//! The whole system under one seed: five example runs or so, their customers, Stripe's
//! deliveries and its faults, a Bursar that dies again and again, and a person who decides
//! about what no machine can find out.
//!
//! Everything happens on one thread, in tokio's paused time, from one seed; so a seed
//! that fails, fails again. Run one with `BURSAR_SEED=n cargo test -p bursar-it --test
//! it simulation`.

mod actors;
mod auditor;
mod disk;
mod effects;
mod findings;
mod gate;
mod person;
mod plan;
mod planted;
mod record;
mod tally;
mod trace;
mod wire;
mod world;

use std::{sync::Arc, time::Duration};

use model::RunStatus;
use store::{Page, RunFilter};
use tokio_util::task::TaskTracker;

pub use auditor::Report;
pub use findings::{Finding, Kind};
pub use gate::Boundary;
pub use plan::Plan;
pub use planted::Planted;
pub use tally::Tally;
pub use trace::Trace;
pub use world::World;

/// How long a world may go on after its last death before it has to be at rest: longer
/// than the dispatcher's last retry.
const PATIENCE: Duration = Duration::from_secs(9 * 3600);
/// How long everything has to stay as it is.
const REST: Duration = Duration::from_secs(45);

/// What became of a world.
#[derive(Debug)]
pub struct Outcome {
    /// What the auditor says.
    pub report: Report,
    /// Everything that happened, for comparison.
    pub trace: Trace,
    /// What there was of crashes and faults.
    pub tally: Tally,
}

/// Lives through the world of a seed and audits it. Needs a runtime of one thread
/// whose time is paused.
pub async fn simulate(seed: u64, planted: Planted) -> Outcome {
    let world = match World::new(Plan::of(seed), planted).await {
        Ok(world) => world,
        Err(failure) => panic!("the world of seed {seed} could not be set up: {failure:?}"),
    };
    let (life, others) = (TaskTracker::new(), TaskTracker::new());
    life.spawn(world.clone().live());
    actors::set_out(&world, &others);
    come_to_rest(&world).await;
    let bursar = world.up().await;
    let report = auditor::audit(&world, &bursar.app).await;
    let outcome = Outcome { report, trace: Trace::of(&world, &bursar.app).await, tally: Tally::of(&world) };
    world.end();
    outcome
}

/// Waits until nothing is going to happen any more, or patience ends.
async fn come_to_rest(world: &Arc<World>) {
    let mut resting = Duration::ZERO;
    let mut waited = Duration::ZERO;
    while waited < PATIENCE && resting < REST {
        let step = Duration::from_secs(3);
        tokio::time::sleep(step).await;
        if world.now_up().is_none() {
            (waited, resting) = (Duration::ZERO, Duration::ZERO);
            continue;
        }
        waited += step;
        resting = if at_rest(world).await { resting + step } else { Duration::ZERO };
    }
}

async fn at_rest(world: &Arc<World>) -> bool {
    let told = world.record.promises().told.len();
    if told < world.plan.starts.len() || world.sandbox.open_deliveries() > 0 {
        return false;
    }
    let Some(bursar) = world.now_up() else { return false };
    let (store, company) = (&bursar.app.store, world.setup.company);
    let looked = bursar
        .ask(async {
            let runs = store.runs(company, RunFilter::default(), Page { limit: 100, after: None }).await;
            let due = store.to_dispatch(model::Clock::now(&*world.clock), 1).await;
            let next = store.next_dispatch().await;
            (runs, due, next)
        })
        .await;
    match looked {
        Some((Ok(runs), Ok(due), Ok(next))) => {
            let ended = |s: RunStatus| s.is_final();
            due.is_empty() && next.is_none() && runs.rows.iter().all(|run| ended(run.status))
        }
        _ => false,
    }
}
