//! `GET /v1/subscriptions`: canceled ones are hidden unless their status is asked for.

use serde_json::{Value, json};

use super::object;
use crate::{
    state::Tx,
    value,
    wire::{
        Call, Refusal,
        list::{self, Filter, Listing, within},
        render,
    },
};

pub(super) const HEEDS: &[&str] = &[
    "automatic_tax",
    "collection_method",
    "created",
    "current_period_end",
    "current_period_start",
    "customer",
    "customer_account",
    "ending_before",
    "limit",
    "plan",
    "price",
    "starting_after",
    "status",
    "test_clock",
];

static SUBSCRIPTIONS: Listing = Listing {
    kind: "subscription",
    parent: None,
    filters: &[
        Filter::Equal("customer"),
        Filter::Equal("customer_account"),
        Filter::Equal("test_clock"),
        Filter::Equal("collection_method"),
        Filter::By("automatic_tax", |_, given, subscription| {
            given.get("enabled").is_none_or(|wanted| *wanted == subscription["automatic_tax"]["enabled"])
        }),
        Filter::Within("created", "created"),
        Filter::By("status", |_, given, subscription| has_status(given, subscription)),
        Filter::By("price", |tx, given, subscription| any_item(tx, subscription, |i| i["_price"] == *given)),
        Filter::By("plan", |tx, given, subscription| any_item(tx, subscription, |i| i["_price"] == *given)),
        Filter::By("current_period_start", |tx, given, subscription| {
            any_item(tx, subscription, |i| within(given, value::int(i, "current_period_start")))
        }),
        Filter::By("current_period_end", |tx, given, subscription| {
            any_item(tx, subscription, |i| within(given, value::int(i, "current_period_end")))
        }),
    ],
};

/// Stands for the status that nobody named.
const UNNAMED: &str = "";

pub(super) fn run(tx: &mut Tx, call: &Call) -> Result<Value, Refusal> {
    let mut params = call.params.clone();
    params.entry("status").or_insert_with(|| json!(UNNAMED));
    let Call { operation, ids, path, version, .. } = call;
    let asked = Call { operation, ids: ids.clone(), path: path.clone(), params, version: *version };
    list::list(tx, &asked, &SUBSCRIPTIONS)
}

fn has_status(given: &Value, subscription: &Value) -> bool {
    match given.as_str() {
        Some("all") => true,
        Some("ended") => object::is_over(subscription),
        Some(UNNAMED) => subscription["status"] != "canceled",
        _ => subscription["status"] == *given,
    }
}

fn any_item(tx: &Tx, subscription: &Value, fits: impl Fn(&Value) -> bool) -> bool {
    object::items(tx, subscription).iter().any(fits)
}

/// A customer's live subscriptions, newest first, as its includable list shows them.
pub(crate) fn of_customer(tx: &Tx, customer: &str) -> Value {
    let all = tx.pointing_at("subscription", customer);
    let live = all.iter().rev().filter(|s| s["status"] != "canceled").map(|s| render(tx, s)).collect();
    value::nested_list(&format!("/v1/customers/{customer}/subscriptions"), live)
}
