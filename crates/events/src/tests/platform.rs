//! A Connect platform and a Stripe App whose consents are there for the asking, and a
//! Stripe that says whether an account still lets them in.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
};

use bytes::Bytes;
use connections::{
    Authorize, Callback, Carrier, Exchange, Exchanged, OAuthClient, ProviderSettings, Transports, Way,
};
use http::{HeaderMap, StatusCode};
use model::{AccountId, CompanyId, Mode};
use serde_json::json;
use store::{Company, Connection, Unit, Write};
use stripe::{
    Answer, Attempt, BoxFuture, Credential, Headers, Request, Transport,
    signature::{self, Secret},
};
use url::Url;

use super::{node::Node, world::World};
use crate::{NewSource, Routed};

pub(super) const PLATFORM: &str = "acct_platform";
pub(super) const CONNECT: &str = "ca_connect";
pub(super) const APP: &str = "ca_app";
/// The signing secret of the installation's source.
pub(super) const SECRET: &str = "whsec_of_the_installation";

/// Gives tokens of whichever account is named as the code, and renews none.
pub(super) struct Tokens;

impl Carrier for Tokens {
    fn exchange(&self, exchange: Exchange) -> connections::BoxFuture<'_, Exchanged> {
        let form: HashMap<String, String> =
            url::form_urlencoded::parse(&exchange.body).into_owned().collect();
        let Some(account) = form.get("code") else {
            // Nobody renews here but after the consent was taken back.
            let body = Bytes::from(json!({ "error": "invalid_grant" }).to_string());
            let refused =
                Exchanged::Answered { status: StatusCode::BAD_REQUEST, headers: HeaderMap::new(), body };
            return Box::pin(std::future::ready(refused));
        };
        let body = json!({
            "access_token": format!("sk_{account}"), "refresh_token": format!("rt_{account}"),
            "scope": "read_write", "livemode": false, "token_type": "bearer", "stripe_user_id": account,
        });
        let body = Bytes::from(body.to_string());
        let answered = Exchanged::Answered { status: StatusCode::OK, headers: HeaderMap::new(), body };
        Box::pin(std::future::ready(answered))
    }
}

/// What Stripe says to whoever asks for an account: a status, or nothing.
pub(super) struct Gate(pub(super) Mutex<Option<u16>>);

impl Gate {
    pub(super) fn new() -> Arc<Self> {
        Arc::new(Self(Mutex::new(Some(200))))
    }

    pub(super) fn says(&self, status: Option<u16>) {
        *self.0.lock().unwrap() = status;
    }

    pub(super) fn transports(self: &Arc<Self>) -> Transports {
        let gate = self.clone();
        Arc::new(move |_| Ok(gate.clone() as Arc<dyn Transport>))
    }
}

impl Transport for Gate {
    fn attempt<'a>(&'a self, _: &'a Request, _: &'a Credential) -> BoxFuture<'a, Attempt> {
        let attempt = match *self.0.lock().unwrap() {
            Some(status) => {
                let body = match status {
                    200 => json!({ "object": "account", "id": "acct_1" }),
                    403 => json!({ "error": { "type": "invalid_request_error", "code": "account_invalid" } }),
                    _ => json!({ "error": { "type": "invalid_request_error" } }),
                };
                Attempt::Answered(Answer { status, headers: Headers::default(), body })
            }
            None => Attempt::Broken("reset".into()),
        };
        Box::pin(std::future::ready(attempt))
    }
}

pub(super) fn settings() -> ProviderSettings {
    let url = |text: &str| Url::parse(text).unwrap();
    let client = |id: &str| OAuthClient {
        client_id: id.into(),
        secret_key: "sk_test_platform".to_owned().into(),
        authorize_url: url("http://127.0.0.1:1/oauth/authorize"),
        token_url: url("http://127.0.0.1:1/oauth/token"),
        deauthorize_url: None,
        base_url: "http://127.0.0.1:1".into(),
    };
    ProviderSettings {
        public_url: Some(url("http://127.0.0.1:7420")),
        connect: HashMap::from([(Mode::Local, client(CONNECT)), (Mode::Test, client(CONNECT))]),
        app: HashMap::from([(Mode::Local, client(APP))]),
        ..ProviderSettings::default()
    }
}

impl World {
    /// Another company.
    pub(super) async fn company(&self, node: &Node<'_>, name: &str) -> CompanyId {
        let id = CompanyId::new(self.clock.as_ref(), self.rng.as_ref());
        let row = Company { id, name: name.into(), created_at: model::seconds(1_790_000_000) };
        node.store.commit(Unit::interactive(vec![Write::PutCompany(row)])).await.unwrap();
        id
    }
}

impl Node<'_> {
    /// Has the installation's source of a mode.
    pub(super) async fn installed(&self, mode: Mode) {
        self.sources.put(None, source(mode, SECRET)).await.unwrap();
    }

    /// A company's connection that somebody consented to.
    pub(super) async fn connect(&self, of: CompanyId, via: Way, name: &str, account: &str) -> Connection {
        self.consent(of, Authorize { name: Some(name.into()), ..asked(via, Mode::Local) }, account).await
    }

    pub(super) async fn connect_in(&self, of: CompanyId, mode: Mode, account: &str) -> Connection {
        self.consent(of, Authorize { name: Some("main".into()), ..asked(Way::Connect, mode) }, account).await
    }

    /// The same connection by another consent.
    pub(super) async fn reconnect(&self, row: &Connection) -> Connection {
        let via = Way::parse(&row.kind).unwrap();
        let again = Authorize { reconnect: Some(row.id.to_string()), ..asked(via, row.mode) };
        self.consent(row.company, again, row.account.as_ref().unwrap().as_str()).await
    }

    async fn consent(&self, of: CompanyId, asked: Authorize, account: &str) -> Connection {
        let begun = self.connections.authorize(of, asked).await.unwrap();
        let state = begun.url.query_pairs().find(|(name, _)| name == "state").unwrap().1.into_owned();
        let back = Callback { state: Some(state), code: Some(account.into()), ..Callback::default() };
        let returned = self.connections.callback(back).await.unwrap();
        assert!(returned.failure.is_none(), "{:?}", returned.failure);
        returned.connection
    }

    /// A delivery to the installation, signed by its secret.
    pub(super) async fn route(&self, body: &str) -> Result<Routed, model::Failure> {
        self.route_signed(body, SECRET).await
    }

    pub(super) async fn route_signed(&self, body: &str, secret: &str) -> Result<Routed, model::Failure> {
        let header = signature::sign(&[Secret::new(secret).unwrap()], body.as_bytes(), self.world.now());
        self.inbox.route(Some(header.as_bytes()), Bytes::from(body.to_owned())).await
    }

    /// How many receipts of an event a company has.
    pub(super) async fn has(&self, company: CompanyId, event: &str) -> usize {
        self.store.receipts_of_event(company, &model::EventId::new(event)).await.unwrap().len()
    }
}

pub(super) fn source(mode: Mode, secret: &str) -> NewSource {
    NewSource {
        account: AccountId::new(PLATFORM),
        mode,
        endpoint: format!("we_{mode}"),
        url: "http://127.0.0.1:7420/webhooks/stripe".into(),
        secret: Secret::new(secret).unwrap(),
    }
}

fn asked(via: Way, mode: Mode) -> Authorize {
    Authorize { via, name: None, mode, scope: None, integration: None, redirect_url: None, reconnect: None }
}

/// An event of an account, as a platform's endpoint gets it.
pub(super) fn event(id: &str, account: Option<&str>, created: i64) -> String {
    json!({ "id": id, "object": "event", "type": "invoice.paid", "created": created, "livemode": false,
            "account": account,
            "data": { "object": { "id": "in_1", "customer": "cus_none", "amount_paid": 5,
                                  "client_secret": "seti_secret_canary" } } })
    .to_string()
}
