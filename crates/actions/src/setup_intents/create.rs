//! `stripe.createSetupIntent`: make a payment method ready for later payments.
//!
//! What surprises: a card that is refused with `confirm: true` answers 402 and leaves the
//! setup intent behind, waiting for another card. `paymentMethodTypes` goes out as
//! `allowed_payment_method_types`, its name since endive. Only a customer tells one lost
//! setup intent from others.

use crate::{Action, Effect, Hint, Permission, Reconcile, field, get, post};

/// The descriptor.
pub const ACTION: Action = Action {
    name: "stripe.createSetupIntent",
    title: "Create setup intent",
    about: "Creates a setup intent, which saves a payment method for later payments without charging it, and with \
            `confirm` tries it at once. A refused card leaves the setup intent behind, to be confirmed with another.",
    operation: post("setupIntents.create"),
    effect: Effect::KeyedWrite,
    permission: Permission::write("setup_intents"),
    reconcile: Reconcile::ByList { operation: get("setupIntents.list"), by: &["customer"] },
    fields: &[
        field("customerId", "customer").says("The customer that the payment method is to belong to."),
        field("paymentMethod", "payment_method").says("The payment method's id."),
        field("paymentMethodTypes", "allowed_payment_method_types")
            .before("payment_method_types")
            .says("Allowed payment methods, such as `card`; everything the account has on when left out."),
        field("usage", "usage").says(
            "`off_session` (when left out) for payments without the customer, `on_session` for those with.",
        ),
        field("confirm", "confirm").says("Confirm immediately. Needs `paymentMethod`."),
        field("returnUrl", "return_url")
            .says("Where the customer's browser goes after authenticating. Only with `confirm`."),
        field("description", "description").says("Description."),
        field("metadata", "metadata").says("Custom metadata: at most 50 keys, values are text."),
    ],
    hints: &[Hint {
        field: "amount",
        says: "A setup intent takes no money: use stripe.createPaymentIntent, with `setupFutureUsage` to do both.",
    }],
    example: r#"{"customerId": "{customer}", "paymentMethodTypes": ["card"], "usage": "off_session",
                 "description": "Card for renewals"}"#,
};
