//! Actions on coupons.

pub mod create;
