//! Actions on invoices.

pub mod create;
pub mod create_item;
pub mod delete;
pub mod finalize;
pub mod get;
pub mod list;
pub mod mark_uncollectible;
pub mod pay;
pub mod preview;
pub mod send;
pub mod update;
pub mod void;
