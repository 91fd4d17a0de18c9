//! What a clause asks, and whether an object answers it.

use serde_json::Value;

use super::{
    fields::{Field, Kind, Resource},
    parse::{self, Clause, Operator, Query, Wanted},
};
use crate::wire::{Refusal, refusal};

/// The fewest characters that can be looked for inside a text (Stripe's docs, Search).
const INSIDE_MIN: usize = 3;

/// A query whose fields are known and can be asked that.
#[derive(Debug)]
pub(super) struct Checked {
    clauses: Vec<(Source, Clause)>,
    any: bool,
}

/// Where the value stands.
#[derive(Debug)]
enum Source {
    Field(&'static Field),
    Metadata(String),
}

/// Finds the fields that a query names.
///
/// # Errors
/// A field that cannot be searched, or not in this way.
pub(super) fn checked(query: Query, resource: &Resource) -> Result<Checked, Refusal> {
    let clauses = query.clauses.into_iter().map(|clause| {
        let source = source(&clause, resource)?;
        fits(&source, &clause)?;
        Ok((source, clause))
    });
    Ok(Checked { clauses: clauses.collect::<Result<_, Refusal>>()?, any: query.any })
}

fn wrong(why: String) -> Refusal {
    refusal::invalid(why).with_param("query")
}

fn source(clause: &Clause, resource: &Resource) -> Result<Source, Refusal> {
    match &clause.field {
        parse::Field::Metadata(key) => Ok(Source::Metadata(key.clone())),
        parse::Field::Named(name) => resource.field(name).map(Source::Field).ok_or_else(|| {
            let (shown, called) = (name.chars().take(100).collect::<String>(), resource.called());
            wrong(format!(
                "Field `{shown}` is an unsupported search field for resource `{called}`. See http://stripe.com/docs/search#query-fields-for-{} for a list of supported fields.",
                called.replace('_', "-")
            ))
        }),
    }
}

fn fits(source: &Source, clause: &Clause) -> Result<(), Refusal> {
    let (name, kind) = match source {
        Source::Field(field) => (field.name.to_owned(), field.kind),
        Source::Metadata(key) => {
            (format!("metadata[\"{}\"]", key.chars().take(100).collect::<String>()), Kind::Token)
        }
    };
    match (clause.operator, kind, &clause.value) {
        (Operator::Is, _, Wanted::Null) => Ok(()),
        (_, _, Wanted::Null) => Err(wrong(format!("`{name}` can only be compared with null by `:`."))),
        (Operator::Contains, Kind::Text, Wanted::Text(part)) if part.chars().count() >= INSIDE_MIN => Ok(()),
        (Operator::Contains, Kind::Text, _) => Err(wrong(format!(
            "The text to look for in `{name}` with `~` needs at least {INSIDE_MIN} characters."
        ))),
        (Operator::Contains, ..) => Err(wrong(format!("`{name}` cannot be searched with `~`; use `:`."))),
        (_, Kind::Number, Wanted::Text(text)) if text.trim().parse::<i64>().is_err() => {
            Err(wrong(format!("`{name}` is compared with a whole number.")))
        }
        (Operator::Is, ..) | (_, Kind::Number, _) => Ok(()),
        _ => Err(wrong(format!("`{name}` is no number; it can only be searched with `:`."))),
    }
}

/// Whether an object answers a query.
pub(super) fn holds(query: &Checked, object: &Value) -> bool {
    let mut each =
        query.clauses.iter().map(|(source, clause)| answers(source, clause, object) != clause.negated);
    if query.any { each.any(|held| held) } else { each.all(|held| held) }
}

fn answers(source: &Source, clause: &Clause, object: &Value) -> bool {
    let found = match source {
        Source::Field(field) => field.read(object),
        Source::Metadata(key) => object.get("metadata").and_then(|metadata| metadata.get(key)),
    };
    match (&clause.value, found) {
        (Wanted::Null, found) => found.is_none(),
        (_, None) => false,
        (Wanted::Number(wanted), Some(Value::Number(found))) => {
            compares(clause.operator, found.as_i64(), *wanted)
        }
        (Wanted::Text(wanted), Some(Value::Number(found))) => {
            wanted.trim().parse().is_ok_and(|wanted| compares(clause.operator, found.as_i64(), wanted))
        }
        (Wanted::Number(wanted), Some(found)) => same(found, &wanted.to_string()),
        (Wanted::Text(wanted), Some(found)) if clause.operator == Operator::Contains => {
            found.as_str().is_some_and(|text| text.to_lowercase().contains(&wanted.to_lowercase()))
        }
        (Wanted::Text(wanted), Some(found)) => same(found, wanted),
    }
}

fn compares(operator: Operator, found: Option<i64>, wanted: i64) -> bool {
    found.is_some_and(|found| match operator {
        Operator::Is | Operator::Contains => found == wanted,
        Operator::Less => found < wanted,
        Operator::AtMost => found <= wanted,
        Operator::More => found > wanted,
        Operator::AtLeast => found >= wanted,
    })
}

fn same(found: &Value, wanted: &str) -> bool {
    match found {
        Value::String(text) => text.to_lowercase() == wanted.to_lowercase(),
        Value::Bool(is) => wanted.eq_ignore_ascii_case(if *is { "true" } else { "false" }),
        _ => false,
    }
}
