//! Plans (Stripe's API, Plans): what prices that recur were called before there were
//! prices. A plan is the same object as its price, seen under its older names; it has the
//! same id, and what changes one changes the other.

mod create;
mod delete;
mod object;
mod update;

use serde_json::{Value, json};

use crate::{
    prices,
    registry::{Row, run},
    state::Tx,
    value,
    wire::{
        Call, Refusal,
        list::{self, Filter, Listing},
    },
};

pub(crate) static ROWS: &[Row] = &[
    run(
        "plans.create",
        &[
            "active",
            "amount",
            "amount_decimal",
            "billing_scheme",
            "currency",
            "id",
            "interval",
            "interval_count",
            "metadata",
            "meter",
            "nickname",
            "product",
            "tiers",
            "tiers_mode",
            "transform_usage",
            "trial_period_days",
            "usage_type",
        ],
        create::run,
    ),
    run("plans.retrieve", &[], retrieve),
    run("plans.update", &["active", "metadata", "nickname", "product", "trial_period_days"], update::run),
    run("plans.del", &[], delete::run),
    run(
        "plans.list",
        &["active", "created", "ending_before", "limit", "product", "starting_after"],
        list_all,
    ),
];

/// The prices that plans are; the last filter is always asked for.
static PRICES: Listing = Listing {
    kind: "price",
    parent: None,
    filters: &[
        Filter::Equal("active"),
        Filter::Equal("product"),
        Filter::Within("created", "created"),
        Filter::By(RECURS, |_, _, price| price["recurring"].is_object() && price.get("_no_plan").is_none()),
    ],
};

/// Stands for a parameter that nobody can name.
const RECURS: &str = "";

fn retrieve(tx: &mut Tx, call: &Call) -> Result<Value, Refusal> {
    object::at_path(tx, call.id()).map(|price| prices::plan_of(&price))
}

fn list_all(tx: &mut Tx, call: &Call) -> Result<Value, Refusal> {
    let mut params = call.params.clone();
    params.insert(RECURS.to_owned(), json!(true));
    let Call { operation, ids, path, version, .. } = call;
    let asked = Call { operation, ids: ids.clone(), path: path.clone(), params, version: *version };
    let mut page = list::list(tx, &asked, &PRICES)?;
    let plans: Vec<Value> = page["data"].as_array().into_iter().flatten().map(prices::plan_of).collect();
    value::set(&mut page, "data", plans);
    Ok(page)
}
