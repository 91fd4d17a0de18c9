//! Items that a subscription's request adds to its next invoice (`add_invoice_items`).

use serde_json::Value;

use super::{object, prorated, terms};
use crate::{
    prices,
    state::Tx,
    tax_rates, value,
    wire::{Refusal, refusal},
};

/// Stores pending items for the next invoice of a subscription, and tells of them. `at`
/// is the list's place in the request.
///
/// # Errors
/// A price that cannot be used for one payment or is of another currency.
pub(crate) fn added(tx: &mut Tx, subscription: &Value, given: &[Value], at: &str) -> Result<(), Refusal> {
    for (nth, one) in given.iter().enumerate() {
        let at = format!("{at}[{nth}]");
        let price = price(tx, one, &at)?;
        let currency = value::text(subscription, "currency").unwrap_or_default();
        if prices::in_currency(&price, currency).is_none() {
            return Err(refusal::invalid(format!(
                "The price is in {}, but the subscription is in {}.",
                value::text(&price, "currency").unwrap_or_default(),
                value::text(subscription, "currency").unwrap_or_default()
            ))
            .with_param(&format!("{at}[price]")));
        }
        let quantity = one.get("quantity").and_then(Value::as_i64).unwrap_or(1).max(0);
        let cost = prices::cost(&price, quantity, value::text(subscription, "currency").unwrap_or_default())?;
        let text = |field| value::text(subscription, field).unwrap_or_default();
        let mut item = object::fresh(tx, text("customer"), text("currency"), &cost);
        value::merge_metadata(&mut item, one.as_object().unwrap_or(&serde_json::Map::new()));
        if let Some(discountable) = one.get("discountable") {
            value::set(&mut item, "discountable", discountable.clone());
        }
        let product = value::text(&price, "product").and_then(|id| tx.get(id));
        value::set(&mut item, "description", crate::products::name_of(product));
        prorated::belongs(&mut item, value::id(subscription), None);
        let empty = serde_json::Map::new();
        let params = one.as_object().unwrap_or(&empty);
        tax_rates::assign(tx, &mut item, params, ("tax_rates", "_tax_rates"), &at)?;
        if let Some(given) = one.get("discounts") {
            terms::discounts(tx, &mut item, given, &format!("{at}[discounts]"))?;
        }
        tx.put(item.clone());
        tx.emit("invoiceitem.created", &item);
    }
    Ok(())
}

fn price(tx: &mut Tx, given: &Value, at: &str) -> Result<Value, Refusal> {
    if given.get("period").is_some() {
        let place = format!("{at}[period]");
        return Err(refusal::not_here(&format!("the parameter `{place}`")).with_param(&place));
    }
    match (value::text(given, "price"), given.get("price_data")) {
        (Some(_), Some(_)) => Err(refusal::exclusive(&format!("{at}[price]"), &format!("{at}[price_data]"))),
        (Some(id), None) => prices::usable(tx, id, "one_time", &format!("{at}[price]")),
        (None, Some(data)) => {
            let place = format!("{at}[price_data]");
            let product = value::text(data, "product").unwrap_or_default();
            let product = tx.at_param("product", product, &format!("{place}[product]"))?;
            let price = prices::of_data(tx, data, value::id(&product), &place, false)?;
            prices::tell_created(tx, &price);
            Ok(price)
        }
        (None, None) => Err(refusal::invalid(format!("Missing required param: {at}[price]."))
            .with_code("parameter_missing")
            .with_param(&format!("{at}[price]"))),
    }
}
