//! What `set` says: parameters of a chain's main request, by path.
//!
//! Paths are read as those of the event, `data.object.customer`, or without that head.
//! They are held against the tables before the first request goes out, so that a wrong
//! one changes nothing.

use serde_json::{Map, Value};
use stripe::{Method, PINNED, form, tables};

use super::{chains::Chain, run::at_second, steps::Step};
use crate::{
    registry,
    wire::{Refusal, refusal},
};

/// The deepest path that is read.
const DEPTH_MAX: usize = 8;

/// The parameters of a chain's main request with what was given in them.
///
/// # Errors
/// The first path that is none, by name.
pub(super) fn main_params(
    chain: &Chain,
    given: &Map<String, Value>,
    now: i64,
) -> Result<Map<String, Value>, Refusal> {
    let step = chain.steps.iter().find(|step| step.name == chain.main);
    let step = step.ok_or_else(|| refusal::broken("A chain of the table has no such main step."))?;
    let mut params = Value::Object(step.params()?);
    for (path, value) in given {
        put(&mut params, &segments(path)?, value).ok_or_else(|| no_place(path, step))?;
        let read = value.is_string() || value.is_number() || value.is_boolean() || value.is_object();
        if !read && !value.is_array() {
            return Err(
                refusal::invalid(format!("`{path}` needs a value. Nothing was changed.")).with_param(path)
            );
        }
    }
    let Value::Object(params) = params else { return Err(no_place("", step)) };
    check(step, &params, now)?;
    Ok(params)
}

/// `data.object.items.0.price` as `items`, `0`, `price`; the keys of metadata have dots.
fn segments(path: &str) -> Result<Vec<&str>, Refusal> {
    let inner = path.strip_prefix("data.object.").unwrap_or(path);
    let segments: Vec<&str> = match inner.split_once('.') {
        Some(("metadata", key)) => vec!["metadata", key],
        _ => inner.split('.').collect(),
    };
    if segments.iter().any(|segment| segment.is_empty()) || segments.len() > DEPTH_MAX {
        let shown: String = path.chars().take(200).collect();
        return Err(refusal::invalid(format!(
            "`{shown}` is no path such as data.object.customer or metadata.order. Nothing was changed."
        ))
        .with_param(&shown));
    }
    Ok(segments)
}

/// Writes the value at its place; `None` where there can be none.
fn put(target: &mut Value, segments: &[&str], value: &Value) -> Option<()> {
    let Some((first, rest)) = segments.split_first() else {
        *target = value.clone();
        return Some(());
    };
    match target {
        Value::Object(fields) => {
            let below = fields.entry(*first).or_insert_with(|| Value::Object(Map::new()));
            put(below, rest, value)
        }
        Value::Array(all) => {
            let at: usize = first.parse().ok()?;
            if at == all.len() {
                all.push(Value::Object(Map::new()));
            }
            put(all.get_mut(at)?, rest, value)
        }
        _ => None,
    }
}

fn no_place(path: &str, step: &Step) -> Refusal {
    let path: String = path.chars().take(200).collect();
    refusal::invalid(format!(
        "POST {} has no place for `{path}`, whose parameters `set` is about. Nothing was changed.",
        step.at
    ))
    .with_code("parameter_unknown")
    .with_param(&path)
}

/// Holds the parameters against the tables, as the request itself will be.
fn check(step: &Step, params: &Map<String, Value>, now: i64) -> Result<(), Refusal> {
    let found = tables::route(Method::Post, step.at).map(|(operation, _)| operation);
    let found = found.zip(found.and_then(|operation| registry::find(operation.id)));
    let (operation, row) =
        found.ok_or_else(|| refusal::broken("A chain of the table asks for no operation."))?;
    let mut timed = Value::Object(params.clone());
    at_second(&mut timed, now);
    let text = form::encode(timed.as_object().unwrap_or(params)).map_err(|e| wrong(&e.to_string(), step))?;
    let text = form::decode(text.as_bytes()).map_err(|e| wrong(&e.to_string(), step))?;
    let typed = operation.coerce(text, PINNED).map_err(|invalid| match invalid.first() {
        Some(first) => about(refusal::parameter(first), step),
        None => wrong("Invalid parameters", step),
    })?;
    match typed.keys().find(|name| !row.heeds(name)) {
        Some(name) => {
            Err(refusal::not_here(&format!("the parameter `{name}` of POST {}", step.at)).with_param(name))
        }
        None => Ok(()),
    }
}

fn wrong(why: &str, step: &Step) -> Refusal {
    about(refusal::invalid(why), step)
}

/// Says whose parameters these are, and that nothing was done.
fn about(refused: Refusal, step: &Step) -> Refusal {
    let said = refused.error.get("message").and_then(Value::as_str).unwrap_or_default();
    let said = said.trim_end_matches(['.', '?']);
    let end = if said.contains("Did you mean") { "?" } else { "." };
    let text = format!("{said}{end} `set` is about the parameters of POST {}. Nothing was changed.", step.at);
    refused.with("message", text)
}
