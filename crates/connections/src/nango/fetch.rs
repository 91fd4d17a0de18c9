//! The credential of a call, fetched from Nango, and kept for a while in memory only.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use model::{AccountId, ConnectionId, ConnectionStatus, Failure, Timestamp};
use store::Connection;
use stripe::Credential;
use zeroize::Zeroizing;

use super::{
    Place,
    answer::{COOL_DOWN, Trouble},
    client,
};
use crate::{
    Connections,
    change::{Change, change},
    credential::InUse,
};

/// The longest that a credential is used without asking (Nango's own advice).
const KEPT: Duration = Duration::from_secs(5 * 60);
/// How long before its end a token is asked for again.
const EARLY: Duration = Duration::from_secs(60);
/// How long one without an end is used while Nango gives nothing.
const STALE: Duration = Duration::from_secs(60 * 60);

/// What was fetched last, by connection.
#[derive(Default)]
pub(crate) struct Fetched {
    last: Mutex<HashMap<ConnectionId, Last>>,
}

/// A credential and how long it is good for.
#[derive(Clone)]
pub(super) struct Last {
    pub(super) secret: Zeroizing<String>,
    pub(super) oauth: bool,
    /// Asked for again from then on.
    pub(super) fresh_until: Timestamp,
    /// Used until then when Nango gives nothing.
    pub(super) stale_until: Timestamp,
    /// When Nango was last made to renew it.
    pub(super) forced_at: Option<Timestamp>,
}

impl Fetched {
    pub(super) fn get(&self, id: ConnectionId) -> Option<Last> {
        self.last.lock().unwrap_or_else(PoisonError::into_inner).get(&id).cloned()
    }

    pub(super) fn put(&self, id: ConnectionId, last: Last) {
        self.last.lock().unwrap_or_else(PoisonError::into_inner).insert(id, last);
    }

    /// Asks again at the next use; what is there stays for when Nango gives nothing.
    pub(super) fn expire(&self, id: ConnectionId, now: Timestamp) {
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(last) = last.get_mut(&id) {
            last.fresh_until = last.fresh_until.min(now);
        }
    }

    /// Keeps nothing of a connection.
    pub(crate) fn forget(&self, id: ConnectionId) {
        self.last.lock().unwrap_or_else(PoisonError::into_inner).remove(&id);
    }
}

/// The credential that a call uses now.
///
/// # Errors
/// What Nango's trouble means, once the last good credential has ended.
pub(crate) async fn in_use(
    connections: &Connections,
    row: &Connection,
    account: AccountId,
) -> Result<InUse, Failure> {
    let _turn = connections.renewals.take(row.id).await;
    let now = connections.clock.now();
    let last = connections.fetched.get(row.id);
    if let Some(last) = last.as_ref().filter(|last| now < last.fresh_until) {
        return Ok(made(row, account, last, last.fresh_until));
    }
    match fetch(connections, row, false).await {
        Ok(last) => Ok(made(row, account, &last, last.fresh_until)),
        Err(trouble) => match last.filter(|last| now < last.stale_until && !matches!(trouble, Trouble::Gone))
        {
            Some(last) => {
                let rest = after(now, rest(&trouble)).min(last.stale_until);
                connections.fetched.put(row.id, Last { fresh_until: rest, ..last.clone() });
                Ok(made(row, account, &last, rest))
            }
            None => Err(ended(connections, row, &trouble).await),
        },
    }
}

/// Fetches, and keeps what came. The caller has the connection's turn.
pub(super) async fn fetch(connections: &Connections, row: &Connection, force: bool) -> Result<Last, Trouble> {
    let now = connections.clock.now();
    let before = connections.fetched.get(row.id);
    let client = connections.nango(row.mode).map_err(|failure| Trouble::Odd(failure.message))?;
    let place = Place::of(row).map_err(|failure| Trouble::Odd(failure.message))?;
    let shown = client::read(&*connections.carrier, &client, &place, force).await?;
    let given = shown.credentials()?;
    let claimed = given.account.as_deref();
    if claimed.is_some_and(|claimed| row.account.as_ref().is_some_and(|own| own.as_str() != claimed)) {
        return Err(Trouble::Odd("its credential is of another account by now".to_owned()));
    }
    // Without a refresh token Nango hands out what has run out.
    if given.expires_at.is_some_and(|ends| ends <= now) {
        return Err(Trouble::Exhausted);
    }
    let ends = given.expires_at;
    let fresh_until = ends.map_or(Timestamp::MAX, |ends| ends.checked_sub(EARLY).unwrap_or(ends));
    let last = Last {
        secret: given.secret,
        oauth: given.oauth,
        fresh_until: fresh_until.min(after(now, KEPT)),
        stale_until: ends.unwrap_or_else(|| after(now, STALE)),
        forced_at: if force { Some(now) } else { before.and_then(|before| before.forced_at) },
    };
    connections.fetched.put(row.id, last.clone());
    Ok(last)
}

pub(super) fn made(row: &Connection, account: AccountId, last: &Last, fresh_until: Timestamp) -> InUse {
    InUse {
        company: row.company,
        credential: Credential::new(account, row.mode, last.secret.as_str()),
        base_url: row.base_url.clone(),
        fresh_until: Some(fresh_until),
        failing: row.status == ConnectionStatus::Error,
    }
}

/// What a caller is told; marks the row where only a person helps.
pub(super) async fn ended(connections: &Connections, row: &Connection, trouble: &Trouble) -> Failure {
    let failure = trouble.to_failure(&row.name);
    if matches!(trouble, Trouble::Gone | Trouble::Exhausted) {
        connections.fetched.forget(row.id);
        let mark = |row: Connection| match row.status {
            ConnectionStatus::Active | ConnectionStatus::Error => {
                change(row, Change::Expired(failure.clone()), connections.clock.now())
            }
            _ => Err(failure.clone()),
        };
        // The caller is told in any case.
        let _ = connections.alter(row.company, row.id, mark).await;
    }
    failure
}

/// How long not to ask again.
fn rest(trouble: &Trouble) -> Duration {
    match trouble {
        Trouble::Slower(after) => *after,
        _ => COOL_DOWN,
    }
}

pub(super) fn after(now: Timestamp, time: Duration) -> Timestamp {
    now.checked_add(time).unwrap_or(Timestamp::MAX)
}
