//! Secrets in templates: a name until the moment of sending.
//!
//! `secrets.NAME` evaluates to a placeholder, so that neither the core nor a journal
//! ever holds the secret. The driver fills it in when it sends. The marks around the
//! name are from Unicode's private use area. Text from outside that has them, an input
//! or an answer of Stripe's, loses them before a template sees it: nobody but the
//! document says where a secret goes.

use std::borrow::Cow;

use serde_json::Value;

const OPEN: &str = "\u{E000}secret:";
const CLOSE: char = '\u{E001}';

/// What stands for a secret until it is sent.
pub(crate) fn placeholder(name: &str) -> String {
    format!("{OPEN}{name}{CLOSE}")
}

/// A value without the marks of placeholders.
pub(super) fn unmarked(value: &Value) -> Cow<'_, Value> {
    if !is_marked(value) {
        return Cow::Borrowed(value);
    }
    Cow::Owned(match value {
        Value::String(text) => Value::String(text.replace(OPEN, "\u{FFFD}secret:")),
        Value::Array(items) => Value::Array(items.iter().map(|item| unmarked(item).into_owned()).collect()),
        Value::Object(map) => {
            Value::Object(map.iter().map(|(key, item)| (key.clone(), unmarked(item).into_owned())).collect())
        }
        other => other.clone(),
    })
}

fn is_marked(value: &Value) -> bool {
    match value {
        Value::String(text) => text.contains(OPEN),
        Value::Array(items) => items.iter().any(is_marked),
        Value::Object(map) => map.values().any(is_marked),
        _ => false,
    }
}

/// Puts secrets in the place of their placeholders, in every text of a value.
///
/// # Errors
/// The name that `lookup` does not know; nothing may be sent then.
pub fn fill_secrets(value: &mut Value, lookup: &mut dyn FnMut(&str) -> Option<String>) -> Result<(), String> {
    match value {
        Value::String(text) if text.contains(OPEN) => {
            *text = fill(text, lookup)?;
            Ok(())
        }
        Value::Array(items) => items.iter_mut().try_for_each(|item| fill_secrets(item, lookup)),
        Value::Object(map) => map.values_mut().try_for_each(|item| fill_secrets(item, lookup)),
        _ => Ok(()),
    }
}

fn fill(text: &str, lookup: &mut dyn FnMut(&str) -> Option<String>) -> Result<String, String> {
    let mut out = String::new();
    let mut rest = text;
    while let Some(begin) = rest.find(OPEN) {
        out.push_str(&rest[..begin]);
        let inside = &rest[begin + OPEN.len()..];
        let end = inside.find(CLOSE).ok_or("a secret's placeholder was cut")?;
        let name = &inside[..end];
        out.push_str(&lookup(name).ok_or_else(|| name.to_owned())?);
        rest = &inside[end + CLOSE.len_utf8()..];
    }
    out.push_str(rest);
    Ok(out)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_placeholder_is_filled_wherever_it_stands() {
        let mut value = json!({ "a": [format!("Bearer {}!", placeholder("KEY"))], "b": 1 });
        fill_secrets(&mut value, &mut |name| (name == "KEY").then(|| "s3cr3t".into())).unwrap();
        assert_eq!(value, json!({ "a": ["Bearer s3cr3t!"], "b": 1 }));
    }

    #[test]
    fn an_unknown_or_broken_placeholder_is_refused() {
        let mut value = json!(placeholder("GONE"));
        assert_eq!(fill_secrets(&mut value, &mut |_| None), Err("GONE".into()));
        let mut value = json!("\u{E000}secret:KEY");
        assert!(fill_secrets(&mut value, &mut |_| Some("x".into())).is_err());
    }
}
