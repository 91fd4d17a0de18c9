//! The sandbox from outside: in-process and over sockets.

mod advancing;
mod authentication;
mod balance;
mod belongings;
mod billing;
mod billing_portal;
mod checkout;
mod client;
mod compaction;
mod conformance;
mod credit_notes;
mod debits;
mod deliveries;
mod disputes;
mod documents;
mod emitted;
mod faults;
mod filters;
mod idempotency;
mod in_tests;
mod invoicing;
mod keys;
mod lifetimes;
mod limits;
mod listing;
mod money;
mod oauth;
mod parameters;
mod payment_intents;
mod payment_methods;
mod payouts;
mod previews;
mod products;
mod refunds;
mod renewals;
mod restart;
mod same_seed;
mod samples;
mod setup_intents;
mod sockets;
mod steering;
mod subscribing;
mod subscription_changes;
mod subscription_schedules;
mod subscription_terms;
mod subscriptions;
mod test_clocks;
mod trigger;
mod versions;
mod viewer;
mod walk;

/// A sandbox on a free port of the loopback, from a random seed.
pub(crate) async fn start() -> crate::Watched {
    crate::Watched::open(crate::Options::default()).await.unwrap()
}
