//! Actions on Checkout sessions.

pub mod create_session;
