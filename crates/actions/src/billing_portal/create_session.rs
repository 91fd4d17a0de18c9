//! `stripe.createCustomerPortalSession`: a page on which a customer looks after its own
//! billing.
//!
//! The address is good for one customer and a short time. Stripe lists no such sessions, so
//! after a lost answer a person decides; making another changes nothing for anybody.

use crate::{Action, Effect, Hint, Permission, Reconcile, field, post};

/// The descriptor.
pub const ACTION: Action = Action {
    name: "stripe.createCustomerPortalSession",
    title: "Create customer portal session",
    about: "Creates a customer portal session and answers its `url`, where the customer sees invoices, changes the \
            payment method and cancels subscriptions, as the portal's configuration allows.",
    operation: post("billingPortal.sessions.create"),
    effect: Effect::KeyedWrite,
    permission: Permission::write("billing_portal_sessions"),
    reconcile: Reconcile::Park,
    fields: &[
        field("customerId", "customer").required().says("The customer who is led to the page."),
        field("returnUrl", "return_url").says("Where the page's link back leads."),
        field("configuration", "configuration")
            .says("The id of the portal's configuration (`bpc_…`); the default one when left out."),
        field("flowData", "flow_data").says(
            "What to begin with: `{type: payment_method_update}`, or `{type: subscription_cancel, subscriptionCancel: \
             {subscription: sub_…}}`.",
        ),
        field("locale", "locale").says("The page's language, such as `de`; the browser's when left out."),
    ],
    hints: &[Hint {
        field: "subscriptionId",
        says: "Give `flowData: {type: subscription_cancel, subscriptionCancel: {subscription: sub_…}}`.",
    }],
    example: r#"{"customerId": "{customer}", "returnUrl": "https://example.com/account"}"#,
};
