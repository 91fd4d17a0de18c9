//! Actions on setup intents.

pub mod create;
