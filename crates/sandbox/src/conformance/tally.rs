//! What was checked since the start, and what deviated.

use std::{
    collections::BTreeMap,
    sync::{Mutex, PoisonError},
};

use serde::Serialize;
use serde_json::Value;
use stripe::{PINNED, Version, tables::Operation};

use super::{check, events, findings::Findings};
use crate::wire::{Refusal, refusal};

/// The most deviations that are remembered in words; all are counted.
const REMEMBERED_MAX: usize = 100;

/// What was held against the object tables since the start.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Conformance {
    /// Answers, errors among them.
    pub answers: u64,
    /// Objects, those inside others among them.
    pub objects: u64,
    /// Fields of these objects and of errors.
    pub fields: u64,
    /// The objects by the name of their table.
    pub kinds: BTreeMap<&'static str, u64>,
    /// How often something deviated.
    pub deviating: u64,
    /// The first hundred deviations: operation or event, field, what is wrong.
    pub deviations: Vec<String>,
}

/// Counts. There is one in a sandbox that checks, and none in one that does not.
#[derive(Debug, Default)]
pub(crate) struct Checker(Mutex<Conformance>);

impl Checker {
    /// What was checked so far.
    pub(crate) fn so_far(&self) -> Conformance {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Checks an answer before it leaves.
    ///
    /// # Errors
    /// 500 with everything that deviates.
    pub(crate) fn answer(
        &self,
        operation: Option<&Operation>,
        status: u16,
        body: &str,
        version: Version,
    ) -> Result<(), Refusal> {
        let body: Value = serde_json::from_str(body).unwrap_or_default();
        let found = match operation {
            Some(operation) if status == 200 => check::answer(operation, &body, version),
            _ => check::error(&body, version),
        };
        self.0.lock().unwrap_or_else(PoisonError::into_inner).answers += 1;
        let name = operation.map_or("no operation", |operation| operation.id);
        let wrong = self.note(found);
        if wrong.is_empty() {
            return Ok(());
        }
        Err(refusal::broken(&format!(
            "This sandbox's answer to {name} ({status}) is not what Stripe's tables declare: {}. What was asked for has been done. Please report this.",
            wrong.join("; ")
        )))
    }

    /// Checks an answer of a token endpoint, whose errors are flat.
    pub(crate) fn flat(&self, operation: Option<&Operation>, status: u16, body: &Value) {
        let found = match operation {
            Some(operation) if status == 200 => check::answer(operation, body, PINNED),
            _ => check::flat(body),
        };
        self.0.lock().unwrap_or_else(PoisonError::into_inner).answers += 1;
        self.note(found);
    }

    /// Checks an event, in the version that it says it has.
    pub(crate) fn event(&self, event: &Value) {
        self.note(events::event(event));
    }

    /// Counts, and says in the log what deviates.
    fn note(&self, found: Findings) -> Vec<String> {
        let mut sums = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        sums.objects += found.objects.len() as u64;
        sums.fields += found.fields;
        for name in found.objects {
            *sums.kinds.entry(name).or_default() += 1;
        }
        sums.deviating += found.wrong.len() as u64;
        for wrong in &found.wrong {
            tracing::error!(%wrong, "the sandbox deviates from Stripe's tables");
            if sums.deviations.len() < REMEMBERED_MAX {
                sums.deviations.push(wrong.clone());
            }
        }
        found.wrong
    }
}
