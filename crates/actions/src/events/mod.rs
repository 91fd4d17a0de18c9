//! Actions on events.

pub mod list;
