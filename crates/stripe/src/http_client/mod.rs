//! The HTTP transport: one reqwest client, one attempt.
//!
//! No retry, no redirect, and trust in Mozilla's roots alone. The rule that decides
//! about money: only a failure to connect is `NeverSent`. Everything later, a
//! timeout and an unreadable answer included, is `Broken`, because Stripe may have
//! executed the request.

mod answer;
#[cfg(test)]
mod tests;

pub use answer::reason;

use std::time::Duration;

use model::Mode;
use reqwest::{
    Certificate, Client, Url,
    header::{self, HeaderMap, HeaderName, HeaderValue},
    redirect, retry,
};

use crate::{Attempt, BoxFuture, Credential, Kind, Method, Request, Transport};

const STRIPE: &str = "https://api.stripe.com";
const USER_AGENT: &str = concat!("Bursar/", env!("CARGO_PKG_VERSION"));

/// How to reach a Stripe.
#[derive(Debug, Clone)]
pub struct HttpOptions {
    /// `https://api.stripe.com`, or the sandbox's address; no trailing slash.
    pub base: String,
    /// The longest wait for a connection.
    pub connect_timeout: Duration,
    /// The longest wait for a whole answer; when it passes the outcome is unknown.
    pub timeout: Duration,
}

impl HttpOptions {
    /// A base address with the default timeouts: 10 s to connect, 80 s in all.
    pub fn new(base: impl Into<String>) -> Self {
        Self { base: base.into(), connect_timeout: Duration::from_secs(10), timeout: Duration::from_secs(80) }
    }
}

/// Stripe over HTTP. Clone it: clones share their connections.
#[derive(Clone)]
pub struct HttpClient {
    client: Client,
    base: String,
}

impl HttpClient {
    /// Builds a client. `bursar` installs the cryptography provider before.
    ///
    /// # Errors
    /// When the base address is no URL or the TLS library refuses.
    pub fn new(options: HttpOptions) -> Result<Self, String> {
        let base = options.base.trim_end_matches('/').to_owned();
        let url = Url::parse(&base).map_err(|e| format!("`{base}` is no address of a Stripe: {e}"))?;
        if !matches!(url.scheme(), "http" | "https") || url.query().is_some() || url.fragment().is_some() {
            return Err(format!("`{base}` is no address of a Stripe: it must be http(s)://host[:port]"));
        }
        let mut builder = Client::builder()
            .user_agent(USER_AGENT)
            .connect_timeout(options.connect_timeout)
            .timeout(options.timeout)
            .redirect(redirect::Policy::none())
            .retry(retry::never())
            .tls_certs_only(roots(&url)?);
        if is_loopback(&url) {
            // A proxy cannot reach what listens on this machine.
            builder = builder.no_proxy();
        }
        let client = builder.build().map_err(|e| format!("the HTTP client cannot be built: {e}"))?;
        Ok(Self { client, base })
    }

    /// The whole address. URLs resolve dots and drop what they cannot hold, so the
    /// path that would leave is compared with the path that was meant.
    fn url(&self, request: &Request) -> Result<Url, String> {
        let base = match request.operation.host {
            Some(host) if self.base == STRIPE => format!("https://{host}"),
            _ => self.base.clone(),
        };
        let mut url = Url::parse(&format!("{base}{}", request.path)).map_err(|e| e.to_string())?;
        if !url.as_str().ends_with(&request.path) {
            return Err(format!("the path `{}` would change on its way", request.path));
        }
        if request.operation.method != Method::Post && !request.form.is_empty() {
            let query = std::str::from_utf8(&request.form).map_err(|_| "the query is not text".to_owned())?;
            url.set_query(Some(query));
        }
        Ok(url)
    }

    async fn send(&self, request: &Request, credential: &Credential) -> Attempt {
        let ready = self.url(request).and_then(|url| {
            guard(&url, credential)?;
            Ok((url, headers(request, credential)?))
        });
        let (url, headers) = match ready {
            Ok(ready) => ready,
            Err(why) => return Attempt::NeverSent(why),
        };
        let method = match request.operation.method {
            Method::Get => reqwest::Method::GET,
            Method::Post => reqwest::Method::POST,
            Method::Delete => reqwest::Method::DELETE,
        };
        let mut outgoing = self.client.request(method, url).headers(headers);
        if request.operation.method == Method::Post {
            outgoing = outgoing.body(request.form.clone());
        }
        match outgoing.send().await {
            Ok(response) => answer::read(response).await,
            Err(e) if e.is_connect() => Attempt::NeverSent(reason(e)),
            Err(e) => Attempt::Broken(reason(e)),
        }
    }
}

impl Transport for HttpClient {
    fn attempt<'a>(&'a self, request: &'a Request, credential: &'a Credential) -> BoxFuture<'a, Attempt> {
        Box::pin(self.send(request, credential))
    }
}

/// Mozilla's roots, compiled in; none for plain HTTP, which saves reading them.
fn roots(url: &Url) -> Result<Vec<Certificate>, String> {
    if url.scheme() != "https" {
        return Ok(Vec::new());
    }
    let read = |der: &rustls::pki_types::CertificateDer<'_>| Certificate::from_der(der);
    let roots: Result<_, _> = webpki_root_certs::TLS_SERVER_ROOT_CERTS.iter().map(read).collect();
    roots.map_err(|e| format!("the certificate roots cannot be read: {e}"))
}

fn is_loopback(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']);
    host == "localhost" || host.parse::<std::net::IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

/// Mode `local` means the sandbox and nothing else.
fn guard(url: &Url, credential: &Credential) -> Result<(), String> {
    let host = url.host_str().unwrap_or_default();
    let stripes = host == "stripe.com" || host.ends_with(".stripe.com");
    if credential.mode == Mode::Local && stripes {
        return Err(format!("a connection in mode `local` never calls {host}"));
    }
    Ok(())
}

fn headers(request: &Request, credential: &Credential) -> Result<HeaderMap, String> {
    let mut headers = HeaderMap::new();
    let mut put = |name: HeaderName, text: &str, secret: bool| -> Result<(), String> {
        let value = HeaderValue::from_str(text);
        let mut value = value.map_err(|_| format!("`{name}` holds what a header cannot carry"))?;
        value.set_sensitive(secret);
        headers.insert(name, value);
        Ok(())
    };
    put(header::AUTHORIZATION, &format!("Bearer {}", credential.expose()), true)?;
    put(HeaderName::from_static("stripe-version"), request.version.as_str(), false)?;
    if let Some(account) = credential.account_header(request)? {
        put(HeaderName::from_static("stripe-account"), account.as_str(), false)?;
    }
    if let Kind::Write(key) = &request.kind {
        put(HeaderName::from_static("idempotency-key"), key.as_str(), false)?;
    }
    if request.operation.method == Method::Post {
        put(header::CONTENT_TYPE, "application/x-www-form-urlencoded", false)?;
    }
    Ok(headers)
}
