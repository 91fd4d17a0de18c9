//! SIGKILL of the server at random moments while it renews the tokens of Stripe Apps.
//!
//! The sandbox is a second process and is not killed: it remembers which tokens it handed
//! out. A token pair that it handed out and that the server did not live to store is lost
//! for good, because the refresh token before it is used up: those connections are to end
//! as `expired` with a way to authorize them again, and no others. What was sent meanwhile
//! is to arrive: events, and writes under their keys.

mod burst;
mod ledger;
mod many;
mod world;

use std::path::Path;

use burst::{Burst, HOUR_MS};
use ledger::Ledger;
use world::{World, expect_expired};

use crate::binary::{Api, campaign};

/// Connections that are renewed at once.
const CONNECTIONS: usize = 8;

struct Campaign {
    world: World,
    ledger: Ledger,
    burst: Burst,
    rng: fastrand::Rng,
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_kill_during_renewals_strands_exactly_those_whose_answer_was_not_stored() {
    let kills = campaign("BURSAR_RENEWAL_KILLS", 6);
    let seed = campaign("BURSAR_SEED", fastrand::u64(..));
    println!("renewal campaign: {kills} kills, BURSAR_SEED={seed}");
    let folder = tempfile::tempdir().unwrap();
    let mut campaign = Campaign::new(folder.path(), seed).await;
    for _ in 0..kills {
        campaign.one_life().await;
    }
    campaign.finish().await;
    let tally = campaign.ledger.tally;
    println!("renewals that a kill found: {tally:?}; beside {}", campaign.burst);
    assert!(tally.stranded >= kills / 40, "too few kills between answer and commit: {tally:?}");
    assert!(tally.stored >= kills / 10 && tally.not_yet >= kills / 10, "too few of the others: {tally:?}");
}

impl Campaign {
    async fn new(folder: &Path, seed: u64) -> Self {
        let world = World::new(folder, seed, CONNECTIONS).await;
        let ledger = Ledger::new(world.left_behind().await);
        let rng = fastrand::Rng::with_seed(seed);
        Self { world, ledger, burst: Burst::default(), rng }
    }

    /// Lets tokens run out, kills the server while it renews them, and looks at what it left.
    async fn one_life(&mut self) {
        // By Stripe's clock, so that it refuses them before their time, or by ours.
        let by_stripes_clock = self.rng.u8(..3) > 0;
        if !by_stripes_clock {
            self.ledger.aged(&self.world.let_run_out().await);
        }
        let server = self.world.serve().await;
        let api = Api::of(&self.world.data);
        if by_stripes_clock {
            self.verify(&api).await;
            self.world.pass(HOUR_MS).await;
        }
        self.burst.until_killed(&self.world, &api, server, &mut self.rng).await;
        self.ledger.see_all(&self.world.left_behind().await);
        self.world.expect_acknowledged_events().await;
    }

    /// Calls by every connection: those whose answer was lost have expired and say how to
    /// go on, and every other one works. Then the expired ones are authorized again.
    async fn verify(&mut self, api: &Api) {
        for linked in &self.world.linked {
            let answer = self.world.read(api, linked).await.expect("the server lives");
            let shown = self.world.shown(api, linked).await;
            self.ledger.see(&linked.id, &shown["expiresAt"]);
            let granted = self.world.granted(&linked.account).await;
            if self.ledger.is_stranded(&linked.id, granted) {
                expect_expired(linked, &answer, &shown);
                let again = self.world.reconnect(api, linked, &answer).await;
                self.ledger.authorized(&linked.id, &again["expiresAt"], granted);
            } else {
                assert_eq!(answer["success"], true, "{linked:?} was not stranded: {answer:#}");
                assert_eq!(shown["status"], "active", "{shown:#}");
            }
        }
    }

    /// Lets everything come to its end without kills, then audits.
    async fn finish(&mut self) {
        let server = self.world.serve().await;
        let api = Api::of(&self.world.data);
        self.verify(&api).await;
        self.burst.expect_each_write_once(&self.world, &api).await;
        self.burst.expect_every_event(&api).await;
        server.kill().await;
        self.world.sandbox.expect_conformance().await;
    }
}
