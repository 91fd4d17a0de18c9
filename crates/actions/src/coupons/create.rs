//! `stripe.createCoupon`: say how much comes off, and for how long.
//!
//! What surprises: without `duration` a coupon is for one invoice only. Stripe's list of
//! coupons filters by nothing that a request says, so after a lost answer whose event is
//! not found a person decides. Under an `id` of the caller's no second one can be made.

use crate::{Action, Effect, Hint, Permission, Reconcile, field, post};

/// The descriptor.
pub const ACTION: Action = Action {
    name: "stripe.createCoupon",
    title: "Create coupon",
    about: "Creates a coupon: a percentage or an amount that comes off what is billed, once, for some months or for \
            good. It does nothing until it is redeemed: give it in `discounts` of an invoice or a subscription.",
    operation: post("coupons.create"),
    effect: Effect::KeyedWrite,
    permission: Permission::write("coupons"),
    reconcile: Reconcile::Park,
    fields: &[
        field("percentOff", "percent_off")
            .says("The percentage that comes off, larger than 0 and at most 100. This or `amountOff`."),
        field("amountOff", "amount_off")
            .says("What comes off in minor units: 500 is 5.00 USD. This or `percentOff`."),
        field("currency", "currency").says("The currency of `amountOff`."),
        field("duration", "duration")
            .says("`once` (when left out), `repeating` for `durationInMonths`, or `forever`."),
        field("durationInMonths", "duration_in_months")
            .says("How many months. Only with `duration: repeating`."),
        field("name", "name").says("The name on invoices."),
        field("maxRedemptions", "max_redemptions")
            .says("How often it can be redeemed, by all customers together."),
        field("redeemBy", "redeem_by").says("The last time at which it can be redeemed, in Unix seconds."),
        field("metadata", "metadata").says("Custom metadata: at most 50 keys, values are text."),
    ],
    hints: &[
        Hint {
            field: "code",
            says: "What customers type is a promotion code: create the coupon, then use stripe.request with POST /v1/promotion_codes.",
        },
        Hint {
            field: "customerId",
            says: "A coupon belongs to nobody: redeem it with `discounts` of the customer's invoice or subscription.",
        },
    ],
    example: r#"{"percentOff": 25, "duration": "repeating", "durationInMonths": 3, "name": "A quarter off"}"#,
};
