//! Answers with the headers that Stripe sends.

use serde_json::Value;

use super::{Refusal, Reply};
use crate::state::Kept;

/// Stripe's bodies are indented by two spaces and end in a line break.
pub(crate) fn pretty(body: &Value) -> String {
    let mut text = serde_json::to_string_pretty(body).unwrap_or_default();
    text.push('\n');
    text
}

/// What every answer of a request that was let in has.
#[derive(Debug, Clone, Default)]
pub(crate) struct Trip {
    pub(crate) request_id: Option<String>,
    pub(crate) version: Option<&'static str>,
    pub(crate) key: Option<String>,
}

impl Trip {
    /// An answer; `first` is the request whose execution it shows.
    pub(crate) fn reply(&self, status: u16, body: String, first: Option<&str>) -> Reply {
        let mut headers: Vec<(&'static str, String)> = vec![
            ("content-type", "application/json".into()),
            ("cache-control", "no-cache, no-store".into()),
            ("vary", "Origin".into()),
            (
                "access-control-expose-headers",
                "Request-Id, Stripe-Manage-Version, Stripe-Should-Retry, X-Stripe-External-Auth-Required, X-Stripe-Privileged-Session-Required".into(),
            ),
        ];
        let mut add = |name, value: Option<&str>| {
            if let Some(value) = value {
                headers.push((name, value.to_owned()));
            }
        };
        add("request-id", self.request_id.as_deref());
        add("stripe-version", self.version);
        add("idempotency-key", self.key.as_deref());
        add("original-request", first);
        if self.key.is_some() && first.is_some() && status < 500 {
            add("stripe-should-retry", Some("false"));
        }
        Reply { status, headers, body }
    }

    /// An error before anything executed.
    pub(crate) fn refused(&self, refusal: Refusal) -> Reply {
        let status = refusal.status;
        let mut reply = self.reply(status, pretty(&refusal.body()), None);
        if status == 401 {
            reply.headers.push(("www-authenticate", "Basic realm=\"Stripe\"".into()));
        }
        reply
    }

    /// The stored answer of the first request under this key.
    pub(crate) fn replayed(&self, kept: &Kept) -> Reply {
        // Stripe leaves the version out here.
        let trip = Self { version: None, ..self.clone() };
        let mut reply = trip.reply(kept.status, kept.body.clone(), Some(&kept.request));
        reply.headers.push(("idempotent-replayed", "true".into()));
        reply
    }
}
