//! Actions on tax rates.

pub mod create;
