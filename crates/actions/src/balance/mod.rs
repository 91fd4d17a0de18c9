//! Actions on the balance.

pub mod get;
pub mod list_transactions;
