//! Actions on payment intents.

pub mod cancel;
pub mod capture;
pub mod confirm;
pub mod create;
pub mod get;
pub mod list;
pub mod update;
