//! An object as JSON in HTML, its ids as links.

use serde_json::Value;

use crate::page::escaped;

/// Two spaces a level, as the API prints it. `linked` gives the HTML of a text that is
/// the id of something.
pub(super) fn html(value: &Value, linked: &dyn Fn(&str) -> Option<String>) -> String {
    let mut out = String::new();
    write(value, linked, 0, &mut out);
    out
}

fn write(value: &Value, linked: &dyn Fn(&str) -> Option<String>, depth: usize, out: &mut String) {
    match value {
        Value::Object(map) if !map.is_empty() => {
            out.push('{');
            for (n, (name, value)) in map.iter().enumerate() {
                next_line(n > 0, depth + 1, out);
                out.push_str(&escaped(&Value::from(name.as_str()).to_string()));
                out.push_str(": ");
                write(value, linked, depth + 1, out);
            }
            next_line(false, depth, out);
            out.push('}');
        }
        Value::Array(items) if !items.is_empty() => {
            out.push('[');
            for (n, item) in items.iter().enumerate() {
                next_line(n > 0, depth + 1, out);
                write(item, linked, depth + 1, out);
            }
            next_line(false, depth, out);
            out.push(']');
        }
        Value::String(text) => match linked(text) {
            Some(link) => out.extend(["&quot;", &link, "&quot;"]),
            None => out.push_str(&escaped(&value.to_string())),
        },
        other => out.push_str(&escaped(&other.to_string())),
    }
}

fn next_line(after_another: bool, depth: usize, out: &mut String) {
    if after_another {
        out.push(',');
    }
    out.push('\n');
    out.push_str(&"  ".repeat(depth));
}
