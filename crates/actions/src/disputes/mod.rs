//! Actions on disputes.

pub mod list;
