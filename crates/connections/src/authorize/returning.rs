//! Where somebody is sent after they came back from Stripe.
//!
//! Only to this server's own host or to hosts that the installation names: a link that
//! leads through us to anywhere would be a gift to whoever phishes.

use model::{Code, Failure};
use url::Url;

use crate::ProviderSettings;

/// The longest address taken.
const LEN_MAX: usize = 2000;

/// An address that people may be sent to.
///
/// # Errors
/// `validation_error` naming the hosts that are allowed.
pub(super) fn checked(settings: &ProviderSettings, given: &str) -> Result<Url, Failure> {
    let url = Url::parse(given).ok().filter(|_| given.len() <= LEN_MAX);
    let url = url.filter(|url| url.username().is_empty() && url.password().is_none());
    let own = settings.public_url.as_ref();
    let allowed = |url: &Url| {
        let same_as_ours = own.is_some_and(|own| own.origin() == url.origin());
        let named = settings.return_hosts.iter().any(|host| url.host_str() == Some(host.as_str()));
        same_as_ours || (named && (url.scheme() == "https" || is_here(url)))
    };
    url.filter(allowed).ok_or_else(|| refused(settings))
}

fn is_here(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']);
    let loopback = host.parse::<std::net::IpAddr>().is_ok_and(|ip| ip.is_loopback());
    url.scheme() == "http" && (loopback || host == "localhost")
}

fn refused(settings: &ProviderSettings) -> Failure {
    let own = settings.public_url.as_ref().and_then(Url::host_str).unwrap_or("this server").to_owned();
    let hosts: Vec<_> = std::iter::once(own).chain(settings.return_hosts.iter().cloned()).collect();
    let text = format!(
        "people can only be sent back to https addresses of {}. Nothing was stored and nothing was sent to \
         Stripe. Use one of these, leave `redirectUrl` out, or let whoever runs the server add the host to \
         `providers.returnHosts`.",
        hosts.join(", ")
    );
    Failure::new(Code::ValidationError, text).at("redirectUrl")
}

/// The address with the connection's outcome in its query.
pub(super) fn with_outcome(mut url: Url, connection: &str, status: &str) -> Url {
    url.query_pairs_mut().append_pair("connectionId", connection).append_pair("status", status);
    url
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people_are_sent_only_to_hosts_that_are_named() {
        let settings = ProviderSettings {
            public_url: Url::parse("https://pay.example").ok(),
            return_hosts: vec!["app.example".into(), "localhost".into()],
            ..ProviderSettings::default()
        };
        for (given, allowed) in [
            ("https://pay.example/done?x=1", true),
            ("https://app.example/back", true),
            ("http://localhost:3000/", true),
            ("http://app.example/back", false),
            ("https://app.example.evil.example/", false),
            ("https://app.example@evil.example/", false),
            ("https://user@app.example/", false),
            ("https://evil.example/?app.example", false),
            ("//app.example", false),
            ("javascript:alert(1)", false),
            ("data:text/html,x", false),
            ("https://pay.example:8443/", false),
            ("", false),
        ] {
            assert_eq!(checked(&settings, given).is_ok(), allowed, "{given}");
        }
    }
}
