//! `/actions`: the catalog, and calling what is in it.

pub(crate) mod call;
pub(crate) mod list;
mod pages;
pub(crate) mod show;

use ::actions::{Effect, Entry, Needs};
use serde_json::{Value, json};

/// Who may look at the catalog: whoever may call anything of it.
const SCOPES: &[&str] = &["actions:read", "actions:write", "actions:raw"];

/// An action, or `stripe.request`, as lists show it.
fn summary(entry: Entry) -> Value {
    let mut summary = json!({
        "name": entry.name(),
        "title": entry.title(),
        "about": entry.about(),
        "effect": entry.effect().map_or("by_operation", effect),
        "scope": scope(entry),
    });
    if let Entry::Action(action) = entry {
        let operation = action.operation.resolve();
        summary["permission"] = json!(action.permission.to_string());
        summary["needs"] = json!(action.permission.needs().map(Needs::to_json));
        summary["operation"] =
            json!({ "id": operation.id, "method": operation.method.as_str(), "path": operation.path });
    }
    summary
}

pub(crate) fn effect(effect: Effect) -> &'static str {
    match effect {
        Effect::Read => "read",
        Effect::KeyedWrite => "keyed_write",
        Effect::Delete => "delete",
    }
}

/// The scope that calling it takes. Whoever may call everything has a scope of its own.
fn scope(entry: Entry) -> &'static str {
    match entry.effect() {
        Some(Effect::Read) => "actions:read",
        Some(Effect::KeyedWrite | Effect::Delete) => "actions:write",
        None => "actions:raw",
    }
}
