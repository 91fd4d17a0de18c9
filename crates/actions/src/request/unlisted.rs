//! Requests whose path no table knows: sent as they are written, and saying so.
//!
//! Nobody checks their parameters, so these have Stripe's own names and go out as they
//! stand. Because nobody knows what such a write leaves behind either, its lost answer is
//! found by Stripe's events or by a person, never by a guess.

use serde_json::{Map, Value};
use stripe::{
    Method, Version, form,
    tables::{self, Operation},
};

use super::{
    envelope::{EXPAND, Envelope, PARAMS},
    raw,
};
use crate::{Checked, Invalid, Plan, Why, input::twice, names::nearest, plan::locks};

/// The plan of a request that cannot be checked.
pub(super) fn plan(
    operation: &'static Operation,
    path: String,
    why: String,
    mut envelope: Envelope<'_>,
) -> Result<Plan, Vec<Invalid>> {
    let params = params(&mut envelope);
    if let Err(error) = form::encode(&params) {
        envelope.found.push(Invalid::new(Why::Value, place(&error.path), format!("{error}.")));
    }
    if !envelope.found.is_empty() {
        return Err(envelope.found);
    }
    let action = raw::action(operation);
    let locks = locks(action.effect, ids(&path), &params);
    let checked = Checked::Not(why);
    let options = envelope.options;
    Ok(Plan { action: action.name, operation, effect: action.effect, checked, path, params, options, locks })
}

fn params(envelope: &mut Envelope<'_>) -> Map<String, Value> {
    let mut params = envelope.params.and_then(Value::as_object).cloned().unwrap_or_default();
    if let Some(expand) = envelope.expand {
        if params.contains_key(EXPAND) {
            envelope.found.push(twice(EXPAND, &format!("{PARAMS}.{EXPAND}")));
        }
        params.insert(EXPAND.to_owned(), expand.clone());
    }
    params
}

fn place(param: &str) -> String {
    format!("{PARAMS}.{}", param.trim_start_matches('.'))
}

/// The parts of a path that are ids, as far as one can tell: Stripe's ids have digits and
/// the words of its paths have none. An id taken for a word costs a wait at Stripe.
pub(crate) fn ids(path: &str) -> Vec<String> {
    let parts = path.split('/').skip(3);
    parts.filter(|part| part.bytes().any(|b| b.is_ascii_digit())).map(str::to_owned).collect()
}

/// Why no table knows a path, and what it may have been meant to be.
pub(super) fn why(method: Method, path: &str, version: Version) -> String {
    let what = format!("Stripe's tables have no {} {path} at {version}", method.as_str());
    let more = other_verbs(method, path, version)
        .or_else(|| other_versions(method, path))
        .or_else(|| near(method, path, version))
        .unwrap_or_default();
    format!("{what}, so its parameters are not checked and are sent as they are.{more}")
}

fn other_verbs(method: Method, path: &str, version: Version) -> Option<String> {
    let others = [Method::Get, Method::Post, Method::Delete].into_iter().filter(|other| *other != method);
    let known = others.filter_map(|other| {
        let (operation, _) = tables::route_in(other, path, version)?;
        Some(format!("{} ({})", other.as_str(), operation.id))
    });
    let known: Vec<String> = known.collect();
    (!known.is_empty()).then(|| format!(" They have this path with {}.", known.join(" and ")))
}

fn other_versions(method: Method, path: &str) -> Option<String> {
    let (operation, _) = Version::all().find_map(|version| tables::route_in(method, path, version))?;
    Some(format!(" Stripe has {} {}.", operation.id, operation.releases))
}

/// The template that is most like the path, ids left aside.
fn near(method: Method, path: &str, version: Version) -> Option<String> {
    let given = without_ids(path, |part| part.bytes().skip(1).any(|b| b.is_ascii_digit()) && part != "v1");
    let known = tables::operation_ids_in(version).filter_map(tables::operation_of_any);
    let known = known.filter(|operation| operation.method == method);
    let like: Vec<(&'static Operation, String)> = known
        .map(|operation| (operation, without_ids(operation.path, |part| part.starts_with('{'))))
        .collect();
    let near = nearest(&given, like.iter().map(|(_, text)| text.as_str()))?.to_owned();
    let (operation, _) = like.iter().find(|(_, text)| *text == near)?;
    Some(format!(" Did you mean {} ({})?", operation.path, operation.id))
}

fn without_ids(path: &str, is_id: impl Fn(&str) -> bool) -> String {
    path.split('/').map(|part| if is_id(part) { "*" } else { part }).collect::<Vec<_>>().join("/")
}
