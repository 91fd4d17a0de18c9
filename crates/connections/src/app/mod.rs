//! Stripe Apps: access tokens of an hour, and refresh tokens that roll.
//!
//! The previous refresh token dies with every exchange (Stripe's API, OAuth B), so
//! there is one renewal at a time, and the new pair is stored before it is used. What
//! would surprise: a refused refresh token ends nothing by itself. The access token
//! is used until its own end, and only then the connection has expired.

mod renew;

use std::time::Duration;

use model::{Failure, Mode, Timestamp};
use stripe::Credential;

use crate::{
    Connections,
    credential::InUse,
    failures,
    grant::Grant,
    kept::{Kept, Secrets},
    oauth::{self, Tokens},
};

/// How long before its end a token is renewed.
pub(crate) const EARLY: Duration = Duration::from_secs(5 * 60);

/// How long a token lives when the answer does not say.
const LIFE: Duration = Duration::from_secs(3600);

/// What a first exchange grants.
///
/// # Errors
/// `None` when there is no refresh token in it.
pub(crate) fn grant(tokens: Tokens, asked: Mode, now: Timestamp) -> Option<Grant> {
    let mode = oauth::mode(&tokens, asked);
    let expires_at = ends(&tokens, now);
    let Tokens { account, access, refresh, scope, .. } = tokens;
    Some(Grant {
        account,
        mode,
        secrets: Secrets::App { access, refresh: refresh? },
        expires_at: Some(expires_at),
        scopes: scope.into_iter().collect(),
        details: serde_json::json!({}),
    })
}

fn ends(tokens: &Tokens, now: Timestamp) -> Timestamp {
    now.checked_add(tokens.expires_in.unwrap_or(LIFE)).unwrap_or(now)
}

/// The access token, renewed when that is due.
///
/// # Errors
/// `connection_expired` with how to authorize again, `connection_unreachable` when
/// Stripe cannot be asked for a new token and the old one has run out.
pub(crate) async fn in_use(
    connections: &Connections,
    row: &store::Connection,
    kept: Kept,
) -> Result<InUse, Failure> {
    let now = connections.clock.now();
    let ends = row.expires_at.unwrap_or(now);
    let due = ends.checked_sub(EARLY).unwrap_or(ends);
    if now < due {
        return Ok(made(row, kept, due));
    }
    renew::renewed(connections, row, None).await
}

/// A credential until then.
fn made(row: &store::Connection, kept: Kept, fresh_until: Timestamp) -> InUse {
    let secret = match &kept.secrets {
        Secrets::App { access, .. } => access.as_str(),
        _ => "",
    };
    InUse {
        company: row.company,
        credential: Credential::new(kept.account, kept.mode, secret),
        base_url: kept.base_url,
        fresh_until: Some(fresh_until),
        failing: row.status == model::ConnectionStatus::Error,
    }
}

/// Renews although it is not due, because Stripe refused this access token.
///
/// # Errors
/// As [`in_use`].
pub(crate) async fn renew_refused(
    connections: &Connections,
    row: &store::Connection,
    refused: &Credential,
) -> Result<InUse, Failure> {
    renew::renewed(connections, row, Some(refused)).await
}

pub(crate) fn not_set_up(mode: Mode) -> Failure {
    failures::not_set_up("app", mode)
}
