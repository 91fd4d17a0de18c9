//! `stripe.getCharge`: read one charge.
//!
//! What Stripe took for it stands on its balance transaction.

use crate::{Action, Effect, Permission, Reconcile, field, get};

/// The descriptor.
pub const ACTION: Action = Action {
    name: "stripe.getCharge",
    title: "Get charge",
    about: "Gets a charge by id. The fee is included with `expand: [\"balance_transaction\"]`.",
    operation: get("charges.retrieve"),
    effect: Effect::Read,
    permission: Permission::read("charges"),
    reconcile: Reconcile::NotNeeded,
    fields: &[field("chargeId", "charge").required().says("The charge's id.")],
    hints: &[],
    example: r#"{"chargeId": "{charge}"}"#,
};
