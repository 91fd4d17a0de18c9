//! The credential of a call, fetched from Nango.
//!
//! What would surprise: a secret that Stripe has not vouched for is held against Stripe
//! before its first use. Whoever can change a connection at Nango could otherwise have
//! calls for one account carried out in another.

use std::time::Duration;

use model::{AccountId, Code, ConnectionStatus, Failure, Mode, Timestamp};
use store::Connection;
use stripe::Credential;

use super::{
    Place,
    answer::{COOL_DOWN, Credentials, Trouble},
    cache::{Last, after},
    client,
};
use crate::{
    Connections, api_key,
    change::{Change, change},
    credential::InUse,
    failures,
};

/// The longest that a credential is used without asking (Nango's own advice).
const KEPT: Duration = Duration::from_secs(5 * 60);
/// How long before its end a token is asked for again.
const EARLY: Duration = Duration::from_secs(60);
/// How long one without an end is used while Nango gives nothing.
const STALE: Duration = Duration::from_secs(60 * 60);
/// How long Nango is waited for while there is a credential that works.
const PATIENCE: Duration = Duration::from_secs(5);
/// How long what failed counts for those who ask next.
const FAILED: Duration = Duration::from_secs(2);

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
    if let Some(last) = connections.fetched.get(row.id, &Place::of(row)?).filter(|l| now < l.fresh_until) {
        return Ok(made(row, account, &last, last.fresh_until));
    }
    // It may have ended, or been authorized anew, while this call waited for its turn.
    let (row, _) = connections.reopen(row.company, row.id).await?;
    let place = Place::of(&row)?;
    let good = connections.fetched.get(row.id, &place).filter(|last| now < last.stale_until);
    let trouble = match fetched(connections, &row, &place, good.is_some()).await {
        Ok(last) => return Ok(made(&row, account, &last, last.fresh_until)),
        Err(trouble) => trouble,
    };
    match good.filter(|_| !matches!(trouble, Trouble::Gone)) {
        Some(last) => {
            tracing::warn!(connection = %row.id, why = %trouble, "the last credential from Nango is used on");
            let until = connections.fetched.resting(row.id, now).map_or(now, |(until, _)| until);
            Ok(made(&row, account, &last, until.min(last.stale_until)))
        }
        None => Err(ended(connections, &row, &trouble).await),
    }
}

/// Fetches, unless that rests. With something good in hand it is not waited for long.
async fn fetched(
    connections: &Connections,
    row: &Connection,
    place: &Place,
    has_good: bool,
) -> Result<Last, Trouble> {
    let now = connections.clock.now();
    if let Some((_, why)) = connections.fetched.resting(row.id, now) {
        return Err(why);
    }
    let fetching = fetch(connections, row, place, false);
    let outcome = if has_good {
        let late = |_| Err(Trouble::Down(format!("it did not answer within {} s", PATIENCE.as_secs())));
        tokio::time::timeout(PATIENCE, fetching).await.unwrap_or_else(late)
    } else {
        fetching.await
    };
    if let Err(trouble) = &outcome {
        let pause = trouble.pause().unwrap_or(if has_good { COOL_DOWN } else { FAILED });
        connections.fetched.rest(row.id, after(now, pause), trouble.clone());
    }
    outcome
}

/// Fetches, and keeps what came. The caller has the connection's turn.
pub(super) async fn fetch(
    connections: &Connections,
    row: &Connection,
    place: &Place,
    force: bool,
) -> Result<Last, Trouble> {
    let access = connections.nango(row.mode).map_err(Trouble::from)?;
    let read = client::read(&access, place, force).await?;
    let given = read.shown.credentials()?;
    let now = connections.clock.now();
    let ends = given.expires_at.map(|ends| read.here(ends, now));
    // Without a refresh token Nango hands out what has run out.
    if ends.is_some_and(|ends| ends <= now) {
        return Err(Trouble::RunOut);
    }
    fits(connections, row, place, &given).await?;
    let fresh_until = ends.map_or(Timestamp::MAX, |ends| ends.checked_sub(EARLY).unwrap_or(ends));
    let last = Last {
        place: place.clone(),
        secret: given.secret,
        oauth: given.oauth,
        fresh_until: fresh_until.min(after(now, KEPT)),
        stale_until: ends.unwrap_or_else(|| after(now, STALE)),
        ends: ends.is_some(),
    };
    connections.fetched.put(row.id, last.clone());
    Ok(last)
}

/// Whether a credential is of the row's account and mode: known by now, told in Stripe's
/// own answer to Nango, or asked of Stripe.
async fn fits(
    connections: &Connections,
    row: &Connection,
    place: &Place,
    given: &Credentials,
) -> Result<(), Trouble> {
    if given.livemode.is_some_and(|live| live != (row.mode == Mode::Live)) {
        return Err(other(row).into());
    }
    let own = row.account.as_ref().map(AccountId::as_str);
    if given.account.is_some() && given.account.as_deref() != own {
        return Err(other(row).into());
    }
    let known = connections.fetched.get(row.id, place);
    if known.is_some_and(|last| last.secret == given.secret) || given.vouched {
        return Ok(());
    }
    let asked = api_key::account_of(connections, &given.secret, row.mode, &row.base_url).await;
    match asked {
        Ok(account) if Some(account.as_str()) == own => Ok(()),
        Ok(_) => Err(other(row).into()),
        Err(failure) if failure.code == Code::ConnectionUnreachable => {
            Err(Trouble::Down("Stripe could not be asked whose credential it gave".to_owned()))
        }
        Err(failure) => Err(Trouble::Unproven(failure.message)),
    }
}

fn other(row: &Connection) -> Failure {
    let text = format!(
        "the credential that Nango has for the connection `{}` is of another account or mode by now. Nothing was \
         sent for it to Stripe. Authorize the same account again with `bursar connections auth-url --reconnect {}`.",
        row.name, row.id
    );
    Failure::new(Code::Conflict, text).at("account")
}

fn made(row: &Connection, account: AccountId, last: &Last, fresh_until: Timestamp) -> InUse {
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
    let failure = trouble.to_failure(row);
    let what = match trouble {
        _ if trouble.is_final() => Change::Expired as fn(Failure) -> Change,
        Trouble::Unproven(_) => Change::Failed,
        Trouble::Ours(failure) if failure.code == Code::Conflict => Change::Failed,
        _ => return failure,
    };
    if trouble.is_final() {
        connections.fetched.forget(row.id);
    }
    mark(connections, row, what, &failure).await;
    failure
}

/// Makes a change of a row that is still in use. The caller is told what led to it in any
/// case, so a change that cannot be stored is made at the next call.
pub(super) async fn mark(
    connections: &Connections,
    row: &Connection,
    what: fn(Failure) -> Change,
    why: &Failure,
) {
    let make = |row: Connection| match row.status {
        ConnectionStatus::Active | ConnectionStatus::Error => {
            change(row, what(why.clone()), connections.clock.now())
        }
        _ => Err(failures::gone(&row.id.to_string())),
    };
    let _ = connections.alter(row.company, row.id, make).await;
}
