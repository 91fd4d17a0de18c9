//! The discounts and default tax rates of a subscription, and what discounts leave of an
//! item's cost.
//!
//! A subscription's own discounts stand in for its customer's. One of a single invoice is
//! spent on the first invoice that it takes something off; it stays on the subscription to
//! the end of that period, so that a change within the period is credited and debited at
//! the same discount. `_with` on an item holds the discounts that its period was billed
//! with: a change prorates with them even when their time has come since, but not when
//! somebody took them away.

use serde_json::{Map, Value};

use super::{items, object};
use crate::{
    discounts::{
        self, Owner,
        apply::{Priced, Taken, apply},
    },
    state::Tx,
    tax_rates, value,
    wire::{Call, Refusal},
};

/// Writes the discounts and tax rates that a request names.
///
/// # Errors
/// What cannot be redeemed for this subscription, or is no tax rate.
pub(super) fn fill(tx: &mut Tx, subscription: &mut Value, call: &Call) -> Result<(), Refusal> {
    let names = ("default_tax_rates", "_default_tax_rates");
    tax_rates::assign(tx, subscription, &call.params, names, "")?;
    let Some(given) = call.params.get("discounts") else { return Ok(()) };
    let text = |field| value::text(subscription, field).unwrap_or_default().to_owned();
    let (id, customer, currency) = (text("id"), text("customer"), text("currency"));
    let mut known = discounts::ids(subscription);
    known.extend(discounts::of_customer(tx, &customer).map(|discount| value::id(&discount).to_owned()));
    let of = Some(("subscription", id.as_str()));
    let owner = Owner { customer: &customer, of, currency: Some(&currency), amount: None };
    let ids = discounts::redeem_list(tx, given, &owner, &known, "discounts")?;
    value::set(subscription, "discounts", ids);
    Ok(())
}

/// Tells of the discounts that a subscription has now and had not before, and ends those
/// that it had.
pub(super) fn tell(tx: &mut Tx, before: &[String], now: &[String]) {
    for id in now.iter().filter(|id| !before.contains(id)) {
        if let Some(discount) = tx.get(id).cloned() {
            tx.emit("customer.discount.created", &discount);
        }
    }
    for id in before.iter().filter(|id| !now.contains(id)) {
        if tx.get(id).is_some_and(|discount| !discount["subscription"].is_null()) {
            discounts::ended(tx, id);
        }
    }
}

/// Writes the discounts and tax rates that a request names for an item at `at`.
///
/// # Errors
/// What cannot be redeemed for this item, or is no tax rate.
pub(super) fn fill_item(
    tx: &mut Tx,
    subscription: &Value,
    item: &mut Value,
    given: &Value,
    at: &str,
) -> Result<(), Refusal> {
    if object::price_of(tx, item)["currency"] != subscription["currency"] {
        // The item is billed by the price's terms in the subscription's currency.
        value::set(item, "_currency", subscription["currency"].clone());
    }
    let empty = Map::new();
    let params = given.as_object().unwrap_or(&empty);
    tax_rates::assign(tx, item, params, ("tax_rates", "_tax_rates"), at)?;
    let Some(given) = params.get("discounts") else { return Ok(()) };
    let id = value::id(item).to_owned();
    let customer = value::text(subscription, "customer").unwrap_or_default();
    let mut known = discounts::ids(item);
    known.extend(discounts::ids(subscription));
    let owner = Owner {
        customer,
        of: Some(("subscription_item", &id)),
        currency: value::text(subscription, "currency"),
        amount: None,
    };
    let ids = discounts::redeem_list(tx, given, &owner, &known, &items::place(at, "discounts"))?;
    value::set(item, "discounts", ids);
    Ok(())
}

/// The discounts that are on the whole of a subscription now, spent ones included.
fn in_effect(tx: &Tx, subscription: &Value) -> Vec<String> {
    let own = discounts::ids(subscription);
    if own.is_empty() {
        let customer = value::text(subscription, "customer").unwrap_or_default();
        return discounts::of_customer(tx, customer).iter().map(|one| value::id(one).to_owned()).collect();
    }
    lasting(tx, own)
}

fn lasting(tx: &Tx, ids: Vec<String>) -> Vec<String> {
    ids.into_iter()
        .filter(|id| tx.get(id).is_some_and(|discount| !discounts::is_over(tx, discount)))
        .collect()
}

fn unspent(tx: &Tx, ids: Vec<String>) -> Vec<String> {
    let spent = discounts::spent(tx, &ids);
    ids.into_iter().filter(|id| !spent.contains(id)).collect()
}

/// The discounts of an item by itself that a new line of it has.
pub(super) fn of_line(tx: &Tx, item: &Value) -> Vec<String> {
    unspent(tx, lasting(tx, discounts::ids(item)))
}

/// Puts on a draft what its subscription has.
pub(super) fn put_on(tx: &Tx, subscription: &Value, invoice: &mut Value) {
    let ids = unspent(tx, in_effect(tx, subscription));
    value::set(invoice, "discounts", ids);
    value::set(invoice, "_default_tax_rates", tax_rates::ids(subscription, "_default_tax_rates"));
}

/// Remembers on the billed items which discounts their period was billed with, and spends
/// those of a single invoice.
pub(super) fn remember(tx: &mut Tx, subscription: &Value, billed: &[Value], invoice: &Value) {
    for item in billed {
        let with = [discounts::ids(invoice), of_line(tx, item)].concat();
        if let Some(mut item) = tx.get(value::id(item)).cloned()
            && (!with.is_empty() || item.get("_with").is_some())
        {
            value::set(&mut item, "_with", with);
            tx.put(item);
        }
    }
    if subscription["status"] != "trialing" {
        let took = |amount: &&Value| value::int(amount, "amount") != 0;
        let amounts = invoice["total_discount_amounts"].as_array().into_iter().flatten().filter(took);
        let ids: Vec<String> =
            amounts.filter_map(|amount| value::text(amount, "discount")).map(str::to_owned).collect();
        discounts::spend(tx, &ids);
    }
}

/// A new period begins: discounts of a single invoice that were spent are over. Returns
/// the subscription without them.
pub(super) fn begin_period(tx: &mut Tx, subscription: Value) -> Value {
    for item in object::items(tx, &subscription) {
        let own = discounts::ids(&item);
        let spent = discounts::spent(tx, &own);
        if !spent.is_empty() {
            let mut after = item.clone();
            let left: Vec<String> = own.into_iter().filter(|id| !spent.contains(id)).collect();
            value::set(&mut after, "discounts", left);
            tx.put(after);
        }
    }
    let own = discounts::ids(&subscription);
    let spent = discounts::spent(tx, &own);
    if spent.is_empty() {
        return subscription;
    }
    let left: Vec<String> = own.iter().filter(|id| !spent.contains(id)).cloned().collect();
    let mut after = subscription;
    value::set(&mut after, "discounts", left.clone());
    tx.put(after.clone());
    tell(tx, &own, &left);
    after
}

/// What discounts leave of what an item costs for a whole period, and what each takes.
pub(super) fn net(tx: &Tx, subscription: &Value, item: &Value, cost: i64) -> (i64, Vec<(String, i64)>) {
    let currency = value::text(subscription, "currency").unwrap_or_default();
    let with = still(tx, tax_rates::ids(item, "_with"));
    let own = joined(discounts::ids(item), lasting(tx, discounts::ids(item)), &with);
    let whole = joined(with.clone(), in_effect(tx, subscription), &with);
    let whole: Vec<String> = whole.into_iter().filter(|id| !own.contains(id)).collect();
    let mut all = object::items(tx, subscription);
    let place = all.iter().position(|one| one["id"] == item["id"]).unwrap_or_else(|| {
        all.push(item.clone());
        all.len() - 1
    });
    all[place] = item.clone();
    let priced: Vec<Priced> = all
        .iter()
        .enumerate()
        .map(|(nth, one)| priced(tx, one, (nth == place).then_some((cost, &own[..])), currency))
        .collect();
    let taken = apply(&priced, &discounts::cuts(tx, &whole, currency)).swap_remove(place);
    (cost - Taken::sum(&taken), taken.all().cloned().collect())
}

/// Those that nobody has taken away.
fn still(tx: &Tx, ids: Vec<String>) -> Vec<String> {
    let removed =
        |id: &String| tx.get(id).is_some_and(|discount| discount.get("_over") == Some(&"removed".into()));
    ids.into_iter().filter(|id| !removed(id)).collect()
}

/// Those of the first that were billed or last, and whatever else lasts.
fn joined(first: Vec<String>, lasting: Vec<String>, billed: &[String]) -> Vec<String> {
    let mut all: Vec<String> =
        first.into_iter().filter(|id| billed.contains(id) || lasting.contains(id)).collect();
    for id in lasting {
        if !all.contains(&id) {
            all.push(id);
        }
    }
    all
}

fn priced(tx: &Tx, item: &Value, given: Option<(i64, &[String])>, currency: &str) -> Priced {
    let own = lasting(tx, discounts::ids(item));
    let (amount, own) = match given {
        Some((amount, own)) => (amount, own.to_vec()),
        None => (items::cost(tx, item).map_or(0, |cost| cost.amount), own),
    };
    let price = object::price_of(tx, item);
    Priced {
        amount,
        discountable: true,
        product: value::text(&price, "product").map(str::to_owned),
        own: discounts::cuts(tx, &own, currency),
    }
}
