//! Renewal: when it is due, what a failure blocks, and when it is given up.
//!
//! What would surprise: a failed renewal blocks reading the connection for 30 s, also
//! when its token still works; `force_refresh` bypasses that, and revives what was given
//! up.

use std::time::Duration;

use model::Timestamp;
use serde_json::{Value, json};

use crate::{
    answer::{Refused, refuse},
    show::{self, Secrets},
    state::{Nango, Stored},
    tokens::{Asked, Grant},
};

/// A token with less than this left is renewed first.
const MARGIN: Duration = Duration::from_secs(15 * 60);
/// How long a failure blocks.
const COOL_DOWN: Duration = Duration::from_secs(30);
/// On how many days it may fail.
const DAYS_MAX: usize = 4;

const FAILED: &str =
    "The external API returned an error when trying to refresh the access token. Please try again later.";
const RESTING: &str = "A recent refresh attempt failed. Backing off before retrying.";
const EXHAUSTED: &str = "The refresh limit has been reached for this connection.";

impl Nango {
    /// Renews the token if that is due, or in any case.
    pub(crate) async fn renewed(&self, integration: &str, id: &str, force: bool) -> Result<Stored, Refused> {
        let before = self.find(integration, id)?;
        let turn = before.turn.clone().lock_owned().await;
        let now = self.now();
        let found = self.find(integration, id)?;
        // Somebody renewed it while this one waited.
        if found.renewals != before.renewals {
            return Ok(found);
        }
        if !force {
            blocked(&found, now)?;
        }
        let token = found.credentials["refresh_token"].as_str().map(str::to_owned);
        let Some(token) = token.filter(|_| force || is_due(&found, now)) else { return Ok(found) };
        let client_id = self.state().integration(integration).map(|i| i.client_id.clone());
        let asked = Asked {
            provider: found.provider.clone(),
            client_id: client_id.unwrap_or_default(),
            grant: Grant::Refresh(token),
        };
        let answer = self.inner.tokens.exchange(asked).await;
        drop(turn);
        match answer {
            Some(answer) => self.keep(integration, id, &answer),
            None => Err(self.failed(integration, id)),
        }
    }

    pub(crate) fn find(&self, integration: &str, id: &str) -> Result<Stored, Refused> {
        let missing = || refuse(404, &json!({ "code": "not_found", "message": "Failed to find connection" }));
        self.state().connection(integration, id).cloned().ok_or_else(missing)
    }

    fn keep(&self, integration: &str, id: &str, answer: &Value) -> Result<Stored, Refused> {
        let now = self.now();
        let mut state = self.state();
        let Some(found) = state.connection(integration, id) else {
            return Err(refuse(404, &json!({ "code": "not_found", "message": "Failed to find connection" })));
        };
        found.credentials = oauth2(&found.provider, answer, now);
        (found.failed_at, found.updated_at) = (None, now);
        found.failed_days.clear();
        found.renewals += 1;
        Ok(found.clone())
    }

    fn failed(&self, integration: &str, id: &str) -> Refused {
        let now = self.now();
        let found = {
            let mut state = self.state();
            let Some(found) = state.connection(integration, id) else {
                return refuse(404, &json!({ "code": "not_found", "message": "Failed to find connection" }));
            };
            let day = now.as_second().div_euclid(86_400);
            if found.failed_days.last() != Some(&day) {
                found.failed_days.push(day);
            }
            (found.failed_at, found.updated_at) = (Some(now), now);
            found.clone()
        };
        let error = json!({ "type": "refresh_token_external_error", "description": FAILED });
        self.tell(&found, "refresh", Some(error));
        refused(400, FAILED, &found)
    }
}

fn is_due(of: &Stored, now: Timestamp) -> bool {
    let ends = of.credentials["expires_at"].as_str().and_then(|at| at.parse::<Timestamp>().ok());
    ends.is_some_and(|ends| now.checked_add(MARGIN).is_ok_and(|soon| ends < soon))
}

fn blocked(of: &Stored, now: Timestamp) -> Result<(), Refused> {
    if of.failed_days.len() >= DAYS_MAX {
        return Err(refused(424, EXHAUSTED, of));
    }
    let until = of.failed_at.and_then(|at| at.checked_add(COOL_DOWN).ok());
    if until.is_some_and(|until| now < until) { Err(refused(424, RESTING, of)) } else { Ok(()) }
}

fn refused(status: u16, message: &str, of: &Stored) -> Refused {
    let connection = show::connection(of, Secrets::None, false);
    let payload = json!({ "connection": connection });
    refuse(status, &json!({ "code": "invalid_credentials", "message": message, "payload": payload }))
}

/// What is kept of a token endpoint's answer. Connect's tokens do not run out; those of
/// Stripe Apps are taken to live an hour.
pub(crate) fn oauth2(provider: &str, answer: &Value, now: Timestamp) -> Value {
    let mut raw = answer.clone();
    let mut kept = json!({ "type": "OAUTH2", "access_token": answer["access_token"] });
    if answer["refresh_token"].is_string() {
        kept["refresh_token"] = answer["refresh_token"].clone();
    }
    if provider.starts_with("stripe-app") {
        let ends = now.checked_add(Duration::from_secs(3600)).unwrap_or(Timestamp::MAX);
        kept["expires_at"] = show::zulu(ends).into();
        raw["expires_in"] = 3600.into();
    }
    kept["raw"] = raw;
    kept
}
