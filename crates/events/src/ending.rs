//! `account.application.deauthorized`: Stripe announces that access has ended.
//!
//! It may come by a company's source or the installation's, and be first seen long after
//! the account was connected anew; which consent is meant is the connections' business.
//! What would surprise: a receipt ends connections of its own company only. A company
//! chooses its sources' secrets, so it can sign whatever it likes.

use connections::{Announced, Connections};
use model::{AccountId, Code, CompanyId, Failure, Mode, Timestamp};
use serde_json::Value;

use crate::dispatcher::RETRIES;

/// The type of the event.
pub(crate) const KIND: &str = "account.application.deauthorized";

/// Ends the connections that such an event is about: those of the company that received
/// it, or all, when the installation did and no company has it. Safe to repeat.
///
/// # Errors
/// `connection_unreachable` when Stripe did not say, `store_unavailable`; repeat it.
pub(crate) async fn apply(
    connections: &Connections,
    company: Option<CompanyId>,
    (account, mode, created): (&AccountId, Mode, Timestamp),
    event: &Value,
) -> Result<(), Failure> {
    let application = event["data"]["object"]["id"].as_str().unwrap_or_default();
    let announced = Announced { company, account, mode, application, created };
    connections.deauthorized(announced).await.map(drop)
}

/// How many tries of an event count: as long as Stripe does not say whether the access is
/// still there, the last pause is repeated, because the answer still matters.
pub(crate) fn tries_that_count(kind: &str, why: &Failure, tries: u32) -> u32 {
    let waits = kind == KIND && why.code == Code::ConnectionUnreachable;
    let last = u32::try_from(RETRIES.len()).unwrap_or(u32::MAX).saturating_sub(1);
    if waits { tries.min(last) } else { tries }
}
