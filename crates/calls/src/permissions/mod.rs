//! What a connection may do: found out without writing, and said of a refusal.
//!
//! The actions say what each of them needs, a connection's way says which of Stripe's
//! three systems decides and where it is granted; here both come together.

mod advice;
mod ask;
mod grant;
mod report;
#[cfg(test)]
mod tests;

pub use ask::{ASKED_AT_ONCE, ASKING};
pub use report::{ActionReport, EventReport, PermissionReport, Report, Status, Summary};
