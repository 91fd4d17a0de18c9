//! What is derived from a coupon, and redeeming it.
//!
//! Stored beside Stripe's fields: `_products` (those that it is for) and `_options` (what
//! comes off in other currencies), which Stripe shows only when asked for.

use serde_json::{Map, Value, json};

use crate::{
    state::Tx,
    value,
    wire::{Refusal, refusal, render},
};

/// Whether it can be redeemed now.
pub(crate) fn is_valid(tx: &Tx, coupon: &Value) -> bool {
    let in_time = coupon["redeem_by"].as_i64().is_none_or(|at| at > tx.now());
    let left =
        coupon["max_redemptions"].as_i64().is_none_or(|most| value::int(coupon, "times_redeemed") < most);
    in_time && left
}

/// Adds to a shown coupon whether it can be redeemed.
pub(crate) fn derive(tx: &Tx, stored: &Value, shown: &mut Value) {
    value::set(shown, "valid", is_valid(tx, stored));
}

/// The coupon of this id whole, as it is now; one that is gone as it was kept.
pub(crate) fn shown(tx: &Tx, id: Option<&str>, kept: &Value) -> Value {
    if let Some(live) = id.and_then(|id| tx.find("coupon", id)) {
        return render(tx, live);
    }
    let mut gone = value::public(kept);
    value::set(&mut gone, "valid", false);
    gone
}

/// The includable list of the products that it is for; null when it is for all.
pub(crate) fn applies_to(stored: &Value) -> Option<Value> {
    stored.get("_products").map(|products| json!({ "products": products }))
}

/// What comes off in other currencies than its own.
pub(super) fn options(stored: &Value) -> &Map<String, Value> {
    static NONE: std::sync::OnceLock<Map<String, Value>> = std::sync::OnceLock::new();
    stored.get("_options").and_then(Value::as_object).unwrap_or_else(|| NONE.get_or_init(Map::new))
}

/// The includable map of what comes off by currency, its own included.
pub(crate) fn currency_options(stored: &Value) -> Option<Value> {
    let own = value::text(stored, "currency")?;
    let mut all = options(stored).clone();
    all.insert(own.to_owned(), json!({"amount_off": stored["amount_off"]}));
    all.sort_keys();
    Some(Value::Object(all))
}

/// The live coupon that a parameter names, if it can be redeemed now.
///
/// # Errors
/// 400 `resource_missing`, or `coupon_expired` for one whose time or number is up.
pub(crate) fn usable(tx: &Tx, id: &str, param: &str) -> Result<Value, Refusal> {
    let coupon = tx.at_param("coupon", id, param)?;
    if is_valid(tx, &coupon) {
        return Ok(coupon);
    }
    let shown: String = id.chars().take(200).collect();
    Err(refusal::invalid(format!("Coupon expired: {shown}")).with_code("coupon_expired").with_param(param))
}

/// Counts one redemption. Stripe tells of none.
pub(crate) fn redeemed(tx: &mut Tx, id: &str) {
    if let Some(mut coupon) = tx.find("coupon", id).cloned() {
        let times = value::int(&coupon, "times_redeemed") + 1;
        value::set(&mut coupon, "times_redeemed", times);
        tx.put(coupon);
    }
}
