//! Actions on the customer portal.

pub mod create_session;
