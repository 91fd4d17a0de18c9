//! What a name on the command line stands for, and the config that its flags make.

#[cfg(test)]
mod tests;

use ::actions::{
    Action, Catalog, Effect, Entry, Invalid, Plan, Unfound,
    describe::{Description, Field},
};
use model::{Code, Failure};
use serde_json::{Map, Value, json};
use stripe::{
    Method, PINNED, Version,
    tables::{self, Operation, Type},
};

use crate::{
    commands::json_argument,
    flags::{self, Shape, Slot},
};

/// What is called.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Target {
    Action(&'static Action),
    /// An operation by its id; it goes out as `stripe.request`.
    Operation(&'static Operation),
    /// `stripe.request` itself.
    Request,
}

/// The names of `stripe.request`'s input.
pub(crate) const OPERATION: &str = "operation";
const METHOD: &str = "method";
const PATH: &str = "path";
const PARAMS: &str = "params";
/// More parameters of an action.
const EXTRA: &str = "extra";

impl Target {
    /// What a name stands for: an action with or without `stripe.`, or an operation's id,
    /// of whatever version has it.
    ///
    /// # Errors
    /// `not_found` with the nearest name.
    pub(crate) fn named(name: &str) -> Result<Self, Failure> {
        match Catalog.entry(name) {
            Ok(Entry::Action(action)) => Ok(Self::Action(action)),
            Ok(Entry::Request) => Ok(Self::Request),
            Err(unfound) => {
                let known = tables::operation(name).or_else(|| tables::operation_of_any(name));
                known.map(Self::Operation).ok_or_else(|| unfound_failure(name, &unfound))
            }
        }
    }

    /// The name to ask the API by.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Action(action) => action.name,
            Self::Operation(_) | Self::Request => Entry::Request.name(),
        }
    }

    /// The entry of the catalog that it goes out as.
    pub(crate) fn entry(self) -> Entry {
        match self {
            Self::Action(action) => Entry::Action(action),
            Self::Operation(_) | Self::Request => Entry::Request,
        }
    }

    /// What it does to the world; of `stripe.request` only its input tells.
    pub(crate) fn effect(self) -> Option<Effect> {
        match self {
            Self::Action(action) => Some(action.effect),
            Self::Operation(operation) => Some(Effect::of(operation.method)),
            Self::Request => None,
        }
    }

    /// What can be said of it.
    pub(crate) fn described(self, version: Version) -> Description {
        match self {
            Self::Action(action) => Description::of_action(action, version),
            Self::Operation(operation) => Description::of_operation(operation, version),
            Self::Request => Description::of_request(),
        }
    }

    /// The fields that its flags may name. `operation` is what an input of
    /// `stripe.request` names so far.
    pub(crate) fn shape(self, version: Version, operation: Option<&'static Operation>) -> Shape {
        let shape = Shape::of(&self.described(version));
        match self {
            Self::Action(_) => with_container(EXTRA, shape),
            Self::Operation(_) => with_container(PARAMS, shape),
            Self::Request => request_shape(shape, version, operation),
        }
    }

    /// The operation that words of a command line name for `stripe.request`.
    pub(crate) fn operation_of(self, words: &[String]) -> Option<&'static Operation> {
        request_operation(&Map::new(), words)
    }

    /// The config of an input and flags.
    ///
    /// # Errors
    /// `validation_error` when they cannot be read.
    pub(crate) fn config(self, input: Option<&str>, words: &[String]) -> Result<Value, Failure> {
        let config = match input {
            Some(text) => json_argument(text, "input")?,
            None => json!({}),
        };
        let Value::Object(config) = config else {
            return Err(Failure::new(
                Code::ValidationError,
                "--input is not a JSON object. Nothing was sent.",
            )
            .at("input"));
        };
        let named = named(&config, words, "apiVersion").and_then(|text| Version::parse(&text).ok());
        let newest = self.read(&config, words, named.unwrap_or(PINNED));
        if named.is_some() || newest.as_ref().is_ok_and(|config| self.takes(config, PINNED).is_ok()) {
            return newest;
        }
        // Which version the connection speaks only the server knows.
        let read =
            |version| self.read(&config, words, version).ok().filter(|c| self.takes(c, version).is_ok());
        older().find_map(read).map_or(newest, Ok)
    }

    /// The config of an input and flags, by the fields of a version.
    fn read(self, config: &Map<String, Value>, words: &[String], version: Version) -> Result<Value, Failure> {
        let mut config = config.clone();
        let shape = self.shape(version, request_operation(&config, words));
        flags::read(&shape, words, &mut config)?;
        Ok(Value::Object(match self {
            Self::Operation(operation) => as_request(operation, config),
            Self::Action(_) | Self::Request => config,
        }))
    }

    /// What a config makes under a version unless it names one.
    fn takes(self, config: &Value, version: Version) -> Result<Plan, Vec<Invalid>> {
        Catalog.plan(self.entry(), config, version)
    }

    /// Checks a config as the server does, and says whether it writes. Which version the
    /// connection speaks only the server knows: what none could take is refused here.
    ///
    /// # Errors
    /// The failure that the server would answer with under the pinned version.
    pub(crate) fn check(self, config: &Value) -> Result<bool, Failure> {
        let plan = match self.takes(config, PINNED) {
            Ok(plan) => plan,
            Err(invalid) => {
                let other = older().find_map(|version| self.takes(config, version).ok());
                other.ok_or_else(|| Invalid::to_failure(&invalid, self.entry(), "config."))?
            }
        };
        Ok(plan.effect != Effect::Read)
    }

    /// The flag of a name that stands beside a field of the config.
    pub(crate) fn flag_beside(self, field: &str, nearest: &str) -> String {
        let flag = beside(field, nearest);
        match self {
            // The parameters of an operation that is called by its id have no `params` around them.
            Self::Operation(_) => flag.strip_prefix("params.").map(str::to_owned).unwrap_or(flag),
            Self::Action(_) | Self::Request => flag,
        }
    }
}

/// One version of each older release, the newest first: those of one share their tables.
fn older() -> impl Iterator<Item = Version> {
    let mut seen = PINNED.generation();
    let newest_first = Version::all().collect::<Vec<_>>().into_iter().rev();
    newest_first
        .filter(move |version| std::mem::replace(&mut seen, version.generation()) != version.generation())
}

/// The flag of a name that stands beside a field: `config.items[0].pirce` and `price`
/// give `items.0.price`.
fn beside(field: &str, nearest: &str) -> String {
    let place = field.strip_prefix("config.").unwrap_or(field).replace('[', ".").replace(']', "");
    match place.rsplit_once('.') {
        Some((parents, _)) => {
            let parents: Vec<String> = parents.split('.').map(flags::flag).collect();
            format!("{}.{}", parents.join("."), flags::flag(nearest))
        }
        None => flags::flag(nearest),
    }
}

/// The nearest of everything there is: a name with a dot is meant as an operation.
fn unfound_failure(name: &str, unfound: &Unfound) -> Failure {
    let operation = Catalog.operation(name, PINNED).err();
    match operation.filter(|unfound| unfound.nearest.is_some() && name.contains('.')) {
        Some(operation) if unfound.nearest.is_none() => operation.to_failure(),
        _ => unfound.to_failure(),
    }
}

/// All fields once more inside an object, for those whose flag is taken by an option.
fn with_container(name: &'static str, mut shape: Shape) -> Shape {
    let inside = Slot::object(container(name), shape.fields.clone());
    shape.fields.push(inside);
    shape
}

fn container(name: &'static str) -> Field {
    Field {
        name: name.to_owned(),
        stripe: name,
        kind: &Type::Any,
        required: false,
        clearable: false,
        default: None,
        about: "",
    }
}

/// The input of `stripe.request`: its params are those of the operation, if that is known.
fn request_shape(mut shape: Shape, version: Version, operation: Option<&'static Operation>) -> Shape {
    let params = shape.fields.iter_mut().find(|slot| slot.is_spelled(PARAMS));
    if let (Some(operation), Some(params)) = (operation, params) {
        let described = Description::of_operation(operation, version);
        let fields = described.parameters().cloned().map(Slot::of).collect();
        *params = Slot::object(params.field.clone().unwrap_or_else(|| container(PARAMS)), fields);
    }
    shape
}

/// The operation that an input of `stripe.request` names, wherever it does.
fn request_operation(config: &Map<String, Value>, words: &[String]) -> Option<&'static Operation> {
    if let Some(id) = named(config, words, OPERATION) {
        return tables::operation(&id).or_else(|| tables::operation_of_any(&id));
    }
    let method = match named(config, words, METHOD)?.to_ascii_uppercase().as_str() {
        "GET" => Method::Get,
        "POST" => Method::Post,
        "DELETE" => Method::Delete,
        _ => return None,
    };
    tables::route(method, &named(config, words, PATH)?).map(|(operation, _)| operation)
}

/// The text that flags or input give for a name at the top.
fn named(config: &Map<String, Value>, words: &[String], name: &str) -> Option<String> {
    let is = |written: &str| written == name || flags::flag(name) == written.replace('_', "-");
    let mut words = words.iter();
    while let Some(word) = words.next() {
        let Some(flag) = word.strip_prefix("--") else { continue };
        match flag.split_once('=') {
            Some((flag, value)) if is(flag) => return Some(value.to_owned()),
            None if is(flag) => return words.next().cloned(),
            _ => {}
        }
    }
    config.iter().find(|(key, _)| is(key)).and_then(|(_, value)| value.as_str()).map(str::to_owned)
}

/// The input of `stripe.request` for an operation's fields: options stay at the top,
/// everything else is a parameter.
fn as_request(operation: &'static Operation, flat: Map<String, Value>) -> Map<String, Value> {
    let described = Description::of_operation(operation, PINNED);
    let mut config = Map::from_iter([(OPERATION.to_owned(), json!(operation.id))]);
    let mut params = Map::new();
    for (key, value) in flat {
        match value {
            Value::Object(more) if key == PARAMS => params.extend(more),
            value if described.options.iter().any(|option| option.is_spelled(&key)) => {
                config.insert(key, value);
            }
            value => {
                params.insert(key, value);
            }
        }
    }
    if !params.is_empty() {
        config.insert(PARAMS.to_owned(), Value::Object(params));
    }
    config
}
