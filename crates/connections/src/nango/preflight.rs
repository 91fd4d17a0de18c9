//! Looking at a mode's Nango before anybody connects: is it there, does it take our key,
//! may the key do what it has to, and is the integration Stripe's. Changes nothing.
//!
//! What would surprise: whether the key may read credentials is asked about a connection
//! that is not there. Nango looks at the key first, so the refusal tells, and nobody's
//! credential is touched.

use http::{HeaderMap, Method};
use model::{Failure, Mode};
use serde_json::Value;

use super::{
    Place,
    answer::Trouble,
    client::{self, Access, SKEW_MIN_S},
};
use crate::Connections;

/// The provider whose connections are keys: nobody is sent anywhere for one.
pub(super) const KEYED: &str = "stripe-api-key";
/// No connection of anybody's.
const NOBODY: &str = "bursar-preflight";

/// One thing that was looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checked {
    /// What: `nango`, `key`, `integration`, `credentials`, `webhooks`, or `clock`.
    pub what: &'static str,
    /// Whether it is as it has to be.
    pub ok: bool,
    /// What was found, and what to do.
    pub says: String,
}

impl Connections {
    /// Looks at the Nango of a mode, by at most three requests. What could not be looked
    /// at because of what was found before is left out. Safe to repeat.
    ///
    /// # Errors
    /// `connection_required` when there are no settings for it.
    pub async fn check_nango(&self, mode: Mode) -> Result<Vec<Checked>, Failure> {
        let access = self.nango(mode)?;
        let mut checked = vec![webhooks(&access)];
        let headers = match listed(&access).await {
            Ok(headers) => headers,
            Err(trouble) => {
                let what = if matches!(trouble, Trouble::Down(_)) { "nango" } else { "key" };
                checked.push(wrong(what, &trouble));
                return Ok(checked);
            }
        };
        checked.push(right("key", "Nango takes it".to_owned()));
        checked.extend(self.clock_at(&headers));
        let integration = access.client.integration.clone();
        checked.push(match provider(&access, &integration).await {
            Ok(provider) => right("integration", format!("`{integration}` is of `{provider}`")),
            Err(Trouble::Scope(_)) => right(
                "integration",
                "not looked at: the key lacks the scope `environment:integrations:read`, without which links lead \
                 over Nango's own page only"
                    .to_owned(),
            ),
            Err(trouble) => wrong("integration", &trouble),
        });
        checked.push(match credentials(&access, integration).await {
            Ok(()) | Err(Trouble::Gone | Trouble::Integration) => {
                right("credentials", "the key may read them".to_owned())
            }
            Err(Trouble::Scope(_)) => wrong("credentials", &Trouble::NoSecrets),
            Err(trouble) => wrong("credentials", &trouble),
        });
        Ok(checked)
    }

    /// Whether our clock and Nango's agree.
    fn clock_at(&self, headers: &HeaderMap) -> Option<Checked> {
        let skew = self.clock.now().duration_since(client::told(headers)?).as_secs();
        if skew.abs() < SKEW_MIN_S {
            return Some(right("clock", "it agrees with Nango's".to_owned()));
        }
        let (by, side) = (skew.abs(), if skew < 0 { "behind" } else { "ahead of" });
        let says = format!(
            "this server's is {by} s {side} Nango's. Set one by NTP: Stripe refuses what is signed long ago, and \
             tokens seem to end at other times than they do"
        );
        Some(Checked { what: "clock", ok: false, says })
    }
}

fn webhooks(access: &Access<'_>) -> Checked {
    let says = if access.client.webhook_keys.is_empty() {
        "no signing key is set: what people connect is found by looking, within a minute"
    } else {
        "deliveries to /webhooks/nango are verified"
    };
    right("webhooks", says.to_owned())
}

/// Whether connections can be listed, by which new ones are found.
async fn listed(access: &Access<'_>) -> Result<HeaderMap, Trouble> {
    let mut url = access.address(&["connections"]);
    url.query_pairs_mut().append_pair("limit", "1");
    access.ask(Method::GET, url, None).await.map(|(headers, _)| headers)
}

/// The provider of an integration.
///
/// # Errors
/// [`Trouble::Integration`], [`Trouble::NotStripe`], [`Trouble::Scope`], or whatever else
/// Nango has.
pub(super) async fn provider(access: &Access<'_>, integration: &str) -> Result<String, Trouble> {
    let answer = access.ask(Method::GET, access.address(&["integrations", integration]), None).await;
    let (_, body) = answer.map_err(|trouble| match trouble {
        Trouble::Gone => Trouble::Integration,
        trouble => trouble,
    })?;
    let body: Value = client::decoded(&body)?;
    let provider = body["data"]["provider"].as_str().unwrap_or_default();
    if provider.contains("stripe") {
        return Ok(provider.to_owned());
    }
    Err(Trouble::NotStripe(crate::oauth::said(provider)))
}

/// Whether the key may read credentials.
async fn credentials(access: &Access<'_>, integration: String) -> Result<(), Trouble> {
    let place = Place { integration, connection_id: Some(NOBODY.to_owned()), imported: false };
    client::read(access, &place, true).await.map(drop)
}

fn right(what: &'static str, says: String) -> Checked {
    Checked { what, ok: true, says }
}

fn wrong(what: &'static str, trouble: &Trouble) -> Checked {
    Checked { what, ok: false, says: trouble.to_string() }
}
