//! `stripe.createSubscription`: bill a customer again and again.
//!
//! The first invoice is finalized and paid inside the call. A refused card is no error
//! unless `paymentBehavior` says so: the subscription is there, `incomplete`, and an
//! hour short of a day is left to pay it.

use crate::{Action, Effect, Hint, Permission, Reconcile, field, get, post};

/// The descriptor.
pub const ACTION: Action = Action {
    name: "stripe.createSubscription",
    title: "Create subscription",
    about: "Subscribes a customer to prices and collects the first invoice at once. If that payment fails the \
            subscription exists and is `incomplete`; `paymentBehavior: error_if_incomplete` refuses instead.",
    operation: post("subscriptions.create"),
    effect: Effect::KeyedWrite,
    permission: Permission::write("subscriptions"),
    reconcile: Reconcile::ByList { operation: get("subscriptions.list"), by: &["customer"] },
    fields: &[
        field("customerId", "customer").required().says("Customer ID."),
        field("items", "items")
            .required()
            .says("Subscription items with price IDs: `[{price: price_…, quantity: 1}]`."),
        field("defaultPaymentMethod", "default_payment_method")
            .says("Default payment method; the customer's own default when left out."),
        field("collectionMethod", "collection_method").says("`charge_automatically` or `send_invoice`."),
        field("daysUntilDue", "days_until_due").says("Days until due (for `send_invoice`)."),
        field("trialPeriodDays", "trial_period_days").says("Trial period in days."),
        field("cancelAtPeriodEnd", "cancel_at_period_end").says("Cancel at period end."),
        field("prorationBehavior", "proration_behavior")
            .says("`create_prorations`, `none`, `always_invoice`."),
        field("metadata", "metadata").says("Custom metadata: at most 50 keys, values are text."),
    ],
    hints: &[
        Hint { field: "price", says: ITEMS },
        Hint { field: "priceId", says: ITEMS },
        Hint { field: "quantity", says: ITEMS },
        Hint { field: "trialDays", says: "Give `trialPeriodDays`, or `trialEnd` as Unix seconds." },
        Hint { field: "coupon", says: "Since Stripe's version basil give `discounts: [{coupon: …}]`." },
    ],
    example: r#"{"customerId": "{customer:paying}", "items": [{"price": "{price}", "quantity": 2}],
                 "metadata": {"team": "ops"}}"#,
};

const ITEMS: &str = "What is subscribed to goes in `items: [{price: price_…, quantity: 1}]`.";
