//! Coupons (Stripe's API, Coupons): how much comes off, for how long, of what.
//!
//! A coupon does nothing by itself: redeemed, it becomes a discount, which keeps the terms
//! of that moment. So deleting a coupon takes nothing from whoever redeemed it. Whether it
//! is `valid` depends on the time and is reckoned when it is shown.

mod create;
mod delete;
mod object;
mod update;

use crate::{
    registry::{Row, list, retrieve, run},
    wire::list::{Filter, Listing},
};

pub(crate) use object::{applies_to, currency_options, derive, is_valid, redeemed, shown, usable};

pub(crate) static ROWS: &[Row] = &[
    run(
        "coupons.create",
        &[
            "amount_off",
            "applies_to",
            "currency",
            "currency_options",
            "duration",
            "duration_in_months",
            "id",
            "max_redemptions",
            "metadata",
            "name",
            "percent_off",
            "redeem_by",
        ],
        create::run,
    ),
    retrieve("coupons.retrieve", "coupon"),
    run("coupons.update", &["currency_options", "metadata", "name"], update::run),
    run("coupons.del", &[], delete::run),
    list("coupons.list", &COUPONS),
];

static COUPONS: Listing =
    Listing { kind: "coupon", parent: None, filters: &[Filter::Within("created", "created")] };
