//! The input of `stripe.request`, around its parameters.
//!
//! Parameters stand in `params`, apart from the call options: some operations have a
//! parameter that is called like an option (a webhook endpoint has an `api_version`).

use serde_json::Value;
use stripe::{Version, tables::Operation};

use super::target::Target;
use crate::{
    CallOptions, Invalid, Why,
    given::Given,
    input::{is_spelling, names, suggest, twice},
    names::{nearest, shown},
    options::{self, ALL, API_VERSION, STRIPE_ACCOUNT},
};

pub(super) const OPERATION: &str = "operation";
pub(super) const METHOD: &str = "method";
pub(super) const PATH: &str = "path";
pub(super) const PARAMS: &str = "params";
pub(super) const EXPAND: &str = "expand";
/// What goes before the names of parameters.
const UNDER: &str = "params.";

/// Every name at the top of an input.
const NAMES: &[&str] = &[OPERATION, METHOD, PATH, PARAMS, EXPAND, STRIPE_ACCOUNT, API_VERSION, ALL];

/// An input, its names read and its operation still to be found.
pub(super) struct Envelope<'v> {
    pub(super) operation: Option<&'v Value>,
    pub(super) method: Option<&'v Value>,
    pub(super) path: Option<&'v Value>,
    pub(super) params: Option<&'v Value>,
    pub(super) expand: Option<&'v Value>,
    pub(super) options: CallOptions,
    /// Names that are none of ours; judged when the operation is known.
    unknown: Vec<&'v str>,
    /// What is wrong so far.
    pub(super) found: Vec<Invalid>,
}

impl<'v> Envelope<'v> {
    /// Reads the names; `version` holds unless the input names another.
    pub(super) fn read(given: &'v Value, version: Version) -> Self {
        let mut read = Self {
            operation: None,
            method: None,
            path: None,
            params: None,
            expand: None,
            options: CallOptions::under(version),
            unknown: Vec::new(),
            found: Vec::new(),
        };
        match given {
            Value::Object(entries) => {
                let mut seen: Vec<(&str, &str)> = Vec::new();
                for (key, value) in entries {
                    read.entry(key, value, &mut seen);
                }
            }
            Value::Null => {}
            _ => {
                let message =
                    "The input has to be an object with `operation`, or `method` and `path`, and `params`.";
                read.found.push(Invalid::new(Why::Value, "", message));
            }
        }
        read
    }

    fn entry(&mut self, key: &'v str, value: &'v Value, seen: &mut Vec<(&'static str, &'v str)>) {
        let Some(name) = NAMES.iter().copied().find(|name| is_spelling(key, name)) else {
            self.unknown.push(key);
            return;
        };
        if let Some((_, before)) = seen.iter().find(|(known, _)| *known == name) {
            self.found.push(twice(before, key));
            return;
        }
        seen.push((name, key));
        let there = Some(value).filter(|value| !value.is_null());
        match name {
            OPERATION => self.operation = there,
            METHOD => self.method = there,
            PATH => self.path = there,
            PARAMS => self.params = there,
            EXPAND => self.expand = there,
            STRIPE_ACCOUNT => match options::account(key, value) {
                Ok(account) => self.options.stripe_account = account,
                Err(invalid) => self.found.push(invalid),
            },
            API_VERSION => match options::version(key, value) {
                Ok(version) => self.options.version = version.unwrap_or(self.options.version),
                Err(invalid) => self.found.push(invalid),
            },
            _ => match options::all(key, value) {
                Ok(all) => self.options.all = all,
                Err(invalid) => self.found.push(invalid),
            },
        }
    }

    /// What can only be judged once the operation is known: names that are none of ours,
    /// parameters that are no object, and `all` of what is no list.
    pub(super) fn judge_the_rest(&mut self, target: &Target) {
        let operation = target.operation();
        for key in std::mem::take(&mut self.unknown) {
            self.found.push(self.unknown(key, operation));
        }
        if !self.has_readable_params() {
            let message = "`params` has to be an object of Stripe's parameters.";
            self.found.push(Invalid::new(Why::Value, PARAMS, message));
        }
        if self.options.all && !crate::paging::is_list(operation) {
            let message = format!("`{ALL}` is for lists, and {} is none that is known.", operation.id);
            self.found.push(Invalid::new(Why::Unknown, ALL, message));
        }
    }

    /// Whether the parameters are an object, or none.
    pub(super) fn has_readable_params(&self) -> bool {
        self.params.is_none_or(Value::is_object)
    }

    fn unknown(&self, key: &str, operation: &Operation) -> Invalid {
        let place = shown(key);
        let params = operation.params_in(self.options.version).iter().map(|param| param.name);
        if params.chain(operation.path_params()).any(|name| names(key, name)) {
            let message = format!("`{place}` is a parameter of {}; it belongs into `params`.", operation.id);
            let mut invalid = Invalid::new(Why::Unknown, place, message);
            invalid.nearest = Some(format!("{UNDER}{key}"));
            return invalid;
        }
        let near = nearest(key, NAMES.iter().map(|name| (*name).to_owned()));
        let what = format!("`{place}` is not a field of {}", super::NAME);
        suggest(Invalid::new(Why::Unknown, place, what), near)
    }

    /// The parameters, to be read by an operation's table.
    pub(super) fn given(self, ids: Option<Vec<String>>) -> Given<'v> {
        let mut entries = Vec::new();
        if let Some(Value::Object(params)) = self.params {
            entries.extend(params.iter().map(|(key, v)| (format!("{UNDER}{}", shown(key)), key.as_str(), v)));
        }
        if let Some(expand) = self.expand {
            entries.push((EXPAND.to_owned(), EXPAND, expand));
        }
        Given { entries, under: UNDER, has_options: false, options: self.options, ids, found: self.found }
    }
}
