//! Actions on charges.

pub mod get;
pub mod list;
