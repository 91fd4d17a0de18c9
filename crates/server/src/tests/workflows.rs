//! Documents, their life, and runs.

use axum::body::Body;
use http::{Method, StatusCode};
use serde_json::json;

use super::{Server, request};

const DOCUMENT: &str = "name: Make a customer\n\
    trigger: { type: api }\n\
    inputSchema: { type: object, required: [email], properties: { email: { type: string } } }\n\
    steps:\n\
    \x20 - id: customer\n\
    \x20   action: stripe.createCustomer\n\
    \x20   config: { email: \"{{ input.email }}\" }\n\
    output: { customer: \"{{ steps.customer.output.id }}\" }\n";
const RUN: &str = "/api/v1/workflows/make-a-customer/run";

async fn active() -> Server {
    let server = Server::new().await;
    assert_eq!(server.post("/api/v1/workflows", None, json!({ "source": DOCUMENT })).await.status, 201);
    server.post("/api/v1/workflows/make-a-customer/activate", None, json!({})).await.data();
    server
}

#[tokio::test]
async fn a_document_becomes_a_draft_then_a_version() {
    let server = Server::new().await;
    let made = server.post("/api/v1/workflows", None, json!({ "source": DOCUMENT })).await;
    assert_eq!(made.status, StatusCode::CREATED);
    assert_eq!(made.data()["status"], "draft");
    let same = server.post("/api/v1/workflows", None, json!({ "source": DOCUMENT })).await;
    assert_eq!((same.status, &same.body["meta"]["changed"]), (StatusCode::OK, &json!(false)));

    let mut put = request(
        Method::PUT,
        "/api/v1/workflows/make-a-customer",
        Some(&server.key),
        Body::from(format!("{DOCUMENT}description: changed\n")),
    );
    put.headers_mut().insert("content-type", "application/yaml".parse().unwrap());
    let put = server.send(put).await;
    assert_eq!((&put.data()["version"], &put.data()["id"]), (&json!(2), &made.data()["id"]));

    let id = made.data()["id"].as_str().unwrap();
    let shown = server.get(&format!("/api/v1/workflows/{id}?version=1")).await;
    assert_eq!((&shown.data()["source"], &shown.data()["version"]), (&json!(DOCUMENT), &json!(2)));
    assert_eq!(server.get(&format!("/api/v1/workflows/{id}?version=9")).await.code(), "not_found");
    let versions = server.get(&format!("/api/v1/workflows/{id}/versions")).await;
    assert_eq!(
        versions.data()[0],
        json!({ "version": 2, "current": true,
        "modelHash": versions.data()[0]["modelHash"], "createdAt": versions.data()[0]["createdAt"] })
    );
}

#[tokio::test]
async fn a_step_that_can_do_everything_is_saved_only_by_a_key_that_may() {
    let server = active().await;
    let step = "action: stripe.request\n    config: { operation: coupons.create, params: { duration: once, percent_off: 5 } }";
    let raw =
        DOCUMENT.replace("action: stripe.createCustomer\n    config: { email: \"{{ input.email }}\" }", step);
    let undone = DOCUMENT.replace(
        "output:",
        "    compensate: { action: stripe.request, config: { operation: customers.del, params: { customer: cus_1 } } }\noutput:",
    );
    let (writer, raws) =
        (server.key(&["workflows:write"]).await, server.key(&["workflows:write", "actions:raw"]).await);
    let send = async |method: Method, path: &str, key: &str, document: &str| {
        let body = Body::from(json!({ "source": document }).to_string());
        server.send(request(method, path, Some(key), body)).await
    };
    for document in [raw.as_str(), &undone] {
        for (method, path) in
            [(Method::POST, "/api/v1/workflows"), (Method::PUT, "/api/v1/workflows/make-a-customer")]
        {
            let refused = send(method.clone(), path, &writer, document).await;
            assert_eq!((refused.status, refused.code()), (StatusCode::FORBIDDEN, "forbidden"), "{document}");
            assert!(refused.text.contains("actions:raw"), "{}", refused.text);
            let shown = server.get("/api/v1/workflows/make-a-customer").await;
            assert_ne!(shown.data()["source"], *document);
            let saved = send(method, path, &raws, document).await;
            assert!(saved.status.is_success(), "{}", saved.text);
            assert_eq!(
                send(Method::PUT, "/api/v1/workflows/make-a-customer", &writer, DOCUMENT).await.status,
                200
            );
        }
    }
}

#[tokio::test]
async fn a_document_of_another_key_does_not_replace_a_workflow() {
    let server = active().await;
    let body = json!({ "source": DOCUMENT.replace("Make a customer", "Another") }).to_string();
    let put = request(Method::PUT, "/api/v1/workflows/make-a-customer", Some(&server.key), Body::from(body));
    let reply = server.send(put).await;
    assert_eq!((reply.code(), &reply.body["error"]["field"]), ("validation_error", &json!("key")));
    assert_eq!(server.get("/api/v1/workflows").await.data().as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn the_checker_answers_and_stores_nothing() {
    let server = Server::new().await;
    let good = server.post("/api/v1/workflows/check", None, json!({ "source": DOCUMENT })).await;
    assert_eq!(good.data()["valid"], json!(true));
    let bad = DOCUMENT.replace("createCustomer", "createCustmer");
    let reply = server.post("/api/v1/workflows/check", None, json!({ "source": bad })).await;
    assert_eq!(reply.data()["valid"], json!(false));
    assert!(reply.data()["findings"][0]["line"].is_u64());
    let refused = server.post("/api/v1/workflows", None, json!({ "source": bad })).await;
    assert_eq!(refused.code(), "validation_error");
    assert!(refused.body["error"]["details"]["findings"].is_array(), "{refused:?}");
    assert_eq!(server.get("/api/v1/workflows").await.data(), &json!([]));
}

#[tokio::test]
async fn a_synchronous_run_gives_its_output_and_its_key_gives_the_same_run() {
    let server = active().await;
    let body = json!({ "input": { "email": "ada@example.com" }, "mode": "sync" });
    assert_eq!(server.post(RUN, None, body.clone()).await.code(), "idempotency_key_required");
    let run = server.post(RUN, Some("order-1"), body.clone()).await;
    assert_eq!(run.status, StatusCode::OK, "{run:?}");
    assert_eq!((&run.data()["status"], &run.data()["waited"]), (&json!("completed"), &json!("ended")));
    assert!(run.data()["output"]["customer"].as_str().unwrap().starts_with("cus_"));
    let again = server.post(RUN, Some("order-1"), body).await;
    assert_eq!(
        (&again.data()["runId"], &again.body["meta"]["replayed"]),
        (&run.data()["runId"], &json!(true))
    );
    let other = server.post(RUN, Some("order-1"), json!({ "input": { "email": "b@example.com" } })).await;
    assert_eq!((other.status, other.code()), (StatusCode::CONFLICT, "conflict"));
    assert_eq!(server.get("/api/v1/runs?status=completed").await.data().as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn a_stream_begins_with_the_run_and_ends_with_it() {
    let server = active().await;
    let body = json!({ "input": { "email": "ada@example.com" } });
    let run = server.post(RUN, Some("order-2"), body).await;
    assert!([StatusCode::OK, StatusCode::ACCEPTED].contains(&run.status));
    let id = run.data()["runId"].as_str().unwrap();
    let stream = server.get(&format!("/api/v1/runs/{id}/stream")).await;
    assert_eq!(stream.headers["content-type"], "text/event-stream");
    let snapshots: Vec<_> = stream.text.lines().filter(|line| *line == "event: snapshot").collect();
    assert!(!snapshots.is_empty() && stream.text.starts_with("event: snapshot"), "{}", stream.text);
    let last = stream.text.lines().rfind(|line| line.starts_with("data: ")).unwrap();
    let last: serde_json::Value = serde_json::from_str(&last["data: ".len()..]).unwrap();
    assert_eq!(last["run"]["status"], "completed");
    assert_eq!(server.get(&format!("/api/v1/runs/{id}")).await.data()["steps"][0]["status"], "completed");
}

#[tokio::test]
async fn a_workflow_that_is_not_active_starts_nothing() {
    let server = active().await;
    let start = json!({ "input": { "email": "ada@example.com" } });
    server.post("/api/v1/workflows/make-a-customer/pause", None, json!({})).await.data();
    let reply = server.post(RUN, Some("k"), start.clone()).await;
    assert_eq!((reply.status, reply.code()), (StatusCode::CONFLICT, "workflow_not_active"));
    let path = "/api/v1/workflows/make-a-customer";
    let gone = server.send(request(Method::DELETE, path, Some(&server.key), Body::empty())).await;
    assert_eq!(gone.data()["status"], "archived");
    assert_eq!(server.post(RUN, Some("k"), start).await.code(), "workflow_not_active");
    assert_eq!(server.get("/api/v1/runs").await.data(), &json!([]));
}

#[tokio::test]
async fn a_bad_input_or_timeout_starts_nothing() {
    let server = active().await;
    for body in [
        json!({ "input": {} }),
        json!({ "input": { "email": 5 } }),
        json!({ "input": { "email": "a" }, "timeoutMs": 5 }),
        json!({ "input": { "email": "a" }, "mode": "sync", "timeoutMs": 0 }),
        json!({ "input": { "email": "a" }, "mode": "later" }),
    ] {
        let reply = server.post(RUN, Some("k"), body).await;
        assert_eq!((reply.status, reply.code()), (StatusCode::BAD_REQUEST, "validation_error"));
    }
    assert_eq!(server.get("/api/v1/runs").await.data(), &json!([]));
}

#[tokio::test]
async fn another_company_sees_none_of_it() {
    let server = active().await;
    let body = json!({ "input": { "email": "ada@example.com" }, "mode": "sync" });
    let run = server.post(RUN, Some("order-3"), body).await;
    let workflow = run.data()["workflowId"].as_str().unwrap().to_owned();
    let run = run.data()["runId"].as_str().unwrap().to_owned();
    let other = crate::ensure_company(&server.app, "other").await.unwrap();
    let key = crate::issue_key(&server.app, other.id, "theirs", &["admin"]).await.unwrap().text;
    let theirs = Server { key, ..server };
    for path in [
        format!("/api/v1/workflows/{workflow}"),
        "/api/v1/workflows/make-a-customer".to_owned(),
        format!("/api/v1/workflows/{workflow}/versions"),
        format!("/api/v1/runs/{run}"),
        format!("/api/v1/runs/{run}/stream"),
    ] {
        assert_eq!(theirs.get(&path).await.status, StatusCode::NOT_FOUND, "{path}");
    }
    for path in [
        format!("/api/v1/workflows/{workflow}/activate"),
        format!("/api/v1/workflows/{workflow}/pause"),
        format!("/api/v1/workflows/{workflow}/run"),
        format!("/api/v1/runs/{run}/cancel"),
        format!("/api/v1/runs/{run}/retry"),
    ] {
        assert_eq!(theirs.post(&path, Some("k"), json!({})).await.status, StatusCode::NOT_FOUND, "{path}");
    }
    let path = format!("/api/v1/runs/{run}/steps/customer/resolve");
    let said = json!({ "as": "not_done", "note": "theirs" });
    assert_eq!(theirs.post(&path, None, said).await.status, StatusCode::NOT_FOUND);
    for path in
        ["/api/v1/workflows", "/api/v1/runs", "/api/v1/connections", "/api/v1/events", "/api/v1/sources"]
    {
        assert_eq!(theirs.get(path).await.data(), &json!([]), "{path}");
    }
}

#[tokio::test]
async fn a_list_comes_in_pages() {
    let server = active().await;
    for n in 0..3 {
        let body = json!({ "input": { "email": "ada@example.com" }, "mode": "sync" });
        server.post(RUN, Some(&format!("order-{n}")), body).await.data();
    }
    let first = server.get("/api/v1/runs?limit=2&workflow=make-a-customer").await;
    assert_eq!((first.data().as_array().unwrap().len(), &first.body["meta"]["hasMore"]), (2, &json!(true)));
    let cursor = first.body["meta"]["cursor"].as_str().unwrap();
    let second = server.get(&format!("/api/v1/runs?limit=2&cursor={cursor}")).await;
    assert_eq!(second.data().as_array().unwrap().len(), 1);
    assert_eq!(second.body["meta"], json!({ "cursor": null, "hasMore": false }));
    for bad in ["limit=0", "limit=101", "limit=-1", "cursor=x", "status=paid", "workflow=nobody"] {
        let reply = server.get(&format!("/api/v1/runs?{bad}")).await;
        assert!(["validation_error", "not_found"].contains(&reply.code()), "{bad}");
    }
}
