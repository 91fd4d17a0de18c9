//! JSON to a form, byte for byte as the official Node SDK writes it. What surprises:
//! brackets stay as they are, in values too, and a space is `%20`.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Map, Value};

use super::{DEPTH_MAX, EncodeError, PATH_CHARS};

/// Everything but the characters that the SDK leaves alone.
const TEXT: &AsciiSet =
    &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~').remove(b'[').remove(b']');

/// Encodes as the official SDKs do: indexed arrays, `null` and `""` as `key=`,
/// nothing at all for `[]` and `{}`, insertion order kept. A fraction travels as
/// the text that was given, so whoever has a number makes it a text first: that way
/// no float can slip into an amount.
///
/// # Errors
/// Empty keys, keys with brackets, floats, nesting beyond [`DEPTH_MAX`].
pub fn encode(params: &Map<String, Value>) -> Result<String, EncodeError> {
    let mut form = String::new();
    for (key, value) in params {
        write(&mut form, &segment("", key)?, key, value, 1)?;
    }
    Ok(form)
}

/// `at` is the encoded place, `path` the readable one.
fn write(form: &mut String, at: &str, path: &str, value: &Value, depth: usize) -> Result<(), EncodeError> {
    if depth > DEPTH_MAX {
        return Err(refuse(path, "it is nested too deeply"));
    }
    match value {
        Value::Null => pair(form, at, ""),
        Value::Bool(flag) => pair(form, at, if *flag { "true" } else { "false" }),
        Value::Number(number) if number.is_f64() => {
            return Err(refuse(path, "a fraction has to be given as text"));
        }
        Value::Number(number) => pair(form, at, &number.to_string()),
        Value::String(text) => pair(form, at, text),
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                write(form, &format!("{at}[{index}]"), &format!("{path}[{index}]"), item, depth + 1)?;
            }
        }
        Value::Object(entries) => {
            for (key, item) in entries {
                let place = format!("{at}[{}]", segment(path, key)?);
                write(form, &place, &format!("{path}[{key}]"), item, depth + 1)?;
            }
        }
    }
    Ok(())
}

fn segment(path: &str, key: &str) -> Result<String, EncodeError> {
    if key.is_empty() {
        return Err(refuse(path, "it has an empty key"));
    }
    if key.contains(['[', ']']) {
        return Err(refuse(&format!("{path}.{key}"), "a key cannot hold brackets"));
    }
    Ok(escape(key))
}

fn refuse(path: &str, why: &'static str) -> EncodeError {
    EncodeError { path: path.chars().take(PATH_CHARS).collect(), why }
}

fn pair(form: &mut String, at: &str, value: &str) {
    if !form.is_empty() {
        form.push('&');
    }
    form.push_str(at);
    form.push('=');
    form.push_str(&escape(value));
}

fn escape(text: &str) -> String {
    utf8_percent_encode(text, TEXT).to_string()
}
