//! One HTTP exchange with a provider: token endpoints and Nango. Not Stripe's v1 API.
//!
//! Makes exactly one attempt, follows no redirect, and reads a bounded answer. What
//! would surprise: only a failure to connect is `NeverSent`. After anything else the
//! provider may have used up a code or rolled a refresh token.

use std::{future::Future, pin::Pin, time::Duration};

use bytes::{Bytes, BytesMut};
use http::{HeaderMap, HeaderValue, Method, StatusCode, header::HeaderName};
use reqwest::{Certificate, Client, redirect, retry};
use stripe::reason;
use url::Url;

/// The largest answer that is read.
const ANSWER_MAX: usize = 1024 * 1024;
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
const TIMEOUT: Duration = Duration::from_secs(30);
const USER_AGENT: &str = concat!("Bursar/", env!("CARGO_PKG_VERSION"));

/// A boxed future, so that providers can be a trait object.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// A request to a provider. Cannot be printed: it holds secrets.
pub struct Exchange {
    /// The verb.
    pub method: Method,
    /// The whole address, query included.
    pub url: Url,
    /// Headers; those with secrets are marked sensitive.
    pub headers: Vec<(HeaderName, HeaderValue)>,
    /// The body.
    pub body: Bytes,
}

/// How an exchange ended. Has no `Debug`: a body may hold tokens.
#[derive(Clone)]
pub enum Exchanged {
    /// A whole answer came.
    Answered {
        /// Its status.
        status: StatusCode,
        /// Its headers.
        headers: HeaderMap,
        /// Its body. May hold secrets.
        body: Bytes,
    },
    /// No connection was made: nothing left.
    NeverSent(String),
    /// Anything that broke later; the provider may have acted on it.
    Broken(String),
}

/// Something that carries exchanges: HTTP in production, a script in tests.
pub trait Carrier: Send + Sync {
    /// Sends once.
    fn exchange(&self, exchange: Exchange) -> BoxFuture<'_, Exchanged>;
}

/// Reaches nobody: for a process without providers.
#[derive(Debug, Clone, Copy)]
pub struct Unconnected;

impl Carrier for Unconnected {
    fn exchange(&self, _: Exchange) -> BoxFuture<'_, Exchanged> {
        Box::pin(std::future::ready(Exchanged::NeverSent("this process reaches no provider".to_owned())))
    }
}

/// Exchanges over HTTP.
#[derive(Clone)]
pub struct HttpCarrier {
    encrypted: Client,
    plain: Client,
}

impl HttpCarrier {
    /// Builds the clients. `bursar` installs the cryptography provider before.
    ///
    /// # Errors
    /// When the TLS library refuses.
    pub fn new() -> Result<Self, String> {
        let client = |roots: Vec<Certificate>| {
            Client::builder()
                .user_agent(USER_AGENT)
                .connect_timeout(CONNECT_TIMEOUT)
                .timeout(TIMEOUT)
                .redirect(redirect::Policy::none())
                .retry(retry::never())
                .tls_certs_only(roots)
        };
        let read = |der: &rustls::pki_types::CertificateDer<'_>| Certificate::from_der(der);
        let roots: Result<Vec<_>, _> = webpki_root_certs::TLS_SERVER_ROOT_CERTS.iter().map(read).collect();
        let said = |e: reqwest::Error| format!("the HTTP client cannot be built: {e}");
        let encrypted = client(roots.map_err(said)?).build().map_err(said)?;
        // What listens on this machine is reached without a proxy.
        let plain = client(Vec::new()).no_proxy().build().map_err(said)?;
        Ok(Self { encrypted, plain })
    }

    async fn send(&self, exchange: Exchange) -> Exchanged {
        let Exchange { method, url, headers, body } = exchange;
        let client = if url.scheme() == "https" { &self.encrypted } else { &self.plain };
        let mut request = client.request(method, url).body(body);
        for (name, value) in headers {
            request = request.header(name, value);
        }
        match request.send().await {
            Ok(answer) => read(answer).await,
            Err(e) if e.is_connect() => Exchanged::NeverSent(reason(e)),
            Err(e) => Exchanged::Broken(reason(e)),
        }
    }
}

impl Carrier for HttpCarrier {
    fn exchange(&self, exchange: Exchange) -> BoxFuture<'_, Exchanged> {
        Box::pin(self.send(exchange))
    }
}

async fn read(mut answer: reqwest::Response) -> Exchanged {
    let (status, headers) = (answer.status(), answer.headers().clone());
    let mut body = BytesMut::new();
    loop {
        match answer.chunk().await {
            Ok(Some(chunk)) if body.len() + chunk.len() > ANSWER_MAX => {
                return Exchanged::Broken(format!("the answer is larger than {ANSWER_MAX} bytes"));
            }
            Ok(Some(chunk)) => body.extend_from_slice(&chunk),
            Ok(None) => return Exchanged::Answered { status, headers, body: body.freeze() },
            Err(e) => return Exchanged::Broken(reason(e)),
        }
    }
}
