//! The way back: a config as the words of a command line.

use serde_json::{Map, Value};

use super::{Shape, Slot};

/// The words that [`super::read`] reads as this config.
pub(crate) fn words(shape: &Shape, config: &Map<String, Value>) -> Vec<String> {
    let mut words = Vec::new();
    for (name, value) in config {
        write(&mut words, flag(name), &shape.top(name), value);
    }
    words
}

/// A name of ours or Stripe's as it is written in a flag.
pub(crate) fn flag(name: &str) -> String {
    let mut flag = String::with_capacity(name.len() + 4);
    for c in name.chars() {
        match c {
            '_' => flag.push('-'),
            c if c.is_ascii_uppercase() => {
                flag.push('-');
                flag.push(c.to_ascii_lowercase());
            }
            c => flag.push(c),
        }
    }
    flag
}

fn write(words: &mut Vec<String>, at: String, slot: &Slot, value: &Value) {
    match value {
        Value::Bool(true) if slot.is_boolean() => words.push(format!("--{at}")),
        Value::Bool(false) if slot.is_boolean() => words.push(format!("--no-{at}")),
        Value::Null => pair(words, &at, ""),
        Value::String(text) => pair(words, &at, text),
        Value::Array(items) if items.iter().all(is_item) && !items.is_empty() => {
            for item in items {
                write(words, at.clone(), &slot.item(), item);
            }
        }
        Value::Array(items)
            if items.iter().all(|item| item.as_object().is_some_and(is_plain)) && !items.is_empty() =>
        {
            for (nth, item) in items.iter().enumerate() {
                write(words, format!("{at}.{nth}"), &slot.item(), item);
            }
        }
        Value::Object(fields) if is_plain(fields) => {
            for (name, value) in fields {
                let below = slot.below(name).unwrap_or_else(Slot::unknown);
                let name = if below.field.is_some() { flag(name) } else { name.clone() };
                write(words, format!("{at}.{name}"), &below, value);
            }
        }
        other => pair(words, &at, &other.to_string()),
    }
}

/// Whether a list of such items is written by repeating the flag.
fn is_item(item: &Value) -> bool {
    matches!(item, Value::String(text) if !text.is_empty()) || item.is_number()
}

/// Whether an object is written field by field; any other is written as JSON.
fn is_plain(fields: &Map<String, Value>) -> bool {
    !fields.is_empty() && fields.keys().all(|key| !key.is_empty() && !key.contains(['.', '[', ']', '=']))
}

fn pair(words: &mut Vec<String>, at: &str, text: &str) {
    if text.is_empty() || text.starts_with("--") {
        words.push(format!("--{at}={text}"));
    } else {
        words.extend([format!("--{at}"), text.to_owned()]);
    }
}
