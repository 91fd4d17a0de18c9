//! One renewal of a Stripe App's tokens.

use std::time::Duration;

use model::{Code, ConnectionStatus, Failure, Retry};
use store::{CommitError, Connection, Refusal};
use stripe::Credential;

use super::{EARLY, ends, made, not_set_up};
use crate::{
    Connections, OAuthClient, Way,
    change::{Change, change},
    credential::InUse,
    failures,
    kept::{Kept, Secrets},
    oauth::{self, Denied, Given, Tokens},
};

/// How long a failed renewal rests while the old token still works.
const REST: Duration = Duration::from_secs(10);

/// Waits for its turn and renews, unless somebody did meanwhile. Goes on when the
/// caller gives up: a pair that Stripe has handed out must not be lost with a call.
pub(super) async fn renewed(
    connections: &Connections,
    row: &Connection,
    refused: Option<&Credential>,
) -> Result<InUse, Failure> {
    let (connections, row, refused) = (connections.clone(), row.clone(), refused.cloned());
    let (name, tasks) = (row.name.clone(), connections.tasks.clone());
    let renewal = tasks.spawn(async move { in_turn(&connections, &row, refused.as_ref()).await });
    renewal.await.unwrap_or_else(|_| Err(failures::stopping(&name)))
}

async fn in_turn(
    connections: &Connections,
    row: &Connection,
    refused: Option<&Credential>,
) -> Result<InUse, Failure> {
    let _turn = connections.renewals.take(row.id).await;
    let (row, kept) = connections.reopen(row.company, row.id).await?;
    let Secrets::App { access, refresh } = &kept.secrets else {
        return Err(failures::unreadable(&row.name));
    };
    let now = connections.clock.now();
    let ends = row.expires_at.unwrap_or(now);
    let due = ends.checked_sub(EARLY).unwrap_or(ends);
    let is_refused = refused.is_some_and(|credential| credential.expose() == access.as_str());
    if now < due && !is_refused {
        return Ok(made(&row, kept, due));
    }
    let settings = connections.providers();
    let client = settings.app.get(&row.mode).ok_or_else(|| not_set_up(row.mode))?;
    match ask(connections, client, refresh).await {
        Ok(tokens) => store(connections, row, kept, tokens).await,
        // The token still works: it is used to its end, and then it has expired.
        Err(denied) if now < ends && !is_refused => {
            let until =
                if denied.is_final() { ends } else { now.checked_add(REST).unwrap_or(ends).min(ends) };
            Ok(made(&row, kept, until))
        }
        Err(denied) if denied.is_final() => Err(expire(connections, &row, &denied).await),
        Err(denied) => Err(unreachable(&row, &denied)),
    }
}

/// Asks for a new pair; after a lost answer once more with the same refresh token.
async fn ask(connections: &Connections, client: &OAuthClient, refresh: &str) -> Result<Tokens, Denied> {
    let carrier = &*connections.carrier;
    let first = oauth::exchange(carrier, client, Way::App, Given::Refresh(refresh)).await;
    match first {
        Err(Denied::Unknown(_) | Denied::NeverSent(_)) => {
            oauth::exchange(carrier, client, Way::App, Given::Refresh(refresh)).await
        }
        answered => answered,
    }
}

/// Stores the new pair; only then it is used. From here on the old one is dead.
async fn store(
    connections: &Connections,
    row: Connection,
    kept: Kept,
    tokens: Tokens,
) -> Result<InUse, Failure> {
    let now = connections.clock.now();
    if tokens.account != kept.account || oauth::mode(&tokens, row.mode) != row.mode {
        return Err(failures::swapped(&row.name));
    }
    let ends = ends(&tokens, now);
    let Tokens { access, refresh, .. } = tokens;
    let before = match kept.secrets {
        Secrets::App { refresh, .. } => refresh,
        _ => return Err(failures::unreadable(&row.name)),
    };
    let kept = Kept { secrets: Secrets::App { access, refresh: refresh.unwrap_or(before) }, ..kept };
    let keyring = connections.vault.keyring(row.company).await?;
    let credential = kept.seal(&keyring, &row.id.to_string())?;
    let renewed_from = row.credential.clone();
    let mut row = row;
    loop {
        let renewed = Change::Renewed { credential: credential.clone(), expires_at: Some(ends) };
        let next = change(row.clone(), renewed, now)?;
        match connections.commit(&next, &[]).await {
            Ok(()) => return Ok(made(&next, kept, ends.checked_sub(EARLY).unwrap_or(ends))),
            Err(CommitError::Refused { why: Refusal::Changed, .. }) => {
                let (stored, theirs) = connections.reopen(next.company, next.id).await?;
                // Another process renewed, or a person authorized it again: theirs counts.
                if stored.credential != renewed_from {
                    let until = stored.expires_at.unwrap_or(now);
                    return Ok(made(&stored, theirs, until));
                }
                // It was renamed, say: the new pair belongs into the row as it is now.
                row = stored;
            }
            Err(error) if connections.tasks.is_closed() => return Err(failures::commit(&error)),
            // The pair exists nowhere but here: the commit is tried until it is known.
            Err(error) => {
                tracing::error!(connection = %next.id, %error, "a renewed credential cannot be stored yet");
                tokio::time::sleep(REST / 10).await;
                if connections.is_stored(&next).await {
                    return Ok(made(&next, kept, ends));
                }
            }
        }
    }
}

/// Nothing but a person helps any more.
async fn expire(connections: &Connections, row: &Connection, denied: &Denied) -> Failure {
    let failure = expired(row, denied);
    let told = failure.clone();
    // Somebody may have authorized it again meanwhile: that pair has not expired.
    let ended = |now: Connection| match now.status {
        ConnectionStatus::Active | ConnectionStatus::Error if now.credential == row.credential => {
            change(now, Change::Expired(told.clone()), connections.clock.now())
        }
        _ => Err(told.clone()),
    };
    match connections.alter(row.company, row.id, ended).await {
        Err(error) if error.code == Code::StoreUnavailable => error,
        _ => failure,
    }
}

fn expired(row: &Connection, denied: &Denied) -> Failure {
    let text = format!(
        "The connection `{}` has run out, and Stripe renews it no more ({}). Nothing was sent to Stripe. \
         Authorize it again with `bursar connections auth-url --reconnect {}`; its id stays, and what waits goes on.",
        row.name,
        denied.text(),
        row.id
    );
    let reconnect = serde_json::json!({ "connectionId": row.id, "via": "app" });
    Failure::new(Code::ConnectionExpired, text)
        .with_details(serde_json::json!({ "reconnect": reconnect }))
        .retry(Retry::SameKey)
}

fn unreachable(row: &Connection, denied: &Denied) -> Failure {
    let text = format!(
        "The connection `{}` needs a new token, and Stripe gave none ({}). The call was not sent. It is safe to \
         try again.",
        row.name,
        denied.text()
    );
    Failure::new(Code::ConnectionUnreachable, text).retry(Retry::SameKey)
}
