//! An action's fields as flags.

use ::actions::{Action, Catalog};
use model::{Code, Failure};
use serde_json::{Map, Value, json};

/// Reads `--customer-id cus_1 --metadata.team=ops --auto-advance` into fields of the
/// action. `--auto-advance` alone is `true`.
pub(super) fn read(action: &Action, words: &[String]) -> Result<Map<String, Value>, Failure> {
    let schema = Catalog.input_schema(action);
    let mut fields = Map::new();
    let mut words = words.iter().peekable();
    while let Some(word) = words.next() {
        let Some(flag) = word.strip_prefix("--") else {
            return Err(usage(format!("`{word}` is not a flag; fields are given as --field value.")));
        };
        let (name, mut value) = match flag.split_once('=') {
            Some((name, value)) => (name, Some(value.to_owned())),
            None => (flag, None),
        };
        if value.is_none() {
            value = words.next_if(|next| !next.starts_with("--")).cloned();
        }
        set(&mut fields, &schema, name, value)?;
    }
    Ok(fields)
}

fn usage(message: String) -> Failure {
    Failure::new(Code::ValidationError, format!("{message} Nothing was sent."))
}

/// Sets one field, nested by dots, its text read by the schema's type. A repeated
/// list field adds to the list.
fn set(
    fields: &mut Map<String, Value>,
    schema: &Value,
    name: &str,
    value: Option<String>,
) -> Result<(), Failure> {
    let path: Vec<&str> = name.split('.').collect();
    let (Some((last, parents)), true) = (path.split_last(), path.iter().all(|part| !part.is_empty())) else {
        return Err(usage(format!("`--{name}` names no field.")));
    };
    let (mut place, mut schema) = (fields, schema);
    let mut in_map = false;
    for part in parents {
        let key = if in_map { (*part).to_owned() } else { camel(part) };
        schema = &schema["properties"][&key];
        in_map = schema["properties"].is_null();
        let next = place.entry(key).or_insert_with(|| json!({}));
        place = next
            .as_object_mut()
            .ok_or_else(|| usage(format!("`--{name}` goes into something that is no object.")))?;
    }
    let key = if in_map { (*last).to_owned() } else { camel(last) };
    let kind = kinds(&schema["properties"][&key]);
    let read = typed(&kind, value.as_deref(), name)?;
    match (place.get_mut(&key), read) {
        (Some(Value::Array(list)), Value::Array(more)) => list.extend(more),
        (_, read) => {
            place.insert(key, read);
        }
    }
    Ok(())
}

/// `customer-id` is `customerId`; camel and snake case stay as they are.
fn camel(flag: &str) -> String {
    let mut camel = String::with_capacity(flag.len());
    for (i, part) in flag.split('-').enumerate() {
        let mut chars = part.chars();
        match chars.next() {
            Some(first) if i > 0 => {
                camel.extend(first.to_uppercase());
                camel.push_str(chars.as_str());
            }
            _ => camel.push_str(part),
        }
    }
    camel
}

fn kinds(property: &Value) -> Vec<String> {
    match &property["type"] {
        Value::String(kind) => vec![kind.clone()],
        Value::Array(kinds) => kinds.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
        _ => vec![],
    }
}

/// Text as the type that the schema gives; what does not fit goes on as text, and the
/// catalog says what is wrong with it.
fn typed(kinds: &[String], value: Option<&str>, name: &str) -> Result<Value, Failure> {
    let has = |kind: &str| kinds.iter().any(|k| k == kind);
    let Some(text) = value else {
        return if has("boolean") {
            Ok(json!(true))
        } else {
            Err(usage(format!("`--{name}` needs a value.")))
        };
    };
    if has("boolean") && (text == "true" || text == "false") {
        return Ok(json!(text == "true"));
    }
    if (has("integer") || has("number"))
        && let Ok(number) = serde_json::from_str::<serde_json::Number>(text)
    {
        return Ok(Value::Number(number));
    }
    if has("array") || has("object") {
        if let Ok(structured @ (Value::Array(_) | Value::Object(_))) = serde_json::from_str(text) {
            return Ok(structured);
        }
        if has("array") {
            return Ok(json!([text]));
        }
    }
    Ok(json!(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_flags(action: &str, words: &[&str]) -> Map<String, Value> {
        let words: Vec<String> = words.iter().map(|w| (*w).to_owned()).collect();
        read(Catalog.get(action).unwrap(), &words).unwrap()
    }

    #[test]
    fn flags_become_fields_of_their_types() {
        let fields = read_flags(
            "stripe.createInvoice",
            &[
                "--customer-id",
                "cus_1",
                "--days-until-due=30",
                "--auto-advance",
                "--metadata.team-name=ops",
                "--expand",
                "customer",
            ],
        );
        assert_eq!(
            Value::Object(fields),
            json!({"customerId": "cus_1", "daysUntilDue": 30, "autoAdvance": true,
                   "metadata": {"team-name": "ops"}, "expand": ["customer"]})
        );
    }

    #[test]
    fn a_word_that_is_no_flag_is_refused() {
        let words = vec!["cus_1".to_owned()];
        assert!(read(Catalog.get("stripe.getCustomer").unwrap(), &words).is_err());
    }
}
