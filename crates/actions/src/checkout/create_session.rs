//! `stripe.createCheckoutSession`: a page on which a customer pays, subscribes or saves a
//! payment method.
//!
//! Nothing is charged by the call: the customer completes the session at its `url`, and
//! `checkout.session.completed` tells of it. Two calls under two keys are two sessions.

use crate::{Action, Effect, Hint, Permission, Reconcile, field, get, post};

/// The descriptor.
pub const ACTION: Action = Action {
    name: "stripe.createCheckoutSession",
    title: "Create Checkout session",
    about: "Creates a Checkout session and answers its `url`, where the customer pays, subscribes or saves a payment \
            method. Nothing is charged before the customer completes it.",
    operation: post("checkout.sessions.create"),
    effect: Effect::KeyedWrite,
    permission: Permission::write("checkout_sessions"),
    reconcile: Reconcile::ByList { operation: get("checkout.sessions.list"), by: &["customer"] },
    fields: &[
        field("mode", "mode").required().says("`payment`, `subscription` or `setup`."),
        field("lineItems", "line_items")
            .says("What is bought: `[{price: price_…, quantity: 1}]`. Needed unless `mode` is `setup`."),
        field("successUrl", "success_url").says(
            "Where the customer goes afterwards; `{CHECKOUT_SESSION_ID}` in it becomes the session's id.",
        ),
        field("cancelUrl", "cancel_url").says("Where the customer goes who does not want to."),
        field("customerId", "customer").says("An existing customer; this or `customerEmail`."),
        field("customerEmail", "customer_email").says("The e-mail address that the page shows."),
        field("clientReferenceId", "client_reference_id")
            .says("Your own id, which comes back with the events."),
        field("subscriptionData", "subscription_data")
            .says("With `mode: subscription`: `{trialPeriodDays: 14, metadata: {…}}`."),
        field("paymentIntentData", "payment_intent_data")
            .says("With `mode: payment`: `{description: …, metadata: {…}}`."),
        field("expiresAt", "expires_at")
            .says("Unix seconds, 30 minutes to 24 hours from now; 24 hours when left out."),
        field("metadata", "metadata").says("Custom metadata: at most 50 keys, values are text."),
    ],
    hints: &[
        Hint { field: "amount", says: "Give `lineItems`: the amount is that of their prices." },
        Hint { field: "price", says: "Give `lineItems: [{price: price_…, quantity: 1}]`." },
    ],
    example: r#"{"mode": "subscription", "customerId": "{customer}", "lineItems": [{"price": "{price}", "quantity": 1}],
                 "successUrl": "https://example.com/welcome"}"#,
};
