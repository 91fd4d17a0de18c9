//! Nango's troubles in our words.

use std::fmt;

use model::{Code, Failure, Retry};
use serde_json::json;
use store::Connection;

use super::answer::Trouble;

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = match self {
            Self::Key => "Nango does not accept this server's key. Whoever runs it checks `providers.nango`",
            Self::Scope(said) => {
                return write!(
                    f,
                    "this server's Nango key lacks a scope ({said}). Whoever runs it grants it in Nango"
                );
            }
            Self::NoSecrets => {
                "this server's Nango key may read connections and not their credentials. Grant it the scope \
                 `environment:connections:read_credentials` in Nango"
            }
            Self::Integration => "Nango has no integration of that name. Make it there, or name another one",
            Self::NotStripe(provider) => {
                return write!(
                    f,
                    "the integration is of the provider `{provider}`, and not of Stripe. Name one of Stripe's"
                );
            }
            Self::Gone => "Nango does not have this connection. Authorize it again; its id here stays",
            Self::Exhausted => {
                "Nango has given up renewing it after days of failures. Authorize it again; its id here stays"
            }
            Self::RunOut => {
                "its token has run out, and Nango has nothing to renew it with. Authorize it again; its id here \
                 stays"
            }
            Self::Resting => {
                "Nango could not renew its token just now and rests for 30 s. It is safe to try again then"
            }
            Self::Slower(_) => "Nango asks this server to slow down. It is safe to try again",
            Self::Unproven(why) => return write!(f, "Stripe does not take the credential from Nango: {why}"),
            Self::Ours(failure) => return f.write_str(&failure.message),
            Self::Down(why) | Self::Odd(why) => {
                return write!(f, "Nango gave no credential ({why}). It is safe to try again");
            }
        };
        f.write_str(text)
    }
}

impl Trouble {
    /// As every surface shows it. Nothing was sent to Stripe in any of these.
    pub(crate) fn to_failure(&self, row: &Connection) -> Failure {
        let (code, retry) = match self {
            Self::Ours(failure) => return (**failure).clone(),
            Self::Integration | Self::NotStripe(_) => (Code::ConnectionRequired, Retry::Never),
            Self::Gone | Self::Unproven(_) => (Code::ConnectionRequired, Retry::SameKey),
            Self::Exhausted | Self::RunOut => (Code::ConnectionExpired, Retry::SameKey),
            Self::Resting => (Code::ConnectionUnreachable, Retry::After { after_ms: 30_000 }),
            Self::Slower(after) => {
                let after_ms = u64::try_from(after.as_millis()).unwrap_or(60_000);
                (Code::ConnectionUnreachable, Retry::After { after_ms })
            }
            _ => (Code::ConnectionUnreachable, Retry::SameKey),
        };
        let text =
            format!("the connection `{}` cannot be used: {self}. Nothing was sent to Stripe.", row.name);
        let failure = Failure::new(code, text).retry(retry);
        if !self.is_final() {
            return failure;
        }
        let reconnect = json!({ "connectionId": row.id, "via": "nango" });
        failure.with_details(json!({ "reconnect": reconnect }))
    }
}
