//! Actions on credit notes.

pub mod create;
