//! The buckets of one account and mode, and which of them a request pays from.

use std::collections::HashMap;

use model::{Mode, Timestamp};
use stripe::{Answer, Kind, Request, tables::Type};

use super::{
    Limits,
    bucket::{Admission, BURST_MAX, Bucket, Slots, admit},
};

/// Operations that have a bucket of their own at one time. Full buckets are forgotten
/// when there are more; what does not fit then shares one.
const OPERATIONS_MAX: usize = 256;

/// What a request is, for the limiter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Errand {
    /// The operation's id in Stripe's tables.
    pub(crate) operation: &'static str,
    /// Whether it changes something.
    pub(crate) write: bool,
    /// Whether it searches.
    pub(crate) search: bool,
}

impl Errand {
    pub(crate) fn of(request: &Request) -> Self {
        Self {
            operation: request.operation.id,
            write: request.kind != Kind::Read,
            search: matches!(request.operation.response, Type::SearchResult(_)),
        }
    }
}

/// The buckets of one account and mode.
pub(crate) struct Buckets {
    total: Bucket,
    read: Bucket,
    write: Bucket,
    search: Bucket,
    operations: HashMap<&'static str, Bucket>,
    others: Bucket,
    slots: Slots,
    per_operation: f64,
}

impl Buckets {
    /// Full ones; `None` for a mode without limits.
    pub(crate) fn new(limits: &Limits, mode: Mode) -> Option<Self> {
        let total = limits.total(mode)?;
        let bucket = |rate| Bucket::new(rate, BURST_MAX);
        Some(Self {
            total: bucket(total),
            read: bucket(limits.read),
            write: bucket(limits.write),
            search: bucket(limits.search),
            operations: HashMap::new(),
            others: bucket(limits.operation),
            slots: Slots::new(limits.concurrent(mode)),
            per_operation: limits.operation,
        })
    }

    /// Whether a request may go now; if so it has paid everything and holds a place.
    pub(crate) fn admit(&mut self, now: Timestamp, errand: Errand) -> Admission {
        self.make_room(now, errand.operation);
        let Self { total, read, write, search, operations, others, slots, .. } = self;
        let operation = operations.get_mut(errand.operation).unwrap_or(others);
        let kind = if errand.write { write } else { read };
        match errand.search {
            true => admit(now, &mut [total, kind, operation, search], slots),
            false => admit(now, &mut [total, kind, operation], slots),
        }
    }

    /// A request has ended.
    pub(crate) fn release(&mut self) {
        self.slots.release();
    }

    /// Obeys a 429 until then: what Stripe's reason names rests (Stripe's API, Rate
    /// limits). A lock, or a limit of one object, rests nothing: that call alone waits.
    pub(crate) fn obey(&mut self, now: Timestamp, errand: Errand, answer: &Answer, until: Timestamp) {
        let code = answer.body.pointer("/error/code").and_then(serde_json::Value::as_str);
        match (answer.headers.rate_limited_reason.as_deref(), code) {
            (Some("global-rate"), _) => self.total.rest_until(until),
            (Some("global-concurrency"), _) => self.slots.rest_until(until),
            (Some("resource-specific"), _) | (None, Some("lock_timeout")) => {}
            // `endpoint-rate`, `endpoint-concurrency`; and without a reason, or with one
            // that came later, what surely was too much.
            _ => {
                self.make_room(now, errand.operation);
                let Self { operations, others, .. } = self;
                operations.get_mut(errand.operation).unwrap_or(others).rest_until(until);
            }
        }
    }

    /// Whether they are as new ones would be.
    pub(crate) fn are_fresh(&mut self, now: Timestamp) -> bool {
        let Self { total, read, write, search, operations, others, slots, .. } = self;
        let mut all = [total, read, write, search, others].into_iter().chain(operations.values_mut());
        slots.is_fresh(now) && all.all(|bucket| bucket.is_fresh(now))
    }

    /// Gives an operation a bucket of its own, if there is room.
    fn make_room(&mut self, now: Timestamp, operation: &'static str) {
        if self.operations.contains_key(operation) {
            return;
        }
        if self.operations.len() >= OPERATIONS_MAX {
            self.operations.retain(|_, bucket| !bucket.is_fresh(now));
        }
        if self.operations.len() < OPERATIONS_MAX {
            self.operations.insert(operation, Bucket::new(self.per_operation, BURST_MAX));
        }
    }

    #[cfg(test)]
    pub(super) fn operations(&self) -> usize {
        self.operations.len()
    }
}
