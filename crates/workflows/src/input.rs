//! `inputSchema`: what a run may be started with.
//!
//! Defaults are filled in first, then the whole is checked, so that a default has to
//! satisfy the schema too. `format` is asserted. References to other documents are
//! refused: checking an input never reads anything.

use std::fmt;

use jsonschema::Validator;
use model::{Code, Failure};
use serde_json::{Value, json};

/// Findings that a failure names.
const FINDINGS_MAX: usize = 20;

/// A compiled schema; none accepts every input.
#[derive(Default)]
pub(crate) struct InputSchema {
    compiled: Option<(Value, Validator)>,
}

impl fmt::Debug for InputSchema {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("InputSchema").field(&self.compiled.as_ref().map(|(schema, _)| schema)).finish()
    }
}

impl InputSchema {
    /// Compiles a schema; the error has the path inside of it and says what is wrong.
    pub fn compile(schema: Option<Value>) -> Result<Self, (String, String)> {
        let Some(schema) = schema else { return Ok(Self::default()) };
        if !schema.is_object() {
            return Err((String::new(), "`inputSchema` is a map: a JSON Schema of 2020-12".into()));
        }
        if let Some(path) = outside_reference(&schema, "") {
            return Err((path, "a `$ref` points into this schema, `#/$defs/…`; nothing else is read".into()));
        }
        let validator = jsonschema::draft202012::options().should_validate_formats(true).build(&schema);
        match validator {
            Ok(validator) => Ok(Self { compiled: Some((schema, validator)) }),
            Err(e) => {
                let path = e.instance_path().to_string().trim_start_matches('/').replace('/', ".");
                Err((path.clone(), format!("this is no JSON Schema: {e}")))
            }
        }
    }

    /// Fills in defaults and checks.
    pub fn accept(&self, mut input: Value) -> Result<Value, Failure> {
        let Some((schema, validator)) = &self.compiled else { return Ok(input) };
        fill_defaults(schema, schema, &mut input, 0);
        if let Some(path) = too_large(&input, "input") {
            let message = format!(
                "The input is not what the workflow takes: `{path}` is too large a whole number to be kept exactly. \
                 Nothing was started. Amounts are minor units; other long numbers go as text."
            );
            return Err(Failure::new(Code::ValidationError, message).at(path));
        }
        let found: Vec<(String, String)> = validator
            .iter_errors(&input)
            .take(FINDINGS_MAX)
            .map(|e| (field(&e), crate::notation::cut(&e.to_string())))
            .collect();
        let Some((first, why)) = found.first() else { return Ok(input) };
        let message =
            format!("The input is not what the workflow takes: `{first}`: {why}. Nothing was started.");
        let details = json!({ "invalid": found.iter().map(|(field, message)| json!({ "field": field, "message": message })).collect::<Vec<_>>() });
        Err(Failure::new(Code::ValidationError, message).at(first.clone()).with_details(details))
    }
}

/// The place of a whole number beyond 64 bits: it is read inexactly, and a schema would
/// still call it an integer.
fn too_large(value: &Value, path: &str) -> Option<String> {
    match value {
        Value::Number(number) => {
            let whole = number.as_f64().is_some_and(|n| n.fract() == 0.0 && n.abs() >= 9.0e15);
            (number.is_f64() && whole).then(|| path.to_owned())
        }
        Value::Array(items) => {
            items.iter().enumerate().find_map(|(i, item)| too_large(item, &format!("{path}[{i}]")))
        }
        Value::Object(map) => map.iter().find_map(|(key, item)| too_large(item, &format!("{path}.{key}"))),
        _ => None,
    }
}

/// The field at fault, `input.items[0].price`.
fn field(e: &jsonschema::ValidationError<'_>) -> String {
    let mut path = "input".to_owned();
    for part in e.instance_path().to_string().split('/').filter(|part| !part.is_empty()) {
        if part.bytes().all(|b| b.is_ascii_digit()) {
            path.push_str(&format!("[{part}]"));
        } else {
            path.push('.');
            path.push_str(part);
        }
    }
    if let jsonschema::error::ValidationErrorKind::Required { property } = e.kind() {
        path.push('.');
        path.push_str(property.as_str().unwrap_or_default());
    }
    path
}

/// The path of a `$ref` that leaves the schema.
fn outside_reference(schema: &Value, path: &str) -> Option<String> {
    match schema {
        Value::Object(map) => map.iter().find_map(|(key, value)| {
            let path = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
            let leaves = matches!(key.as_str(), "$ref" | "$dynamicRef" | "$schema")
                && value
                    .as_str()
                    .is_some_and(|to| !to.starts_with('#') && !to.contains("json-schema.org/draft/2020-12"));
            if leaves { Some(path) } else { outside_reference(value, &path) }
        }),
        Value::Array(items) => {
            items.iter().enumerate().find_map(|(i, item)| outside_reference(item, &format!("{path}[{i}]")))
        }
        _ => None,
    }
}

/// Fills in the defaults of properties, of items, and of what a local `$ref` names.
fn fill_defaults(root: &Value, schema: &Value, value: &mut Value, depth: usize) {
    if depth > crate::notation::DEPTH_MAX {
        return;
    }
    if let Some(pointer) = schema.get("$ref").and_then(Value::as_str).and_then(|to| to.strip_prefix('#'))
        && let Some(named) = root.pointer(pointer)
    {
        fill_defaults(root, named, value, depth + 1);
    }
    for part in schema.get("allOf").and_then(Value::as_array).into_iter().flatten() {
        fill_defaults(root, part, value, depth + 1);
    }
    match value {
        Value::Object(map) => {
            let properties = schema.get("properties").and_then(Value::as_object);
            for (name, property) in properties.into_iter().flatten() {
                if !map.contains_key(name)
                    && let Some(default) = property.get("default")
                {
                    map.insert(name.clone(), default.clone());
                }
                if let Some(value) = map.get_mut(name) {
                    fill_defaults(root, property, value, depth + 1);
                }
            }
        }
        Value::Array(items) => {
            if let Some(of_items) = schema.get("items") {
                items.iter_mut().for_each(|item| fill_defaults(root, of_items, item, depth + 1));
            }
        }
        _ => {}
    }
}
