//! The same for what things cost and what comes off: prices in tiers and in other
//! currencies, plans, coupons, promotion codes.

use serde_json::{Value, json};

use super::{
    super::client::*,
    places::Place,
    recipes::{Fate, GOOD, Rule},
};
use crate::Sandbox;

/// The currency of `currency_options`; none of the tests' own.
pub(super) const OTHER: &str = "eur";

/// What becomes of an amount.
pub(super) fn fate(place: &Place) -> Option<Fate> {
    let last = *place.path.last()?;
    let tiers = place.path.contains(&"tiers");
    let options = place.path.contains(&"currency_options");
    Some(match (place.row.id, options, tiers) {
        ("products.create", true, true) => {
            Fate::Refused("can only be given when `billing_scheme` is `tiered`")
        }
        ("promotionCodes.update", ..) => {
            Fate::Shows("/restrictions/currency_options/eur/minimum_amount", Rule::Unit)
        }
        ("promotionCodes.create", true, _) => {
            Fate::Shows("/restrictions/currency_options/eur/minimum_amount", Rule::Unit)
        }
        ("promotionCodes.create", ..) if last == "minimum_amount" => {
            Fate::Shows("/restrictions/minimum_amount", Rule::Unit)
        }
        ("coupons.create", false, _) => Fate::Shows("/amount_off", Rule::Sum),
        ("coupons.create" | "coupons.update", true, _) => {
            Fate::Shows("/currency_options/eur/amount_off", Rule::Unit)
        }
        ("plans.create", _, false) if place.decimal => Fate::Shows("/amount_decimal", Rule::Unit),
        ("plans.create", _, false) => Fate::Shows("/amount", Rule::Unit),
        ("plans.create" | "prices.create", false, true) => Fate::Shows(of_tier(last, false), Rule::Unit),
        ("prices.create" | "prices.update", true, true) => Fate::Shows(of_tier(last, true), Rule::Unit),
        ("prices.create" | "prices.update", true, false) if place.decimal => {
            Fate::Shows("/currency_options/eur/unit_amount_decimal", Rule::Unit)
        }
        ("prices.create" | "prices.update", true, false) => {
            Fate::Shows("/currency_options/eur/unit_amount", Rule::Unit)
        }
        ("products.create", true, false) if place.decimal => {
            Fate::Shows("/default_price/currency_options/eur/unit_amount_decimal", Rule::Unit)
        }
        ("products.create", true, false) => {
            Fate::Shows("/default_price/currency_options/eur/unit_amount", Rule::Unit)
        }
        _ => return None,
    })
}

fn of_tier(name: &str, in_options: bool) -> &'static str {
    match (name, in_options) {
        ("flat_amount", false) => "/tiers/0/flat_amount",
        ("flat_amount_decimal", false) => "/tiers/0/flat_amount_decimal",
        ("unit_amount", false) => "/tiers/0/unit_amount",
        (_, false) => "/tiers/0/unit_amount_decimal",
        ("flat_amount", _) => "/currency_options/eur/tiers/0/flat_amount",
        ("flat_amount_decimal", _) => "/currency_options/eur/tiers/0/flat_amount_decimal",
        ("unit_amount", _) => "/currency_options/eur/tiers/0/unit_amount",
        (_, _) => "/currency_options/eur/tiers/0/unit_amount_decimal",
    }
}

/// A request that only lacks the amount; none of an operation that is not of these.
pub(super) async fn request(sandbox: &Sandbox, place: &Place, currency: &str) -> Option<(String, Value)> {
    let tiers = place.path.contains(&"tiers");
    let options = place.path[0] == "currency_options" || place.path.get(1) == Some(&"currency_options");
    let params = match place.row.id {
        "coupons.create" if options => {
            json!({"currency": currency, "amount_off": GOOD, "expand": ["currency_options"]})
        }
        "coupons.create" => json!({ "currency": currency }),
        "coupons.update" => {
            let made = json!({"currency": currency, "amount_off": GOOD});
            let made = id(&post(sandbox, "/v1/coupons", made).await.ok());
            return Some((format!("/v1/coupons/{made}"), json!({"expand": ["currency_options"]})));
        }
        "promotionCodes.create" | "promotionCodes.update" => {
            return Some(promotion(sandbox, place, currency).await);
        }
        "plans.create" => {
            let mut params = json!({"currency": currency, "interval": "month", "product": {"name": "Gold"}});
            if tiers {
                params["billing_scheme"] = json!("tiered");
                params["tiers_mode"] = json!("volume");
                params["expand"] = json!(["tiers"]);
            }
            params
        }
        "prices.create" if tiers || options => price(currency, tiers, options),
        "prices.update" => {
            let made = id(&post(sandbox, "/v1/prices", price(currency, tiers, true)).await.ok());
            return Some((format!("/v1/prices/{made}"), json!({"expand": ["currency_options"]})));
        }
        "products.create" if options => json!({
            "name": "Gold",
            "default_price_data": {"currency": currency, "unit_amount": GOOD},
            "expand": ["default_price.currency_options"],
        }),
        _ => return None,
    };
    Some((format!("/v1/{}", place.row.id.split_once('.')?.0), params))
}

/// A price whose own terms are whole when those in another currency are asked for.
fn price(currency: &str, tiers: bool, options: bool) -> Value {
    let mut params = json!({"currency": currency, "product_data": {"name": "Gold"}});
    params["expand"] = if options { json!(["currency_options"]) } else { json!(["tiers"]) };
    if tiers {
        params["billing_scheme"] = json!("tiered");
        params["tiers_mode"] = json!("graduated");
    }
    match (tiers, options) {
        (true, true) => params["tiers"] = json!([{"up_to": "inf", "unit_amount": GOOD}]),
        (false, true) => params["unit_amount"] = json!(GOOD),
        _ => {}
    }
    params
}

async fn promotion(sandbox: &Sandbox, place: &Place, currency: &str) -> (String, Value) {
    let coupon = id(&post(sandbox, "/v1/coupons", json!({"percent_off": 10})).await.ok());
    let mut params = json!({"promotion": {"type": "coupon", "coupon": coupon}});
    params["restrictions"] = json!({"minimum_amount_currency": currency});
    if place.row.id == "promotionCodes.create" && !place.path.contains(&"currency_options") {
        return ("/v1/promotion_codes".into(), params);
    }
    params["restrictions"]["minimum_amount"] = json!(GOOD);
    if place.row.id == "promotionCodes.create" {
        return ("/v1/promotion_codes".into(), params);
    }
    let made = id(&post(sandbox, "/v1/promotion_codes", params).await.ok());
    (format!("/v1/promotion_codes/{made}"), json!({}))
}
