//! From an action's input to the request's parameters. Pure.
//!
//! Three passes, each over the whole input, so that one answer names everything that
//! is wrong: names are read ([`crate::input`]), values are checked by the operation's
//! table ([`crate::findings`]), and what is missing is filled or missed.

use model::{Code, Failure};
use serde_json::{Map, Value};
use stripe::{
    Kind, Request, form,
    tables::{self, Operation, Param, Type},
};

use crate::{Action, CallOptions, Effect, Invalid, findings, given::Given, input, paging, request::unlisted};

/// A checked request, complete but for key and credential.
#[derive(Debug, Clone, PartialEq)]
pub struct Plan {
    /// The action.
    pub action: &'static str,
    /// The operation, of Stripe's tables unless nothing was checked.
    pub operation: &'static Operation,
    /// What repeating does.
    pub effect: Effect,
    /// Whether Stripe's tables stand behind it.
    pub checked: Checked,
    /// The concrete path.
    pub path: String,
    /// Stripe's parameters by Stripe's names, `expand` included.
    pub params: Map<String, Value>,
    /// How to call.
    pub options: CallOptions,
    /// Writes that share one of these go one after another: ids of the path, the
    /// customer, the subscription, the invoice. Sorted, so that whoever takes several
    /// takes them in one order; empty for reads.
    pub locks: Vec<String>,
}

/// Whether a request was checked before it goes out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Checked {
    /// Every parameter was, by the tables.
    ByTables,
    /// Nothing was; the sentence says why.
    Not(String),
}

impl Checked {
    /// Why nothing was checked; `None` when everything was.
    pub fn why_not(&self) -> Option<&str> {
        match self {
            Self::ByTables => None,
            Self::Not(why) => Some(why),
        }
    }
}

/// The plan of an input; see [`crate::Catalog::plan`].
pub(crate) fn plan(action: &'static Action, given: Given<'_>) -> Result<Plan, Vec<Invalid>> {
    let operation = action.operation.resolve();
    let mut read = given.read(action, operation);
    input::fill_defaults(action, &mut read);
    let params = operation.params_in(read.options.version);
    paging::fill_limit(params, &read.options, &mut read.params);
    findings::check(action, operation, &mut read);
    paging::check(operation, &mut read);
    if !read.found.is_empty() {
        return Err(read.found);
    }
    let ids: Vec<&str> = read.ids.iter().map(String::as_str).collect();
    let Some(path) = operation.path_with(&ids) else {
        return Err(vec![findings::bad_path(action)]);
    };
    write_fractions(params, &mut read.params);
    let locks = locks(action.effect, read.ids, &read.params);
    Ok(Plan {
        action: action.name,
        operation,
        effect: action.effect,
        checked: Checked::ByTables,
        path,
        params: read.params,
        options: read.options,
        locks,
    })
}

/// Parameters whose object a write holds at Stripe, beside the ids of the path.
pub const LOCKED: &[&str] = &["charge", "customer", "invoice", "payment_intent", "subscription"];

/// Stripe locks the object that is written and those it belongs to; two writes under
/// one of them would meet `lock_timeout` (Stripe's API, Rate limits).
pub(crate) fn locks(effect: Effect, ids: Vec<String>, params: &Map<String, Value>) -> Vec<String> {
    if effect == Effect::Read {
        return Vec::new();
    }
    let of_params = LOCKED.iter().filter_map(|name| params.get(*name)?.as_str().map(str::to_owned));
    let mut locks: Vec<String> = ids.into_iter().chain(of_params).collect();
    locks.sort();
    locks.dedup();
    locks
}

/// The same of a stored request: what it holds at Stripe, the ids of its path and the
/// objects that it names.
pub fn locks_of(request: &Request) -> Vec<String> {
    let ids = match request.operation.is_listed() {
        true => tables::route_in(request.operation.method, &request.path, request.version)
            .map_or_else(Vec::new, |(_, ids)| ids),
        false => unlisted::ids(&request.path),
    };
    let params = form::decode(&request.form).unwrap_or_default();
    locks(Effect::of(request.operation.method), ids, &params)
}

/// A percentage or rate goes out as the text that stands for it: a form has no floats.
fn write_fractions(params: &[Param], given: &mut Map<String, Value>) {
    for param in params {
        if let Some(value) = given.get_mut(param.name) {
            write_fraction(&param.kind, value);
        }
    }
}

fn write_fraction(kind: &Type, value: &mut Value) {
    match (kind, &mut *value) {
        (Type::Fraction, Value::Number(n)) if n.is_f64() => *value = Value::String(n.to_string()),
        (Type::Hash(props), Value::Object(given)) => write_fractions(props, given),
        (Type::Array(inner), Value::Array(items)) => {
            for item in items {
                write_fraction(inner, item);
            }
        }
        (Type::Map(inner), Value::Object(entries)) => {
            for (_, entry) in entries {
                write_fraction(inner, entry);
            }
        }
        (Type::Union(kinds), _) => {
            for kind in *kinds {
                write_fraction(kind, value);
            }
        }
        _ => {}
    }
}

impl Plan {
    /// The parameters as they go out, byte for byte: a POST's body, else the query.
    ///
    /// # Errors
    /// When a value has no form encoding.
    pub fn form(&self) -> Result<String, Failure> {
        form::encode(&self.params)
            .map_err(|error| unsendable(self, Code::ValidationError, &format!("{error}.")).at(error.path))
    }

    /// The request, ready to be stored and sent. Pure: the same plan and key give the
    /// same bytes.
    ///
    /// # Errors
    /// When a value has no form encoding, or the kind does not fit the operation's
    /// verb; nothing was sent.
    pub fn into_request(self, kind: Kind) -> Result<Request, Failure> {
        let operation = self.operation;
        if !fits(operation, &kind) {
            let why = format!("a {} cannot be sent as {}.", operation.method.as_str(), word(&kind));
            return Err(unsendable(&self, Code::InternalError, &why));
        }
        let form = self.form()?.into();
        let CallOptions { stripe_account: account, version, all: _ } = self.options;
        Ok(Request { operation, path: self.path, form, version, account, kind })
    }
}

fn fits(operation: &Operation, kind: &Kind) -> bool {
    use stripe::Method::{Delete, Get, Post};
    matches!((operation.method, kind), (Get, Kind::Read) | (Post, Kind::Write(_)) | (Delete, Kind::Delete))
}

fn word(kind: &Kind) -> &'static str {
    match kind {
        Kind::Read => "a read",
        Kind::Write(_) => "a write",
        Kind::Delete => "a delete",
    }
}

fn unsendable(plan: &Plan, code: Code, why: &str) -> Failure {
    let action = plan.action;
    let what_to_do = match code {
        Code::ValidationError => "Correct the input and send it again.",
        _ => "This is a mistake in Bursar; please report it.",
    };
    Failure::new(
        code,
        format!("No request can be made of {action}: {why} Nothing was sent to Stripe. {what_to_do}"),
    )
}
