//! Tests of the whole surface: a router over a database in memory and the sandbox, both
//! in this process.

mod actions;
mod addresses;
mod altered;
mod audit;
mod foreign;
mod keys;
mod listing;
mod nango;
mod operations;
mod removal;
mod routes;
mod runs;
mod serving;
mod sources;
mod surface;
mod vault;
mod versions;
mod webhooks;
mod workflows;

use std::sync::Arc;

use axum::{Router, body::Body};
use connections::{MasterKey, NewConnection};
use http::{HeaderMap, Method, Request, StatusCode};
use http_body_util::BodyExt as _;
use model::{CompanyId, Mode, SeededRng, SystemClock};
use sandbox::{Options, Watched};
use serde_json::{Value, json};
use store::{Memory, MemoryOptions, Store};
use stripe::Credential;
use tower::ServiceExt as _;

use crate::{App, Assembly, FIRST_COMPANY, ServerLimits};

/// A server with one company, its admin key, and a local connection.
pub(crate) struct Server {
    pub(crate) app: App,
    pub(crate) router: Router,
    pub(crate) company: CompanyId,
    pub(crate) key: String,
    pub(crate) sandbox: Watched,
}

/// An answer, read.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Value,
    pub(crate) text: String,
}

impl Server {
    pub(crate) async fn new() -> Self {
        Self::with(ServerLimits::default()).await
    }

    pub(crate) async fn with(limits: ServerLimits) -> Self {
        Self::over(Arc::new(Memory::new(MemoryOptions::default())), limits).await
    }

    /// A server over this store, which is empty.
    pub(crate) async fn over(store: Store, limits: ServerLimits) -> Self {
        let options = Options { listen: None, seed: 7, check_objects: true, ..Options::default() };
        let sandbox = Watched::open(options).await.unwrap();
        let transport = sandbox.transport();
        let app = crate::assemble(Assembly {
            store,
            master: MasterKey::random(),
            transports: Arc::new(move |_: &str| Ok(transport.clone())),
            carrier: Arc::new(connections::Unconnected),
            providers: connections::ProviderSettings::default(),
            clock: Arc::new(SystemClock),
            rng: Arc::new(SeededRng::new(7)),
            limits: calls::Limits::default(),
            concurrency: 8,
            server: limits,
        })
        .await
        .unwrap();
        let company = crate::ensure_company(&app, FIRST_COMPANY).await.unwrap().id;
        let key = crate::issue_key(&app, company, "test", &["admin", "installation"]).await.unwrap().text;
        let server = Self { router: crate::router(app.clone()), app, company, key, sandbox };
        server.connect(company).await;
        server
    }

    /// Gives a company the connection `local`.
    pub(crate) async fn connect(&self, company: CompanyId) {
        let account = self.sandbox.account();
        let new = NewConnection {
            name: "local".into(),
            account: account.clone(),
            mode: Mode::Local,
            base_url: "http://127.0.0.1:12111".into(),
            is_default: true,
            credential: Credential::new(account, Mode::Local, self.sandbox.secret_key()),
        };
        self.app.connections.put(company, new).await.unwrap();
    }

    pub(crate) async fn key(&self, scopes: &[&str]) -> String {
        crate::issue_key(&self.app, self.company, "scoped", scopes).await.unwrap().text
    }

    pub(crate) async fn send(&self, request: Request<Body>) -> Reply {
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let text = String::from_utf8(body.collect().await.unwrap().to_bytes().to_vec()).unwrap();
        let body = serde_json::from_str(&text).unwrap_or(Value::Null);
        Reply { status: parts.status, headers: parts.headers, body, text }
    }

    pub(crate) async fn get(&self, path: &str) -> Reply {
        self.send(request(Method::GET, path, Some(&self.key), Body::empty())).await
    }

    /// Posts JSON under an idempotency key, if one is given.
    pub(crate) async fn post(&self, path: &str, key: Option<&str>, body: Value) -> Reply {
        let mut request = request(Method::POST, path, Some(&self.key), Body::from(body.to_string()));
        if let Some(key) = key {
            request.headers_mut().insert("idempotency-key", key.parse().unwrap());
        }
        self.send(request).await
    }
}

impl Reply {
    /// The failure's code, once the envelope and its headers are as they have to be.
    #[track_caller]
    pub(crate) fn code(&self) -> &str {
        let error = &self.body["error"];
        assert_eq!(self.body["success"], json!(false), "{self:?}");
        assert_eq!(self.headers["content-type"], "application/json", "{self:?}");
        assert_eq!(error["requestId"], json!(self.headers["request-id"].to_str().unwrap()));
        assert_eq!(error["docs"], json!(format!("/docs/errors/{}", error["code"].as_str().unwrap())));
        assert!(error["retry"]["kind"].is_string(), "{self:?}");
        assert!(error["message"].as_str().unwrap().len() > 20, "{self:?}");
        error["code"].as_str().unwrap()
    }

    /// The data of a success.
    #[track_caller]
    pub(crate) fn data(&self) -> &Value {
        assert!(self.status.is_success(), "{self:?}");
        assert_eq!(self.body["success"], json!(true), "{self:?}");
        assert_eq!(self.headers["cache-control"], "no-store");
        assert_eq!(self.headers["x-content-type-options"], "nosniff");
        &self.body["data"]
    }
}

pub(crate) fn request(method: Method, path: &str, key: Option<&str>, body: Body) -> Request<Body> {
    let mut request = Request::builder().method(method).uri(path).header("content-type", "application/json");
    if let Some(key) = key {
        request = request.header("x-api-key", key);
    }
    request.body(body).unwrap()
}
