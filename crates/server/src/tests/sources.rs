//! Sources of a company and of the installation, and events that nobody claims.

use axum::body::Body;
use connections::NewConnection;
use http::{Method, Request, StatusCode};
use model::{AccountId, Clock as _, CompanyId, Mode, SystemClock};
use serde_json::{Value, json};
use stripe::{
    Credential,
    signature::{Secret, sign},
};

use super::{Reply, Server, request};

const OURS: &str = "/api/v1/installation/sources";
const SECRET: &str = "whsec_installation_canary";

fn event(id: &str, account: &str) -> String {
    json!({
        "id": id, "object": "event", "type": "payment_intent.created",
        "created": SystemClock.now().as_second(), "livemode": false, "account": account,
        "data": { "object": { "id": "pi_1", "client_secret": "pi_1_secret_canary" } },
    })
    .to_string()
}

fn delivery(path: &str, body: &str, secret: &str) -> Request<Body> {
    let signature = sign(&[Secret::new(secret).unwrap()], body.as_bytes(), SystemClock.now());
    let mut request = request(Method::POST, path, None, Body::from(body.to_owned()));
    request.headers_mut().insert("stripe-signature", signature.parse().unwrap());
    request
}

async fn add(server: &Server, path: &str, body: Value) -> Reply {
    server.post(path, None, body).await
}

async fn installed(server: &Server, secret: &str) -> Value {
    let body = json!({ "endpoint": "we_all", "secret": secret, "mode": "local", "account": "acct_platform" });
    let made = add(server, OURS, body).await;
    assert_eq!(made.status, StatusCode::CREATED, "{made:?}");
    made.data().clone()
}

/// Gives a company a connection to an account.
async fn connect(server: &Server, company: CompanyId, account: &str) {
    let account = AccountId::new(account);
    let new = NewConnection {
        name: account.to_string(),
        account: account.clone(),
        mode: Mode::Local,
        base_url: "http://127.0.0.1:12111".into(),
        is_default: false,
        credential: Credential::new(account, Mode::Local, server.sandbox.secret_key()),
    };
    server.app.connections.put(company, new).await.unwrap();
}

async fn remove(server: &Server, path: &str) -> Reply {
    server.send(request(Method::DELETE, path, Some(&server.key), Body::empty())).await
}

#[tokio::test]
async fn a_company_notes_its_endpoint_rotates_its_secret_and_removes_it() {
    let server = Server::new().await;
    let to = format!("/webhooks/stripe/{}", server.company);
    let body = event("evt_1", server.sandbox.account().as_str());
    let before = server.send(delivery(&to, &body, "whsec_one")).await;
    assert_eq!((before.status, before.code()), (StatusCode::BAD_REQUEST, "invalid_signature"));
    let made = add(&server, "/api/v1/sources", json!({ "endpoint": "we_1", "secret": "whsec_one" })).await;
    let first = made.data().clone();
    assert_eq!((&first["mode"], &first["endpoint"]), (&json!("local"), &json!("we_1")));
    assert_eq!(first["account"], json!(server.sandbox.account()));
    assert!(first["url"].as_str().unwrap().ends_with(&to), "{first}");
    assert!(!made.text.contains("whsec"), "{}", made.text);
    assert_eq!(server.send(delivery(&to, &body, "whsec_one")).await.status, StatusCode::OK);

    let body = json!({ "endpoint": "we_1", "secret": "whsec_two", "keepOldMs": 60_000 });
    let second = add(&server, "/api/v1/sources", body).await.data().clone();
    assert_ne!(second["id"], first["id"]);
    let listed = server.get("/api/v1/sources").await;
    assert_eq!(listed.data().as_array().unwrap().len(), 2);
    assert!(listed.data()[0]["expiresAt"].is_string() && listed.data()[1]["expiresAt"].is_null());
    for secret in ["whsec_one", "whsec_two"] {
        let body = event(&format!("evt_{secret}"), server.sandbox.account().as_str());
        assert_eq!(server.send(delivery(&to, &body, secret)).await.status, StatusCode::OK);
    }
    let gone = remove(&server, &format!("/api/v1/sources/{}", first["id"].as_str().unwrap())).await;
    assert_eq!(gone.data()["id"], first["id"]);
    let refused = server.send(delivery(&to, &event("evt_9", "acct_1"), "whsec_one")).await;
    assert_eq!(refused.code(), "invalid_signature");
    let log = server.get("/api/v1/audit").await;
    let what: Vec<&Value> = log.data().as_array().unwrap().iter().map(|entry| &entry["what"]).collect();
    assert_eq!(what[..3], ["source.removed", "source.added", "source.added"]);
    assert!(!log.text.contains("whsec"));
}

#[tokio::test]
async fn a_wrong_source_is_refused_by_name_and_shows_no_secret() {
    let server = Server::new().await;
    let ours = |change: Value| {
        let mut body =
            json!({ "endpoint": "we_1", "secret": SECRET, "mode": "local", "account": "acct_platform" });
        body.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        body
    };
    for (path, body, field) in [
        (OURS, ours(json!({ "endpoint": "wh_1" })), "endpoint"),
        (OURS, ours(json!({ "endpoint": "we_1 x" })), "endpoint"),
        (OURS, ours(json!({ "secret": "sk_test_canary" })), "secret"),
        (OURS, ours(json!({ "secret": "whsec_" })), "secret"),
        (OURS, ours(json!({ "mode": "sandbox" })), "mode"),
        (OURS, ours(json!({ "account": "cus_1" })), "account"),
        (OURS, ours(json!({ "account": null, "mode": "test" })), "account"),
        (OURS, ours(json!({ "keepOldMs": 604_800_001 })), "keepOldMs"),
        ("/api/v1/sources", json!({ "endpoint": "x", "secret": SECRET }), "endpoint"),
        ("/api/v1/sources", json!({ "endpoint": "we_1", "secret": "canary" }), "secret"),
        ("/api/v1/sources", json!({ "endpoint": "we_1", "secret": SECRET, "mode": "live" }), "mode"),
    ] {
        let refused = add(&server, path, body.clone()).await;
        assert_eq!((refused.code(), &refused.body["error"]["field"]), ("validation_error", &json!(field)));
        assert!(!refused.text.contains("canary"), "{body}: {}", refused.text);
    }
    let unknown = json!({ "endpoint": "we_1", "secret": SECRET, "connection": "nobody" });
    assert_eq!(add(&server, "/api/v1/sources", unknown).await.code(), "connection_required");
    for path in ["/api/v1/sources", OURS] {
        assert_eq!(server.get(path).await.data(), &json!([]));
    }
}

#[tokio::test]
async fn the_installations_sources_are_nobody_elses_business() {
    let server = Server::new().await;
    let made = installed(&server, SECRET).await;
    assert_eq!((&made["account"], &made["mode"]), (&json!("acct_platform"), &json!("local")));
    assert_eq!(server.get("/api/v1/sources").await.data(), &json!([]), "no company's");
    let id = made["id"].as_str().unwrap();
    let as_company = remove(&server, &format!("/api/v1/sources/{id}")).await;
    assert_eq!(as_company.code(), "not_found");
    let admin = server.key(&["admin"]).await;
    for (method, path) in [
        (Method::GET, OURS.to_owned()),
        (Method::DELETE, format!("{OURS}/{id}")),
        (Method::GET, "/api/v1/installation/unclaimed".to_owned()),
    ] {
        let refused = server.send(request(method, &path, Some(&admin), Body::empty())).await;
        assert_eq!(refused.code(), "forbidden", "{path}");
    }
    // An installation key that acts for no company needs none here.
    let made = server.post("/api/v1/keys", None, json!({ "name": "ops", "scopes": ["installation"] })).await;
    let key = made.data()["key"].as_str().unwrap().to_owned();
    let listed = server.send(request(Method::GET, OURS, Some(&key), Body::empty())).await;
    assert_eq!(listed.data()[0]["id"], id);
    assert!(!listed.text.contains("canary"));
    let gone = server.send(request(Method::DELETE, &format!("{OURS}/{id}"), Some(&key), Body::empty())).await;
    assert_eq!(gone.data()["id"], id);
}

#[tokio::test]
async fn one_address_serves_every_company_and_keeps_what_nobody_claims() {
    let server = Server::new().await;
    let bees = server.post("/api/v1/companies", None, json!({ "name": "bees" })).await;
    let bees: CompanyId = bees.data()["id"].as_str().unwrap().parse().unwrap();
    let none = server.send(delivery("/webhooks/stripe", &event("evt_0", "acct_1"), SECRET)).await;
    assert_eq!(none.code(), "not_found");
    installed(&server, SECRET).await;
    connect(&server, server.company, "acct_1").await;
    connect(&server, bees, "acct_1").await;
    let body = event("evt_1", "acct_1");
    let first = server.send(delivery("/webhooks/stripe", &body, SECRET)).await;
    let wanted = json!({ "received": true, "eventId": "evt_1", "workflowsTriggered": 0 });
    assert_eq!((first.status, first.body), (StatusCode::OK, wanted), "and not who has it");
    let again = server.send(delivery("/webhooks/stripe", &body, SECRET)).await;
    assert_eq!(again.body["duplicate"], json!(true));
    assert_eq!(server.get("/api/v1/events/evt_1").await.data()["account"], "acct_1");
    assert_eq!(server.app.inbox.show(bees, "evt_1").await.unwrap().account, "acct_1");
    let forged = server.send(delivery("/webhooks/stripe", &body, "whsec_other")).await;
    assert_eq!((forged.status, forged.code()), (StatusCode::BAD_REQUEST, "invalid_signature"));

    for (id, account) in [("evt_2", "acct_2"), ("evt_3", "acct_2"), ("evt_4", "acct_3")] {
        let kept = server.send(delivery("/webhooks/stripe", &event(id, account), SECRET)).await;
        assert_eq!(kept.status, StatusCode::OK);
    }
    let page = server.get("/api/v1/installation/unclaimed?limit=2").await;
    let ids: Vec<&Value> = page.data().as_array().unwrap().iter().map(|row| &row["eventId"]).collect();
    assert_eq!(ids, ["evt_4", "evt_3"]);
    assert_eq!(page.data()[0]["type"], "payment_intent.created");
    let counts = &page.body["meta"]["accounts"];
    let counted = |n: usize| (counts[n]["account"].clone(), counts[n]["count"].clone());
    assert_eq!((counted(0), counted(1)), ((json!("acct_2"), json!(2)), (json!("acct_3"), json!(1))));
    let cursor = page.body["meta"]["cursor"].as_str().unwrap();
    let rest = server.get(&format!("/api/v1/installation/unclaimed?cursor={cursor}")).await;
    assert_eq!((&rest.data()[0]["eventId"], &rest.body["meta"]["hasMore"]), (&json!("evt_2"), &json!(false)));
    assert!(!page.text.contains("canary") && !rest.text.contains("canary"));
}

#[tokio::test]
async fn ensuring_makes_one_endpoint_at_stripe_whatever_happens_on_the_way() {
    let server = Server::new().await;
    let path = "/api/v1/sources/ensure";
    let nowhere = add(&server, path, json!({})).await;
    assert_eq!((nowhere.code(), &nowhere.body["error"]["field"]), ("validation_error", &json!("publicUrl")));
    assert!(server.sandbox.objects("webhook_endpoint").is_empty());
    let public_url = "http://127.0.0.1:7420".parse().ok();
    let settings = connections::ProviderSettings { public_url, ..Default::default() };
    server.app.connections.set_providers(settings);
    // The answer is lost once; what was done is found again under its key.
    server.sandbox.fault_at(sandbox::Fault::LostAnswer, 1, Some("POST"), Some("/v1/webhook_endpoints"));
    let made = add(&server, path, json!({})).await;
    let first = made.data().clone();
    assert_eq!(first["url"], json!(format!("http://127.0.0.1:7420/webhooks/stripe/{}", server.company)));
    assert!(!made.text.contains("whsec"), "{}", made.text);
    let again = add(&server, path, json!({})).await;
    assert_eq!((&again.data()["id"], &again.body["meta"]["made"]), (&first["id"], &json!(false)));
    let at_stripe = server.sandbox.objects("webhook_endpoint");
    assert_eq!((at_stripe.len(), &at_stripe[0]["id"]), (1, &first["endpoint"]));
    // Whether the secret of a source that was forgotten still holds nobody knows: another
    // endpoint takes its place at Stripe.
    remove(&server, &format!("/api/v1/sources/{}", first["id"].as_str().unwrap())).await.data();
    let third = add(&server, path, json!({})).await.data().clone();
    assert_ne!(third["endpoint"], first["endpoint"]);
    let at_stripe = server.sandbox.objects("webhook_endpoint");
    assert_eq!((at_stripe.len(), &at_stripe[0]["id"]), (1, &third["endpoint"]));
    server.post("/api/v1/actions/stripe.createCustomer", Some("k"), json!({ "config": {} })).await.data();
    let sent = server.sandbox.due_deliveries();
    assert!(!sent.is_empty());
    for one in &sent {
        let mut request = request(
            Method::POST,
            &format!("/webhooks/stripe/{}", server.company),
            None,
            Body::from(one.body.clone()),
        );
        request.headers_mut().insert("stripe-signature", one.signature.parse().unwrap());
        assert_eq!(server.send(request).await.status, StatusCode::OK);
        server.sandbox.carried(one.id, 200);
    }
    // One that was removed at Stripe is made anew.
    let of = format!("/v1/webhook_endpoints/{}", third["endpoint"].as_str().unwrap());
    let gone = json!({ "config": { "method": "DELETE", "path": of } });
    server.post("/api/v1/actions/stripe.request", Some("d"), gone).await.data();
    let anew = add(&server, path, json!({})).await.data().clone();
    assert_ne!(anew["endpoint"], third["endpoint"]);
    // Under another version too, whose request is another one.
    remove(&server, &format!("/api/v1/sources/{}", anew["id"].as_str().unwrap())).await.data();
    let id = server.get("/api/v1/connections").await.data()[0]["id"].as_str().unwrap().to_owned();
    let version = Body::from(json!({ "apiVersion": "2026-02-25.clover" }).to_string());
    let edit = request(Method::PUT, &format!("/api/v1/connections/{id}"), Some(&server.key), version);
    server.send(edit).await.data();
    let other = add(&server, path, json!({})).await.data().clone();
    assert_eq!(server.sandbox.objects("webhook_endpoint")[0]["id"], other["endpoint"]);
    assert_eq!(server.sandbox.objects("webhook_endpoint").len(), 1);
}

#[tokio::test]
async fn two_that_ensure_at_once_have_one_endpoint() {
    let server = Server::new().await;
    let public_url = "http://127.0.0.1:7420".parse().ok();
    let settings = connections::ProviderSettings { public_url, ..Default::default() };
    server.app.connections.set_providers(settings);
    let ask = || add(&server, "/api/v1/sources/ensure", json!({}));
    let (one, two) = tokio::join!(ask(), ask());
    assert_eq!(one.data()["id"], two.data()["id"]);
    assert_ne!(one.body["meta"]["made"], two.body["meta"]["made"]);
    assert_eq!(server.sandbox.objects("webhook_endpoint").len(), 1);
}

#[tokio::test]
async fn ensuring_for_connected_accounts_takes_an_installation_key() {
    let server = Server::new().await;
    let public_url = "http://127.0.0.1:7420".parse().ok();
    let settings = connections::ProviderSettings { public_url, ..Default::default() };
    server.app.connections.set_providers(settings);
    let admin = server.key(&["admin"]).await;
    let body = json!({ "installation": true });
    let asked = request(Method::POST, "/api/v1/sources/ensure", Some(&admin), Body::from(body.to_string()));
    assert_eq!(server.send(asked).await.code(), "forbidden");
    let made = add(&server, "/api/v1/sources/ensure", body).await.data().clone();
    assert_eq!(made["url"], "http://127.0.0.1:7420/webhooks/stripe");
    let at_stripe = server.sandbox.objects("webhook_endpoint");
    assert!(at_stripe[0]["application"].is_string(), "for connected accounts: {}", at_stripe[0]);
    assert_eq!(server.get(OURS).await.data()[0]["id"], made["id"]);
    // Whichever company asks, what nobody has the secret of makes room.
    remove(&server, &format!("{OURS}/{}", made["id"].as_str().unwrap())).await.data();
    let bees = server.post("/api/v1/companies", None, json!({ "name": "bees" })).await;
    let bees: CompanyId = bees.data()["id"].as_str().unwrap().parse().unwrap();
    server.connect(bees).await;
    let body = json!({ "installation": true }).to_string();
    let mut asked = request(Method::POST, "/api/v1/sources/ensure", Some(&server.key), Body::from(body));
    asked.headers_mut().insert("bursar-company", "bees".parse().unwrap());
    let anew = server.send(asked).await.data().clone();
    let at_stripe = server.sandbox.objects("webhook_endpoint");
    assert_eq!((at_stripe.len(), &at_stripe[0]["id"]), (1, &anew["endpoint"]));
}
