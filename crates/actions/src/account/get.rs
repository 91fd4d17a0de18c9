//! `stripe.getAccount`: the account that the connection belongs to.

use crate::{Action, Effect, Permission, Reconcile, get};

/// The descriptor.
pub const ACTION: Action = Action {
    name: "stripe.getAccount",
    title: "Get account",
    about: "Gets the account that the connection belongs to: its id, country and default currency. With \
            `stripeAccount` the connected account.",
    operation: get("accounts.retrieveCurrent"),
    effect: Effect::Read,
    permission: Permission::read("account"),
    reconcile: Reconcile::NotNeeded,
    fields: &[],
    hints: &[],
    example: "{}",
};
