//! The one path of a call to Stripe: intent, limiter, credential, send, outcome,
//! reconciliation, settle.
//!
//! HTTP, CLI, MCP, console and workflow steps all come through here. A write leaves
//! only after its intent, the exact request sealed, is on disk; its outcome and what
//! follows from it are committed together.

mod begin;
mod caller;
mod cards;
mod drive;
mod failures;
mod limiter;
mod outcome;
mod pages;
mod patience;
mod permissions;
mod reconcile;
mod settle;
mod stored;
mod sweep;
mod turns;

#[cfg(test)]
mod tests;

pub use caller::{BUDGET, Call, CallError, Caller, CallerParts, Class, Ended, Settle, Transports, Watch};
pub use cards::refuse as refuse_cards;
pub use limiter::Limits;
pub use outcome::{Known, Settled};
pub use pages::{Page, Pages, Taken};
pub use permissions::{
    ASKED_AT_ONCE, ASKING, ActionReport, EventReport, PermissionReport, Report, Status, Summary,
};
pub use reconcile::Witness;
