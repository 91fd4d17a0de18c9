//! Actions on test clocks.

pub mod advance;
pub mod create;
