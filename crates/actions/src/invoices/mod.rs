//! Actions on invoices.

pub mod create;
pub mod create_item;
pub mod finalize;
pub mod get;
pub mod list;
pub mod send;
pub mod void;
