//! From an action's input to the request's parameters. Pure.

use model::{AccountId, Failure};
use serde_json::{Map, Value};
use stripe::Version;

use crate::Action;

/// A checked request, complete but for key and credential.
#[derive(Debug, Clone, PartialEq)]
pub struct Plan {
    /// The action.
    pub action: &'static str,
    /// The operation's id in Stripe's tables.
    pub operation: &'static str,
    /// The concrete path.
    pub path: String,
    /// Stripe's parameters by Stripe's names, `expand` included.
    pub params: Map<String, Value>,
    /// How to call.
    pub options: CallOptions,
    /// Writes that share one of these go one after another: ids of the path, the
    /// customer, the subscription, the invoice.
    pub locks: Vec<String>,
}

/// The options that every action takes beside its fields.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CallOptions {
    /// The connected account to act as.
    pub stripe_account: Option<AccountId>,
    /// The API version; the pinned one unless told otherwise.
    pub version: Version,
}

/// One thing that is wrong with an input.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invalid {
    /// Where, in the input's own names: `items[0].price`, `metadata.a`.
    pub field: String,
    /// What is wrong and what would be right; names the nearest known name or the
    /// allowed values.
    pub message: String,
    /// The nearest known name, for programs.
    pub nearest: Option<String>,
    /// The allowed values, for programs.
    pub allowed: Vec<&'static str>,
}

impl Invalid {
    /// All findings as one `validation_error`: the first is the message, all are in
    /// `details.invalid`. Nothing was sent, and it says so. `prefix` goes before the
    /// fields, such as `config.`.
    pub fn to_failure(_findings: &[Self], _action: &Action, _prefix: &str) -> Failure {
        todo!()
    }
}
