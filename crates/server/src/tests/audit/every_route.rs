//! A route that changes something leaves an entry, or says here why not.

use axum::body::Body;
use http::Method;
use model::{Clock as _, ReceiptId, ReceiptStatus, SystemClock};
use sandbox::Fault;
use serde_json::{Value, json};
use store::{AUDITED, Epoch, Page, ReceiptFilter, Unit, Write};
use stripe::signature::{Secret, sign};

use super::{NAMED, NAMELESS};
use crate::{
    api::{ROUTES, Route, Verb},
    tests::{Server, request, routes::method},
};

/// What changes nothing that the log is about.
const EXEMPT: &[(Verb, &str, &str)] = &[
    (Verb::Post, "/actions/{name}", "a call is its own record, with its key: GET /calls"),
    (Verb::Post, "/workflows/{id}/run", "a run is its own record, with its cause: GET /runs"),
    (Verb::Post, "/workflows/check", "a check stores nothing"),
    (Verb::Post, "/connections/{id}/test", "a test reads at Stripe and changes nothing"),
];

/// A request, and the entries that it leaves, newest first.
type Step = (Verb, &'static str, String, Value, &'static [&'static str]);

const SECRET: &str = "whsec_dGhlIHNlY3JldCBvZiB0aGlzIHRlc3Q";

fn steps(server: &Server, parked: &str, failed: &str, receipt: ReceiptId) -> Vec<Step> {
    use Verb::{Delete, Get, Post, Put};
    let at = |path: &str| path.to_owned();
    let link = json!({ "via": "connect", "mode": "local", "name": "linked" });
    let said = json!({ "as": "not_done", "note": "not in the dashboard" });
    let source = json!({ "endpoint": "we_2", "secret": SECRET });
    let ours = json!({ "endpoint": "we_3", "secret": SECRET, "mode": "local", "account": "acct_1" });
    vec![
        (Post, "/keys", at("/keys"), json!({ "name": "a", "scopes": ["runs:read"] }), &["key.created"]),
        (Delete, "/keys/{id}", at("/keys/a"), Value::Null, &["key.revoked"]),
        (Post, "/companies", at("/companies"), json!({ "name": "B" }), &["company.created"]),
        (
            Delete,
            "/companies/{id}",
            at("/companies/B"),
            Value::Null,
            &["company.removed", "company.removing"],
        ),
        (Post, "/connections", at("/connections"), server.api_key("second"), &["connection.added"]),
        (
            Put,
            "/connections/{id}",
            at("/connections/second"),
            json!({ "name": "b" }),
            &["connection.changed"],
        ),
        (Put, "/connections/{id}", at("/connections/b"), json!({ "name": "b" }), &[]),
        (Delete, "/connections/{id}", at("/connections/b"), Value::Null, &["connection.disconnected"]),
        (Delete, "/connections/{id}", at("/connections/b?remove=true"), Value::Null, &["connection.removed"]),
        (
            Post,
            "/connections/stripe/authorize",
            at("/connections/stripe/authorize"),
            link,
            &["connection.authorizing"],
        ),
        (
            Get,
            "/connections/stripe/auth-url",
            at("/connections/stripe/auth-url?via=connect&mode=local&name=linked"),
            Value::Null,
            &["connection.authorizing"],
        ),
        (Post, "/workflows", at("/workflows"), json!({ "source": NAMED }), &[]),
        (
            Put,
            "/workflows/{id}",
            at("/workflows/named"),
            json!({ "source": NAMED.replace("ada@", "eve@") }),
            &["workflow.saved"],
        ),
        (
            Post,
            "/workflows",
            at("/workflows"),
            json!({ "source": NAMED.replace("named", "other") }),
            &["workflow.saved"],
        ),
        (
            Post,
            "/workflows/{id}/activate",
            at("/workflows/other/activate"),
            json!({}),
            &["workflow.activated"],
        ),
        (Post, "/workflows/{id}/activate", at("/workflows/other/activate"), json!({}), &[]),
        (Post, "/workflows/{id}/pause", at("/workflows/other/pause"), json!({}), &["workflow.paused"]),
        (Delete, "/workflows/{id}", at("/workflows/other"), Value::Null, &["workflow.archived"]),
        (Post, "/runs/{id}/cancel", format!("/runs/{parked}/cancel"), json!({}), &["run.canceled"]),
        (Post, "/runs/{id}/cancel", format!("/runs/{parked}/cancel"), json!({}), &[]),
        (Post, "/runs/{id}/cancel", format!("/runs/{failed}/cancel"), json!({}), &[]),
        (
            Post,
            "/runs/{id}/steps/{step}/resolve",
            format!("/runs/{parked}/steps/made/resolve"),
            said.clone(),
            &["run.resolved"],
        ),
        (Post, "/runs/{id}/steps/{step}/resolve", format!("/runs/{parked}/steps/made/resolve"), said, &[]),
        (Post, "/runs/{id}/retry", format!("/runs/{failed}/retry"), json!({}), &["run.retried"]),
        (Post, "/events/{id}/replay", format!("/events/{receipt}/replay"), json!({}), &["event.replayed"]),
        (Post, "/events/{id}/replay", format!("/events/{receipt}/replay"), json!({}), &[]),
        (Post, "/sources/ensure", at("/sources/ensure"), json!({}), &["source.added"]),
        (Post, "/sources/ensure", at("/sources/ensure"), json!({}), &[]),
        (Post, "/sources", at("/sources"), source, &["source.added"]),
        (Post, "/installation/sources", at("/installation/sources"), ours, &["source.added"]),
        (Post, "/vault/rotate", at("/vault/rotate"), json!({}), &["vault.rotated"]),
    ]
}

#[tokio::test]
async fn every_route_that_changes_something_is_audited_once() {
    let server = Server::new().await.equipped();
    let (parked, failed) = (server.stuck("nameless", NAMELESS).await, server.stuck("named", NAMED).await);
    let receipt = server.dead_event().await;
    let mut tried = Vec::new();
    let mut known = server.log().await.len();
    for (verb, route, path, body, expected) in steps(&server, &parked, &failed, receipt) {
        known = expect_entries(&server, known, (verb, route, &path, &body), expected).await;
        tried.push((verb, route));
    }
    for (route, list) in
        [("/sources/{id}", "/sources"), ("/installation/sources/{id}", "/installation/sources")]
    {
        let all = server.get(&format!("/api/v1{list}")).await.data().clone();
        let id = all.as_array().unwrap().last().unwrap()["id"].as_str().unwrap().to_owned();
        let asked = (Verb::Delete, route, &*format!("{list}/{id}"), &Value::Null);
        known = expect_entries(&server, known, asked, &["source.removed"]).await;
        tried.push((Verb::Delete, route));
    }
    for Route { verb, path, .. } in ROUTES {
        let exempt = EXEMPT.iter().any(|(v, p, _)| (v, p) == (verb, path));
        let audited = tried.contains(&(*verb, *path));
        if *verb == Verb::Get {
            continue;
        }
        assert!(exempt != audited, "{verb:?} {path}: try it here, or say in EXEMPT why it leaves no entry");
    }
    for (verb, path, why) in EXEMPT {
        assert!(ROUTES.iter().any(|r| (&r.verb, &r.path) == (verb, path)) && !why.is_empty(), "{path}");
    }
}

/// Asks, and says how long the log is then.
async fn expect_entries(
    server: &Server,
    known: usize,
    (verb, route, path, body): (Verb, &str, &str, &Value),
    expected: &[&str],
) -> usize {
    let of = ROUTES.iter().find(|r| r.verb == verb && r.path == route);
    let of = of.unwrap_or_else(|| panic!("there is no {verb:?} {route}"));
    let reply = server.does(method(of), path, body).await;
    assert!(reply.status.is_success(), "{verb:?} {path}: {reply:?}");
    let log = server.log().await;
    assert_eq!(log[..log.len() - known], *expected, "{verb:?} {path}");
    log.len()
}

/// The words of the log are one list, and the documentation is about all of them.
#[test]
fn every_word_of_the_log_is_documented() {
    let page = include_str!("../../../../../docs/http-api.md");
    let table = page.split("## The audit log").nth(1).expect("its section");
    let table = table.split("\n## ").next().unwrap();
    let documented: Vec<(&str, &str)> = table
        .lines()
        .skip_while(|line| !line.starts_with("|---"))
        .filter_map(|line| line.strip_prefix("| `")?.strip_suffix(" |")?.split_once("` | "))
        .collect();
    assert_eq!(documented, AUDITED);
}

impl Server {
    /// A run that stands still because Stripe answered 500: parked, or failed where its
    /// outcome can be told.
    pub(super) async fn stuck(&self, key: &str, source: &str) -> String {
        self.post("/api/v1/workflows", None, json!({ "source": source })).await.data();
        self.post(&format!("/api/v1/workflows/{key}/activate"), None, json!({})).await.data();
        self.sandbox.fault_at(Fault::Stored500, 1, Some("POST"), Some("/v1/customers"));
        let run = format!("/api/v1/workflows/{key}/run");
        let run = self.post(&run, Some("k"), json!({ "mode": "sync" })).await;
        assert!(["parked", "failed"].contains(&run.data()["status"].as_str().unwrap()), "{run:?}");
        run.data()["runId"].as_str().unwrap().to_owned()
    }

    /// An event that nothing could be started with.
    pub(super) async fn dead_event(&self) -> ReceiptId {
        let source = json!({ "endpoint": "we_1", "secret": SECRET });
        self.does(Method::POST, "/sources", &source).await.data();
        let body = json!({ "id": "evt_1", "object": "event", "type": "invoice.paid", "created": 1,
                           "livemode": false, "account": self.sandbox.account(),
                           "data": { "object": { "id": "in_1", "object": "invoice" } } });
        let (path, body) = (format!("/webhooks/stripe/{}", self.company), body.to_string());
        let mut delivery = request(Method::POST, &path, None, Body::from(body.clone()));
        let signed = sign(&[Secret::new(SECRET).unwrap()], body.as_bytes(), SystemClock.now());
        delivery.headers_mut().insert("stripe-signature", signed.parse().unwrap());
        assert!(self.send(delivery).await.status.is_success());
        let page = Page { limit: 1, after: None };
        let stored = self.app.store.receipts(self.company, ReceiptFilter::default(), page).await.unwrap();
        let receipt = stored.rows[0].id;
        let dead = Write::RetryDispatch {
            receipt,
            next_try_at: None,
            tries: 6,
            error: "{}".into(),
            epoch: Epoch(u64::MAX),
        };
        self.app.store.commit(Unit::interactive(vec![dead])).await.unwrap();
        let shown = self.app.store.receipt(receipt).await.unwrap().unwrap();
        assert_eq!(shown.status, ReceiptStatus::Dead);
        receipt
    }
}
