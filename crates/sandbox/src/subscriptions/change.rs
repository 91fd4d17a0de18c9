//! Changes of items, and their bill.
//!
//! Prorations wait for the next invoice unless `always_invoice` asks for one now. A
//! price of another interval begins a new period, which is billed now in any case.

use serde_json::{Map, Value};

use super::{anchor, billing, create, discounted, items, object, proration, update::restart};
use crate::{
    state::Tx,
    value,
    wire::{Call, Refusal, refusal},
};

/// How a change of items is billed.
pub(crate) struct Terms {
    proration: String,
    payment: String,
    at: i64,
    /// Every period begins anew.
    restarts: bool,
}

impl Terms {
    /// The terms that a request names.
    ///
    /// # Errors
    /// None any more.
    pub(crate) fn of(tx: &Tx, call: &Call) -> Result<Self, Refusal> {
        let payment = call.text("payment_behavior").unwrap_or("allow_incomplete");
        let anchor = call.params.get("billing_cycle_anchor");
        let at = call.int("proration_date").unwrap_or_else(|| tx.now());
        Ok(Self {
            proration: call.text("proration_behavior").unwrap_or("create_prorations").to_owned(),
            payment: payment.to_owned(),
            at,
            restarts: anchor.is_some_and(|anchor| anchor["type"] == "now"),
        })
    }

    pub(crate) fn restarts(&self) -> bool {
        self.restarts
    }

    pub(crate) fn prorates(&self) -> bool {
        self.proration != "none"
    }
}

/// Changes, adds and removes items as a request lists them at `at`. Returns those whose
/// period began anew and is to be billed.
///
/// # Errors
/// An item that is not the subscription's, a price that does not fit, no item left.
pub(crate) fn change_items(
    tx: &mut Tx,
    id: &str,
    given: &[Value],
    at: &str,
    terms: &Terms,
) -> Result<Vec<String>, Refusal> {
    within_a_period(tx, id, terms.at)?;
    let mut restarted = Vec::new();
    for (nth, wanted) in given.iter().enumerate() {
        let place = if at.is_empty() { String::new() } else { format!("{at}[{nth}]") };
        items::check(wanted, &place)?;
        let subscription = tx.at_path("subscription", id)?;
        match (value::text(wanted, "id"), wanted["deleted"] == true) {
            (None, _) => add(tx, subscription, wanted, &place, terms)?,
            (Some(item), deleted) => {
                let item = own(tx, &subscription, item, &items::place(&place, "id"))?;
                if deleted {
                    remove(tx, subscription, &item, terms)?;
                } else if change(tx, &subscription, &item, wanted, &place, terms)? {
                    restarted.push(value::id(&item).to_owned());
                }
            }
        }
    }
    let mut subscription = tx.at_path("subscription", id)?;
    let left = object::items(tx, &subscription);
    items::together(tx, &subscription)?;
    if left.len() == restarted.len() {
        anchor::set(&mut subscription, tx.now());
    }
    object::note_period(tx, &mut subscription);
    tx.put(subscription);
    Ok(restarted)
}

/// Time is credited and debited within a present period only.
fn within_a_period(tx: &Tx, id: &str, at: i64) -> Result<(), Refusal> {
    let subscription = tx.at_path("subscription", id)?;
    let present = |item: &Value| {
        (value::int(item, "current_period_start")..=value::int(item, "current_period_end")).contains(&at)
    };
    if at == tx.now() || object::items(tx, &subscription).iter().any(present) {
        return Ok(());
    }
    Err(refusal::invalid("Cannot specify a proration date outside of the subscription's current period.")
        .with_param("proration_date"))
}

fn own(tx: &Tx, subscription: &Value, item: &str, param: &str) -> Result<Value, Refusal> {
    let item = tx.at_param("subscription_item", item, param)?;
    if item["subscription"] != subscription["id"] {
        return Err(refusal::missing("subscription_item", value::id(&item), param));
    }
    Ok(item)
}

/// Whether time on this subscription costs anything now.
fn is_billed(subscription: &Value) -> bool {
    subscription["status"] != "trialing"
}

fn add(tx: &mut Tx, mut subscription: Value, wanted: &Value, at: &str, terms: &Terms) -> Result<(), Refusal> {
    let mut item = items::item(tx, &subscription, wanted, at)?;
    if is_billed(&subscription) {
        proration::join_period(tx, &mut item, anchor::base(&subscription));
        if terms.prorates() {
            proration::debit(tx, &subscription, &item, terms.at)?;
            let cost = items::cost(tx, &item)?;
            value::set(&mut item, "_billed", cost.amount);
        }
    } else {
        let end = value::int(&subscription, "trial_end");
        value::set(&mut item, "_anchor", end);
        value::set(&mut item, "current_period_end", end);
    }
    object::add(tx, &mut subscription, item);
    tx.put(subscription);
    Ok(())
}

fn remove(tx: &mut Tx, mut subscription: Value, item: &Value, terms: &Terms) -> Result<(), Refusal> {
    if is_billed(&subscription) && terms.prorates() {
        proration::credit(tx, &subscription, item, terms.at)?;
    }
    let mut ids = subscription["_items"].as_array().cloned().unwrap_or_default();
    ids.retain(|id| *id != item["id"]);
    value::set(&mut subscription, "_items", ids);
    tx.remove(value::id(item));
    tx.put(subscription);
    Ok(())
}

/// Changes one item. Returns whether its period began anew.
fn change(
    tx: &mut Tx,
    subscription: &Value,
    before: &Value,
    wanted: &Value,
    at: &str,
    terms: &Terms,
) -> Result<bool, Refusal> {
    let mut after = before.clone();
    let old = object::price_of(tx, before);
    let mut new = old.clone();
    if !names_same_price(wanted, &old)
        && let Some(price) = items::price(tx, wanted, at)?
    {
        items::same_currency(subscription, &price, at)?;
        value::set(&mut after, "_price", value::id(&price));
        new = price;
    }
    if let Some(quantity) = items::quantity(wanted, at)? {
        value::set(&mut after, "quantity", quantity);
    }
    value::merge_metadata(&mut after, wanted.as_object().unwrap_or(&Map::new()));
    discounted::fill_item(tx, subscription, &mut after, wanted, at)?;
    let same = after["_price"] == before["_price"] && after["quantity"] == before["quantity"];
    let restarts = !same && is_billed(subscription) && (rhythm(&old) != rhythm(&new) || terms.restarts);
    if !same && is_billed(subscription) {
        if terms.prorates() {
            proration::credit(tx, subscription, before, terms.at)?;
        }
        if restarts {
            restart(tx, &mut after)?;
        } else if terms.prorates() {
            proration::debit(tx, subscription, &after, terms.at)?;
            let cost = items::cost(tx, &after)?;
            value::set(&mut after, "_billed", cost.amount);
        }
    }
    tx.put(after);
    Ok(restarts)
}

/// Whether an item names the price that it has already, which may be archived.
fn names_same_price(wanted: &Value, old: &Value) -> bool {
    ["price", "plan"].iter().any(|name| wanted.get(*name).is_some_and(|id| *id == old["id"]))
}

fn rhythm(price: &Value) -> (&Value, &Value) {
    (&price["recurring"]["interval"], &price["recurring"]["interval_count"])
}

/// Bills now what is to be billed now.
pub(crate) fn bill(tx: &mut Tx, id: &str, begun: Vec<String>, terms: &Terms) -> Result<(), Refusal> {
    let subscription = tx.at_path("subscription", id)?;
    let customer = value::text(&subscription, "customer").unwrap_or_default();
    let pending =
        |item: &Value| item["invoice"].is_null() && item.get("_subscription") == subscription.get("id");
    let now =
        terms.proration == "always_invoice" && tx.pointing_at("invoiceitem", customer).iter().any(pending);
    if begun.is_empty() && !now {
        return Ok(());
    }
    let billed: Vec<Value> = begun.iter().filter_map(|id| tx.get(id)).cloned().collect();
    let mut invoice = billing::draft(tx, &subscription, "subscription_update", &billed)?;
    let sent = subscription["collection_method"] == "send_invoice";
    let due = value::int(&invoice, "amount_due") > 0;
    let waits = terms.payment == "default_incomplete";
    if terms.payment == "error_if_incomplete" && due && !sent && !object::can_be_charged(tx, &subscription) {
        return Err(create::nothing_to_charge());
    }
    if terms.prorates() {
        invoice["parent"]["subscription_details"]["subscription_proration_date"] = terms.at.into();
    }
    tx.put(invoice.clone());
    super::latest(tx, id, &invoice);
    let (invoice, refused) = billing::issue(tx, invoice, !sent && !waits)?;
    if let Some(refused) = refused.filter(|_| terms.payment == "error_if_incomplete") {
        return Err(Refusal { leaves: false, ..refused });
    }
    if waits && !sent && invoice["status"] == "open" {
        let mut subscription = tx.at_path("subscription", id)?;
        value::set(&mut subscription, "status", "past_due");
        tx.put(subscription);
    }
    Ok(())
}
