//! Between the server and the sandbox: passes everything on, and remembers every secret
//! that goes by in either direction, so that nobody has to say which there are.

use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex, PoisonError},
};

use axum::{
    Router,
    body::{Body, Bytes, to_bytes},
    extract::{Request, State},
    response::Response,
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use tokio_util::task::TaskTracker;

use crate::binary::client;

/// What Stripe's secrets begin with, or have inside.
const BEGINNINGS: [&str; 6] = ["sk_test_", "rk_test_", "rt_", "ac_", "whsec_", "seti_"];
const INSIDE: &str = "_secret_";
/// Longer than any word that begins so by chance.
const LEN_MIN: usize = 20;

#[derive(Clone)]
pub(super) struct Tap {
    to: String,
    client: reqwest::Client,
    caught: Arc<Mutex<BTreeSet<String>>>,
}

impl Tap {
    /// In front of this address; at which address it is itself, and what keeps it.
    pub(super) async fn before(to: String) -> (Self, String, TaskTracker) {
        let tap = Self { to, client: client(), caught: Arc::default() };
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let url = format!("http://{}", listener.local_addr().expect("bound"));
        let router = Router::new().fallback(pass).with_state(tap.clone());
        let serving = TaskTracker::new();
        serving.spawn(async move { axum::serve(listener, router).await });
        (tap, url, serving)
    }

    /// Every secret that went by.
    pub(super) fn caught(&self) -> BTreeSet<String> {
        self.caught.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn look(&self, bytes: &[u8]) {
        let text = String::from_utf8_lossy(bytes);
        let words = text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
        let is_secret = |word: &&str| {
            word.len() >= LEN_MIN
                && (word.contains(INSIDE) || BEGINNINGS.iter().any(|begins| word.starts_with(begins)))
        };
        let found = words.filter(is_secret).map(str::to_owned);
        self.caught.lock().unwrap_or_else(PoisonError::into_inner).extend(found);
    }
}

async fn pass(State(tap): State<Tap>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let body = to_bytes(body, usize::MAX).await.expect("a whole request");
    tap.look(&body);
    let authorization = parts.headers.get("authorization").and_then(|value| value.to_str().ok());
    if let Some(value) = authorization {
        tap.look(value.as_bytes());
        let basic = value.strip_prefix("Basic ").and_then(|coded| STANDARD.decode(coded).ok());
        tap.look(&basic.unwrap_or_default());
    }
    let url = format!("{}{}", tap.to, parts.uri);
    let mut headers = parts.headers;
    headers.remove("host");
    headers.remove("content-length");
    let sent = tap.client.request(parts.method, url).headers(headers).body(body).send().await;
    let Ok(answer) = sent else {
        return Response::builder().status(502).body(Body::empty()).expect("an answer");
    };
    let (status, headers) = (answer.status(), answer.headers().clone());
    let body: Bytes = answer.bytes().await.unwrap_or_default();
    tap.look(&body);
    let mut passed = Response::new(Body::from(body));
    (*passed.status_mut(), *passed.headers_mut()) = (status, headers);
    passed.headers_mut().remove("transfer-encoding");
    passed
}
