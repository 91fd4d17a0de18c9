//! `stripe.getBalance`: what the account has.
//!
//! Amounts are lists with one entry a currency, never a single number.

use crate::{Action, Effect, Permission, Reconcile, get};

/// The descriptor.
pub const ACTION: Action = Action {
    name: "stripe.getBalance",
    title: "Get balance",
    about: "Gets the account's balance: what is `available` and what is `pending`, each one entry a currency.",
    operation: get("balance.retrieve"),
    effect: Effect::Read,
    permission: Permission::read("balance"),
    reconcile: Reconcile::NotNeeded,
    fields: &[],
    hints: &[],
    example: "{}",
};
