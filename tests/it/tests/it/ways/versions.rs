//! The version that leaves for Stripe: the call's or the step's, else the connection's,
//! else the pinned one.

use http::Method;
use serde_json::{Value, json};
use stripe::{PINNED, Request};

use super::{How, World};

const ACACIA: &str = "2025-02-24.acacia";
const CLOVER: &str = "2026-02-25.clover";
const STEPS: &str = "name: Two\ntrigger: { type: api }\nsteps:\n\
    \x20 - { id: own, action: stripe.createCustomer, config: { email: a@b.c } }\n\
    \x20 - { id: other, action: stripe.createCustomer, config: { email: d@e.f, apiVersion: 2026-02-25.clover } }\n";

impl World {
    /// The versions of the writes that left since the last time.
    fn versions(&self) -> Vec<&'static str> {
        let read = |bytes: &Vec<u8>| Request::from_stored(bytes).unwrap().version.as_str();
        self.sent.take().iter().map(read).collect()
    }

    async fn speaks(&self, version: Value) {
        self.done(Method::PUT, "/api/v1/connections/main", json!({ "apiVersion": version })).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn calls_and_steps_speak_their_connections_version_unless_they_name_one() {
    let world = World::new().await;
    let owner = world.account(How::SecretKey).await;
    world.connect(How::SecretKey, "main", &owner).await;
    world.done(Method::POST, "/api/v1/workflows", json!({ "source": STEPS })).await;
    world.done(Method::POST, "/api/v1/workflows/two/activate", json!({})).await;
    for (nth, (own, expected)) in
        [(Value::Null, PINNED.as_str()), (json!(ACACIA), ACACIA), (Value::Null, PINNED.as_str())]
            .into_iter()
            .enumerate()
    {
        world.speaks(own).await;
        let config = json!({ "email": "a@b.c" });
        let called = world.call("main", "stripe.createCustomer", &format!("call {nth}"), &config).await;
        assert_eq!(called.status, 200, "{:#}", called.body);
        let config = json!({ "email": "a@b.c", "apiVersion": CLOVER });
        world.call("main", "stripe.createCustomer", &format!("named {nth}"), &config).await;
        assert_eq!(world.versions(), [expected, CLOVER]);
        let body = json!({ "mode": "sync" });
        let run =
            world.ask(Method::POST, "/api/v1/workflows/two/run", Some(&format!("run {nth}")), body).await;
        assert_eq!(run.body["data"]["status"], "completed", "{:#}", run.body);
        assert_eq!(world.versions(), [expected, CLOVER], "{nth}");
    }
}
