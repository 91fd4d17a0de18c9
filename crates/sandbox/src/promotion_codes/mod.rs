//! Promotion codes (Stripe's API, Promotion codes): words that customers type to redeem a
//! coupon.
//!
//! A word is one code's at a time: no two active ones have the same, whatever the case.
//! `active` is what was said of it as long as its time, its number and its coupon allow.

mod create;
mod object;
mod update;

use crate::{
    registry::{Row, list, retrieve, run},
    value,
    wire::list::{Filter, Listing},
};

pub(crate) use object::{Redeeming, coupon, derive, redeemed, usable};

pub(crate) static ROWS: &[Row] = &[
    run(
        "promotionCodes.create",
        &[
            "active",
            "code",
            "customer",
            "expires_at",
            "max_redemptions",
            "metadata",
            "promotion",
            "restrictions",
        ],
        create::run,
    ),
    retrieve("promotionCodes.retrieve", "promotion_code"),
    run("promotionCodes.update", &["active", "metadata", "restrictions"], update::run),
    list("promotionCodes.list", &CODES),
];

static CODES: Listing = Listing {
    kind: "promotion_code",
    parent: None,
    filters: &[
        Filter::Equal("customer"),
        Filter::Equal("customer_account"),
        Filter::Within("created", "created"),
        Filter::By("active", |tx, given, code| given.as_bool() == Some(object::is_active(tx, code))),
        Filter::By("coupon", |_, given, code| code["promotion"]["coupon"] == *given),
        Filter::By("code", |_, given, code| {
            let given = given.as_str().unwrap_or_default();
            value::text(code, "code").is_some_and(|own| own.eq_ignore_ascii_case(given))
        }),
    ],
};
