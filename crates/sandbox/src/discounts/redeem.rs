//! Redeeming: a coupon, by itself or through a promotion code, becomes a discount.

use serde_json::Value;

use super::object;
use crate::{
    coupons,
    promotion_codes::{self, Redeeming},
    state::Tx,
    value,
    wire::{Refusal, refusal},
};

/// The most discounts of one object.
const DISCOUNTS_MAX: usize = 20;

/// Who a discount will belong to.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Owner<'a> {
    pub(crate) customer: &'a str,
    /// The field of the discount that names its owner, and its id; none for the customer.
    pub(crate) of: Option<(&'static str, &'a str)>,
    /// The currency of what will be discounted; none where that is not fixed.
    pub(crate) currency: Option<&'a str>,
    /// What is to be paid, where that is known.
    pub(crate) amount: Option<i64>,
}

/// What a list of discounts asks for: new ones, and those of `known` that it names. All
/// new ones are stored. The empty string asks for none.
///
/// # Errors
/// A coupon or code that cannot be redeemed here, a discount of somebody else's.
pub(crate) fn redeem_list(
    tx: &mut Tx,
    given: &Value,
    owner: &Owner,
    known: &[String],
    at: &str,
) -> Result<Vec<String>, Refusal> {
    let all = given.as_array().map(Vec::as_slice).unwrap_or_default();
    if all.len() > DISCOUNTS_MAX {
        return Err(
            refusal::invalid(format!("At most {DISCOUNTS_MAX} discounts can be given.")).with_param(at)
        );
    }
    let mut ids: Vec<String> = Vec::new();
    for (nth, one) in all.iter().enumerate() {
        let id = one_of_list(tx, one, owner, known, &format!("{at}[{nth}]"))?;
        if !ids.contains(&id) {
            ids.push(id);
        }
    }
    Ok(ids)
}

fn one_of_list(
    tx: &mut Tx,
    one: &Value,
    owner: &Owner,
    known: &[String],
    at: &str,
) -> Result<String, Refusal> {
    let given: Vec<&str> = ["coupon", "discount", "promotion_code"]
        .into_iter()
        .filter(|name| value::text(one, name).is_some_and(|id| !id.is_empty()))
        .collect();
    match given[..] {
        [] => Err(refusal::invalid(format!("Missing required param: {at}[coupon]."))
            .with_code("parameter_missing")
            .with_param(&format!("{at}[coupon]"))),
        ["discount"] => {
            let id = value::text(one, "discount").unwrap_or_default();
            if known.iter().any(|known| known == id) {
                return Ok(id.to_owned());
            }
            Err(refusal::missing("discount", id, &format!("{at}[discount]")))
        }
        [kind] => {
            redeem(tx, kind, value::text(one, kind).unwrap_or_default(), owner, &format!("{at}[{kind}]"))
        }
        [first, second, ..] => Err(refusal::exclusive(&format!("{at}[{first}]"), &format!("{at}[{second}]"))),
    }
}

/// A stored discount of the coupon, or of the promotion code, that a parameter names.
///
/// # Errors
/// It cannot be redeemed, or not for this owner.
pub(crate) fn redeem(
    tx: &mut Tx,
    kind: &str,
    id: &str,
    owner: &Owner,
    param: &str,
) -> Result<String, Refusal> {
    let order = owner.amount.zip(owner.currency);
    let code = match kind {
        "promotion_code" => {
            let by = Redeeming { customer: owner.customer, order };
            Some(promotion_codes::usable(tx, id, &by, param)?)
        }
        _ => None,
    };
    let coupon = match &code {
        Some(code) => value::text(&code["promotion"], "coupon").unwrap_or_default().to_owned(),
        None => id.to_owned(),
    };
    let coupon = coupons::usable(tx, &coupon, param)?;
    in_currency(&coupon, owner, param)?;
    coupons::redeemed(tx, value::id(&coupon));
    if let Some(code) = &code {
        promotion_codes::redeemed(tx, value::id(code));
    }
    let discount = object::fresh(tx, &coupon, owner, code.as_ref().map(value::id));
    let id = value::id(&discount).to_owned();
    tx.put(discount);
    Ok(id)
}

fn in_currency(coupon: &Value, owner: &Owner, param: &str) -> Result<(), Refusal> {
    let Some(currency) = owner.currency.filter(|_| !coupon["amount_off"].is_null()) else { return Ok(()) };
    if object::amount_off(coupon, currency).is_some() {
        return Ok(());
    }
    Err(refusal::invalid(format!(
        "The coupon {} takes off an amount in {}, and cannot be redeemed for what is in {currency}. Give it `currency_options`.",
        value::id(coupon),
        value::text(coupon, "currency").unwrap_or_default(),
    ))
    .with_param(param))
}
