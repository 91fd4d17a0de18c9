//! What happens in each life of the server: everybody calls, customers are made at Stripe,
//! and the kill comes.

use std::{collections::BTreeSet, fmt, pin::pin, time::Duration};

use futures_util::future::{join_all, maybe_done};

use super::world::World;
use crate::{
    binary::{Api, PATIENCE, Running},
    deliveries::{make_customers, received_customers},
};

/// A bit longer than an access token lives.
pub(super) const HOUR_MS: u64 = 61 * 60 * 1000;
/// Callers of each connection at once.
const CALLERS: usize = 3;
/// Events in each life.
const EVENTS: usize = 4;
/// Longest that the token endpoint takes to begin with an exchange.
const SLOW_MS: u64 = 40;

/// What was sent.
pub(super) struct Burst {
    /// Every customer that was made, and so every event that has to arrive.
    customers: BTreeSet<String>,
    /// By which connection each write was begun.
    writes: Vec<usize>,
    /// How long a burst takes that nobody interrupts, in milliseconds; kills come within.
    takes_ms: u64,
}

impl Default for Burst {
    fn default() -> Self {
        Self { customers: BTreeSet::new(), writes: Vec::new(), takes_ms: 100 }
    }
}

impl fmt::Display for Burst {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} events and {} writes", self.customers.len(), self.writes.len())
    }
}

impl Burst {
    /// Everything at once, and the kill at a random moment of it.
    pub(super) async fn until_killed(
        &mut self,
        world: &World,
        api: &Api,
        server: Running,
        rng: &mut fastrand::Rng,
    ) {
        for _ in &world.linked {
            world.slow_token_endpoint(rng.u64(..SLOW_MS)).await;
        }
        let life = Duration::from_millis(rng.u64(..=self.takes_ms));
        let writer = rng.usize(..world.linked.len());
        self.writes.push(writer);
        let mut customers = pin!(maybe_done(make_customers(&world.sandbox, EVENTS)));
        let reads = world.linked.iter().flat_map(|linked| std::iter::repeat_n(linked, CALLERS));
        let reads = join_all(reads.map(|linked| world.read(api, linked)));
        let write = world.write(api, &world.linked[writer], self.writes.len() - 1);
        let began = tokio::time::Instant::now();
        let all = async { tokio::join!(reads, write, customers.as_mut()) };
        if tokio::time::timeout(life, all).await.is_err() {
            // A busy machine takes longer; kills are to come at its end, too.
            self.takes_ms = (self.takes_ms + self.takes_ms / 32 + 1).min(2_000);
        } else {
            self.takes_ms = u64::try_from(began.elapsed().as_millis()).unwrap_or(2_000).clamp(20, 2_000);
        }
        server.kill().await;
        customers.as_mut().await;
        self.customers.extend(customers.take_output().unwrap_or_default());
        world.clear_faults().await;
    }

    /// Every write that was begun is repeated under its key, and was executed once.
    pub(super) async fn expect_each_write_once(&self, world: &World, api: &Api) {
        for (nth, writer) in self.writes.iter().enumerate() {
            let answer = world.write(api, &world.linked[*writer], nth).await.expect("the server lives");
            assert_eq!(answer["success"], true, "write {nth}: {answer:#}");
        }
        for (at, linked) in world.linked.iter().enumerate() {
            let mut made = world.customers_of(linked).await;
            let numbers = self.writes.iter().enumerate().filter(|(_, writer)| **writer == at);
            let mut wanted: Vec<String> = numbers.map(|(nth, _)| World::customer(nth)).collect();
            made.sort();
            wanted.sort();
            assert_eq!(made, wanted, "the customers of {linked:?}");
        }
    }

    /// Everything that Stripe sent has arrived, once.
    pub(super) async fn expect_every_event(&self, api: &Api) {
        let deadline = tokio::time::Instant::now() + PATIENCE;
        loop {
            let received = received_customers(api).await;
            if received.is_superset(&self.customers) {
                return assert_eq!(received.len(), self.customers.len());
            }
            let missing = self.customers.difference(&received).count();
            assert!(tokio::time::Instant::now() < deadline, "{missing} events never arrived");
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }
}
