//! How long "Stripe lists no event of ours" says nothing.
//!
//! An event can be listed a while after its write took effect. To believe its absence at
//! once would settle a write as not done that was done. What would surprise: the time
//! counts from the first look after an attempt, by a clock that nobody can set, and it
//! outlives the job, so that one who looks again and again in short visits comes to an end.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use model::{IdempotencyKey, Mode};
use stripe::Kind;
use tokio::time::Instant;

use super::{is_saved, last_error};
use crate::begin::Job;

/// Stripe promises no time within which an event is listed; mostly it is seconds. A
/// minute is well beyond that, and nobody's day.
const EVENT_LAG: Duration = Duration::from_secs(60);
/// What nobody has looked for within this time is forgotten.
const KEPT: Duration = Duration::from_secs(3600);

/// When each key was first looked for after it was last sent.
#[derive(Default)]
pub(crate) struct Looks(Mutex<HashMap<IdempotencyKey, Instant>>);

impl Looks {
    /// Notes a look, and says whether the absence of an event says nothing yet. An
    /// answer from Stripe's memory shows that the request was over before: it begins no
    /// new time.
    pub(super) fn is_early(&self, job: &mut Job) -> bool {
        let same_visit = job.looked == Some(job.resent);
        job.looked = Some(job.resent);
        // A delete has no events of ours; our own sandbox lists each with its write.
        if job.request.kind == Kind::Delete || job.intent.binding.mode == Mode::Local {
            return false;
        }
        let error = last_error(job.before.as_ref());
        let sent_since = !same_visit && error.is_some() && !is_saved(error);
        let (now, mut looks) = (Instant::now(), self.looks());
        looks.retain(|_, since| now.duration_since(*since) < KEPT);
        let since = looks.entry(job.intent.key.clone()).or_insert(now);
        if sent_since {
            *since = now;
        }
        now.duration_since(*since) < EVENT_LAG
    }

    /// The key is settled, or goes out again.
    pub(super) fn forget(&self, key: &IdempotencyKey) {
        self.looks().remove(key);
    }

    fn looks(&self) -> MutexGuard<'_, HashMap<IdempotencyKey, Instant>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
