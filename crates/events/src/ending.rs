//! `account.application.deauthorized`: Stripe announces that access has ended.
//!
//! It may come by a company's source or the installation's, and be first seen long after
//! the account was connected anew; which consent is meant is the connections' business.

use connections::{Announced, Connections};
use model::{AccountId, Failure, Mode, Timestamp};
use serde_json::Value;

/// The type of the event.
pub(crate) const KIND: &str = "account.application.deauthorized";

/// Ends the connections that such an event is about. Safe to repeat.
///
/// # Errors
/// `connection_unreachable` when Stripe had to be asked and did not say,
/// `store_unavailable`; repeat it.
pub(crate) async fn apply(
    connections: &Connections,
    (account, mode, created): (&AccountId, Mode, Timestamp),
    event: &Value,
) -> Result<(), Failure> {
    let application = event["data"]["object"]["id"].as_str().unwrap_or_default();
    let ended = connections.deauthorized(Announced { account, mode, application, created }).await?;
    for row in ended {
        tracing::warn!(connection = %row.id, company = %row.company, %account, "the access was taken back");
    }
    Ok(())
}
