//! Reading an input's names: fields, call options, path ids, everything else by table.
//!
//! Our camel case and Stripe's snake case are both taken, at every depth, and never
//! both for one parameter. Keys of maps and of `metadata` are data and stay as they
//! are. What is read is still unchecked: values are judged by the table afterwards,
//! and `spelled` leads its findings back to the names the caller wrote.

use std::collections::HashMap;

use model::AccountId;
use serde_json::{Map, Value};
use stripe::{
    Version,
    tables::{Operation, Param},
};

use crate::{
    Action, CallOptions, Invalid, Why,
    ids::{id, is_token},
    names::{camel, nearest, shown, snake},
    nested::Names,
    paging,
};

/// The object that holds parameters beside the curated fields.
pub(crate) const EXTRA: &str = "extra";
const STRIPE_ACCOUNT: &str = "stripeAccount";
const API_VERSION: &str = "apiVersion";
/// Lists the pages one after another; taken by lists only.
pub(crate) const ALL: &str = "all";
/// Names that every action takes and no operation has.
pub(crate) const OPTIONS: &[&str] = &[STRIPE_ACCOUNT, API_VERSION, EXTRA];

/// An input, its names read.
pub(crate) struct Read {
    /// Values for the path, in its order; empty where missing or wrong.
    pub(crate) ids: Vec<String>,
    /// Stripe's parameters by Stripe's names.
    pub(crate) params: Map<String, Value>,
    pub(crate) options: CallOptions,
    /// Where the caller wrote what stands at a place of Stripe's form.
    pub(crate) spelled: HashMap<String, String>,
    /// What is wrong so far, in the input's order.
    pub(crate) found: Vec<Invalid>,
}

/// What a name at the top of an input means.
enum Slot {
    Account,
    Version,
    All,
    Path(usize, &'static str),
    Param(&'static Param),
}

struct Reader<'a> {
    action: &'static Action,
    path: Vec<&'static str>,
    params: &'static [Param],
    lists: bool,
    read: &'a mut Read,
}

/// Reads the names of an input; `version` holds unless the input names another.
pub(crate) fn read(
    action: &'static Action,
    operation: &'static Operation,
    given: &Value,
    version: Version,
) -> Read {
    let path = operation.path_params();
    let mut read = Read {
        ids: vec![String::new(); path.len()],
        params: Map::new(),
        options: CallOptions { stripe_account: None, version, all: false },
        spelled: HashMap::new(),
        found: Vec::new(),
    };
    let entries = entries(given, &mut read.found);
    // The version decides which parameters there are, so it is read first.
    for (place, key, value) in &entries {
        if is_spelling(key, API_VERSION) {
            read_version(place, value, &mut read);
        }
    }
    let params = operation.params_in(read.options.version);
    let lists = paging::is_list(operation);
    let mut reader = Reader { action, path, params, lists, read: &mut read };
    for (place, key, value) in entries {
        reader.entry(place, key, value);
    }
    read
}

/// The entries of the input and of its `extra`, each with its place.
fn entries<'v>(given: &'v Value, found: &mut Vec<Invalid>) -> Vec<(String, &'v str, &'v Value)> {
    let given = match given {
        Value::Object(given) => given,
        Value::Null => return Vec::new(),
        _ => {
            found.push(Invalid::new(Why::Value, "", "The input has to be an object of fields."));
            return Vec::new();
        }
    };
    let mut entries = Vec::with_capacity(given.len());
    for (key, value) in given {
        match value {
            _ if key != EXTRA => entries.push((shown(key), key.as_str(), value)),
            Value::Object(extra) => {
                entries.extend(
                    extra.iter().map(|(key, v)| (format!("{EXTRA}.{}", shown(key)), key.as_str(), v)),
                );
            }
            Value::Null => {}
            _ => found.push(Invalid::new(Why::Value, EXTRA, "`extra` has to be an object of parameters.")),
        }
    }
    entries
}

impl Reader<'_> {
    fn entry(&mut self, place: String, key: &str, value: &Value) {
        let Some(slot) = self.slot(key) else {
            let unknown = self.unknown(place, key);
            self.read.found.push(unknown);
            return;
        };
        let stripe = match &slot {
            Slot::Account => STRIPE_ACCOUNT,
            Slot::Version => API_VERSION,
            Slot::All => ALL,
            Slot::Path(_, name) => name,
            Slot::Param(param) => param.name,
        };
        if let Some(before) = self.read.spelled.get(stripe) {
            self.read.found.push(twice(before, &place));
            return;
        }
        self.read.spelled.insert(stripe.to_owned(), place.clone());
        match slot {
            Slot::Version => {} // Read before everything else.
            Slot::Account => self.account(place, value),
            Slot::All => self.all(place, value),
            Slot::Path(nth, _) => match id(&place, value) {
                Ok(id) => self.read.ids[nth] = id,
                Err(invalid) => self.read.found.push(invalid),
            },
            Slot::Param(param) => {
                let mut names = Names { spelled: &mut self.read.spelled, found: &mut self.read.found };
                let value = names.value(param.name, &[&param.kind], value, param.name, &place);
                self.read.params.insert(param.name.to_owned(), value);
            }
        }
    }

    fn slot(&self, key: &str) -> Option<Slot> {
        if is_spelling(key, STRIPE_ACCOUNT) {
            return Some(Slot::Account);
        }
        if is_spelling(key, API_VERSION) {
            return Some(Slot::Version);
        }
        if key == ALL && self.lists {
            return Some(Slot::All);
        }
        let field = self.action.fields.iter().find(|field| is_spelling(key, field.name));
        let stripe = field.map_or(key, |field| field.stripe_among(self.params));
        if let Some(nth) = self.path.iter().position(|name| names(stripe, name)) {
            return Some(Slot::Path(nth, self.path[nth]));
        }
        self.params.iter().find(|param| names(stripe, param.name)).map(Slot::Param)
    }

    fn account(&mut self, place: String, value: &Value) {
        match value {
            Value::Null => {}
            Value::String(text) if is_token(text) => {
                self.read.options.stripe_account = Some(AccountId::new(text.as_str()));
            }
            _ => {
                let message =
                    format!("`{place}` has to be the id of a connected account, such as `acct_1A`.");
                self.read.found.push(Invalid::new(Why::Value, place, message));
            }
        }
    }

    fn all(&mut self, place: String, value: &Value) {
        match value {
            Value::Null => {}
            Value::Bool(all) => self.read.options.all = *all,
            _ => {
                let message = format!("`{place}` has to be true or false.");
                self.read.found.push(Invalid::new(Why::Value, place, message));
            }
        }
    }

    fn unknown(&self, place: String, key: &str) -> Invalid {
        let hint = self.action.hints.iter().find(|hint| is_spelling(key, hint.field));
        if let Some(hint) = hint {
            let message = format!("`{place}` is not a field of {}. {}", self.action.name, hint.says);
            return Invalid::new(Why::Unknown, place, message);
        }
        if key == ALL {
            let message = format!("`{place}` is for lists, and {} lists nothing.", self.action.name);
            return Invalid::new(Why::Unknown, place, message);
        }
        let mut known = known_names(self.action, self.params);
        known.extend(self.lists.then(|| ALL.to_owned()));
        let nearest = nearest(key, known);
        let what = format!("`{place}` is not a field of {}", self.action.name);
        suggest(Invalid::new(Why::Unknown, place, what), nearest)
    }
}

/// Every name that an input may have at its top, ours first.
fn known_names(action: &Action, params: &[Param]) -> Vec<String> {
    let curated = action.fields.iter().map(|field| field.name.to_owned());
    let others = params.iter().filter(|param| action.fields.iter().all(|field| field.stripe != param.name));
    let options = OPTIONS.iter().map(|name| (*name).to_owned());
    curated.chain(others.map(|param| camel(param.name))).chain(options).collect()
}

/// Inserts the defaults of fields that were not given. What a caller wrote, even
/// wrongly, is never replaced.
pub(crate) fn fill_defaults(action: &Action, read: &mut Read) {
    for field in action.fields {
        let Some(default) = field.default else { continue };
        if read.spelled.contains_key(field.stripe) {
            continue;
        }
        if let Ok(value) = serde_json::from_str(default) {
            read.params.insert(field.stripe.to_owned(), value);
        }
    }
}

fn read_version(place: &str, value: &Value, read: &mut Read) {
    let message = match value {
        Value::Null => return,
        Value::String(text) => match Version::parse(text) {
            Ok(version) => {
                read.options.version = version;
                return;
            }
            Err(error) => format!("`{place}`: {error}."),
        },
        _ => format!("`{place}` has to be the name of an API version, such as `{}`.", stripe::PINNED),
    };
    let mut invalid = Invalid::new(Why::Value, place, message);
    invalid.allowed = Version::all().map(Version::as_str).collect();
    read.found.push(invalid);
}

/// Whether a key is this name of ours, in either spelling.
fn is_spelling(key: &str, ours: &str) -> bool {
    key == ours || key == snake(ours)
}

/// Whether a key is this name of Stripe's, in either spelling.
pub(crate) fn names(key: &str, stripe: &str) -> bool {
    key == stripe || key == camel(stripe)
}

pub(crate) fn twice(before: &str, place: &str) -> Invalid {
    Invalid::new(Why::Twice, place, format!("`{before}` and `{place}` are one parameter; give one of them."))
}

pub(crate) fn suggest(mut invalid: Invalid, nearest: Option<String>) -> Invalid {
    match &nearest {
        Some(name) => invalid.message.push_str(&format!("; did you mean `{name}`?")),
        None => invalid.message.push('.'),
    }
    invalid.nearest = nearest;
    invalid
}
