//! Parked and failed runs over HTTP.

use std::{sync::Arc, time::Duration};

use http::StatusCode;
use sandbox::Fault;
use serde_json::{Value, json};

use super::{Reply, Server};

/// Of a customer without an e-mail nothing tells whether it was made.
const NAMELESS: &str = "name: Nameless\ntrigger: { type: api }\nsteps:\n\
    \x20 - { id: made, action: stripe.createCustomer, config: { name: Ada } }\n\
    \x20 - { id: look, action: stripe.getCustomer, config: { customerId: \"{{ steps.made.output.id }}\" } }\n";

async fn active() -> Server {
    let server = Server::new().await;
    assert_eq!(server.post("/api/v1/workflows", None, json!({ "source": NAMELESS })).await.status, 201);
    server.post("/api/v1/workflows/nameless/activate", None, json!({})).await.data();
    server
}

impl Server {
    /// A run that is parked because Stripe keeps a 500 under its first key.
    async fn parked(&self) -> String {
        self.sandbox.fault_at(Fault::Stored500, 1, Some("POST"), Some("/v1/customers"));
        let run = self.post("/api/v1/workflows/nameless/run", Some("k"), json!({ "mode": "sync" })).await;
        assert_eq!(run.data()["status"], "parked", "{run:?}");
        run.data()["runId"].as_str().unwrap().to_owned()
    }

    async fn resolve(&self, run: &str, body: Value) -> Reply {
        self.post(&format!("/api/v1/runs/{run}/steps/made/resolve"), None, body).await
    }

    async fn until(&self, run: &str, status: &str) -> Value {
        for _ in 0..500 {
            let shown = self.get(&format!("/api/v1/runs/{run}")).await.data().clone();
            if shown["status"] == status {
                return shown;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!("{run} is not {status}: {:?}", self.get(&format!("/api/v1/runs/{run}")).await);
    }
}

#[tokio::test]
async fn a_parked_run_says_what_is_known_and_is_resolved() {
    let server = active().await;
    let run = server.parked().await;
    let shown = server.get(&format!("/api/v1/runs/{run}")).await.data().clone();
    assert_eq!(shown["error"]["code"], "parked");
    let (ways, known) = (&shown["ways"], &shown["steps"][0]["known"]);
    assert_eq!(
        (&ways[0]["way"], &ways[0]["as"], &ways[0]["step"]),
        (&json!("resolve"), &json!("done"), &json!("made"))
    );
    assert_eq!(known["request"]["params"], json!({ "name": "Ada" }));
    assert_eq!((&known["doubt"], &known["call"]["generation"]), (&json!("outcome"), &json!(0)));
    let said = json!({ "as": "not_done", "note": "not in the dashboard" });
    let resolved = server.resolve(&run, said.clone()).await;
    assert_eq!(
        (&resolved.data()["as"], &resolved.body["meta"]["replayed"]),
        (&json!("not_done"), &json!(false))
    );
    let shown = server.until(&run, "completed").await;
    let decision = &shown["decisions"][0];
    assert_eq!((&decision["note"], &decision["step"]), (&json!("not in the dashboard"), &json!("made")));
    assert!(decision["by"].as_str().unwrap().starts_with("key_"));
    let again = server.resolve(&run, said).await;
    assert_eq!(
        (&again.data()["decidedAt"], &again.body["meta"]["replayed"]),
        (&resolved.data()["decidedAt"], &json!(true))
    );
    let other = server.resolve(&run, json!({ "as": "done", "note": "it is" })).await;
    assert_eq!((other.status, other.code()), (StatusCode::CONFLICT, "conflict"));
    assert_eq!(server.sandbox.objects("customer").len(), 1);
    let entry = server.get("/api/v1/audit").await.data()[0].clone();
    assert_eq!((&entry["what"], &entry["target"]), (&json!("run.resolved"), &json!(run)));
    assert_eq!((&entry["details"]["as"], &entry["actor"]), (&json!("not_done"), &decision["by"]));
    let key = known["call"]["idempotencyKey"].as_str().unwrap();
    let call = server.get(&format!("/api/v1/calls?key={key}")).await.data()[0].clone();
    assert_eq!(call["status"], "not_done", "{call}");
}

#[tokio::test]
async fn a_bad_resolution_decides_nothing() {
    let server = active().await;
    let run = server.parked().await;
    for (body, field) in [
        (json!({ "as": "done", "note": "x", "skip": true }), "skip"),
        (json!({ "as": "not_done", "note": "x", "skip": true }), "skip"),
        (json!({ "as": "done", "note": " " }), "note"),
        (json!({ "as": "done", "note": "x".repeat(1_001) }), "note"),
        (json!({ "as": "done", "note": "x", "objectId": "" }), "objectId"),
        (json!({ "as": "done", "note": "x" }), "objectId"),
        (json!({ "as": "done", "note": "x", "objectId": "cus_none" }), "objectId"),
        (json!({ "as": "not_done", "note": "x", "objectId": "cus_1" }), "objectId"),
        (json!({ "as": "maybe", "note": "x" }), "as"),
    ] {
        let reply = server.resolve(&run, body.clone()).await;
        assert_eq!((reply.status, reply.code()), (StatusCode::BAD_REQUEST, "validation_error"), "{body}");
        assert_eq!(reply.body["error"]["field"], field, "{reply:?}");
    }
    let nowhere = server
        .post(&format!("/api/v1/runs/{run}/steps/x/resolve"), None, json!({ "as": "done", "note": "x" }))
        .await;
    assert_eq!((nowhere.status, nowhere.code()), (StatusCode::NOT_FOUND, "not_found"));
    let shown = server.get(&format!("/api/v1/runs/{run}")).await;
    assert_eq!((&shown.data()["status"], &shown.data()["decisions"]), (&json!("parked"), &json!([])));
    let retried = server.post(&format!("/api/v1/runs/{run}/retry"), None, json!({})).await;
    assert_eq!((retried.status, retried.code()), (StatusCode::CONFLICT, "conflict"));
    assert!(retried.body["error"]["message"].as_str().unwrap().contains("bursar runs resolve"));
}

#[tokio::test]
async fn a_canceled_run_that_is_parked_says_how_it_ends() {
    let server = active().await;
    let run = server.parked().await;
    let cancel = format!("/api/v1/runs/{run}/cancel");
    let canceled = server.post(&cancel, None, json!({})).await;
    assert_eq!(canceled.data()["ways"][1]["as"], "not_done", "{canceled:?}");
    assert!(canceled.data()["ways"][1]["does"].as_str().unwrap().contains("not sent again"));
    for (body, status) in [(json!({ "abandon": true }), 400), (json!({ "abandon": true, "note": "x" }), 409)]
    {
        assert_eq!(server.post(&cancel, None, body).await.status, status);
    }
    server.resolve(&run, json!({ "as": "not_done", "note": "x" })).await.data();
    server.until(&run, "canceled").await;
    assert!(server.sandbox.objects("customer").is_empty(), "it was not sent again");
}

#[tokio::test]
async fn a_retry_is_asked_for_once_per_key() {
    let server = active().await;
    let text = NAMELESS.replace("{ name: Ada }", "{ email: ada@example.com }");
    server.post("/api/v1/workflows", None, json!({ "source": text })).await.data();
    server.sandbox.fault_at(Fault::Stored500, 1, Some("POST"), Some("/v1/customers"));
    let run = server.post("/api/v1/workflows/nameless/run", Some("r"), json!({ "mode": "sync" })).await;
    assert_eq!(run.data()["status"], "failed", "{run:?}");
    let run = run.data()["runId"].as_str().unwrap().to_owned();
    let shown = server.get(&format!("/api/v1/runs/{run}")).await.data().clone();
    assert_eq!(shown["ways"][0]["command"], format!("bursar runs retry {run}"));
    let server = Arc::new(server);
    let retries = (0..4).map(|_| {
        let (server, path) = (server.clone(), format!("/api/v1/runs/{run}/retry"));
        async move { server.post(&path, Some("again"), json!({ "note": "once more" })).await }
    });
    let mut fresh = 0;
    for reply in futures_util::future::join_all(retries).await {
        reply.data();
        fresh += u32::from(reply.body["meta"]["replayed"] == json!(false));
    }
    assert_eq!(fresh, 1);
    assert_eq!(server.until(&run, "completed").await["decisions"].as_array().unwrap().len(), 1);
    assert_eq!(server.sandbox.objects("customer").len(), 1);
}
