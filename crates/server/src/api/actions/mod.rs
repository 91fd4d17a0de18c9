//! `/actions`: the catalog, and calling what is in it.

pub(crate) mod call;
pub(crate) mod list;
mod pages;
pub(crate) mod show;

use ::actions::{Action, Effect};
use serde_json::{Value, json};

/// An action as lists show it.
fn summary(action: &Action) -> Value {
    let operation = action.operation.resolve();
    json!({
        "name": action.name,
        "title": action.title,
        "about": action.about,
        "effect": effect(action.effect),
        "permission": action.permission.to_string(),
        "scope": scope(action.effect),
        "operation": { "method": operation.method.as_str(), "path": operation.path },
    })
}

fn effect(effect: Effect) -> &'static str {
    match effect {
        Effect::Read => "read",
        Effect::KeyedWrite => "keyed_write",
        Effect::Delete => "delete",
    }
}

/// The scope that calling an action of this effect takes.
fn scope(effect: Effect) -> &'static str {
    match effect {
        Effect::Read => "actions:read",
        Effect::KeyedWrite | Effect::Delete => "actions:write",
    }
}
