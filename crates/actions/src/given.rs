//! An input as its caller gave it: entries with their places, and what stands around them.
//!
//! An action's input has fields and call options side by side; `stripe.request` has its
//! parameters in an object of their own, and perhaps their ids in a path. From here on
//! both are read alike.

use serde_json::Value;
use stripe::Version;

use crate::{
    CallOptions, Invalid, Why,
    input::is_spelling,
    names::shown,
    options::{self, API_VERSION},
};

/// The object that holds parameters beside the curated fields.
pub(crate) const EXTRA: &str = "extra";

/// An input, its entries found and its names still to be read.
pub(crate) struct Given<'v> {
    /// The place of each entry, its name and its value.
    pub(crate) entries: Vec<(String, &'v str, &'v Value)>,
    /// What goes before the name of what is missing among the entries.
    pub(crate) under: &'static str,
    /// Whether call options stand among the entries; there no parameter is called so.
    pub(crate) has_options: bool,
    pub(crate) options: CallOptions,
    /// Values for the operation's path, where a concrete path has given them.
    pub(crate) ids: Option<Vec<String>>,
    /// What is wrong so far.
    pub(crate) found: Vec<Invalid>,
}

impl<'v> Given<'v> {
    /// An action's input: fields, parameters and call options side by side; `version`
    /// holds unless the input names another.
    pub(crate) fn of_action(input: &'v Value, version: Version) -> Self {
        let mut found = Vec::new();
        let entries = entries(input, &mut found);
        let mut options = CallOptions::under(version);
        // The version decides which parameters there are, so it is read first.
        for (place, key, value) in &entries {
            if is_spelling(key, API_VERSION) {
                match options::version(place, value) {
                    Ok(named) => options.version = named.unwrap_or(options.version),
                    Err(invalid) => found.push(invalid),
                }
            }
        }
        Self { entries, under: "", has_options: true, options, ids: None, found }
    }
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
