//! The discounts and tax rates of an invoice item.
//!
//! `tax_behavior` and `tax_code` are taken and matter to nothing here: they are for taxes
//! that Stripe reckons by itself.

use serde_json::Value;

use crate::{
    discounts::{self, Owner},
    state::Tx,
    tax_rates, value,
    wire::{Call, Refusal},
};

/// Writes what a request names of them. The item's amount must be known.
///
/// # Errors
/// What cannot be redeemed for this item, or is no tax rate.
pub(super) fn fill(tx: &mut Tx, item: &mut Value, call: &Call) -> Result<(), Refusal> {
    tax_rates::assign(tx, item, &call.params, ("tax_rates", "_tax_rates"), "")?;
    match call.params.get("discounts") {
        Some(given) => discounts(tx, item, given, "discounts"),
        None => Ok(()),
    }
}

/// Writes the discounts that a list at `at` names.
///
/// # Errors
/// Those of [`discounts::redeem_list`].
pub(super) fn discounts(tx: &mut Tx, item: &mut Value, given: &Value, at: &str) -> Result<(), Refusal> {
    let text = |field| value::text(item, field).unwrap_or_default().to_owned();
    let (id, customer, currency) = (text("id"), text("customer"), text("currency"));
    let mut known = discounts::ids(item);
    known.extend(discounts::of_customer(tx, &customer).map(|discount| value::id(&discount).to_owned()));
    let owner = Owner {
        customer: &customer,
        of: Some(("invoice_item", &id)),
        currency: Some(&currency),
        amount: Some(value::int(item, "amount")),
    };
    let ids = discounts::redeem_list(tx, given, &owner, &known, at)?;
    value::set(item, "discounts", ids);
    Ok(())
}
