//! Stripe did not accept a credential that came from Nango.
//!
//! First Nango is asked plainly: somebody else may have had it renewed. Only when it
//! still has the same token is it made to renew, once per minute at most, and never a
//! key, which it cannot renew.

use std::time::Duration;

use model::Failure;
use store::Connection;
use stripe::Credential;

use super::fetch::{Last, after, ended, fetch};
use crate::Connections;

/// How long a forced renewal is not repeated.
const COOL_OFF: Duration = Duration::from_secs(60);

/// Whether there is another credential now.
///
/// # Errors
/// What Nango's trouble means.
pub(crate) async fn renew_refused(
    connections: &Connections,
    row: &Connection,
    used: &Credential,
) -> Result<bool, Failure> {
    let _turn = connections.renewals.take(row.id).await;
    let other = |last: &Last| last.secret.as_str() != used.expose();
    if connections.fetched.get(row.id).as_ref().is_some_and(other) {
        return Ok(true);
    }
    let last = match fetch(connections, row, false).await {
        Ok(last) => last,
        Err(trouble) => return Err(ended(connections, row, &trouble).await),
    };
    if other(&last) {
        return Ok(true);
    }
    let now = connections.clock.now();
    let rests = last.forced_at.is_some_and(|at| now < after(at, COOL_OFF));
    if !last.oauth || rests {
        return Ok(false);
    }
    match fetch(connections, row, true).await {
        Ok(last) => Ok(other(&last)),
        Err(trouble) => {
            connections.fetched.put(row.id, Last { forced_at: Some(now), ..last });
            Err(ended(connections, row, &trouble).await)
        }
    }
}
