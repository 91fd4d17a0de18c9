//! A Stripe that runs here: stateful, seeded, on its own clock.
//!
//! It speaks the wire of `stripe` through the same fact tables and shares nothing
//! else with the rest of Bursar: no actions, no store, no server. It never reads
//! the machine's clock or randomness by itself; both are [`Options`].
//!
//! What would surprise: every request runs to its end under one lock and leaves as
//! one [record](state::Record), so an object, its events, its idempotency record and
//! its deliveries are all there or not at all. A refusal drops what was changed on
//! the way, except where Stripe itself leaves something behind (a declined payment).

// Stripe's objects have more fields than `json!` recurses by default.
#![recursion_limit = "256"]
// No float touches money.
#![deny(clippy::float_arithmetic)]

mod account;
mod balance;
mod billing_portal;
mod charges;
mod checkout;
mod clock;
mod conformance;
mod control;
mod core;
mod coupons;
mod credit_notes;
mod currency;
mod customers;
mod deliveries;
mod discounts;
mod disputes;
mod events;
mod faults;
mod hosted;
mod ids;
mod invoice_items;
mod invoices;
mod journal;
mod keys;
mod limits;
mod money;
mod oauth;
mod options;
mod page;
mod payment_intents;
mod payment_methods;
mod payments;
mod payouts;
mod percent;
mod plans;
mod prices;
mod products;
mod promotion_codes;
mod refunds;
mod registry;
mod sandbox;
mod schedule;
mod search;
mod settings;
mod setup_intents;
mod start;
mod state;
mod subscription_items;
mod subscription_schedules;
mod subscriptions;
mod tax_rates;
mod test_clocks;
mod testing;
mod value;
mod versions;
mod viewer;
mod webhook_endpoints;
mod wire;

#[cfg(test)]
mod tests;

pub use conformance::{Conformance, Watched};
pub use control::triggers;
pub use deliveries::Delivery;
pub use events::event_types;
pub use faults::Fault;
pub use journal::{JournalEntry, Ran};
pub use limits::Limits;
pub use oauth::{Exchange, Kind as OAuthKind, OAuth};
pub use options::{OpenError, Options};
pub use sandbox::{Hook, Sandbox};
pub use settings::{AfterRetries, Deliveries, Settings};
pub use state::Snapshot;
pub use testing::{Delivered, days, hours};
