//! Actions on prices.

pub mod create;
pub mod list;
