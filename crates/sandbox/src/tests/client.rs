//! What the tests talk with: the in-process transport, and raw HTTP.

use std::sync::Arc;

use bytes::Bytes;
use model::{IdempotencyKey, ManualClock, Mode};
use serde_json::{Value, json};
use stripe::{Attempt, Credential, Headers, Kind, Method, PINNED, Request, form, tables};

use crate::{Options, Sandbox, Watched};

/// 2026-11-22, in the middle of the day.
pub(super) const NOON: i64 = 1_795_348_800;

/// A sandbox without sockets on a clock that stands still.
pub(super) async fn quiet(seed: u64) -> (Watched, Arc<ManualClock>) {
    let clock = Arc::new(ManualClock::at_second(NOON));
    let options = Options { listen: None, seed, clock: clock.clone(), ..Options::default() };
    (Watched::open(options).await.unwrap(), clock)
}

/// One command to `/_sandbox`: status and body.
pub(super) async fn command(sandbox: &Sandbox, method: &str, path: &str, body: &Value) -> (u16, Value) {
    let body = if body.is_null() { String::new() } else { body.to_string() };
    let incoming = crate::wire::Incoming {
        method: method.into(),
        path: format!("/_sandbox/{path}"),
        body: body.into(),
        ..Default::default()
    };
    let reply = crate::control::handle(&sandbox.inner.shared, &incoming).await;
    (reply.status, serde_json::from_str(&reply.body).unwrap())
}

/// What came back.
#[derive(Debug)]
pub(super) struct Got {
    pub(super) status: u16,
    pub(super) headers: Headers,
    pub(super) body: Value,
}

impl Got {
    /// The body of a 200.
    pub(super) fn ok(self) -> Value {
        assert_eq!(self.status, 200, "{}", self.body);
        self.body
    }

    /// The `error` of anything else.
    pub(super) fn error(self, status: u16) -> Value {
        assert_eq!(self.status, status, "{}", self.body);
        self.body["error"].clone()
    }
}

fn request(method: Method, path: &str, form: impl Into<Bytes>, key: Option<&str>) -> Request {
    let (operation, _) = tables::route(method, path).expect("a path of the tables");
    let kind = match (method, key) {
        (Method::Post, key) => Kind::Write(IdempotencyKey::from_text(key.unwrap_or("unused"))),
        (Method::Delete, _) => Kind::Delete,
        (Method::Get, _) => Kind::Read,
    };
    Request { operation, path: path.to_owned(), form: form.into(), version: PINNED, account: None, kind }
}

/// One attempt over the in-process transport.
pub(super) async fn attempt(sandbox: &Sandbox, request: &Request) -> Attempt {
    let credential = Credential::new(sandbox.account(), Mode::Local, sandbox.secret_key());
    sandbox.transport().attempt(request, &credential).await
}

async fn answered(sandbox: &Sandbox, request: Request) -> Got {
    match attempt(sandbox, &request).await {
        Attempt::Answered(a) => Got { status: a.status, headers: a.headers, body: a.body },
        other => panic!("no answer: {other:?}"),
    }
}

pub(super) fn post_request(path: &str, params: &Value, key: &str) -> Request {
    let form = form::encode(params.as_object().unwrap()).unwrap();
    request(Method::Post, path, form, Some(key))
}

/// A write under a key.
pub(super) async fn keyed(sandbox: &Sandbox, path: &str, params: Value, key: &str) -> Got {
    answered(sandbox, post_request(path, &params, key)).await
}

/// A write under a key of its own.
pub(super) async fn post(sandbox: &Sandbox, path: &str, params: Value) -> Got {
    let key = format!("key-{}", sandbox.journal().len());
    keyed(sandbox, path, params, &key).await
}

/// A write whose form is given as text.
pub(super) async fn post_form(sandbox: &Sandbox, path: &str, form: &str) -> Got {
    let key = format!("key-{}", sandbox.journal().len());
    answered(sandbox, request(Method::Post, path, form.to_owned(), Some(&key))).await
}

/// A read; the query may follow the path.
pub(super) async fn get(sandbox: &Sandbox, path: &str) -> Got {
    let (path, query) = path.split_once('?').unwrap_or((path, ""));
    answered(sandbox, request(Method::Get, path, query.to_owned(), None)).await
}

/// A delete; the query may follow the path.
pub(super) async fn delete(sandbox: &Sandbox, path: &str) -> Got {
    let (path, query) = path.split_once('?').unwrap_or((path, ""));
    answered(sandbox, request(Method::Delete, path, query.to_owned(), None)).await
}

pub(super) fn id(object: &Value) -> String {
    object["id"].as_str().unwrap().to_owned()
}

/// A customer, a draft to be sent, and its line of 42.00 USD.
pub(super) async fn draft(sandbox: &Sandbox) -> (String, String) {
    let customer =
        id(&post(sandbox, "/v1/customers", json!({"name": "Ada", "email": "ada@example.com"})).await.ok());
    let params = json!({"customer": customer, "collection_method": "send_invoice", "days_until_due": 30});
    let invoice = id(&post(sandbox, "/v1/invoices", params).await.ok());
    let line = json!({"customer": customer, "invoice": invoice, "amount": 4200, "currency": "usd"});
    post(sandbox, "/v1/invoiceitems", line).await.ok();
    (customer, invoice)
}

/// An open invoice of 42.00 USD.
pub(super) async fn open(sandbox: &Sandbox) -> (String, String) {
    let (customer, invoice) = draft(sandbox).await;
    post(sandbox, &format!("/v1/invoices/{invoice}/send"), json!({})).await.ok();
    (customer, invoice)
}

/// The types of all events, oldest first.
pub(super) fn event_types(sandbox: &Sandbox) -> Vec<String> {
    sandbox.events().iter().map(|e| e["type"].as_str().unwrap().to_owned()).collect()
}
