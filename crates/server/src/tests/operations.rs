//! Stripe's operations over HTTP: finding them, and calling them by `stripe.request`.

use http::StatusCode;
use model::IdempotencyKey;
use serde_json::{Value, json};

use super::{Reply, Server};

const REQUEST: &str = "/api/v1/actions/stripe.request";

async fn request(server: &Server, key: Option<&str>, config: Value) -> Reply {
    server.post(REQUEST, key, json!({ "config": config })).await
}

#[tokio::test]
async fn operations_are_found_by_words_page_by_page() {
    let server = Server::new().await;
    let found = server.get("/api/v1/operations?search=create%20refund&limit=2").await;
    let first = &found.data()[0];
    assert_eq!((&first["id"], &first["action"]), (&json!("refunds.create"), &json!("stripe.createRefund")));
    assert_eq!((&first["method"], &first["path"]), (&json!("POST"), &json!("/v1/refunds")));
    assert_eq!(first["effect"], "keyed_write");

    let (mut path, mut ids) = ("/api/v1/operations?limit=100".to_owned(), Vec::new());
    loop {
        let page = server.get(&path).await;
        ids.extend(page.data().as_array().unwrap().iter().map(|row| row["id"].as_str().unwrap().to_owned()));
        let Some(cursor) = page.body["meta"]["cursor"].as_str() else { break };
        assert_eq!(page.body["meta"]["hasMore"], json!(true));
        path = format!("/api/v1/operations?limit=100&cursor={cursor}");
    }
    assert_eq!(ids.len(), stripe::tables::operation_ids().count());
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), stripe::tables::operation_ids().count());

    let wrong = server.get("/api/v1/operations?cursor=nothing").await;
    assert_eq!((wrong.code(), &wrong.body["error"]["field"]), ("validation_error", &json!("cursor")));
    assert_eq!(server.get("/api/v1/operations?search=zebra").await.data(), &json!([]));
}

#[tokio::test]
async fn an_operation_shows_what_it_takes_and_its_example_can_be_called() {
    let server = Server::new().await;
    let shown = server.get("/api/v1/operations/coupons.retrieve").await;
    let operation = shown.data();
    assert_eq!((&operation["effect"], &operation["response"]), (&json!("read"), &json!("Coupon")));
    assert_eq!(operation["paramsSchema"]["required"], json!(["coupon"]));
    assert_eq!(operation["action"], Value::Null);
    assert_eq!(server.get("/api/v1/operations/refunds.create").await.data()["action"], "stripe.createRefund");

    for id in stripe::tables::operation_ids() {
        let shown = server.get(&format!("/api/v1/operations/{id}")).await;
        let operation = shown.data();
        let Some(config) = operation["example"].get("config") else {
            assert!(operation["host"].is_string(), "{id}");
            continue;
        };
        let reply = server.post(REQUEST, None, json!({ "config": config, "dryRun": true })).await;
        assert_eq!(reply.data()["operation"], json!(id), "{}", reply.text);
    }
}

#[tokio::test]
async fn an_operation_is_shown_as_a_version_has_it() {
    let server = Server::new().await;
    let path = "/api/v1/operations/invoices.retrieveUpcoming";
    assert_eq!(server.get(path).await.status, StatusCode::NOT_FOUND);
    let older = server.get(&format!("{path}?apiVersion=2024-09-30.acacia")).await;
    assert_eq!((older.data()["releases"].clone(), older.status), (json!("acacia only"), StatusCode::OK));
    let wrong = server.get(&format!("{path}?apiVersion=2019-01-01")).await;
    assert_eq!((wrong.code(), &wrong.body["error"]["field"]), ("validation_error", &json!("apiVersion")));
    let misspelt = server.get("/api/v1/operations/refunds.craete").await;
    assert!(misspelt.body["error"]["message"].as_str().unwrap().contains("refunds.create"), "{misspelt:?}");
}

#[tokio::test]
async fn the_catalog_lists_the_way_to_every_operation() {
    let server = Server::new().await;
    let list = server.get("/api/v1/actions").await;
    let last = list.data().as_array().unwrap().last().unwrap();
    assert_eq!((&last["name"], &last["scope"]), (&json!("stripe.request"), &json!("actions:raw")));
    assert_eq!(last["effect"], "by_operation");
    let shown = server.get("/api/v1/actions/request").await;
    assert!(shown.data()["inputSchema"]["properties"]["operation"].is_object());
    let config = shown.data()["example"].clone();
    assert_eq!(request(&server, None, config).await.data()["object"], "list");
}

#[tokio::test]
async fn any_operation_is_called_once_per_key() {
    let server = Server::new().await;
    let config = json!({"operation": "customers.create", "params": {"email": "ada@example.com"}});
    let unkeyed = request(&server, None, config.clone()).await;
    assert_eq!(unkeyed.code(), "idempotency_key_required");
    let first = request(&server, Some("order-7"), config.clone()).await;
    let by_path = json!({"method": "POST", "path": "/v1/customers", "params": {"email": "ada@example.com"}});
    let again = request(&server, Some("order-7"), by_path).await;
    assert_eq!((first.data(), &again.body["meta"]["replayed"]), (again.data(), &json!(true)));
    let other = json!({"operation": "customers.list"});
    assert_eq!(request(&server, Some("order-8"), other).await.data()["data"].as_array().unwrap().len(), 1);

    let calls = server.get("/api/v1/calls?key=order-7").await;
    let call = &calls.data()[0];
    assert_eq!((&call["action"], &call["output"]["id"]), (&json!("stripe.request"), &first.data()["id"]));
    assert_eq!((&call["operation"], &call["path"]), (&json!("customers.create"), &json!("/v1/customers")));
    let key = IdempotencyKey::from_text(call["idempotencyKey"].as_str().unwrap());
    assert_eq!(server.sandbox.executions(&key), 1);
}

#[tokio::test]
async fn a_request_needs_its_own_scope_and_nothing_else() {
    let server = Server::new().await;
    let config = json!({"operation": "balance.retrieve"});
    let writes = Server { key: server.key(&["actions:read", "actions:write"]).await, ..server };
    let reply = request(&writes, None, config.clone()).await;
    assert_eq!((reply.status, reply.code()), (StatusCode::FORBIDDEN, "forbidden"));
    assert_eq!(reply.body["error"]["details"]["needed"], json!(["actions:raw"]));
    let raw = Server { key: writes.key(&["actions:raw"]).await, ..writes };
    assert_eq!(request(&raw, None, config).await.data()["object"], "balance");
    let reply = raw.post("/api/v1/actions/stripe.getBalance", None, json!({})).await;
    assert_eq!(reply.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn parameters_are_refused_as_an_actions_are_and_nothing_is_sent() {
    let server = Server::new().await;
    let before = server.sandbox.journal().len();
    let config =
        json!({"operation": "customers.create", "params": {"emial": "x", "address": {"citty": "Bonn"}}});
    let reply = request(&server, Some("k"), config).await;
    assert_eq!(
        (reply.code(), &reply.body["error"]["field"]),
        ("validation_error", &json!("config.params.emial"))
    );
    let invalid = &reply.body["error"]["details"]["invalid"];
    assert_eq!((&invalid[0]["nearest"], &invalid[1]["nearest"]), (&json!("email"), &json!("city")));
    for path in
        ["https://evil.example/v1/customers", "/v1/../x", "/v1/customers?limit=1", "/v2/core/accounts"]
    {
        let reply = request(&server, None, json!({"method": "GET", "path": path})).await;
        assert_eq!(
            (reply.code(), &reply.body["error"]["field"]),
            ("validation_error", &json!("config.path"))
        );
    }
    assert_eq!(server.sandbox.journal().len(), before);
}

#[tokio::test]
async fn what_no_table_knows_goes_out_and_says_that_it_was_not_checked() {
    let server = Server::new().await;
    let config = json!({"method": "POST", "path": "/v1/new_things", "params": {"anyThing": {"a": true}}});
    let dry = server.post(REQUEST, None, json!({ "config": config, "dryRun": true })).await;
    assert_eq!((&dry.data()["checked"], &dry.data()["operation"]), (&json!(false), &Value::Null));
    assert_eq!(dry.data()["body"], "anyThing[a]=true");
    assert!(dry.data()["notice"].as_str().unwrap().contains("not checked"), "{}", dry.text);
    let reply = request(&server, Some("k"), config).await;
    assert_eq!((reply.status, reply.code()), (StatusCode::BAD_REQUEST, "invalid_request_error"));
    let said = reply.body["error"]["stripe"]["message"].as_str().unwrap();
    assert!(said.contains("Unrecognized request URL") && said.contains("/v1/new_things"), "{said}");
    let details = &reply.body["error"]["details"];
    assert_eq!((&details["checked"], &details["idempotencyKey"]), (&json!(false), &json!("k")));
    let sent = server.sandbox.journal().iter().any(|entry| entry.path == "/v1/new_things");
    assert!(sent);
}

#[tokio::test]
async fn a_dry_run_shows_the_bytes_that_would_go_out() {
    let server = Server::new().await;
    let dry = |config: Value| server.post(REQUEST, None, json!({ "config": config, "dryRun": true }));
    let post = dry(json!({"operation": "refunds.create", "params": {"chargeId": "ch_1"}})).await;
    assert_eq!(post.body["error"]["details"]["invalid"][0]["nearest"], "charge", "{}", post.text);
    let post = dry(json!({"operation": "refunds.create", "params": {"charge": "ch_1", "amount": 5}})).await;
    assert_eq!(
        (&post.data()["body"], &post.data()["checked"]),
        (&json!("charge=ch_1&amount=5"), &json!(true))
    );
    let get = dry(json!({"operation": "refunds.list", "params": {"created": {"gte": 5}}})).await;
    assert_eq!((&get.data()["body"], &get.data()["path"]), (&json!("created[gte]=5"), &json!("/v1/refunds")));
}

#[tokio::test]
async fn a_whole_list_is_streamed_for_a_request_too() {
    let server = Server::new().await;
    for n in 0..3 {
        let config = json!({"operation": "customers.create", "params": {"name": format!("{n}")}});
        request(&server, Some(&format!("k{n}")), config).await.data();
    }
    let config = json!({"method": "GET", "path": "/v1/customers", "params": {"limit": 2}, "all": true});
    let lines = request(&server, None, config).await.text;
    let lines: Vec<Value> = lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines.len(), 4, "{lines:?}");
    assert_eq!(lines[3]["meta"], json!({ "count": 3, "pages": 2 }));
}
