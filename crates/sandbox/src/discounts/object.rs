//! The discount object, and what it takes off.
//!
//! Stored beside Stripe's fields: `_coupon` (the coupon as it was redeemed), `_over` (why its
//! owner has it no longer), `_spent` (a discount of one invoice has been on it).

use jiff::{Span, Timestamp, tz::Offset};
use serde_json::{Value, json};

use super::{
    apply::{Cut, Off},
    redeem::Owner,
};
use crate::{coupons, percent::Percent, state::Tx, tax_rates, value};

/// A discount of a coupon, from now on.
pub(super) fn fresh(tx: &mut Tx, coupon: &Value, owner: &Owner, code: Option<&str>) -> Value {
    let id = tx.ids().object("di");
    let now = tx.now();
    let end = (coupon["duration"] == "repeating")
        .then(|| months_later(now, value::int(coupon, "duration_in_months")));
    let mut discount = json!({
        "id": id,
        "object": "discount",
        "checkout_session": null,
        "customer": owner.customer,
        "customer_account": null,
        "end": end,
        "invoice": null,
        "invoice_item": null,
        "promotion_code": code,
        "source": {"coupon": coupon["id"], "type": "coupon"},
        "start": now,
        "subscription": null,
        "subscription_item": null,
        "_coupon": coupon,
    });
    let clock = tx.test_clock();
    if !clock.is_null() {
        value::set(&mut discount, "_test_clock", clock);
    }
    if let Some((field, id)) = owner.of {
        value::set(&mut discount, field, id);
    }
    discount
}

/// So many months later; beyond the calendar's end never.
fn months_later(at: i64, months: i64) -> i64 {
    let later = || {
        let day = Offset::UTC.to_datetime(Timestamp::from_second(at).ok()?);
        let later = day.checked_add(Span::new().try_months(months).ok()?).ok()?;
        Offset::UTC.to_timestamp(later).ok().map(Timestamp::as_second)
    };
    later().unwrap_or(i64::MAX)
}

/// The ids of an object's discounts.
pub(crate) fn ids(object: &Value) -> Vec<String> {
    tax_rates::ids(object, "discounts")
}

/// Whether its owner has it no longer, or its time has come.
pub(crate) fn is_over(tx: &Tx, discount: &Value) -> bool {
    discount.get("_over").is_some() || discount["end"].as_i64().is_some_and(|end| end <= tx.now())
}

/// The coupon of a shown discount: as it is now, else as it was redeemed.
pub(crate) fn coupon(tx: &Tx, discount: &Value) -> Value {
    let kept = tx.get(value::id(discount)).map(|stored| stored["_coupon"].clone()).unwrap_or_default();
    coupons::shown(tx, value::text(&discount["source"], "coupon"), &kept)
}

/// What discounts take off in a currency. One of an amount in other currencies only takes
/// nothing.
pub(crate) fn cuts(tx: &Tx, ids: &[String], currency: &str) -> Vec<Cut> {
    ids.iter().filter_map(|id| cut(tx.get(id)?, currency)).collect()
}

fn cut(discount: &Value, currency: &str) -> Option<Cut> {
    let coupon = &discount["_coupon"];
    let off = match Percent::read(&coupon["percent_off"]) {
        Some(percent) => Off::Percent(percent),
        None => Off::Amount(amount_off(coupon, currency)?),
    };
    let products = coupon.get("_products").map(|_| tax_rates::ids(coupon, "_products"));
    Some(Cut { discount: value::id(discount).to_owned(), off, products })
}

/// What a coupon of an amount takes off in this currency.
pub(super) fn amount_off(coupon: &Value, currency: &str) -> Option<i64> {
    coupons::currency_options(coupon)?.get(currency)?["amount_off"].as_i64()
}
