//! The auditor's own record: what was promised, written down by those to whom it was
//! promised. Nothing in it comes from a table of Bursar.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Mutex, MutexGuard, PoisonError},
};

use model::RunId;
use serde_json::Value;

use super::plan::Start;

/// What was promised to the outside.
#[derive(Debug, Default)]
pub struct Promises {
    /// Events that got a 200, with the event as it was sent.
    pub acknowledged: BTreeMap<String, Value>,
    /// Ids of events that nobody at Stripe ever made.
    pub forged: BTreeSet<String>,
    /// Ids of forged events that got a 200 all the same.
    pub fooled: BTreeSet<String>,
    /// By caller's key: the runs that it was told of.
    pub told: BTreeMap<String, BTreeSet<RunId>>,
    /// Invoices that their customers paid.
    pub paid: BTreeSet<String>,
    /// What happened that should not, as it happened.
    pub trouble: Vec<String>,
    /// Deliveries that came twice or late, were lost, or were forged.
    pub post: BTreeMap<&'static str, u32>,
    /// What the person decided.
    pub decisions: BTreeMap<&'static str, u32>,
    /// How often a write may go out under one more key, because somebody decided so.
    pub other_keys: usize,
}

/// The record of one world.
#[derive(Debug, Default)]
pub struct Record(Mutex<Promises>);

impl Record {
    /// The promises so far.
    pub fn promises(&self) -> MutexGuard<'_, Promises> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// An event got a 200.
    pub fn acknowledged(&self, event: &str, body: &str) {
        let body = serde_json::from_str(body).unwrap_or(Value::Null);
        self.promises().acknowledged.insert(event.to_owned(), body);
    }

    /// A caller was told which run its key started.
    pub fn told(&self, start: &Start, run: RunId) {
        self.promises().told.entry(start.key.clone()).or_default().insert(run);
    }

    /// Notes what the post did to a delivery.
    pub fn post(&self, what: &'static str) {
        *self.promises().post.entry(what).or_default() += 1;
    }

    /// Notes what the person came to.
    pub fn decision(&self, what: &'static str) {
        *self.promises().decisions.entry(what).or_default() += 1;
    }

    /// Notes that a write may go out under one more key.
    pub fn allow_another_key(&self) {
        self.promises().other_keys += 1;
    }

    /// Notes what should not have happened.
    pub fn trouble(&self, what: String) {
        self.promises().trouble.push(what);
    }
}
