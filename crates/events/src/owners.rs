//! Which companies an account's event goes to.
//!
//! One rule for what arrives and for what is claimed later. What would surprise: a
//! connection that its company gave up goes on getting the events until another one is
//! live on the account, so that a run which waits for one ends; one whose consent the
//! account's owner took back gets nothing but that announcement, whoever else is there.

use std::{collections::BTreeMap, time::Duration};

use model::{CompanyId, ConnectionStatus, Timestamp};
use store::Holder;

use crate::ending;

/// How far our clock and Stripe's may be apart.
const CLOCKS_APART: Duration = Duration::from_secs(3_600);

/// The companies that an event goes to, and since when each has a connection, if known.
pub(crate) fn owners(
    holders: &[Holder],
    kind: &str,
    created: Timestamp,
) -> BTreeMap<CompanyId, Option<Timestamp>> {
    let held = holders.iter().any(is_live);
    let mut owners: BTreeMap<CompanyId, Option<Timestamp>> = BTreeMap::new();
    for holder in holders.iter().filter(|holder| gets(holder, held, kind, created)) {
        let since = owners.entry(holder.company).or_default();
        let known = since.unwrap_or(Timestamp::MAX);
        *since = holder.authorized_at.map(|at| at.min(known)).or(*since);
    }
    owners
}

/// Also one whose status cannot be read: an event too many can be passed over, one that
/// was let go of does not come back.
fn is_live(holder: &Holder) -> bool {
    use ConnectionStatus::{Active, Error, Expired};
    matches!(holder.status, None | Some(Active | Error | Expired))
}

fn gets(holder: &Holder, held: bool, kind: &str, created: Timestamp) -> bool {
    match holder.status {
        Some(ConnectionStatus::Revoked) => kind == ending::KIND && announces_the_end_of(holder, created),
        Some(ConnectionStatus::Disconnected | ConnectionStatus::Pending) => !held,
        _ => true,
    }
}

/// Not the end of a later consent, of somebody else.
fn announces_the_end_of(holder: &Holder, created: Timestamp) -> bool {
    let latest = holder.updated_at.and_then(|at| at.checked_add(CLOCKS_APART).ok());
    latest.is_none_or(|latest| created <= latest)
}

#[cfg(test)]
mod tests {
    use ConnectionStatus::{Active, Disconnected, Error, Expired, Pending, Revoked};

    use super::*;

    fn holder(n: u8, status: Option<ConnectionStatus>) -> Holder {
        let at = model::seconds(1_790_000_000);
        let company = format!("co_0189000000007000800000000000000{n}").parse().unwrap();
        let (kind, base_url) = (String::new(), String::new());
        Holder { company, kind, base_url, status, authorized_at: Some(at), updated_at: Some(at) }
    }

    /// Which of these get it, counted from 1.
    fn who(statuses: &[Option<ConnectionStatus>], kind: &str, created: i64) -> Vec<usize> {
        let all: Vec<Holder> = (1..).zip(statuses).map(|(n, status)| holder(n, *status)).collect();
        let owners = owners(&all, kind, model::seconds(1_790_000_000 + created));
        (1..=all.len()).filter(|n| owners.contains_key(&all[n - 1].company)).collect()
    }

    #[test]
    fn an_event_goes_to_whoever_holds_the_account_and_else_to_who_gave_it_up() {
        let paid = |statuses: &[_]| who(statuses, "invoice.paid", 5);
        assert_eq!(paid(&[Some(Active), Some(Expired), Some(Error), None]), [1, 2, 3, 4]);
        for live in [Some(Active), Some(Expired), Some(Error), None] {
            assert_eq!(paid(&[Some(Disconnected), live, Some(Pending), Some(Revoked)]), [2]);
        }
        assert_eq!(paid(&[Some(Disconnected), Some(Pending), Some(Revoked)]), [1, 2]);
        assert!(paid(&[Some(Revoked)]).is_empty());
    }

    #[test]
    fn a_revoked_connection_gets_the_announcement_of_its_own_end_only() {
        let ends = |created| who(&[Some(Revoked), Some(Active)], ending::KIND, created);
        assert_eq!(ends(-9_000), [1, 2]);
        assert_eq!(ends(3_600), [1, 2], "two clocks");
        assert_eq!(ends(3_601), [2], "the end of a later consent");
    }
}
