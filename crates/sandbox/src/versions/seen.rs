//! An object as the events of this moment tell it, in every release that somebody wants
//! events in.
//!
//! Events are told in the account's default version, and to a webhook endpoint in its
//! own; never in that of the request that caused them (Stripe's API, Versioning). What
//! an older release shows depends on other objects, so it is taken down when the event
//! is made: later these have changed.

use serde_json::{Map, Value};
use stripe::Version;

use super::{of_endpoint, same_release, shape};
use crate::{events::Listener, state::Tx, value, wire::render};

/// A rendered object in the newest shape, and in the older ones that are wanted.
#[derive(Debug, Default)]
pub(crate) struct Seen {
    newest: Value,
    older: Vec<(Version, Value)>,
}

/// Where an event keeps its `data` for the endpoints that want another release than the
/// account's, by the release's name.
const IN: &str = "_in";

impl Seen {
    /// A stored object as it is now.
    pub(crate) fn of(tx: &Tx, object: &Value) -> Self {
        Self::shown(tx, render(tx, object))
    }

    /// What is rendered already.
    pub(crate) fn shown(tx: &Tx, newest: Value) -> Self {
        let taken_down = |version| {
            let mut older = newest.clone();
            shape(tx, &mut older, version);
            (version, older)
        };
        let older = tx.older_told().into_iter().map(taken_down).collect();
        Self { newest, older }
    }

    pub(crate) fn newest(&self) -> &Value {
        &self.newest
    }

    /// The object as a version shows it.
    fn in_version(&self, version: Version) -> &Value {
        let older = self.older.iter().find(|(one, _)| same_release(*one, version));
        older.map_or(&self.newest, |(_, shown)| shown)
    }

    /// An event's `data`, with what the object had before if there is a before.
    pub(crate) fn data(&self, before: Option<&Self>, version: Version) -> Value {
        let now = self.in_version(version);
        let mut data = serde_json::json!({ "object": now });
        if let Some(before) = before {
            let had = value::previous(before.in_version(version), now);
            value::set(&mut data, "previous_attributes", had.unwrap_or_else(|| Map::new().into()));
        }
        data
    }

    /// Writes on an event of this version what its endpoints want in others.
    pub(crate) fn note_others(
        &self,
        event: &mut Value,
        before: Option<&Self>,
        version: Version,
        listeners: &[Listener],
    ) {
        let mut others = Map::new();
        for wanted in listeners.iter().filter_map(|listener| listener.version) {
            if !same_release(wanted, version) && !others.contains_key(wanted.name()) {
                others.insert(wanted.name().to_owned(), self.data(before, wanted));
            }
        }
        if !others.is_empty() {
            value::set(event, IN, others);
        }
    }

    /// Lets an event tell of the object as it is seen now.
    pub(crate) fn retell(&self, event: &mut Value) {
        let told = value::text(event, "api_version").and_then(|text| Version::parse(text).ok());
        if let (Some(version), Some(data)) = (told, event.get_mut("data")) {
            value::set(data, "object", self.in_version(version).clone());
        }
        let others = event.get_mut(IN).and_then(Value::as_object_mut);
        for (release, data) in others.into_iter().flatten() {
            let seen = Version::all().find(|version| version.name() == release);
            value::set(data, "object", seen.map_or(&self.newest, |v| self.in_version(v)).clone());
        }
    }
}

/// A stored event, rendered as `shown`, as its endpoint wants it.
pub(crate) fn delivered(event: &Value, shown: &mut Value, endpoint: &Value) {
    let Some(wanted) = of_endpoint(endpoint) else { return };
    value::set(shown, "api_version", wanted.as_str());
    if let Some(data) = event.get(IN).and_then(|others| others.get(wanted.name())) {
        value::set(shown, "data", data.clone());
    }
}
