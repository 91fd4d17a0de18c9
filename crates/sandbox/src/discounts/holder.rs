//! Who holds a discount: the customer in `_discount`, everything else in `discounts`.

use serde_json::Value;

use super::redeem::{Owner, redeem};
use crate::{
    state::Tx,
    value,
    wire::{Call, Refusal, refusal},
};

/// The customer's discount, while it lasts.
pub(crate) fn of_customer(tx: &Tx, customer: &str) -> Option<Value> {
    let customer = tx.find("customer", customer)?;
    let discount = tx.get(value::text(customer, "_discount")?)?;
    (!super::is_over(tx, discount)).then(|| discount.clone())
}

/// What has become of a customer's discount, to be told once the customer is stored.
#[derive(Debug)]
pub(crate) enum Change {
    Given(String),
    Replaced(String, String),
    Taken(String),
}

impl Change {
    /// Tells of it.
    pub(crate) fn tell(self, tx: &mut Tx) {
        let get = |tx: &Tx, id: &str| tx.get(id).cloned().unwrap_or_default();
        match self {
            Self::Given(id) => {
                let discount = get(tx, &id);
                tx.emit("customer.discount.created", &discount);
            }
            Self::Replaced(before, id) => {
                let (before, after) = (get(tx, &before), get(tx, &id));
                let (before, after) = (tx.seen(&before), tx.seen(&after));
                tx.emit_seen("customer.discount.updated", &after, Some(&before));
            }
            Self::Taken(id) => ended(tx, &id),
        }
    }
}

/// Gives a customer the discount that the parameters of older releases name, or takes it.
/// Newer releases have no parameters for it (Stripe's changelog, 2025-03-31.basil).
///
/// # Errors
/// Both are given, or what is given cannot be redeemed.
pub(crate) fn set_of_customer(
    tx: &mut Tx,
    customer: &mut Value,
    call: &Call,
) -> Result<Option<Change>, Refusal> {
    let given = ["coupon", "promotion_code"].map(|name| call.params.get(name).and_then(Value::as_str));
    let (kind, wanted) = match given {
        [None, None] => return Ok(None),
        [Some(_), Some(_)] => return Err(refusal::exclusive("coupon", "promotion_code")),
        [Some(coupon), None] => ("coupon", coupon),
        [None, Some(code)] => ("promotion_code", code),
    };
    let before = of_customer(tx, value::id(customer)).map(|discount| value::id(&discount).to_owned());
    if wanted.is_empty() {
        value::set(customer, "_discount", Value::Null);
        return Ok(before.map(Change::Taken));
    }
    let currency = value::text(customer, "currency");
    let owner = Owner { customer: value::id(customer), of: None, currency, amount: None };
    let id = redeem(tx, kind, wanted, &owner, kind)?;
    value::set(customer, "_discount", id.clone());
    Ok(Some(match before {
        None => Change::Given(id),
        Some(before) => {
            mark_over(tx, &before);
            Change::Replaced(before, id)
        }
    }))
}

/// Marks a discount as one that its owner has no longer: its time has come, or it was
/// spent, or somebody took it away.
pub(super) fn mark_over(tx: &mut Tx, id: &str) {
    if let Some(mut discount) = tx.get(id).cloned() {
        let expired = discount.get("_spent").is_some() || super::is_over(tx, &discount);
        value::set(&mut discount, "_over", if expired { "expired" } else { "removed" });
        tx.put(discount);
    }
}

/// Ends a discount that its owner has already let go of, and tells of it.
pub(crate) fn ended(tx: &mut Tx, id: &str) {
    let Some(discount) = tx.get(id).cloned() else { return };
    mark_over(tx, id);
    tx.emit("customer.discount.deleted", &discount);
}
