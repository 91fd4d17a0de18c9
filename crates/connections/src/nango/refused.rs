//! Stripe did not accept a credential that came from Nango.
//!
//! First Nango is asked plainly: somebody else may have had it renewed. Only when it
//! still has the same token is it made to renew, once per minute at most, and never a
//! key, which it cannot renew.

use model::Failure;
use store::Connection;
use stripe::Credential;

use super::{
    Place,
    answer::{COOL_DOWN, Trouble},
    cache::{Last, after},
    fetch::{ended, fetch, mark},
};
use crate::{Connections, change::Change};

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
    let (place, now) = (Place::of(row)?, connections.clock.now());
    let other = |last: &Last| last.secret.as_str() != used.expose();
    if connections.fetched.get(row.id, &place).as_ref().is_some_and(other) {
        return Ok(true);
    }
    if let Some((_, why)) = connections.fetched.resting(row.id, now) {
        return Err(ended(connections, row, &why).await);
    }
    let last = match fetch(connections, row, &place, false).await {
        Ok(last) if other(&last) => return Ok(true),
        Ok(last) => last,
        Err(trouble) => return Err(ended(connections, row, &trouble).await),
    };
    if !last.oauth || !connections.fetched.may_force(row.id, now) {
        return Ok(false);
    }
    match fetch(connections, row, &place, true).await {
        Ok(last) => Ok(other(&last)),
        // A token that never ends, refused by Stripe and not renewed, was revoked.
        Err(Trouble::Resting | Trouble::Exhausted) if !last.ends => Ok(false),
        Err(trouble) => {
            let pause = trouble.pause().unwrap_or(COOL_DOWN);
            connections.fetched.rest(row.id, after(now, pause), trouble.clone());
            let failure = ended(connections, row, &trouble).await;
            if matches!(trouble, Trouble::Resting) {
                // Nobody may be able to renew it: whoever looks has to see that. A call that
                // succeeds later mends it.
                mark(connections, row, Change::Failed, &failure).await;
            }
            Err(failure)
        }
    }
}
