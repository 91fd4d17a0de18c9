//! Actions on subscriptions.

pub mod cancel;
pub mod create;
pub mod get;
pub mod list;
pub mod pause;
pub mod resume;
pub mod update;
