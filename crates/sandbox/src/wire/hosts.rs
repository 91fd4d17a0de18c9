//! Who may come with a browser to a sandbox that only this machine can reach.
//!
//! There the control API asks for no key, so a page from elsewhere must not get at it: not
//! by a name of its own that it points at 127.0.0.1 (DNS rebinding; the browser says that
//! name as `Host`), and not by a form that it posts blindly (the browser says whose page
//! posts). What would surprise: `/v1` is left out. It asks for a key, and a header with one
//! cannot be sent from elsewhere without asking first, which is never answered.

use std::net::IpAddr;

use http::{HeaderMap, Method, Uri, header, request::Parts};

use super::{Refusal, refusal};

/// Refuses what a page from elsewhere asks.
///
/// # Errors
/// 403, which names the header that tells; nothing was done.
pub(super) fn admit(parts: &Parts) -> Result<(), Refusal> {
    let path = parts.uri.path();
    if path.starts_with("/v1/") || path.starts_with("/v2/") {
        return Ok(());
    }
    let host = said_host(&parts.uri, &parts.headers);
    if let Some(host) = host.as_deref().filter(|host| !is_loopback(host)) {
        return Err(refused(&format!(
            "`Host` names `{}`, which is not a name of this sandbox. Use its loopback address.",
            shown(host)
        )));
    }
    if matches!(parts.method, Method::GET | Method::HEAD) || is_ours(&parts.headers, host.as_deref()) {
        return Ok(());
    }
    Err(refused("A page from elsewhere sent this: only the sandbox's own pages may change it."))
}

fn refused(why: &str) -> Refusal {
    refusal::invalid(format!("{why} Nothing was done.")).with_status(403)
}

/// Whether no page sent it, or one of the sandbox's own. A page that tells nobody where it
/// is says `null`; then the browser's word counts that it is of the same origin.
fn is_ours(headers: &HeaderMap, host: Option<&str>) -> bool {
    let site = text(headers, "sec-fetch-site");
    if site.as_deref().is_some_and(|site| !matches!(site, "same-origin" | "none")) {
        return false;
    }
    match text(headers, header::ORIGIN.as_str()).as_deref() {
        None => true,
        Some("null") => site.as_deref() == Some("same-origin"),
        Some(origin) => origin
            .strip_prefix("http://")
            .is_some_and(|from| host.is_some_and(|host| from.eq_ignore_ascii_case(host))),
    }
}

/// The name and port that it was asked by. Browsers always say one.
fn said_host(uri: &Uri, headers: &HeaderMap) -> Option<String> {
    uri.authority().map(|said| said.as_str().to_owned()).or_else(|| text(headers, header::HOST.as_str()))
}

fn text(headers: &HeaderMap, name: &str) -> Option<String> {
    headers.get(name).map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned())
}

fn shown(text: &str) -> String {
    text.chars().take(100).collect()
}

/// Whether an authority is of this machine, whatever its port.
fn is_loopback(authority: &str) -> bool {
    let Ok(uri) = authority.trim().parse::<Uri>() else { return false };
    let Some(host) = uri.host() else { return false };
    let host = host.trim_start_matches('[').trim_end_matches(']').trim_end_matches('.').to_ascii_lowercase();
    host == "localhost"
        || host.ends_with(".localhost")
        || host.parse::<IpAddr>().is_ok_and(|address| address.to_canonical().is_loopback())
}

#[cfg(test)]
mod tests {
    use http::Request;

    use super::*;

    fn admitted(method: &str, path: &str, heads: &[(&str, &str)]) -> bool {
        let mut request = Request::builder().method(method).uri(path);
        for (name, value) in heads {
            request = request.header(*name, *value);
        }
        admit(&request.body(()).unwrap().into_parts().0).is_ok()
    }

    #[test]
    fn only_names_of_this_machine_reach_the_control_api() {
        for ours in ["127.0.0.1:12111", "localhost", "LOCALHOST:1", "[::1]:12111", "a.localhost"] {
            assert!(admitted("GET", "/_sandbox", &[("host", ours)]), "{ours}");
        }
        for other in ["evil.com", "127.0.0.1.evil.com", "localhost.evil.com:80", "10.0.0.1", "", "[", "a b"] {
            assert!(!admitted("GET", "/_sandbox", &[("host", other)]), "{other}");
            assert!(!admitted("GET", "/oauth/authorize", &[("host", other)]), "{other}");
        }
        assert!(admitted("GET", "/_sandbox", &[]), "no browser leaves its host out");
        assert!(admitted("POST", "/v1/customers", &[("host", "evil.com")]), "it asks for a key");
    }

    #[test]
    fn only_the_sandboxs_own_pages_change_it() {
        let posted = |heads: &[(&str, &str)]| {
            let heads = [&[("host", "127.0.0.1:12111")], heads].concat();
            let post = admitted("POST", "/_sandbox/reset", &heads);
            assert_eq!(admitted("DELETE", "/_sandbox/faults", &heads), post);
            post
        };
        assert!(posted(&[]));
        assert!(posted(&[("origin", "http://127.0.0.1:12111")]));
        assert!(posted(&[("origin", "null"), ("sec-fetch-site", "same-origin")]));
        for foreign in ["http://evil.com", "null", "http://127.0.0.1:3000", "https://127.0.0.1:12111"] {
            assert!(!posted(&[("origin", foreign)]), "{foreign}");
        }
        for site in ["cross-site", "same-site"] {
            assert!(!posted(&[("sec-fetch-site", site)]), "{site}");
            assert!(!posted(&[("origin", "null"), ("sec-fetch-site", site)]), "{site}");
        }
    }
}
