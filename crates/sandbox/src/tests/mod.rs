//! The sandbox from outside: in-process and over sockets.

mod advancing;
mod authentication;
mod balance;
mod client;
mod deliveries;
mod faults;
mod idempotency;
mod invoicing;
mod lifetimes;
mod listing;
mod parameters;
mod payment_intents;
mod payment_methods;
mod products;
mod refunds;
mod renewals;
mod restart;
mod same_seed;
mod sockets;
mod subscribing;
mod subscription_changes;
mod subscriptions;

use crate::core::Shared;

/// Every sandbox of these tests, at its end: it watched itself, and nothing deviated.
pub(crate) fn expect_conformance(shared: &Shared) {
    if std::thread::panicking() {
        return;
    }
    let checker = shared.checker.as_ref().expect("tests open sandboxes with check_objects");
    let deviations = checker.so_far().deviations;
    assert!(deviations.is_empty(), "the sandbox deviates from the tables: {deviations:#?}");
}

/// Options of a sandbox that watches itself.
pub(crate) fn checked() -> crate::Options {
    crate::Options { check_objects: true, ..crate::Options::default() }
}

/// A sandbox on a free port of the loopback, from a random seed.
pub(crate) async fn start() -> crate::Sandbox {
    crate::Sandbox::open(checked()).await.unwrap()
}
