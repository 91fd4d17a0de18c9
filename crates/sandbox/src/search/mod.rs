//! Search (Stripe's API, Search): objects by a query, newest first.
//!
//! What Stripe's search sees after some seconds, this one sees at once. A query reads the
//! fields that Stripe lists for each resource and no others.

mod clause;
mod fields;
mod page;
mod parse;
#[cfg(test)]
mod tests;

use serde_json::{Value, json};

use crate::{
    registry::{Row, run},
    state::Tx,
    wire::{Call, Refusal, refusal, render},
};

macro_rules! row {
    ($id:literal) => {
        run($id, &["limit", "page", "query"], search)
    };
}

pub(crate) static ROWS: &[Row] = &[
    row!("charges.search"),
    row!("customers.search"),
    row!("invoices.search"),
    row!("paymentIntents.search"),
    row!("prices.search"),
    row!("products.search"),
    row!("subscriptions.search"),
];

fn search(tx: &mut Tx, call: &Call) -> Result<Value, Refusal> {
    let resource = fields::of(call.operation.id).ok_or_else(|| refusal::not_here(&call.path))?;
    let text = call.text("query").ok_or_else(|| {
        refusal::invalid("Missing required param: query.").with_code("parameter_missing").with_param("query")
    })?;
    let query =
        parse::parse(text).map_err(|wrong| refusal::invalid(wrong.to_string()).with_param("query"))?;
    let query = clause::checked(query, resource)?;
    let limit = page::limit(call)?;
    let before = page::read(call, text)?;
    let places = tx.state().index().places(resource.kind, None);
    let found = places
        .range(..before)
        .rev()
        .filter(|(_, id)| tx.get(id).is_some_and(|object| clause::holds(&query, object)));
    let mut found: Vec<(u64, &String)> = found.take(limit + 1).map(|(place, id)| (*place, id)).collect();
    let has_more = found.len() > limit;
    found.truncate(limit);
    let next = found.last().filter(|_| has_more).map(|(place, _)| page::write(*place, text));
    let data: Vec<Value> = found.iter().filter_map(|(_, id)| tx.get(id)).map(|one| render(tx, one)).collect();
    let mut answer = json!({"object": "search_result", "data": data, "has_more": has_more, "next_page": next, "url": call.path});
    if wants_count(call) {
        let all = places.values().filter_map(|id| tx.get(id)).filter(|one| clause::holds(&query, one));
        answer["total_count"] = json!(all.count());
    }
    Ok(answer)
}

/// Whether the number of all that were found was asked for.
fn wants_count(call: &Call) -> bool {
    let paths = call.params.get("expand").and_then(Value::as_array).into_iter().flatten();
    paths.filter_map(Value::as_str).any(|path| path == "total_count")
}
