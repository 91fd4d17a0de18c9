//! `stripe.getRefund`: read one refund.

use crate::{Action, Effect, Permission, Reconcile, field, get};

/// The descriptor.
pub const ACTION: Action = Action {
    name: "stripe.getRefund",
    title: "Get refund",
    about: "Gets a refund by id.",
    operation: get("refunds.retrieve"),
    effect: Effect::Read,
    permission: Permission::read("refunds"),
    reconcile: Reconcile::NotNeeded,
    fields: &[field("refundId", "refund").required().says("The refund's id.")],
    hints: &[],
    example: r#"{"refundId": "{refund}"}"#,
};
