//! One request's view of the state, and what it wants changed.
//!
//! Reads see the changes made so far. Nothing is true before the record that
//! [`Tx::into_record`] gives is applied; dropping a transaction undoes it.

use std::collections::HashMap;

use serde_json::{Value, json};
use stripe::Version;

use super::{NewDelivery, Put, Record, State};
use crate::{
    events,
    ids::{Ids, Stream},
    settings::{Deliveries, Settings},
    value,
    versions::Seen,
    wire::{Refusal, refusal},
};

/// Most metadata keys of an object (Stripe's API, Metadata).
const METADATA_KEYS_MAX: usize = 50;

/// Which request asks; events name it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Asking {
    pub(crate) request: Option<String>,
    pub(crate) key: Option<String>,
}

#[derive(Clone)]
pub(crate) struct Tx<'a> {
    /// The sandbox's own account, which has the deliveries of all.
    root: &'a State,
    /// The account that is worked on.
    state: &'a State,
    /// The sandbox's time, at which deliveries are made.
    real_ms: i64,
    /// The time that objects are stamped with: that of the test clock, if there is one.
    now_ms: i64,
    /// The test clock that is gone by.
    clock: Option<String>,
    /// Whether invoices stay drafts, to be looked at.
    previews: bool,
    asking: Asking,
    ids: Ids,
    changed: HashMap<String, usize>,
    puts: Vec<Put>,
    deliveries: Vec<NewDelivery>,
    /// What the next attempts at a card are refused with, when one of them was made.
    failing: Option<Vec<String>>,
    /// The address under which hosted pages are reached.
    base: &'a str,
}

impl<'a> Tx<'a> {
    /// On a connected account, or without one on the sandbox's own.
    pub(crate) fn new(
        root: &'a State,
        account: Option<&str>,
        now_ms: i64,
        asking: Asking,
        base: &'a str,
    ) -> Self {
        let state = root.of(account);
        let ids = Ids::new(state.seed, Stream::Objects, state.ids_next);
        let (changed, puts, deliveries) = (HashMap::new(), vec![], vec![]);
        let (real_ms, clock) = (now_ms, None);
        Self {
            root,
            state,
            real_ms,
            now_ms,
            clock,
            previews: false,
            failing: None,
            asking,
            ids,
            changed,
            puts,
            deliveries,
            base,
        }
    }

    /// The same by a test clock that stands at this second. What is made is on the clock.
    pub(crate) fn on_clock(self, clock: Option<(String, i64)>) -> Self {
        match clock {
            Some((id, at)) => Self { clock: Some(id), now_ms: at.saturating_mul(1000), ..self },
            None => self,
        }
    }

    /// A copy in which anything may happen, since nothing comes of it. Invoices stay the
    /// drafts that they begin as.
    pub(crate) fn what_if(&self) -> Self {
        Self { previews: true, ..self.clone() }
    }

    /// Whether this is a copy to look ahead in.
    pub(crate) fn previews(&self) -> bool {
        self.previews
    }

    /// Goes ahead to a moment.
    pub(crate) fn go_to(&mut self, second: i64) {
        self.now_ms = self.now_ms.max(second.saturating_mul(1000));
    }

    /// The test clock that is gone by, as objects name it.
    pub(crate) fn test_clock(&self) -> Value {
        value::or_null(self.clock.as_deref())
    }

    /// The connected account that is worked on; none for the sandbox's own.
    fn connected(&self) -> Option<String> {
        (!std::ptr::eq(self.root, self.state)).then(|| self.state.account.clone())
    }

    pub(crate) fn into_record(self) -> Record {
        Record {
            account: self.connected(),
            ids_next: Some(self.ids.next),
            puts: self.puts,
            deliveries: self.deliveries,
            failing: self.failing,
            ..Record::default()
        }
    }

    /// Refuses objects that have grown beyond Stripe's number of metadata keys: one
    /// request is held to it when it is read, several only here.
    pub(crate) fn check_metadata(&self) -> Result<(), Refusal> {
        let grown = |put: &Put| {
            let metadata = put.value.as_ref().and_then(|object| object.get("metadata")?.as_object());
            metadata.is_some_and(|map| map.len() > METADATA_KEYS_MAX)
        };
        if self.puts.iter().any(grown) {
            let why = format!("Invalid metadata: more than {METADATA_KEYS_MAX} keys");
            return Err(refusal::invalid(why).with_param("metadata"));
        }
        Ok(())
    }

    pub(crate) fn state(&self) -> &'a State {
        self.state
    }

    /// The sandbox's own account.
    pub(crate) fn root(&self) -> &'a State {
        self.root
    }

    pub(crate) fn account(&self) -> &'a str {
        &self.state.account
    }

    /// What the account calls itself.
    pub(crate) fn account_name(&self) -> &'a str {
        &self.state.name
    }

    /// How many endpoints still wait for an event.
    pub(crate) fn pending(&self, event: &str) -> usize {
        self.root.deliveries.pending(event)
    }

    /// The older releases in which somebody may want events of this account.
    pub(crate) fn older_told(&self) -> Vec<Version> {
        let mut told = self.state.older_told().to_vec();
        if !std::ptr::eq(self.root, self.state) {
            // Who listens for connected accounts is an endpoint of the sandbox's own.
            told.extend(self.root.older_told().iter().filter(|one| !self.state.older_told().contains(one)));
        }
        told
    }

    pub(crate) fn base(&self) -> &'a str {
        self.base
    }

    pub(crate) fn ids(&mut self) -> &mut Ids {
        &mut self.ids
    }

    /// Unix seconds on the sandbox's clock, or on the test clock.
    pub(crate) fn now(&self) -> i64 {
        self.now_ms.div_euclid(1000)
    }

    /// Unix seconds on the sandbox's clock, whatever a test clock says.
    pub(crate) fn real_now(&self) -> i64 {
        self.real_ms.div_euclid(1000)
    }

    /// An object as it is now in this transaction; a deleted customer is its stub.
    pub(crate) fn get(&self, id: &str) -> Option<&Value> {
        match self.changed.get(id) {
            Some(place) => self.puts[*place].value.as_ref(),
            None => self.state.get(id).map(|stored| &stored.value),
        }
    }

    /// A live object of this kind.
    pub(crate) fn find(&self, kind: &str, id: &str) -> Option<&Value> {
        self.get(id).filter(|o| value::text(o, "object") == Some(kind) && o.get("deleted").is_none())
    }

    /// The live object that the path names.
    ///
    /// # Errors
    /// 404 `resource_missing`.
    pub(crate) fn at_path(&self, kind: &str, id: &str) -> Result<Value, Refusal> {
        self.find(kind, id).cloned().ok_or_else(|| refusal::missing(kind, id, "id").with_status(404))
    }

    /// The live object that a parameter names.
    ///
    /// # Errors
    /// 400 `resource_missing` with the parameter.
    pub(crate) fn at_param(&self, kind: &str, id: &str, param: &str) -> Result<Value, Refusal> {
        self.find(kind, id).cloned().ok_or_else(|| refusal::missing(kind, id, param))
    }

    /// The live objects of a kind that point at an id, oldest first.
    pub(crate) fn pointing_at(&self, kind: &str, id: &str) -> Vec<Value> {
        let places = self.state.index().places(kind, Some(id));
        let known = places.values().filter(|id| !self.changed.contains_key(*id));
        let mut all: Vec<Value> = known.filter_map(|id| self.get(id)).cloned().collect();
        all.extend(
            self.puts.iter().filter_map(|put| put.value.as_ref()).filter(|v| points(v, kind, id)).cloned(),
        );
        all
    }

    /// Stores an object under its id.
    pub(crate) fn put(&mut self, mut object: Value) {
        // These have no such field, but time does something to them.
        let timed = matches!(value::text(&object, "object"), Some("payment_intent" | "checkout.session"));
        if let Some(clock) = self.clock.as_deref().filter(|_| timed && object.get("_test_clock").is_none()) {
            value::set(&mut object, "_test_clock", clock);
        }
        self.write(value::id(&object).to_owned(), Some(object));
    }

    /// Removes an object without a trace.
    pub(crate) fn remove(&mut self, id: &str) {
        self.write(id.to_owned(), None);
    }

    /// Removes an object, leaving what says so. Returns that.
    pub(crate) fn bury(&mut self, kind: &str, id: &str) -> Value {
        let stub = json!({"id": id, "object": kind, "deleted": true});
        self.put(stub.clone());
        stub
    }

    fn write(&mut self, id: String, value: Option<Value>) {
        match self.changed.get(&id) {
            Some(place) => self.puts[*place].value = value,
            None => {
                self.changed.insert(id.clone(), self.puts.len());
                self.puts.push(Put { id, value });
            }
        }
    }

    /// How the account behaves.
    pub(crate) fn settings(&self) -> &'a Settings {
        &self.root.settings
    }

    /// What this attempt at a card is to be refused with, if it was told ahead.
    pub(crate) fn take_failure(&mut self) -> Option<String> {
        let waiting = self.failing.as_deref().unwrap_or(&self.root.failing);
        let (first, rest) = waiting.split_first()?;
        let (first, rest) = (first.clone(), rest.to_vec());
        self.failing = Some(rest);
        Some(first)
    }

    /// An object as events tell it now; taken before a change, it is what they had before.
    pub(crate) fn seen(&self, object: &Value) -> Seen {
        Seen::of(self, object)
    }

    /// Records an event about an object that is stored, as it is now.
    pub(crate) fn emit(&mut self, kind: &str, object: &Value) {
        let seen = self.seen(object);
        self.emit_seen(kind, &seen, None);
    }

    /// Stores a changed object and records the event, with what it had before.
    /// Nothing happens when nothing that shows has changed.
    pub(crate) fn change(&mut self, kind: &str, before: &Value, after: Value) {
        let before = self.seen(before);
        let id = value::id(&after).to_owned();
        self.put(after);
        self.emit_changed(kind, &before, &id);
    }

    /// Records an event about a stored object, with what it was seen to have before.
    pub(crate) fn emit_changed(&mut self, kind: &str, before: &Seen, id: &str) {
        let Some(after) = self.get(id).map(|object| self.seen(object)) else { return };
        if before.newest() != after.newest() {
            self.emit_seen(kind, &after, Some(before));
        }
    }

    /// The id of what was written last: after telling of something, its event.
    pub(crate) fn last_event(&self) -> String {
        self.puts.last().map(|put| put.id.clone()).unwrap_or_default()
    }

    /// Lets an event of this transaction show the object as it is now.
    pub(crate) fn retell(&mut self, event: &str, id: &str) {
        let (Some(mut told), Some(object)) = (self.get(event).cloned(), self.get(id)) else { return };
        self.seen(object).retell(&mut told);
        self.put(told);
    }

    /// Records an event about what was seen, and its deliveries.
    pub(crate) fn emit_seen(&mut self, kind: &str, seen: &Seen, before: Option<&Seen>) {
        let listeners = events::listeners(self.root, self.state, kind);
        let told = events::Told { kind, seen, before };
        let Some(event) = events::event(self, &self.asking.clone(), &told, &listeners) else { return };
        let id = value::id(&event).to_owned();
        for listener in listeners {
            let next = self.root.deliveries.next_id() + self.deliveries.len() as u64;
            let (event, endpoint, account) = (id.clone(), listener.endpoint, self.connected());
            let (created_ms, mode) = (self.real_ms, self.root.settings.deliveries);
            let shift_ms = mode.shift_ms(self.root.seed, next);
            let delivery = NewDelivery { id: next, event, endpoint, account, created_ms, shift_ms };
            if mode == Deliveries::Duplicated {
                self.deliveries.push(NewDelivery { id: next + 1, ..delivery.clone() });
            }
            self.deliveries.push(delivery);
        }
        self.put(event);
    }
}

fn points(object: &Value, kind: &str, id: &str) -> bool {
    value::text(object, "object") == Some(kind)
        && object.get("deleted").is_none()
        && object.as_object().is_some_and(|map| {
            map.iter().any(|(k, v)| super::index::is_reference(k) && v.as_str() == Some(id))
        })
}
