//! What a connection may do, over every way of connecting: asked over HTTP, told in the
//! words of the way, and without a write at Stripe.

use std::collections::BTreeSet;

use actions::{Catalog, Permission, Probe};
use http::Method;
use serde_json::{Value, json};
use stripe::Credential;

use super::{How, World};

impl World {
    /// What a connection may do; nothing is written meanwhile.
    async fn test(&self, connection: &str) -> Value {
        let (journal, events) = (self.stripe.journal().len(), self.stripe.events());
        let path = format!("/api/v1/connections/{connection}/test");
        let report = self.done(Method::POST, &path, json!({})).await;
        let asked = self.stripe.journal().split_off(journal);
        assert!(!asked.is_empty() && asked.len() < 60, "{} questions", asked.len());
        for one in asked.iter().filter(|one| one.method != "GET") {
            assert!(matches!(one.status, 403 | 404), "{} {}: {}", one.method, one.path, one.status);
        }
        assert_eq!(self.stripe.events(), events, "something happened at Stripe");
        report
    }

    async fn connect_with_scope(&self, name: &str, scope: &str, owner: &Credential) {
        let link = json!({ "via": "connect", "name": name, "mode": "local", "scope": scope });
        let link = self.link(link).await;
        self.consent(&link, &owner.account).await;
    }
}

/// A workflow that makes a customer, over whatever connection is the default.
const ONE_STEP: &str = "name: One\ntrigger: { type: api }\nsteps:\n\
    \x20 - { id: made, action: stripe.createCustomer, config: { email: a@b.c } }\n";

impl World {
    async fn run_of_one_step(&self) -> Value {
        self.done(Method::POST, "/api/v1/workflows", json!({ "source": ONE_STEP })).await;
        self.done(Method::POST, "/api/v1/workflows/one/activate", json!({})).await;
        let body = json!({ "mode": "sync" });
        let ran = self.ask(Method::POST, "/api/v1/workflows/one/run", Some("run"), body).await;
        let run = ran.body["data"]["runId"].as_str().or(ran.body["error"]["details"]["runId"].as_str());
        let run = run.unwrap_or_else(|| panic!("{:#}", ran.body));
        self.done(Method::GET, &format!("/api/v1/runs/{run}"), Value::Null).await
    }
}

fn rows<'v>(report: &'v Value, of: &str, status: &'v str) -> impl Iterator<Item = &'v Value> {
    report[of].as_array().unwrap().iter().filter(move |one| one["status"] == status)
}

/// Whether there is a question about it that changes nothing.
fn is_askable(permission: Permission) -> bool {
    Probe::of(&BTreeSet::from([permission]), stripe::PINNED).contains_key(&permission)
}

fn askable() -> impl Iterator<Item = Permission> {
    Catalog.all().iter().map(|action| action.permission).filter(|permission| is_askable(*permission))
}

fn writes() -> usize {
    askable().filter(|permission| permission.write).count()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_way_is_ready_for_every_action_and_says_what_it_reaches() {
    for how in How::all() {
        let world = World::new().await;
        let owner = world.account(how).await;
        world.connect(how, "main", &owner).await;
        let report = world.test("main").await;
        let count = Catalog.all().len();
        let ready = askable().count();
        let summary = json!({ "ready": ready, "missing": 0, "unknown": count - ready });
        assert_eq!(report["summary"], summary, "{how:?}");
        assert_eq!(report["actions"].as_array().unwrap().len(), count, "{how:?}");
        assert_eq!(
            (&report["account"], &report["mode"], &report["apiVersion"]),
            (&json!(owner.account), &json!("local"), &json!(stripe::PINNED)),
            "{how:?}"
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_consent_to_read_is_ready_to_read_and_says_how_to_get_more() {
    let world = World::new().await;
    let owner = world.account(How::Connect).await;
    world.connect_with_scope("acme", "read_only", &owner).await;
    let report = world.test("acme").await;
    assert_eq!(report["scopes"], json!(["read_only"]));
    assert_eq!(report["summary"]["missing"], json!(writes()), "{report:#}");
    for missing in rows(&report, "permissions", "missing") {
        assert!(missing["permission"].as_str().unwrap().ends_with(":write"), "{missing:#}");
        assert!(missing["why"].as_str().unwrap().contains("the scope `read_write`"), "{missing:#}");
        let grant = missing["grant"].as_str().unwrap();
        assert!(grant.contains("--reconnect acme --scope read_write"), "{grant}");
    }
    let refused = world.call("acme", "stripe.createCustomer", "k", &json!({ "email": "a@b.c" })).await;
    let error = &refused.body["error"];
    assert_eq!(error["code"], "permission_error");
    assert!(error["message"].as_str().unwrap().contains("--scope read_write"), "{error:#}");
    assert_eq!(error["details"]["needs"]["connectScope"], "read_write");
    assert!(error["details"]["callId"].is_string(), "{error:#}");
    assert!(error["stripe"]["message"].as_str().unwrap().contains("'read_write'"), "{error:#}");
    let run = world.run_of_one_step().await;
    let of_run = &run["error"];
    assert_eq!((&run["status"], &of_run["code"]), (&json!("failed"), &error["code"]), "{run:#}");
    assert_eq!(of_run["stripe"]["message"], error["stripe"]["message"]);
    assert!(of_run["message"].as_str().unwrap().contains("--scope read_write"), "{run:#}");
    assert_eq!(of_run["details"]["needs"]["connectScope"], "read_write", "{run:#}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_app_is_told_the_line_that_its_manifest_lacks() {
    let world = World::new().await;
    let owner = world.account(How::App).await;
    let settings = json!({ "app_permissions": { "customers": "write", "account": "read" } });
    let url = format!("{}/_sandbox/oauth", world.stripe.url().unwrap());
    let client = reqwest::Client::builder().tls_certs_only([]).no_proxy().build().unwrap();
    let set = client.post(url).body(settings.to_string()).send().await.unwrap();
    assert_eq!(set.status(), 200);
    world.connect(How::App, "acme", &owner).await;
    let report = world.test("acme").await;
    let ready: Vec<_> = rows(&report, "actions", "ready").map(|one| one["permission"].clone()).collect();
    assert!(!ready.is_empty());
    assert!(
        ready
            .iter()
            .all(|one| one.as_str().is_some_and(|p| p.starts_with("customers:") || p == "account:read"))
    );
    let mut missing = rows(&report, "permissions", "missing");
    let invoices = missing.find(|one| one["permission"] == "invoices:write").unwrap();
    let grant = invoices["grant"].as_str().unwrap();
    assert!(grant.contains("stripe apps grant permission \"invoice_write\""), "{grant}");
    assert!(invoices["stripe"]["message"].as_str().unwrap().contains("'invoice_write'"), "{invoices:#}");
}
