//! The ends of discounts: a repeating one when its months are over, one of a single
//! invoice when the period that it was for is.

use serde_json::Value;

use super::{holder, ids};
use crate::{state::Tx, value};

/// When a discount ends by itself.
pub(crate) fn due_at(discount: &Value) -> Option<i64> {
    discount["end"].as_i64().filter(|_| discount.get("_over").is_none())
}

/// Ends a discount whose time has come: its owner has it no longer.
pub(crate) fn perform_due(tx: &mut Tx, discount: &Value) {
    let id = value::id(discount).to_owned();
    let text = |field| value::text(discount, field).map(str::to_owned);
    if discount["invoice"].is_null() && discount["invoice_item"].is_null() {
        match (text("subscription"), text("subscription_item")) {
            (Some(subscription), _) => let_go(tx, &subscription, &id, "customer.subscription.updated"),
            (None, Some(item)) => quietly(tx, &item, &id),
            (None, None) => of_customer(tx, &text("customer").unwrap_or_default(), &id),
        }
    }
    match discount["invoice"].is_null() && discount["invoice_item"].is_null() {
        true => holder::ended(tx, &id),
        false => holder::mark_over(tx, &id),
    }
}

fn of_customer(tx: &mut Tx, customer: &str, id: &str) {
    let Some(before) =
        tx.find("customer", customer).filter(|c| value::text(c, "_discount") == Some(id)).cloned()
    else {
        return;
    };
    let mut after = before.clone();
    value::set(&mut after, "_discount", Value::Null);
    tx.change("customer.updated", &before, after);
}

fn without(object: &Value, id: &str) -> Value {
    let mut after = object.clone();
    let left: Vec<String> = ids(object).into_iter().filter(|one| one != id).collect();
    value::set(&mut after, "discounts", left);
    after
}

fn let_go(tx: &mut Tx, owner: &str, id: &str, kind: &str) {
    if let Some(before) = tx.get(owner).cloned() {
        let after = without(&before, id);
        tx.change(kind, &before, after);
    }
}

fn quietly(tx: &mut Tx, owner: &str, id: &str) {
    if let Some(before) = tx.get(owner).cloned() {
        let after = without(&before, id);
        tx.put(after);
    }
}

/// Notes that discounts of a single invoice have been on it.
pub(crate) fn spend(tx: &mut Tx, ids: &[String]) {
    for id in ids {
        let Some(mut discount) = tx.get(id).cloned() else { continue };
        if discount["_coupon"]["duration"] == "once" && discount.get("_spent").is_none() {
            value::set(&mut discount, "_spent", true);
            tx.put(discount);
        }
    }
}

/// Those of these discounts whose one invoice is behind them.
pub(crate) fn spent(tx: &Tx, ids: &[String]) -> Vec<String> {
    let is_spent = |id: &&String| tx.get(id).is_some_and(|discount| discount.get("_spent").is_some());
    ids.iter().filter(is_spent).cloned().collect()
}
