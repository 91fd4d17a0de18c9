//! Which operation an input names: by its id, or by verb and path.

use serde_json::Value;
use stripe::{
    Method, Version, path,
    tables::{self, Operation},
};

use super::{
    envelope::{Envelope, METHOD, OPERATION, PATH},
    unlisted,
};
use crate::{
    Catalog, Entry, Invalid, Why,
    ids::id,
    input::{suggest, twice},
    names::{nearest, nearest_of, shown},
};

const METHODS: &[&str] = &["GET", "POST", "DELETE"];

/// What a request goes to.
pub(super) enum Target {
    /// An operation of the tables; with the ids that its path was given with.
    Listed { operation: &'static Operation, ids: Option<Vec<String>> },
    /// A path that no table knows, and a sentence that says so.
    Unlisted { operation: &'static Operation, path: String, why: String },
}

impl Target {
    pub(super) fn operation(&self) -> &'static Operation {
        match self {
            Self::Listed { operation, .. } | Self::Unlisted { operation, .. } => operation,
        }
    }

    /// What an input names; `None` when it names nothing that can be requested, and then
    /// there is a finding that says why.
    pub(super) fn of(envelope: &mut Envelope<'_>) -> Option<Self> {
        let version = envelope.options.version;
        let target = match (envelope.operation, envelope.method, envelope.path) {
            (Some(named), None, None) => by_name(named, version),
            (Some(_), Some(_), _) => Err(twice(OPERATION, METHOD)),
            (Some(_), None, Some(_)) => Err(twice(OPERATION, PATH)),
            (None, Some(method), Some(path)) => by_path(method, path, version),
            (None, Some(_), None) => {
                Err(missing(PATH, "It is what comes after the host, such as `/v1/customers`."))
            }
            (None, None, Some(_)) => Err(missing(METHOD, "It is one of GET, POST and DELETE.")),
            (None, None, None) => Err(missing(
                OPERATION,
                "Say what to request: `operation`, such as `refunds.create`, or `method` and `path`.",
            )),
        };
        target.map_err(|invalid| envelope.found.push(invalid)).ok()
    }
}

fn missing(name: &str, about: &str) -> Invalid {
    Invalid::new(Why::Missing, name, format!("`{name}` is missing. {about}"))
}

fn by_name(named: &Value, version: Version) -> Result<Target, Invalid> {
    let Value::String(name) = named else {
        let message = "`operation` has to be the name of an operation, such as `refunds.create`.";
        return Err(Invalid::new(Why::Value, OPERATION, message));
    };
    match tables::operation_in(name, version) {
        Some(operation) => listed(operation, OPERATION, None),
        None => Err(unknown(name, version)),
    }
}

/// No operation of this name: it is another version's, an action's, or misspelt.
fn unknown(name: &str, version: Version) -> Invalid {
    let what = format!("There is no operation `{}` at {version}", shown(name));
    let invalid = |message: String| Invalid::new(Why::Value, OPERATION, message);
    if let Some(other) = tables::operation_of_any(name) {
        let releases = other.releases;
        return invalid(format!(
            "{what}; Stripe has it {releases}. Give an `apiVersion` of then, or use another."
        ));
    }
    if let Ok(Entry::Action(action)) = Catalog.entry(name) {
        let id = action.operation.0;
        let mut invalid =
            invalid(format!("{what}, but an action {}: call that, or give `{id}`.", action.name));
        invalid.nearest = Some(id.to_owned());
        return invalid;
    }
    match nearest_of(name, tables::operation_ids_in(version), 3).split_first() {
        None => invalid(format!("{what}. `bursar actions search WORD` finds operations.")),
        Some((first, others)) => {
            let others: String = others.iter().map(|id| format!(" or `{id}`")).collect();
            let mut invalid = invalid(format!("{what}; did you mean `{first}`{others}?"));
            invalid.nearest = Some((*first).to_owned());
            invalid
        }
    }
}

fn by_path(method: &Value, path: &Value, version: Version) -> Result<Target, Invalid> {
    let method = verb(method)?;
    let Value::String(text) = path else {
        return Err(Invalid::new(Why::Value, PATH, "`path` has to be text, such as `/v1/customers`."));
    };
    let path = path::clean(text).map_err(|why| Invalid::new(Why::Value, PATH, format!("`path` {why}.")))?;
    let Some((operation, ids)) = tables::route_in(method, &path, version) else {
        let why = unlisted::why(method, &path, version);
        return Ok(Target::Unlisted { operation: tables::unlisted(method), path, why });
    };
    for given in &ids {
        id(PATH, &Value::from(given.as_str()))?;
    }
    listed(operation, PATH, Some(ids))
}

fn verb(given: &Value) -> Result<Method, Invalid> {
    let text = given.as_str().unwrap_or_default().to_ascii_uppercase();
    if let Some(method) = Method::parse(&text) {
        return Ok(method);
    }
    let what = format!("`method` has to be one of {}", METHODS.join(", "));
    let mut invalid = suggest(
        Invalid::new(Why::Value, METHOD, what),
        nearest(&text, METHODS.iter().map(|m| (*m).to_owned())),
    );
    invalid.allowed = METHODS.to_vec();
    Err(invalid)
}

/// Whatever goes to another host than Stripe's API is refused: what is sent there and
/// what comes back is no form and no JSON, or concerns Bursar's own authorizations.
fn listed(operation: &'static Operation, place: &str, ids: Option<Vec<String>>) -> Result<Target, Invalid> {
    match operation.host {
        None => Ok(Target::Listed { operation, ids }),
        Some(host) => {
            let message = format!(
                "{} goes to {host}, and {} reaches Stripe's API at its own host only. Use Stripe's SDK for it.",
                operation.id,
                super::NAME
            );
            Err(Invalid::new(Why::Value, place, message))
        }
    }
}
