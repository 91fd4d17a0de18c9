//! Whether a promotion code can be redeemed, and by whom.

use serde_json::Value;

use crate::{
    coupons,
    state::Tx,
    value,
    wire::{Refusal, refusal},
};

/// Who redeems, and what for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Redeeming<'a> {
    pub(crate) customer: &'a str,
    /// What is to be paid, and in which currency, where that is known.
    pub(crate) order: Option<(i64, &'a str)>,
}

/// Whether its own time and number allow one more redemption.
pub(super) fn has_room(tx: &Tx, code: &Value) -> bool {
    let in_time = code["expires_at"].as_i64().is_none_or(|at| at > tx.now());
    in_time && code["max_redemptions"].as_i64().is_none_or(|most| value::int(code, "times_redeemed") < most)
}

/// Whether it can be redeemed at all.
pub(super) fn is_active(tx: &Tx, code: &Value) -> bool {
    let coupon = value::text(&code["promotion"], "coupon").and_then(|id| tx.find("coupon", id));
    code["active"] == true && has_room(tx, code) && coupon.is_some_and(|coupon| coupons::is_valid(tx, coupon))
}

/// Adds to a shown code whether it can be redeemed.
pub(crate) fn derive(tx: &Tx, stored: &Value, shown: &mut Value) {
    value::set(shown, "active", is_active(tx, stored));
}

/// The coupon of a shown code: as it is now, else as it was.
pub(crate) fn coupon(tx: &Tx, code: &Value) -> Value {
    let kept = tx.get(value::id(code)).map(|stored| stored["_coupon"].clone()).unwrap_or_default();
    coupons::shown(tx, value::text(&code["promotion"], "coupon"), &kept)
}

/// Refuses a word that another active code of the same customer, or of all, has.
pub(super) fn free(tx: &Tx, word: &str, customer: Option<&str>, own: Option<&str>) -> Result<(), Refusal> {
    let same = |code: &&Value| {
        value::text(code, "code").is_some_and(|other| other.eq_ignore_ascii_case(word))
            && value::text(code, "customer") == customer
            && Some(value::id(code)) != own
            && is_active(tx, code)
    };
    if tx.state().of_kind("promotion_code").any(|code| same(&code)) {
        return Err(refusal::invalid(format!(
            "An active promotion code with `code: {word}` already exists."
        ))
        .with_code("resource_already_exists")
        .with_param("code"));
    }
    Ok(())
}

/// The code that a parameter names by its id, if this customer can redeem it now.
///
/// # Errors
/// Unknown, not active, another customer's, only for a first payment, or for more.
pub(crate) fn usable(tx: &Tx, id: &str, by: &Redeeming, param: &str) -> Result<Value, Refusal> {
    let code = tx.at_param("promotion_code", id, param)?;
    let wrong = |why: &str| Err(refusal::invalid(why).with_param(param));
    if !is_active(tx, &code) {
        let why = "This promotion code is not active: it was switched off, has expired, or was redeemed as often as it can be.";
        return wrong(why);
    }
    if value::text(&code, "customer").is_some_and(|own| own != by.customer) {
        return wrong("This promotion code is for another customer.");
    }
    let restrictions = &code["restrictions"];
    if restrictions["first_time_transaction"] == true && has_paid(tx, by.customer) {
        return wrong(
            "This promotion code cannot be redeemed because the associated customer has prior transactions.",
        );
    }
    match least(restrictions, by) {
        Some(least) if by.order.is_some_and(|(amount, _)| amount < least) => wrong(
            "This promotion code cannot be redeemed: the minimum amount of its restrictions is not reached.",
        ),
        _ => Ok(code),
    }
}

/// The least amount in the currency of the order; none where the code names none in it.
fn least(restrictions: &Value, by: &Redeeming) -> Option<i64> {
    let (_, currency) = by.order?;
    if restrictions["minimum_amount_currency"] == currency {
        return restrictions["minimum_amount"].as_i64();
    }
    restrictions.get("currency_options")?.get(currency)?["minimum_amount"].as_i64()
}

fn has_paid(tx: &Tx, customer: &str) -> bool {
    let paid = |invoice: &Value| invoice["status"] == "paid" && value::int(invoice, "amount_paid") > 0;
    let charged = |charge: &Value| charge["paid"] == true;
    tx.pointing_at("invoice", customer).iter().any(paid)
        || tx.pointing_at("charge", customer).iter().any(charged)
}

/// Counts one redemption. Stripe tells of none.
pub(crate) fn redeemed(tx: &mut Tx, id: &str) {
    if let Some(mut code) = tx.find("promotion_code", id).cloned() {
        let times = value::int(&code, "times_redeemed") + 1;
        value::set(&mut code, "times_redeemed", times);
        tx.put(code);
    }
}
