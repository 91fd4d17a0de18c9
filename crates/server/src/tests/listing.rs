//! Whole lists as streams.

use axum::body::Body;
use bytes::Bytes;
use futures_util::StreamExt as _;
use http::{HeaderMap, Method, StatusCode};
use sandbox::Fault;
use serde_json::{Value, json};
use tower::ServiceExt as _;

use super::{Server, request};

const CREATE: &str = "/api/v1/actions/stripe.createCustomer";
const LIST: &str = "/api/v1/actions/stripe.listCustomers";

/// An answer whose body is taken as it comes.
struct Lines {
    status: StatusCode,
    headers: HeaderMap,
    body: axum::body::BodyDataStream,
}

impl Lines {
    /// The lines of the next chunk; none at the end.
    async fn chunk(&mut self) -> Option<Vec<Value>> {
        let chunk: Bytes = self.body.next().await?.unwrap();
        let text = std::str::from_utf8(&chunk).unwrap();
        assert!(text.ends_with('\n'), "{text}");
        Some(text.lines().map(|line| serde_json::from_str(line).unwrap()).collect())
    }

    async fn rest(&mut self) -> Vec<Value> {
        let mut lines = Vec::new();
        while let Some(chunk) = self.chunk().await {
            lines.extend(chunk);
        }
        lines
    }
}

impl Server {
    /// A server whose company has this many customers; their ids, newest first.
    async fn with_customers(number: usize) -> (Self, Vec<Value>) {
        let server = Self::new().await;
        let mut ids = Vec::new();
        for n in 0..number {
            let body = json!({ "config": { "name": n.to_string() } });
            ids.push(server.post(CREATE, Some(&format!("customer-{n}")), body).await.data()["id"].clone());
        }
        ids.reverse();
        (server, ids)
    }

    async fn listing(&self, config: Value) -> Lines {
        self.lines(LIST, config).await
    }

    async fn lines(&self, path: &str, config: Value) -> Lines {
        let body = Body::from(json!({ "config": config }).to_string());
        let response = self.router.clone().oneshot(request(Method::POST, path, Some(&self.key), body)).await;
        let (parts, body) = response.unwrap().into_parts();
        Lines { status: parts.status, headers: parts.headers, body: body.into_data_stream() }
    }

    fn pages_read(&self) -> usize {
        self.sandbox.journal().iter().filter(|entry| entry.method == "GET").count()
    }
}

fn ids(lines: &[Value]) -> Vec<Value> {
    lines.iter().map(|line| line["id"].clone()).collect()
}

#[tokio::test(start_paused = true)]
async fn a_whole_list_comes_as_lines_and_the_last_line_says_that_it_is_whole() {
    let (server, made) = Server::with_customers(25).await;
    let mut listing = server.listing(json!({ "all": true, "limit": 10 })).await;
    assert_eq!(
        (listing.status, &listing.headers["content-type"]),
        (StatusCode::OK, &"application/x-ndjson".parse().unwrap())
    );
    assert_eq!(listing.headers["cache-control"], "no-store");
    let mut lines = listing.rest().await;
    let last = lines.pop().unwrap();
    assert_eq!(last, json!({ "success": true, "meta": { "count": 25, "pages": 3 } }));
    assert_eq!(ids(&lines), made);
    // Each object is as Stripe gave it.
    let page = server.post(LIST, None, json!({ "config": { "limit": 10 } })).await;
    assert_eq!(page.data()["data"], json!(lines[..10]));
}

#[tokio::test(start_paused = true)]
async fn no_page_is_read_before_the_one_before_has_been_taken() {
    let (server, made) = Server::with_customers(30).await;
    let mut listing = server.listing(json!({ "all": true, "limit": 10 })).await;
    for page in 0..3 {
        assert_eq!(server.pages_read(), page.max(1));
        let lines = listing.chunk().await.unwrap();
        assert_eq!(ids(&lines), made[10 * page..10 * page + 10]);
        tokio::time::sleep(std::time::Duration::from_secs(60)).await;
    }
    assert_eq!(server.pages_read(), 3);
    assert_eq!(listing.rest().await.len(), 1);
    assert_eq!(server.pages_read(), 3);
}

#[tokio::test(start_paused = true)]
async fn a_reader_that_goes_away_stops_the_listing() {
    let (server, _) = Server::with_customers(30).await;
    let mut listing = server.listing(json!({ "all": true, "limit": 10 })).await;
    listing.chunk().await.unwrap();
    drop(listing);
    tokio::time::sleep(std::time::Duration::from_secs(60)).await;
    assert_eq!(server.pages_read(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_listing_that_breaks_off_says_so_and_where_in_its_last_line() {
    let (server, made) = Server::with_customers(30).await;
    let mut listing = server.listing(json!({ "all": true, "limit": 10 })).await;
    assert_eq!(listing.chunk().await.unwrap().len(), 10);
    server.sandbox.fault_at(Fault::Reset, 1_000, Some("GET"), None);
    let lines = listing.rest().await;
    assert_eq!(lines.len(), 1);
    let (success, error) = (&lines[0]["success"], &lines[0]["error"]);
    assert_eq!((success, &error["details"]["count"]), (&json!(false), &json!(10)));
    assert_eq!(error["details"]["after"], made[9]);
    assert_eq!(error["details"]["resume"], json!({ "startingAfter": made[9] }));
    assert_eq!(error["requestId"], json!(listing.headers["request-id"].to_str().unwrap()));
    assert!(error["retry"]["kind"].is_string() && error["docs"].is_string(), "{error}");
}

#[tokio::test(start_paused = true)]
async fn a_request_lists_whole_too_and_says_where_its_cursor_goes() {
    let (server, made) = Server::with_customers(30).await;
    let config = json!({ "operation": "customers.list", "params": { "limit": 10 }, "all": true });
    let path = "/api/v1/actions/stripe.request";
    let mut listing = server.lines(path, config.clone()).await;
    let mut lines = listing.rest().await;
    assert_eq!(lines.pop().unwrap()["meta"], json!({ "count": 30, "pages": 3 }));
    assert_eq!(ids(&lines), made);
    let mut listing = server.lines(path, config).await;
    listing.chunk().await.unwrap();
    server.sandbox.fault_at(Fault::Reset, 1_000, Some("GET"), None);
    let error = &listing.rest().await[0]["error"];
    assert_eq!(error["details"]["resume"], json!({ "params": { "startingAfter": made[9] } }));
    assert!(error["message"].as_str().unwrap().contains("`params.startingAfter: "), "{error}");
}

#[tokio::test(start_paused = true)]
async fn faults_on_the_way_are_not_seen_by_the_reader() {
    let (server, made) = Server::with_customers(30).await;
    for fault in [
        Fault::RateLimited { reason: "endpoint-rate".into() },
        Fault::Stored500,
        Fault::LostAnswer,
        Fault::Reset,
    ] {
        let mut listing = server.listing(json!({ "all": true, "limit": 10 })).await;
        let mut lines = listing.chunk().await.unwrap();
        server.sandbox.fault_at(fault, 1, Some("GET"), None);
        lines.extend(listing.rest().await);
        assert_eq!(lines.pop().unwrap()["success"], json!(true));
        assert_eq!(ids(&lines), made);
    }
}

#[tokio::test(start_paused = true)]
async fn a_listing_that_has_no_first_page_is_refused_like_any_call() {
    let (server, _) = Server::with_customers(1).await;
    let post = async |config: Value| server.post(LIST, None, json!({ "config": config })).await;
    let refused = post(json!({ "all": true, "startingAfter": "cus_none" })).await;
    assert_eq!(refused.code(), "resource_missing");
    let single = post(json!({ "startingAfter": "cus_none" })).await;
    assert_eq!((refused.status, single.code()), (single.status, "resource_missing"));
    let wrong = post(json!({ "all": true, "limit": 1_000 })).await;
    assert_eq!((wrong.code(), &wrong.body["error"]["field"]), ("validation_error", &json!("config.limit")));
}

#[tokio::test(start_paused = true)]
async fn an_empty_list_is_its_last_line() {
    let (server, _) = Server::with_customers(0).await;
    let lines = server.listing(json!({ "all": true })).await.rest().await;
    assert_eq!(lines, [json!({ "success": true, "meta": { "count": 0, "pages": 1 } })]);
}

#[tokio::test(start_paused = true)]
async fn a_dry_run_shows_the_request_of_the_first_page() {
    let (server, _) = Server::with_customers(0).await;
    let reply = server.post(LIST, None, json!({ "config": { "all": true }, "dryRun": true })).await;
    assert_eq!(reply.data()["body"], "limit=100");
    assert_eq!(server.pages_read(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_listing_ends_and_says_so_when_the_server_stops() {
    let (server, made) = Server::with_customers(30).await;
    let mut listing = server.listing(json!({ "all": true, "limit": 10 })).await;
    listing.chunk().await.unwrap();
    server.app.closing.cancel();
    let lines = listing.rest().await;
    assert_eq!((lines.len(), &lines[0]["success"]), (1, &json!(false)));
    assert_eq!(lines[0]["error"]["details"]["after"], made[9]);
    assert!(lines[0]["error"]["message"].as_str().unwrap().contains("stopping"), "{lines:?}");
}
