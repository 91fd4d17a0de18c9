//! Steps that perform any operation: what their config tells before the templates in it
//! have values.
//!
//! An operation that is written down is checked like an action. A template inside a part
//! of a path stands for an id; a template in place of the operation, the verb or the
//! whole path leaves nothing to check, and that is said.

use std::borrow::Cow;

use actions::{Action, Catalog, Entry};
use serde_json::Value;

use crate::template::{is_template, with_stand_in};

/// What stands for an id while nobody knows it.
const SOME_ID: &str = "template";

/// A config as the catalog can read it, templates in its path replaced.
pub(super) fn readable(entry: Entry, input: &Value) -> Cow<'_, Value> {
    let path = input.get("path").and_then(Value::as_str).filter(|path| is_template(path));
    let (Entry::Request, Some(path)) = (entry, path) else { return Cow::Borrowed(input) };
    let mut read = input.clone();
    read["path"] = Value::from(with_stand_in(path, SOME_ID));
    Cow::Owned(read)
}

/// The action that a step performs, as far as its config tells.
pub(super) fn performed(catalog: &Catalog, entry: Entry, input: &Value) -> Option<&'static Action> {
    catalog.performed(entry, &readable(entry, input), stripe::PINNED)
}

/// Why nothing of a step can be checked; `None` where something can.
pub(super) fn unchecked(catalog: &Catalog, entry: Entry, input: &Value) -> Option<String> {
    let Entry::Request = entry else { return None };
    let action = performed(catalog, entry, input);
    if action.is_some_and(|action| action.operation.resolve().is_listed()) {
        return None;
    }
    let open = ["operation", "method", "path"].into_iter().find(|name| is_open(input, name));
    if let Some(name) = open {
        return Some(format!(
            "`{name}` is known only when the step runs, so nothing of the request can be checked before"
        ));
    }
    // Without an action the operation itself is wrong, which is a finding of its own.
    action?;
    let plan = catalog.plan(entry, input, stripe::PINNED).ok();
    let why = plan.and_then(|plan| plan.checked.why_not().map(str::to_owned));
    Some(why.unwrap_or_else(|| "no table knows this path, so nothing of the request is checked".into()))
}

fn is_open(input: &Value, name: &str) -> bool {
    input.get(name).and_then(Value::as_str).is_some_and(is_template)
}
