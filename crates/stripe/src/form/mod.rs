//! The form codec: `metadata[a]=b`, `items[0][price]=p`, `expand[]=x`.
//!
//! Brackets are structure *after* percent-decoding. Values are text on the wire;
//! what they mean is decided by the operation's parameters, not by their looks.

mod decode;
mod encode;
#[cfg(test)]
mod tests;

pub use decode::decode;
pub use encode::encode;

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

/// The longest place named in an error, in characters.
const PATH_CHARS: usize = 200;
