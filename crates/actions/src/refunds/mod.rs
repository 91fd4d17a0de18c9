//! Actions on refunds.

pub mod create;
pub mod get;
pub mod list;
