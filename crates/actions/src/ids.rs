//! Ids that callers give for paths and headers.

use serde_json::Value;

use crate::{Invalid, Why};

/// The longest id that goes into a path or header; Stripe's are far shorter.
const ID_CHARS_MAX: usize = 255;

/// An id for the path. Stripe's prefixes are never checked; what could turn one path
/// into another is refused.
pub(crate) fn id(place: &str, value: &Value) -> Result<String, Invalid> {
    let refuse = |what: &str| Err(Invalid::new(Why::Value, place, format!("`{place}` {what}.")));
    let Value::String(text) = value else {
        return refuse("has to be an id, which is text");
    };
    if text.trim().is_empty() {
        return refuse("is empty; it has to be an id");
    }
    if text.chars().count() > ID_CHARS_MAX {
        return refuse("is longer than any id");
    }
    let odd = |c: char| c.is_control() || c.is_whitespace() || matches!(c, '/' | '\\' | '?' | '#' | '%');
    if text.contains(odd) || text == "." || text == ".." {
        return refuse("has characters that no id has; give the id alone, such as `in_1A`");
    }
    Ok(text.clone())
}

/// Text that can stand in a header.
pub(crate) fn is_token(text: &str) -> bool {
    !text.is_empty() && text.len() <= ID_CHARS_MAX && text.bytes().all(|b| b.is_ascii_graphic())
}
