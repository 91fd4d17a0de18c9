//! Reading an input's names: fields, call options, path ids, everything else by table.
//!
//! Our camel case and Stripe's snake case are both taken, at every depth, and never
//! both for one parameter. Keys of maps and of `metadata` are data and stay as they
//! are. What is read is still unchecked: values are judged by the table afterwards,
//! and `spelled` leads its findings back to the names the caller wrote.

use std::collections::HashMap;

use serde_json::{Map, Value};
use stripe::tables::{Operation, Param};

use crate::{
    Action, CallOptions, Invalid, Why,
    given::{EXTRA, Given},
    ids::id,
    names::{camel, nearest, snake},
    nested::Names,
    options::{self, ALL, API_VERSION, STRIPE_ACCOUNT},
    paging,
};

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
    /// As in [`Given`].
    pub(crate) under: &'static str,
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
    has_options: bool,
    lists: bool,
    read: &'a mut Read,
}

impl Given<'_> {
    /// Reads the names.
    pub(crate) fn read(self, action: &'static Action, operation: &'static Operation) -> Read {
        let path = operation.path_params();
        let mut spelled = HashMap::new();
        if self.ids.is_some() {
            spelled.extend(path.iter().map(|name| ((*name).to_owned(), "path".to_owned())));
        }
        let mut read = Read {
            ids: self.ids.unwrap_or_else(|| vec![String::new(); path.len()]),
            params: Map::new(),
            options: self.options,
            spelled,
            under: self.under,
            found: self.found,
        };
        let params = operation.params_in(read.options.version);
        let (has_options, lists) = (self.has_options, paging::is_list(operation));
        let mut reader = Reader { action, path, params, has_options, lists, read: &mut read };
        for (place, key, value) in self.entries {
            reader.entry(place, key, value);
        }
        read
    }
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
            Slot::Account => match options::account(&place, value) {
                Ok(account) => self.read.options.stripe_account = account,
                Err(invalid) => self.read.found.push(invalid),
            },
            Slot::All => match options::all(&place, value) {
                Ok(all) => self.read.options.all = all,
                Err(invalid) => self.read.found.push(invalid),
            },
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
        if self.has_options && is_spelling(key, STRIPE_ACCOUNT) {
            return Some(Slot::Account);
        }
        if self.has_options && is_spelling(key, API_VERSION) {
            return Some(Slot::Version);
        }
        if self.has_options && key == ALL && self.lists {
            return Some(Slot::All);
        }
        let field = self.action.fields.iter().find(|field| is_spelling(key, field.name));
        let stripe = field.map_or(key, |field| field.stripe_among(self.params));
        if let Some(nth) = self.path.iter().position(|name| names(stripe, name)) {
            return Some(Slot::Path(nth, self.path[nth]));
        }
        if let Some(param) = self.params.iter().find(|param| names(stripe, param.name)) {
            return Some(Slot::Param(param));
        }
        let nth = self.path.iter().position(|name| is_id_of(key, name))?;
        Some(Slot::Path(nth, self.path[nth]))
    }

    fn unknown(&self, place: String, key: &str) -> Invalid {
        let whose = match self.has_options {
            true => format!("a field of {}", self.action.name),
            false => format!("a parameter of {}", self.action.operation.0),
        };
        let hint = self.action.hints.iter().find(|hint| is_spelling(key, hint.field));
        if let Some(hint) = hint {
            let message = format!("`{place}` is not {whose}. {}", hint.says);
            return Invalid::new(Why::Unknown, place, message);
        }
        if key == ALL && self.has_options {
            let message = format!("`{place}` is for lists, and {} lists nothing.", self.action.name);
            return Invalid::new(Why::Unknown, place, message);
        }
        let nearest = nearest(key, self.known_names());
        let what = format!("`{place}` is not {whose}");
        suggest(Invalid::new(Why::Unknown, place, what), nearest)
    }

    /// Every name that may stand here, ours first.
    fn known_names(&self) -> Vec<String> {
        let fields = self.action.fields;
        let curated = fields.iter().map(|field| field.name.to_owned());
        let others = self.params.iter().filter(|param| fields.iter().all(|field| field.stripe != param.name));
        let all = self.lists.then_some(&ALL);
        let options = OPTIONS.iter().chain(all).filter(|_| self.has_options).map(|name| (*name).to_owned());
        curated.chain(others.map(|param| camel(param.name))).chain(options).collect()
    }
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

/// Whether a key is this name of ours, in either spelling.
pub(crate) fn is_spelling(key: &str, ours: &str) -> bool {
    key == ours || key == snake(ours)
}

/// Whether a key is this name of Stripe's, in either spelling.
pub(crate) fn names(key: &str, stripe: &str) -> bool {
    key == stripe || key == camel(stripe)
}

/// Whether a key says `…Id` of this name in a path.
fn is_id_of(key: &str, stripe: &str) -> bool {
    let says_so = stripe == "id" || stripe.ends_with("_id");
    !says_so && names(key, &format!("{stripe}_id"))
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
