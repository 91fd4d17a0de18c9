//! An action's fields as flags: `--customer-id cus_1 --metadata.team ops --items.0.price price_1`.
//!
//! Names are taken in kebab, camel and snake case, at any depth, by dots or brackets.
//! What a name means and how its text is read comes from Stripe's tables; whether the
//! values are right is judged by the catalog, in the same words as on every surface.
//! What would surprise: a flag that no field has is kept, so that the catalog can refuse
//! it and name the nearest.

mod given;
mod place;
mod put;
mod shape;
mod text;
mod write;

#[cfg(test)]
mod tests;

use model::{Code, Failure};
use serde_json::{Map, Value};

pub(crate) use place::steps;
pub(crate) use shape::{Shape, Slot};
pub(crate) use write::{flag, words};

use self::given::Given;

/// Reads flags into a config, over what it holds already.
///
/// # Errors
/// `validation_error` for words that are no flags, a value that is missing, and two flags
/// that fill one place. Nothing was sent.
pub(crate) fn read(shape: &Shape, words: &[String], config: &mut Map<String, Value>) -> Result<(), Failure> {
    let mut given = Given::default();
    let mut words = words.iter().peekable();
    while let Some(word) = words.next() {
        let Some(name) = word.strip_prefix("--").filter(|name| !name.is_empty()) else {
            return Err(stray(word));
        };
        let (name, value) = match name.split_once('=') {
            Some((name, value)) => (name, Some(value.to_owned())),
            None => (name, None),
        };
        let mut flag = Flag::of(shape, name)?;
        flag.text = match value {
            Some(value) => Some(value),
            None if flag.turned_off => None,
            None => words.next_if(|next| !next.starts_with("--")).cloned(),
        };
        put::put(config, shape, &flag, &mut given)?;
    }
    Ok(())
}

/// A flag and its value.
struct Flag<'a> {
    /// As it was written, without the dashes.
    written: &'a str,
    /// Where it leads.
    steps: Vec<String>,
    /// `--no-…` of a field that is true or false.
    turned_off: bool,
    text: Option<String>,
}

impl<'a> Flag<'a> {
    fn of(shape: &Shape, written: &'a str) -> Result<Self, Failure> {
        let steps = place::steps(written)?;
        let off = written.strip_prefix("no-").or_else(|| written.strip_prefix("no_"));
        if let (Some(off), None) = (off, shape.at(&steps)) {
            let steps = place::steps(off)?;
            if shape.at(&steps).is_some_and(|slot| slot.is_boolean()) {
                return Ok(Self { written, steps, turned_off: true, text: None });
            }
        }
        Ok(Self { written, steps, turned_off: false, text: None })
    }
}

fn stray(word: &str) -> Failure {
    let word: String = word.chars().take(100).collect();
    usage(format!(
        "`{word}` is not a flag; fields are given as --field value, such as --metadata.team ops. \
         Text with spaces goes into quotes."
    ))
}

fn usage(message: String) -> Failure {
    Failure::new(Code::ValidationError, format!("{message} Nothing was sent."))
}
