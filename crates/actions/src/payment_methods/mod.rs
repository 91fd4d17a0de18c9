//! Actions on payment methods.

pub mod attach;
pub mod list;
