//! One use of an action, written as a command, as curl and as a workflow step.
//!
//! Help and generated pages show these, to be copied and pasted; tests read each of them
//! back and hold it to the config that it was made of.

mod command;
mod curl;
mod step;

#[cfg(test)]
mod tests;

use ::actions::Catalog;
use serde_json::{Map, Value, json};
use stripe::PINNED;

use crate::target::Target;

/// The columns that the forms keep to.
const WIDTH: usize = 80;

/// A use in three forms.
#[derive(Debug, Clone)]
pub(crate) struct Forms {
    /// What the input is, as JSON.
    pub(crate) config: Value,
    /// A command line.
    pub(crate) command: String,
    /// The same over HTTP.
    pub(crate) curl: String,
    /// The same as a step of a workflow, YAML.
    pub(crate) step: String,
}

impl Forms {
    /// The forms of the example. Ids in it look like Stripe's and name nothing.
    pub(crate) fn example(target: Target) -> Self {
        Self::of(target, example(target))
    }

    fn of(target: Target, config: Value) -> Self {
        Self {
            command: command::write(target, &config),
            curl: curl::write(target, &config),
            step: step::write(target, &config),
            config,
        }
    }
}

/// The input that examples show.
fn example(target: Target) -> Value {
    match target {
        Target::Action(action) => Catalog.example_input(action, &id),
        Target::Request => {
            json!({ "operation": "refunds.create", "params": { "charge": id("charge"), "amount": 500 } })
        }
        Target::Operation(operation) => {
            let example = Catalog.operation(operation.id, PINNED);
            let mut example =
                example.map_or_else(|_| json!({}), |raw| Catalog.operation_example(raw, PINNED));
            fill(&mut example);
            example
        }
    }
}

/// Puts something in place of names in braces.
fn fill(value: &mut Value) {
    match value {
        Value::String(text) => {
            if let Some(name) = text.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')) {
                *text = id(name);
            }
        }
        Value::Array(items) => items.iter_mut().for_each(fill),
        Value::Object(fields) => fields.values_mut().for_each(fill),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// An id that looks like those of an object, for its name or that of a fixture.
fn id(name: &str) -> String {
    let kind = name.split(':').next().unwrap_or(name);
    let prefix = match kind {
        "account" => "acct",
        "charge" => "ch",
        "customer" => "cus",
        "event" => "evt",
        "invoice" => "in",
        "payment_intent" => "pi",
        "payment_method" => "pm",
        "product" => "prod",
        "refund" => "re",
        "subscription" => "sub",
        "webhook_endpoint" => "we",
        other => other,
    };
    format!("{prefix}_123")
}

/// The config as an object; anything else has no fields.
fn fields(config: &Value) -> Map<String, Value> {
    config.as_object().cloned().unwrap_or_default()
}
