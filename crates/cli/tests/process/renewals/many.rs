//! Two hundred callers of the real server when a token has run out.

use futures_util::future::join_all;

use super::{burst::HOUR_MS, world::World};
use crate::binary::Api;

const CALLERS: usize = 200;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_hundred_callers_over_http_cause_one_renewal_by_either_clock() {
    let folder = tempfile::tempdir().unwrap();
    let world = World::new(folder.path(), 1, 1).await;
    let linked = &world.linked[0];
    world.let_run_out().await;
    let server = world.serve().await;
    let api = Api::of(&world.data);
    // First by our clock, then by Stripe's, which refuses the token before its time.
    for renewals in 1..=2 {
        let answers = join_all((0..CALLERS).map(|_| world.read(&api, linked))).await;
        for answer in answers {
            let answer = answer.expect("the server lives");
            assert_eq!(answer["success"], true, "{answer:#}");
        }
        assert_eq!(world.granted(&linked.account).await, renewals);
        world.pass(HOUR_MS).await;
    }
    server.kill().await;
    world.sandbox.expect_conformance().await;
}
