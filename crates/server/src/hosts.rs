//! By which names this server may be reached.
//!
//! A page in a browser can point a name of its own at 127.0.0.1 and then talk to us as
//! "its" server (DNS rebinding). It cannot choose the `Host` that the browser sends:
//! that is the page's own name, and it is refused here. `Origin` is held to the same
//! list, against pages that post blindly.

use std::{net::IpAddr, sync::Arc};

use axum::{
    extract::{Request, State},
    middleware::Next,
    response::{IntoResponse as _, Response},
};
use http::{HeaderMap, Uri, header};
use model::{Code, Failure};

use crate::{failure::Refused, request::drain};

/// The names that are ours: loopback always, others by configuration.
#[derive(Debug, Clone, Default)]
pub struct Hosts {
    others: Arc<Vec<String>>,
}

impl Hosts {
    /// Loopback, and the hosts of these addresses (`https://bursar.example.com`, or a
    /// bare name). What is neither is left out.
    pub fn loopback_and<'a>(public: impl IntoIterator<Item = &'a str>) -> Self {
        Self { others: Arc::new(public.into_iter().filter_map(host_of).collect()) }
    }

    fn allows(&self, host: &str) -> bool {
        is_loopback(host) || self.others.iter().any(|other| other == host)
    }
}

/// Refuses requests for other names than ours; deliveries of webhooks pass, because
/// their signature says more than their host.
pub(crate) async fn check(State(hosts): State<Hosts>, request: Request, next: Next) -> Response {
    if request.uri().path().starts_with("/webhooks/") {
        return next.run(request).await;
    }
    match stranger(&hosts, request.uri(), request.headers()) {
        None => next.run(request).await,
        Some((header, name)) => {
            drain(request.into_body()).await;
            Refused::from(Failure::new(
                Code::Forbidden,
                format!(
                    "`{header}` names `{name}`, which is not a name of this server. Nothing was done. Use its loopback \
                     address, or start it with `--public-url` for that name."
                ),
            ))
            .into_response()
        }
    }
}

/// The header that names a stranger, and the name.
fn stranger(hosts: &Hosts, uri: &Uri, headers: &HeaderMap) -> Option<(&'static str, String)> {
    let shown = |text: &str| text.chars().take(100).collect::<String>();
    let host = uri
        .authority()
        .map(|authority| authority.as_str().to_owned())
        .or_else(|| {
            headers.get(header::HOST).map(|host| String::from_utf8_lossy(host.as_bytes()).into_owned())
        })
        .unwrap_or_default();
    if !host_of(&host).is_some_and(|name| hosts.allows(&name)) {
        return Some(("Host", shown(&host)));
    }
    let origin = String::from_utf8_lossy(headers.get(header::ORIGIN)?.as_bytes()).into_owned();
    let known = host_of(&origin).is_some_and(|name| hosts.allows(&name));
    (!known).then(|| ("Origin", shown(&origin)))
}

/// The host of an address or of an authority, lower case, without port and brackets.
fn host_of(text: &str) -> Option<String> {
    let uri: Uri = text.trim().parse().ok()?;
    let host = uri.host()?.trim_start_matches('[').trim_end_matches(']').trim_end_matches('.');
    (!host.is_empty()).then(|| host.to_ascii_lowercase())
}

fn is_loopback(host: &str) -> bool {
    host == "localhost"
        || host.ends_with(".localhost")
        || host.parse::<IpAddr>().is_ok_and(|address| address.to_canonical().is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stranger_of(host: &str, origin: Option<&str>) -> Option<&'static str> {
        let hosts = Hosts::loopback_and(["https://Bursar.example.com:8443/x", "", "intern"]);
        let mut headers = HeaderMap::new();
        headers.insert(header::HOST, host.parse().unwrap());
        if let Some(origin) = origin {
            headers.insert(header::ORIGIN, origin.parse().unwrap());
        }
        stranger(&hosts, &"/health".parse().unwrap(), &headers).map(|(header, _)| header)
    }

    #[test]
    fn only_our_own_names_reach_us() {
        for ours in ["127.0.0.1:7420", "localhost", "LOCALHOST:1", "[::1]:7420", "a.localhost", "127.9.9.9"] {
            assert_eq!(stranger_of(ours, None), None, "{ours}");
        }
        assert_eq!(stranger_of("bursar.example.com", None), None);
        assert_eq!(stranger_of("intern:80", None), None);
        for other in
            ["evil.example", "127.0.0.1.evil.example", "localhost.evil.example", "10.0.0.1", "", "[", "a b"]
        {
            assert_eq!(stranger_of(other, None), Some("Host"), "{other}");
        }
    }

    #[test]
    fn a_foreign_page_is_refused() {
        assert_eq!(stranger_of("localhost:7420", Some("http://localhost:7420")), None);
        assert_eq!(stranger_of("localhost:7420", Some("https://evil.example")), Some("Origin"));
        assert_eq!(stranger_of("localhost:7420", Some("null")), Some("Origin"));
    }
}
