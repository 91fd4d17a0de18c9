//! The catalog of Stripe actions, one file per action.
//!
//! An action is a descriptor: names, requiredness, defaults and words over an
//! operation of Stripe's tables, which own types and enums. From the descriptor come
//! HTTP, MCP, CLI, console and documentation; no action mentions any of them, and
//! nothing behind the catalog is generic.

mod catalog;
pub mod describe;
mod descriptor;
mod entry;
mod example;
mod findings;
mod given;
mod ids;
mod input;
mod invalid;
mod names;
mod nested;
mod options;
mod paging;
mod permissions;
mod places;
mod plan;
mod request;
mod schema;
mod search;

#[cfg(test)]
mod harness;
#[cfg(test)]
mod plan_tests;

pub mod account;
pub mod balance;
pub mod billing_portal;
pub mod charges;
pub mod checkout;
pub mod coupons;
pub mod credit_notes;
pub mod customers;
pub mod disputes;
pub mod events;
pub mod invoices;
pub mod payment_intents;
pub mod payment_methods;
pub mod prices;
pub mod products;
pub mod refunds;
pub mod setup_intents;
pub mod subscriptions;
pub mod tax_rates;
pub mod test_clocks;

pub use catalog::{Catalog, Unfound};
pub use descriptor::{Action, Effect, Field, Hint, OperationRef, Permission, Reconcile, field, get, post};
pub use entry::Entry;
pub use invalid::{Invalid, Why};
pub use names::camel;
pub use options::CallOptions;
pub use permissions::{Needs, Nobody, Probe, Refused, Verdict};
pub use plan::{Checked, LOCKED, Plan, locks_of};
pub use search::Found;
