//! `stripe.createRefund`: give money back, all of it or a part.
//!
//! Of a payment intent or of a charge. Without `amount` everything that is left. Two
//! calls under two keys are two refunds, until nothing is left.

use crate::{Action, Effect, Hint, Permission, Reconcile, field, get, post};

/// The descriptor.
pub const ACTION: Action = Action {
    name: "stripe.createRefund",
    title: "Create refund",
    about: "Refunds a payment, by its payment intent or its charge: everything that is left, or `amount` of it. \
            Stripe keeps its fee. An invoice stays paid.",
    operation: post("refunds.create"),
    effect: Effect::KeyedWrite,
    permission: Permission::write("refunds"),
    reconcile: Reconcile::ByList { operation: get("refunds.list"), by: &["payment_intent", "charge"] },
    fields: &[
        field("paymentIntentId", "payment_intent").says("The payment intent to refund. This or `chargeId`."),
        field("chargeId", "charge").says("The charge to refund. This or `paymentIntentId`."),
        field("amount", "amount").says("How much, in minor units; everything that is left when left out."),
        field("reason", "reason").says("Why; `fraudulent` also puts card and e-mail on your block lists."),
        field("metadata", "metadata").says("Custom metadata: at most 50 keys, values are text."),
    ],
    hints: &[Hint {
        field: "invoiceId",
        says: "A refund is of a payment: get the invoice with `expand: [\"payments\"]` and give its payment intent.",
    }],
    example: r#"{"paymentIntentId": "{payment_intent:succeeded}", "amount": 500, "reason": "requested_by_customer"}"#,
};
