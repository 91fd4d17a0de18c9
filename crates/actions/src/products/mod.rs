//! Actions on products.

pub mod create;
