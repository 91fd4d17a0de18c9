//! All actions, one list you can read.

use model::Failure;
use serde_json::Value;
use stripe::Version;

use crate::{Action, Invalid, Plan};

/// The catalog. It has no state: everything in it is static.
#[derive(Debug, Clone, Copy, Default)]
pub struct Catalog;

/// No such action.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("there is no action `{name}`{}", nearest.map(|n| format!("; did you mean `{n}`?")).unwrap_or_default())]
pub struct Unfound {
    /// What was asked for, cut at 100 characters.
    pub name: String,
    /// The nearest name there is.
    pub nearest: Option<&'static str>,
}

impl Unfound {
    /// As every surface shows it: `not_found`, with where to find the list.
    pub fn to_failure(&self) -> Failure {
        todo!()
    }
}

impl Catalog {
    /// Every action, in the order of the documentation.
    pub fn all(&self) -> &'static [&'static Action] {
        &[]
    }

    /// The action of this name, with or without the `stripe.` in front.
    pub fn get(&self, _name: &str) -> Result<&'static Action, Unfound> {
        todo!()
    }

    /// Checks an input and makes the request of it. Takes camel case and Stripe's
    /// snake case (both at once for one parameter is an error), never inside maps;
    /// takes the call options `expand`, `stripeAccount`, `apiVersion` off; fills
    /// defaults; refuses what the operation's table does not have, naming the
    /// nearest name. All findings are returned.
    pub fn plan(
        &self,
        _action: &'static Action,
        _input: &Value,
        _version: Version,
    ) -> Result<Plan, Vec<Invalid>> {
        todo!()
    }

    /// The JSON Schema (2020-12) of an action's input: curated fields first, call
    /// options, and every other parameter of the operation under its camel-case name.
    pub fn input_schema(&self, _action: &Action) -> Value {
        todo!()
    }
}
