//! Other companies' things where the table of routes does not reach: under one
//! idempotency key, on a stream, at the webhooks and in a callback.

use std::time::Duration;

use axum::body::Body;
use futures_util::StreamExt as _;
use http::{Method, StatusCode};
use serde_json::json;
use tower::ServiceExt as _;

use super::{
    super::request,
    World,
    tenant::{Kind, unknown},
};

#[tokio::test]
async fn the_same_idempotency_key_of_two_companies_is_two_calls() {
    let world = World::new().await;
    let key = world.bees.id(Kind::CallerKey).to_owned();
    // To the letter what the other company asked, under the key that it used.
    let config = json!({ "config": { "name": "bees", "email": "bees@example.com" } });
    let path = "/actions/stripe.createCustomer";
    let theirs = world.bees.post(&world.server, path, &key, config.clone()).await;
    assert_eq!(theirs.body["meta"]["replayed"], true, "{theirs:?}");
    let ours = world.ants.post(&world.server, path, &key, config).await;
    assert_eq!(ours.body["meta"]["replayed"], false, "{ours:?}");
    assert_ne!(ours.data()["id"], theirs.data()["id"]);
    assert_ne!(ours.body["meta"]["callId"], theirs.body["meta"]["callId"]);
    let run = world.bees.id(Kind::WorkflowKey).to_owned();
    let refused = world.ants.post(&world.server, &format!("/workflows/{run}/run"), "run", json!({})).await;
    assert_eq!(refused.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_stream_of_runs_tells_nothing_of_another_companys_runs() {
    let world = World::new().await;
    let listen = request(Method::GET, "/api/v1/stream", Some(&world.ants.key), Body::empty());
    let stream = world.server.router.clone().oneshot(listen).await.unwrap();
    assert_eq!(stream.status(), StatusCode::OK);
    for (tenant, key) in [(&world.bees, "theirs"), (&world.ants, "ours")] {
        let path = format!("/workflows/{}/run", tenant.id(Kind::WorkflowKey));
        let run = tenant.post(&world.server, &path, key, json!({ "mode": "sync" })).await;
        assert_eq!(run.data()["status"], "completed", "{run:?}");
    }
    // The other company's run ended before ours began, so it would have been heard by then.
    let mut chunks = stream.into_body().into_data_stream();
    let mut heard = String::new();
    while !heard.contains("completed") || !heard.contains("ants_made") {
        let chunk = tokio::time::timeout(Duration::from_secs(30), chunks.next()).await;
        heard.push_str(std::str::from_utf8(&chunk.unwrap().unwrap().unwrap()).unwrap());
    }
    assert!(!heard.contains("bees") && !heard.contains(&world.bees.company.to_string()), "{heard}");
}

#[tokio::test]
async fn a_delivery_to_another_company_is_refused_as_one_to_nobody() {
    let world = World::new().await;
    let body = json!({ "id": "evt_x", "object": "event", "type": "payment_intent.created", "created": 1,
                       "livemode": false, "data": { "object": { "id": "pi_x", "object": "payment_intent" } } });
    world.store.written();
    let theirs = world.bees.company.to_string();
    let nobodys = unknown(&theirs);
    for body in [body.to_string(), "not an event".to_owned()] {
        let to_them = world.ants.deliver(&world.server, &theirs, &body).await;
        let to_nobody = world.ants.deliver(&world.server, &nobodys, &body).await;
        let plain = |reply: &super::super::Reply, id: &str| {
            let request = reply.body["error"]["requestId"].as_str().unwrap();
            (reply.status, reply.text.replace(request, "REQUEST").replace(id, "ID"))
        };
        assert_eq!(plain(&to_them, &theirs), plain(&to_nobody, &nobodys));
        assert!(to_them.status.is_client_error());
    }
    assert_eq!(world.store.written(), Vec::<String>::new());
}

#[tokio::test]
async fn a_state_works_once_and_then_is_nobodys() {
    let world = World::new().await;
    let back = async |state: &str| {
        let path = format!("/api/v1/connections/callback?state={state}&error=access_denied");
        let seen = world.see(request(Method::GET, &path, None, Body::empty()), state).await;
        (seen.status, seen.body)
    };
    let state = world.bees.state.clone();
    let nobodys = back(&unknown(&state)).await;
    assert_eq!(nobodys.0, StatusCode::BAD_REQUEST);
    let used = back(&state).await;
    assert_ne!(used, nobodys, "the link's own state is taken");
    assert_eq!(back(&state).await, nobodys);
    for odd in ["", "a", "%00", "..%2F", &state[..state.len() - 1], &format!("{state}x")] {
        assert_eq!(back(odd).await.0, StatusCode::BAD_REQUEST, "{odd}");
    }
}
