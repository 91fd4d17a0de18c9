//! Cursor lists: newest first, `limit`, `starting_after`, `ending_before`, filters
//! (Stripe's API, Pagination).

use std::ops::Bound;

use serde_json::{Value, json};

use super::{Call, Refusal, refusal, render};
use crate::{state::Tx, test_clocks, value};

const LIMIT_DEFAULT: i64 = 10;
const LIMIT_MAX: i64 = 100;

/// A list operation.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Listing {
    /// What is listed.
    pub(crate) kind: &'static str,
    /// For a list below an object: the object's kind and the field that names it.
    pub(crate) parent: Option<(&'static str, &'static str)>,
    pub(crate) filters: &'static [Filter],
}

/// A parameter that narrows a list.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Filter {
    /// The field of the same name has this value.
    Equal(&'static str),
    /// The field of the second name is a time in the parameter's range.
    Within(&'static str, &'static str),
    /// Decided by a function of transaction, parameter and object.
    By(&'static str, fn(&Tx, &Value, &Value) -> bool),
}

impl Filter {
    pub(crate) fn param(&self) -> &'static str {
        match self {
            Self::Equal(param) | Self::Within(param, _) | Self::By(param, _) => param,
        }
    }

    fn keeps(&self, tx: &Tx, given: &Value, object: &Value) -> bool {
        match self {
            Self::Equal(field) => object.get(*field) == Some(given),
            Self::Within(_, field) => {
                object.get(*field).and_then(Value::as_i64).is_some_and(|at| within(given, at))
            }
            Self::By(_, decide) => decide(tx, given, object),
        }
    }
}

/// Whether a time lies in a range: a number, or any of gt, gte, lt, lte.
pub(crate) fn within(range: &Value, at: i64) -> bool {
    if let Some(exact) = range.as_i64() {
        return at == exact;
    }
    let bound = |name| range.get(name).and_then(Value::as_i64);
    bound("gt").is_none_or(|b| at > b)
        && bound("gte").is_none_or(|b| at >= b)
        && bound("lt").is_none_or(|b| at < b)
        && bound("lte").is_none_or(|b| at <= b)
}

/// Runs a list operation.
///
/// # Errors
/// A bad limit, both cursors, an unknown cursor, an unknown parent.
pub(crate) fn list(tx: &Tx, call: &Call, listing: &Listing) -> Result<Value, Refusal> {
    if let Some((kind, _)) = listing.parent {
        tx.at_path(kind, call.id())?;
    }
    let limit = limit(call)?;
    let (mut page, backwards) = page(tx, call, listing, limit + 1)?;
    let has_more = page.len() > limit;
    page.truncate(limit);
    if backwards {
        page.reverse();
    }
    let data: Vec<Value> = page.into_iter().map(|object| render(tx, object)).collect();
    Ok(json!({"object": "list", "data": data, "has_more": has_more, "url": call.path}))
}

fn limit(call: &Call) -> Result<usize, Refusal> {
    let given = call.int("limit").unwrap_or(LIMIT_DEFAULT);
    let fits = (1..=LIMIT_MAX).contains(&given).then(|| usize::try_from(given).ok()).flatten();
    fits.ok_or_else(|| {
        refusal::invalid(format!("Invalid limit: {given}; it must be between 1 and {LIMIT_MAX}"))
            .with_code("parameter_invalid_integer")
            .with_param("limit")
    })
}

/// At most `most` objects from the cursor on, and whether they are oldest first.
fn page<'a>(
    tx: &'a Tx,
    call: &Call,
    listing: &Listing,
    most: usize,
) -> Result<(Vec<&'a Value>, bool), Refusal> {
    let after = cursor(tx, call, listing, "starting_after")?;
    let before = cursor(tx, call, listing, "ending_before")?;
    if after.is_some() && before.is_some() {
        return Err(refusal::exclusive("starting_after", "ending_before"));
    }
    let places = tx.state().index().places(listing.kind, pointing_at(call, listing));
    let keep = |id: &&'a String| tx.get(id).is_some_and(|object| keeps(tx, call, listing, object));
    let found: Vec<&String> = match (after, before) {
        (_, Some(at)) => {
            let newer = (Bound::Excluded(at), Bound::Unbounded);
            places.range(newer).map(|(_, id)| id).filter(keep).take(most).collect()
        }
        (Some(at), None) => places.range(..at).rev().map(|(_, id)| id).filter(keep).take(most).collect(),
        (None, None) => places.iter().rev().map(|(_, id)| id).filter(keep).take(most).collect(),
    };
    Ok((found.into_iter().filter_map(|id| tx.get(id)).collect(), before.is_some()))
}

/// The id by which an index can narrow the list.
fn pointing_at<'a>(call: &'a Call, listing: &Listing) -> Option<&'a str> {
    if listing.parent.is_some() {
        return Some(call.id());
    }
    listing.filters.iter().find_map(|filter| match filter {
        Filter::Equal(name @ ("customer" | "invoice" | "payment_intent")) => call.text(name),
        _ => None,
    })
}

fn keeps(tx: &Tx, call: &Call, listing: &Listing, object: &Value) -> bool {
    if listing.parent.is_none() && test_clocks::hides(&call.params, object) {
        return false;
    }
    let below = listing.parent.is_none_or(|(_, field)| value::text(object, field) == Some(call.id()));
    below
        && listing
            .filters
            .iter()
            .all(|filter| call.params.get(filter.param()).is_none_or(|given| filter.keeps(tx, given, object)))
}

/// The place of the object that a cursor names.
fn cursor(tx: &Tx, call: &Call, listing: &Listing, param: &str) -> Result<Option<u64>, Refusal> {
    let Some(id) = call.text(param) else { return Ok(None) };
    let stored = tx.state().get(id).filter(|s| value::text(&s.value, "object") == Some(listing.kind));
    stored.map(|s| Some(s.at)).ok_or_else(|| refusal::missing(listing.kind, id, param))
}
