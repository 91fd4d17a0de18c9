//! Actions on the account.

pub mod get;
