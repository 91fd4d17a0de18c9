//! What the consent page is asked for, and who may ask.
//!
//! A client that is not known, or an address that is not its own, is told on the page:
//! nobody is sent anywhere. Everything else that is wrong can be taken back there.

use serde_json::{Map, Value};
use url::{Host, Url};

use super::{Kind, flat::Flat};
use crate::state::State;

/// The longest name of a new account.
const NAME_MAX: usize = 100;

/// A request for somebody's consent.
#[derive(Debug)]
pub(super) struct Asked {
    pub(super) client_id: String,
    pub(super) redirect: Url,
    /// The same, letter for letter as it was given.
    pub(super) redirect_uri: String,
    /// `read_write`, `read_only` or `stripe_apps`.
    pub(super) scope: &'static str,
    pub(super) state: Option<String>,
    /// What the client calls whoever is to consent.
    pub(super) name: String,
}

/// Why there is nothing to consent to.
#[derive(Debug)]
pub(super) struct Wrong {
    pub(super) why: Flat,
    /// Where the client would learn of it, when that can be trusted.
    pub(super) back: Option<Url>,
}

impl Asked {
    /// Reads the parameters of the page.
    pub(super) fn read(state: &State, kind: Kind, form: &Map<String, Value>) -> Result<Self, Wrong> {
        let text = |name: &str| form.get(name).and_then(Value::as_str).filter(|text| !text.is_empty());
        let lost = |error, why: &str| Wrong { why: Flat::new(error, why), back: None };
        let client_id = text("client_id").unwrap_or_default();
        if client_id != state.oauth.client_id(kind) {
            return Err(lost("invalid_client", "No application matches the supplied client identifier."));
        }
        let registered = &state.oauth.settings.redirect_uris;
        let given = text("redirect_uri").or_else(|| registered.first().map(String::as_str));
        let redirect = given.and_then(|uri| Url::parse(uri).ok().filter(|url| allowed(registered, uri, url)));
        let redirect = redirect.ok_or_else(|| {
            lost(
                "invalid_redirect_uri",
                "Invalid redirect URI: it is not one that the application is set up for.",
            )
        })?;
        let mut asked = Self {
            client_id: client_id.to_owned(),
            redirect,
            redirect_uri: given.unwrap_or_default().to_owned(),
            scope: "stripe_apps",
            state: text("state").map(str::to_owned),
            name: name_in(form),
        };
        match asked.check(kind, text("response_type"), text("scope")) {
            Ok(scope) => {
                asked.scope = scope;
                Ok(asked)
            }
            Err(why) => {
                let back = asked.refused(why.error, &why.description);
                Err(Wrong { why, back: Some(back) })
            }
        }
    }

    /// The scope that is asked for. An app's permissions come from its manifest.
    fn check(&self, kind: Kind, response: Option<&str>, scope: Option<&str>) -> Result<&'static str, Flat> {
        // Apps' links need not say what Connect's have to.
        let response = response.or((kind == Kind::App).then_some("code"));
        match response {
            Some("code") => {}
            None => return Err(Flat::new("invalid_request", "No response_type was given. It must be code.")),
            Some(_) => return Err(Flat::new("unsupported_response_type", "response_type must be code.")),
        }
        match (kind, scope) {
            (Kind::App, _) => Ok("stripe_apps"),
            (Kind::Connect, None | Some("read_only")) => Ok("read_only"),
            (Kind::Connect, Some("read_write")) => Ok("read_write"),
            (Kind::Connect, Some(_)) => {
                Err(Flat::new("invalid_scope", "scope must be read_write or read_only."))
            }
        }
    }

    /// Back to the client with a code.
    pub(super) fn consented(&self, kind: Kind, code: &str, account: &str) -> Url {
        let mut url = self.back();
        url.query_pairs_mut().append_pair("scope", self.scope).append_pair("code", code);
        if kind == Kind::App {
            url.query_pairs_mut().append_pair("stripe_user_id", account).append_pair("livemode", "false");
        }
        url
    }

    /// Back to the client with an error.
    pub(super) fn refused(&self, error: &str, description: &str) -> Url {
        let mut url = self.back();
        url.query_pairs_mut().append_pair("error", error).append_pair("error_description", description);
        url
    }

    fn back(&self) -> Url {
        let mut url = self.redirect.clone();
        if let Some(state) = &self.state {
            url.query_pairs_mut().append_pair("state", state);
        }
        url
    }
}

/// `stripe_user[business_name]`, by which clients fill forms in.
fn name_in(form: &Map<String, Value>) -> String {
    let user = form.get("stripe_user").and_then(|user| user.get("business_name")).and_then(Value::as_str);
    shortened(user.unwrap_or_default())
}

/// A name as it is kept.
pub(super) fn shortened(name: &str) -> String {
    name.trim().chars().filter(|c| !c.is_control()).take(NAME_MAX).collect()
}

/// Whether people may be sent to this address.
fn allowed(registered: &[String], text: &str, url: &Url) -> bool {
    let plain = url.username().is_empty() && url.password().is_none() && url.fragment().is_none();
    if !plain || !matches!(url.scheme(), "http" | "https") {
        return false;
    }
    if !registered.is_empty() {
        return registered.iter().any(|one| one == text);
    }
    url.scheme() == "https" || is_here(url)
}

fn is_here(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(Host::Ipv4(ip)) => ip.is_loopback(),
        Some(Host::Ipv6(ip)) => ip.is_loopback(),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn goes(registered: &[&str], uri: &str) -> bool {
        let registered: Vec<String> = registered.iter().map(|uri| (*uri).to_owned()).collect();
        Url::parse(uri).is_ok_and(|url| allowed(&registered, uri, &url))
    }

    #[test]
    fn people_are_sent_to_this_machine_to_https_and_nowhere_else() {
        for uri in
            ["http://127.0.0.1:7420/x", "http://localhost/", "http://[::1]:3/", "https://a.example/?b=c"]
        {
            assert!(goes(&[], uri), "{uri}");
        }
        for uri in [
            "http://a.example/",
            "http://localhost.evil.example/",
            "javascript:alert(1)",
            "data:text/html,x",
            "https://user@a.example/",
            "https://a.example/#x",
            "file:///etc/passwd",
            "nonsense",
        ] {
            assert!(!goes(&[], uri), "{uri}");
        }
    }

    #[test]
    fn addresses_that_are_set_up_are_the_only_ones() {
        let registered = ["https://a.example/back"];
        assert!(goes(&registered, "https://a.example/back"));
        for uri in ["https://a.example/back/", "https://a.example/back?x=1", "http://127.0.0.1/"] {
            assert!(!goes(&registered, uri), "{uri}");
        }
    }
}
