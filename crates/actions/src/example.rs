//! Examples: inputs that documentation shows and generic tests execute.

use serde_json::Value;

use crate::Action;

/// See [`crate::Catalog::example_input`]. An example that is no JSON, which a test over
/// the whole catalog excludes, is `null`.
pub(crate) fn fill(action: &Action, fixtures: &dyn Fn(&str) -> String) -> Value {
    let mut example = serde_json::from_str(action.example).unwrap_or(Value::Null);
    replace(&mut example, fixtures);
    example
}

fn replace(value: &mut Value, fixtures: &dyn Fn(&str) -> String) {
    match value {
        Value::String(text) => {
            let fixture = text.strip_prefix('{').and_then(|rest| rest.strip_suffix('}'));
            if let Some(id) = fixture.map(fixtures) {
                *text = id;
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| replace(item, fixtures)),
        Value::Object(fields) => fields.values_mut().for_each(|field| replace(field, fixtures)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}
