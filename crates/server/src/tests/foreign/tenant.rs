//! A company with one of everything that has an id, and what those ids look like when
//! nobody has them.

use axum::body::Body;
use connections::{OAuthClient, ProviderSettings};
use events::NewSource;
use http::Method;
use model::{Clock as _, CompanyId, Mode, SystemClock};
use serde_json::{Value, json};
use stripe::signature::{Secret, sign};

use super::super::{Reply, Server, request};

/// What an id is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Company,
    CompanyName,
    Connection,
    ConnectionName,
    Workflow,
    WorkflowKey,
    Run,
    /// A step of the run.
    Step,
    Call,
    /// The key under which a call's caller may ask again.
    CallerKey,
    /// The key under which it went to Stripe.
    StripesKey,
    Receipt,
    /// Stripe's id of the event.
    Event,
    /// Stripe's id of what the event is about.
    Object,
    ApiKey,
    ApiKeyName,
    Source,
    /// Of the audit log.
    Entry,
}

/// A company, its key that may do everything, and its ids.
pub(super) struct Tenant {
    pub(super) company: CompanyId,
    pub(super) key: String,
    pub(super) ids: Vec<(Kind, String)>,
    /// The state of a link that nobody followed yet.
    pub(super) state: String,
    secret: Secret,
}

impl Tenant {
    /// Makes one of everything.
    pub(super) async fn new(server: &Server, name: &str) -> Self {
        let company = crate::ensure_company(&server.app, name).await.unwrap().id;
        let key =
            crate::issue_key(&server.app, company, &format!("{name}-root"), &["admin"]).await.unwrap().text;
        server.connect(company).await;
        let secret = Secret::new(&format!("whsec_{}", name.repeat(8))).unwrap();
        let mut tenant = Self { company, key, ids: Vec::new(), state: String::new(), secret };
        tenant.note(Kind::Company, &json!(company));
        tenant.note(Kind::CompanyName, &json!(name));
        tenant.connection(server, name).await;
        tenant.workflow(server, name).await;
        tenant.call(server, name).await;
        tenant.event(server, name).await;
        tenant.api_key(server, name).await;
        let log = tenant.get(server, "/audit").await;
        tenant.note(Kind::Entry, &log.data()[0]["id"]);
        tenant
    }

    fn note(&mut self, kind: Kind, id: &Value) {
        self.ids.push((kind, id.as_str().unwrap_or_else(|| panic!("{kind:?} has an id")).to_owned()));
    }

    pub(super) fn id(&self, kind: Kind) -> &str {
        &self.ids.iter().find(|(of, _)| *of == kind).unwrap_or_else(|| panic!("no {kind:?}")).1
    }

    async fn connection(&mut self, server: &Server, name: &str) {
        let asked = json!({ "via": "app", "mode": "local", "name": format!("{name}-link") });
        let link = self.post(server, "/connections/stripe/authorize", "link", asked).await;
        let url = link.data()["authUrl"].as_str().unwrap();
        let (_, state) = url.split_once("state=").unwrap();
        self.state = state.split('&').next().unwrap().to_owned();
        self.note(Kind::ConnectionName, &link.data()["name"]);
        let all = self.get(server, "/connections").await;
        let local = all.data().as_array().unwrap().iter().find(|row| row["name"] == "local").unwrap().clone();
        self.note(Kind::Connection, &local["id"]);
    }

    async fn workflow(&mut self, server: &Server, name: &str) {
        let source = format!(
            "name: {name} flow\nkey: {name}-flow\ntrigger: {{ type: api }}\nsteps:\n\
             \x20 - {{ id: {name}_made, action: stripe.createCustomer, config: {{ name: {name} }} }}\n"
        );
        let pushed = self.post(server, "/workflows", "push", json!({ "source": source })).await;
        let id = pushed.data()["id"].clone();
        self.note(Kind::Workflow, &id);
        self.note(Kind::WorkflowKey, &pushed.data()["key"]);
        let path = format!("/workflows/{}", id.as_str().unwrap());
        self.post(server, &format!("{path}/activate"), "on", json!({})).await.data();
        let run = self.post(server, &format!("{path}/run"), "run", json!({ "mode": "sync" })).await;
        assert_eq!(run.data()["status"], "completed", "{run:?}");
        self.note(Kind::Run, &run.data()["runId"]);
        self.note(Kind::Step, &json!(format!("{name}_made")));
    }

    async fn call(&mut self, server: &Server, name: &str) {
        let key = format!("{name}-order");
        let config = json!({ "config": { "name": name, "email": format!("{name}@example.com") } });
        let called = self.post(server, "/actions/stripe.createCustomer", &key, config).await;
        called.data();
        let call = called.body["meta"]["callId"].clone();
        self.note(Kind::CallerKey, &json!(key));
        let shown = self.get(server, &format!("/calls/{}", call.as_str().unwrap())).await;
        self.note(Kind::Call, &call);
        self.note(Kind::StripesKey, &shown.data()["idempotencyKey"]);
    }

    async fn event(&mut self, server: &Server, name: &str) {
        let new = NewSource {
            account: server.sandbox.account(),
            mode: Mode::Local,
            endpoint: format!("we_{name}"),
            url: format!("http://127.0.0.1:7420/webhooks/stripe/{}", self.company),
            secret: self.secret.clone(),
        };
        server.app.sources.put(self.company, new).await.unwrap();
        let sources = self.get(server, "/sources").await;
        self.note(Kind::Source, &sources.data()[0]["id"]);
        let object = format!("pi_{name}");
        let body = json!({
            "id": format!("evt_{name}"), "object": "event", "type": "payment_intent.created",
            "created": SystemClock.now().as_second(), "livemode": false,
            "data": { "object": { "id": object, "object": "payment_intent" } },
        });
        let received = self.deliver(server, &self.company.to_string(), &body.to_string()).await;
        assert_eq!(received.body["received"], true, "{received:?}");
        let shown = self.get(server, &format!("/events/evt_{name}")).await;
        self.note(Kind::Receipt, &shown.data()["id"]);
        self.note(Kind::Event, &json!(format!("evt_{name}")));
        self.note(Kind::Object, &json!(object));
    }

    async fn api_key(&mut self, server: &Server, name: &str) {
        let body = json!({ "name": format!("{name}-reader"), "scopes": ["runs:read"] });
        let made = self.post(server, "/keys", "key", body).await;
        self.note(Kind::ApiKey, &made.data()["id"]);
        self.note(Kind::ApiKeyName, &made.data()["name"]);
    }

    /// A delivery signed with this company's secret, to whichever company.
    pub(super) async fn deliver(&self, server: &Server, to: &str, body: &str) -> Reply {
        let mut delivery =
            request(Method::POST, &format!("/webhooks/stripe/{to}"), None, Body::from(body.to_owned()));
        let signature = sign(std::slice::from_ref(&self.secret), body.as_bytes(), SystemClock.now());
        delivery.headers_mut().insert("stripe-signature", signature.parse().unwrap());
        server.send(delivery).await
    }

    async fn get(&self, server: &Server, path: &str) -> Reply {
        let path = format!("/api/v1{path}");
        server.send(request(Method::GET, &path, Some(&self.key), Body::empty())).await
    }

    pub(super) async fn post(&self, server: &Server, path: &str, key: &str, body: Value) -> Reply {
        let path = format!("/api/v1{path}");
        let mut request = request(Method::POST, &path, Some(&self.key), Body::from(body.to_string()));
        request.headers_mut().insert("idempotency-key", key.parse().unwrap());
        server.send(request).await
    }
}

/// Something as well formed as this and of the same length, right beside it in every
/// order, that nobody has.
pub(super) fn unknown(id: &str) -> String {
    let last = id.chars().last().unwrap();
    let other = if last == '1' { '2' } else { '1' };
    format!("{}{other}", &id[..id.len() - last.len_utf8()])
}

/// What a server needs to hand links out; nobody listens there.
pub(super) fn providers() -> ProviderSettings {
    let url = |path: &str| format!("http://127.0.0.1:9{path}").parse().unwrap();
    let client = OAuthClient {
        client_id: "ca_1".into(),
        secret_key: "sk_test_platform".to_owned().into(),
        authorize_url: url("/oauth/v2/authorize"),
        token_url: url("/v1/oauth/token"),
        deauthorize_url: None,
        base_url: "http://127.0.0.1:12111".into(),
    };
    ProviderSettings {
        public_url: "http://127.0.0.1:7420".parse().ok(),
        app: [(Mode::Local, client)].into(),
        ..ProviderSettings::default()
    }
}
