//! Inputs with exactly one thing wrong, made from the catalog and Stripe's tables: for
//! every action, at every parameter of its operation, at every depth.
//!
//! Each is an input that would be fine but for one place. What would surprise: the ids
//! in them belong to nobody, because a bad input is refused before anything is sent.

mod samples;
mod walk;
mod wrong;

use actions::Action;
use serde_json::Value;

pub use samples::example;
pub use walk::{of, options};

/// The ways in which an input can be wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Wrong {
    /// Something that has to be there is not.
    Missing,
    /// A name that there is not, one letter away from one that there is.
    Misspelt,
    /// A word that an enum does not have.
    NotAllowed,
    /// A value of another type.
    Type,
}

/// An input, and what has to be said of it.
#[derive(Debug, Clone)]
pub struct BadInput {
    /// Whose input.
    pub action: &'static Action,
    /// The whole input.
    pub input: Value,
    /// The place at fault in the input's own names, `items[0].price`.
    pub place: String,
    /// What is wrong there.
    pub wrong: Wrong,
    /// Said in a failing test: "a fraction".
    pub what: String,
    /// The name or word that has to be offered.
    pub nearest: Option<String>,
    /// The words that have to be listed, all of them.
    pub allowed: Vec<&'static str>,
}

impl BadInput {
    /// Whether a run can get as far as this. What is wrong with a name at the input's
    /// top no template can hide, so the checker refuses it; and `all` is no step's.
    pub fn reaches_a_run(&self) -> bool {
        let top = !self.place.contains(['.', '[']);
        let name = matches!(self.wrong, Wrong::Missing | Wrong::Misspelt);
        !(top && name) && self.place != "all"
    }
}

impl std::fmt::Display for BadInput {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {} at `{}`: {}", self.action.name, self.what, self.place, self.input)
    }
}
