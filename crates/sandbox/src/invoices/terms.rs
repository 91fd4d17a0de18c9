//! The discounts and default tax rates of an invoice by itself.

use serde_json::Value;

use crate::{
    discounts::{self, Owner},
    state::Tx,
    tax_rates, value,
    wire::{Call, Refusal},
};

/// Writes the discounts and tax rates that a request names on a draft. A new one that
/// names no discounts has its customer's; the empty string refuses that, too.
///
/// # Errors
/// What cannot be redeemed for this invoice, or is no tax rate.
pub(super) fn fill(tx: &mut Tx, invoice: &mut Value, call: &Call, is_new: bool) -> Result<(), Refusal> {
    let names = ("default_tax_rates", "_default_tax_rates");
    tax_rates::assign(tx, invoice, &call.params, names, "")?;
    let customer = value::text(invoice, "customer").unwrap_or_default().to_owned();
    let Some(given) = call.params.get("discounts") else {
        if is_new && discounts::ids(invoice).is_empty() {
            inherit(tx, invoice, &customer);
        }
        return Ok(());
    };
    let mut known = discounts::ids(invoice);
    known.extend(discounts::of_customer(tx, &customer).map(|discount| value::id(&discount).to_owned()));
    let (id, currency) =
        (value::id(invoice).to_owned(), value::text(invoice, "currency").unwrap_or_default());
    let owner = Owner {
        customer: &customer,
        of: Some(("invoice", &id)),
        currency: Some(currency),
        amount: (!is_new).then(|| value::int(invoice, "subtotal")),
    };
    let ids = discounts::redeem_list(tx, given, &owner, &known, "discounts")?;
    value::set(invoice, "discounts", ids);
    Ok(())
}

/// Lets an invoice have its customer's discount, if it can be had in its currency.
pub(super) fn inherit(tx: &Tx, invoice: &mut Value, customer: &str) {
    let Some(discount) = discounts::of_customer(tx, customer) else { return };
    let ids = vec![value::id(&discount).to_owned()];
    let currency = value::text(invoice, "currency").unwrap_or_default();
    if !discounts::cuts(tx, &ids, currency).is_empty() {
        value::set(invoice, "discounts", ids);
    }
}

/// A customer's discount of a single invoice has been on this one: the customer has it no
/// longer.
pub(super) fn spend(tx: &mut Tx, invoice: &Value) {
    let took = |amount: &&Value| value::int(amount, "amount") != 0;
    let amounts = invoice["total_discount_amounts"].as_array().into_iter().flatten();
    let ids: Vec<String> = amounts
        .filter(took)
        .filter_map(|amount| value::text(amount, "discount"))
        .map(str::to_owned)
        .collect();
    discounts::spend(tx, &ids);
    let customer = value::text(invoice, "customer").unwrap_or_default();
    let Some(before) = tx.find("customer", customer).cloned() else { return };
    let own = value::text(&before, "_discount").map(str::to_owned).filter(|id| ids.contains(id));
    if let Some(id) = own.filter(|id| !discounts::spent(tx, std::slice::from_ref(id)).is_empty()) {
        let mut after = before.clone();
        value::set(&mut after, "_discount", Value::Null);
        tx.change("customer.updated", &before, after);
        discounts::ended(tx, &id);
    }
}
