//! The form codec: `metadata[a]=b`, `items[0][price]=p`, `expand[]=x`.
//!
//! Brackets are structure *after* percent-decoding. Values are text on the wire;
//! what they mean is decided by the operation's parameters, not by their looks.

use serde_json::{Map, Value};

/// A value that has no form encoding.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{path}` cannot be sent: {why}")]
pub struct EncodeError {
    /// The parameter, as `items[0][price]`.
    pub path: String,
    /// Why not.
    pub why: &'static str,
}

/// A form that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the form cannot be read at `{path}`: {why}")]
pub struct DecodeError {
    /// The parameter, as `items[0][price]`, cut at 200 characters.
    pub path: String,
    /// Why not.
    pub why: &'static str,
}

/// Deepest nesting of a form.
pub const DEPTH_MAX: usize = 16;
/// Most pairs in a form.
pub const PAIRS_MAX: usize = 10_000;
/// Most elements of one array.
pub const ARRAY_MAX: usize = 1_000;

/// Encodes as the official SDKs do: indexed arrays, `null` and `""` as `key=`,
/// nothing at all for `[]` and `{}`, insertion order kept.
///
/// # Errors
/// Empty keys, keys with brackets, floats, nesting beyond [`DEPTH_MAX`].
pub fn encode(_params: &Map<String, Value>) -> Result<String, EncodeError> {
    todo!()
}

/// Decodes into nested objects and arrays of strings. Arrays come as `a[0]=`
/// (any order, gaps allowed, ordered by index) or `a[]=` (`items[][p]=` opens a new
/// element when a key repeats). An all-numeric bracket key is read as an index;
/// [`crate::tables::Operation::coerce`] makes a map of it where the operation says so.
///
/// # Errors
/// Malformed percent-encoding or UTF-8, a scalar and a list or hash under one key,
/// and whatever exceeds a limit above.
pub fn decode(_form: &[u8]) -> Result<Map<String, Value>, DecodeError> {
    todo!()
}
