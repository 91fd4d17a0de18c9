//! Actions, and what a document gives them.
//!
//! The catalog judges a step's config exactly as it will judge the call, with the
//! templates still in it: what it says about a templated value is dropped, because
//! nobody knows the value yet; what it says about names stands.

use actions::{Action, Catalog, Effect, Entry, Invalid, Why};
use serde_json::Value;

use super::requests;
use crate::document::Document;
use crate::notation::{Findings, Node, cut, finding};
use crate::steps::{ActionStep, Does, Step};
use crate::template::is_template;

/// Checks every call and every compensation.
pub(super) fn check(document: &Document, catalog: &Catalog, found: &mut Findings<'_>) {
    for step in &document.steps {
        let Does::Action(call) = &step.does else { continue };
        let (at, place) = (call.action_at, &step.place);
        let action = one(&call.action, at, call.written.as_ref(), place, catalog, found);
        if let Some(compensation) = &call.compensate {
            let (at, place) = (compensation.action_at, &compensation.place);
            let back = one(&compensation.action, at, compensation.written.as_ref(), place, catalog, found);
            if let (Some(action), Some(back)) = (action, back) {
                makes_up(step, call, action, back, found);
            }
        }
    }
}

fn one(
    name: &str,
    at: usize,
    config: Option<&Node>,
    place: &str,
    catalog: &Catalog,
    found: &mut Findings<'_>,
) -> Option<&'static Action> {
    let entry = match catalog.entry(name) {
        Ok(entry) => entry,
        Err(unfound) => {
            let message = format!("there is no action `{}`", cut(name));
            let fix = unfound.nearest.map(|near| format!("did you mean `{near}`?"));
            let fix = fix.or_else(|| Some("`bursar actions` lists every action".into()));
            let path = format!("{place}.action");
            let mut finding = finding(found.text(), at, "unknown_action", path, message, fix);
            finding.nearest = unfound.nearest.map(str::to_owned);
            found.push(finding);
            return None;
        }
    };
    let input = config.map_or_else(|| Value::Object(serde_json::Map::new()), Node::to_json);
    let read = requests::readable(entry, &input);
    let wrong = catalog.plan(entry, &read, stripe::PINNED).err().unwrap_or_default();
    let known = || wrong.iter().filter(|invalid| !is_unknown_yet(invalid, &input));
    for invalid in known() {
        report(invalid, entry, at, config, place, found);
    }
    if let Some(field) = everything(&input).filter(|field| known().all(|invalid| invalid.field != *field)) {
        let message =
            format!("the output of a step is one page, so `{}` lists no more than that", entry.name());
        let fix = Some(format!("leave `{field}` out; `limit` and `startingAfter` choose the page"));
        let at = config.map_or(at, |config| config.place_of(field));
        found.error(at, "invalid_value", format!("{place}.config.{field}"), message, fix);
    }
    if let Some(why) = requests::unchecked(catalog, entry, &input) {
        let fix = Some("name an operation that Stripe's tables have, or test the step well".into());
        found.warning(at, "unchecked", format!("{place}.config"), why, fix);
    }
    requests::performed(catalog, entry, &input)
}

/// Where a step asks for every page of a list, or may come to.
fn everything(input: &Value) -> Option<&'static str> {
    let asks = |value: Option<&Value>| value.is_some_and(|v| !matches!(v, Value::Null | Value::Bool(false)));
    match input {
        input if asks(input.get("all")) => Some("all"),
        input if asks(input.get("extra").and_then(|extra| extra.get("all"))) => Some("extra.all"),
        _ => None,
    }
}

/// Whether a finding is about a value that a template will give.
fn is_unknown_yet(invalid: &Invalid, input: &Value) -> bool {
    if invalid.why != Why::Value {
        return false;
    }
    let mut value = input;
    for part in invalid.field.split(['.', '[']).map(|part| part.trim_end_matches(']')) {
        if value.as_str().is_some_and(is_template) {
            return true;
        }
        let next = match value {
            Value::Object(map) => map.get(part),
            Value::Array(items) => part.parse::<usize>().ok().and_then(|i| items.get(i)),
            _ => None,
        };
        // A place that is not spelled as it is written: better silent than wrong.
        let Some(next) = next else { return has_template(value) };
        value = next;
    }
    has_template(value)
}

fn has_template(value: &Value) -> bool {
    match value {
        Value::String(text) => is_template(text),
        Value::Array(items) => items.iter().any(has_template),
        Value::Object(map) => map.values().any(has_template),
        _ => false,
    }
}

fn report(
    invalid: &Invalid,
    entry: Entry,
    at: usize,
    config: Option<&Node>,
    place: &str,
    found: &mut Findings<'_>,
) {
    let code = match invalid.why {
        Why::Unknown => "unknown_parameter",
        Why::Twice => "duplicate_parameter",
        Why::Missing => "missing_parameter",
        Why::Value => "invalid_value",
    };
    let fix = match invalid.nearest.as_deref() {
        _ if is_key(&invalid.field) => Some("remove it: every step has its own idempotency key".to_owned()),
        Some(near) => Some(format!("did you mean `{near}`?")),
        None if !invalid.allowed.is_empty() => Some(format!("one of {}", invalid.allowed.join(", "))),
        None => Some(format!("`bursar actions show {}` lists its fields", entry.name())),
    };
    let at = config.map_or(at, |config| config.place_of(&invalid.field));
    let path = match invalid.field.as_str() {
        "" => format!("{place}.config"),
        field => format!("{place}.config.{field}"),
    };
    let mut finding = finding(found.text(), at, code, path, invalid.message.clone(), fix);
    finding.nearest.clone_from(&invalid.nearest);
    finding.allowed.clone_from(&invalid.allowed);
    found.push(finding);
}

fn is_key(field: &str) -> bool {
    matches!(field, "idempotencyKey" | "idempotency_key")
}

/// Whether a compensation can make up for its step.
fn makes_up(step: &Step, call: &ActionStep, action: &Action, back: &Action, found: &mut Findings<'_>) {
    let Some(compensation) = &call.compensate else { return };
    let path = format!("{}.action", compensation.place);
    if back.effect == Effect::Read {
        let message = format!("`{}` only reads, so it makes up for nothing", back.name);
        found.error(compensation.action_at, "compensation", path, message, None);
    } else if action.effect == Effect::Read {
        let message = format!("`{}` changes nothing, so there is nothing to make up for", action.name);
        found.warning(compensation.action_at, "compensation", path, message, None);
    } else if (action.operation.0, back.operation.0) == ("invoices.create", "invoices.voidInvoice") {
        // Stripe's API, Void an invoice: only what was finalized can be voided.
        let message = format!("`{}` leaves a draft, and Stripe voids no drafts", step.id);
        let fix = Some("put the compensation on the step that finalizes the invoice".into());
        found.warning(compensation.action_at, "compensation", path, message, fix);
    }
}
