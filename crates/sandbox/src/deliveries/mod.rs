//! Webhook deliveries: one for each event and endpoint, until a 2xx.
//!
//! Retries come after 1, 2, 5 and 10 seconds and then every 30, for three days of
//! the sandbox's clock. Attempts are counted in memory only: after a restart every
//! open delivery is due at once.

mod sender;

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet, VecDeque};

use crate::state::NewDelivery;

pub(crate) use sender::{build_client, pump, settle, take_due};

/// One attempt to make, for a simulation that carries it itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivery {
    /// To be given back with the outcome.
    pub id: u64,
    /// Where it goes.
    pub url: String,
    /// The value of `Stripe-Signature`, fresh for this attempt.
    pub signature: String,
    /// The event, the same bytes in every attempt.
    pub body: String,
    /// `evt_…`
    pub event: String,
    /// 0 for the first attempt.
    pub attempt: u32,
}

/// The most taken events that are remembered; the oldest leave first.
const TAKEN_MAX: usize = 100_000;
/// Waits after a failed attempt, in seconds; the last one repeats.
const WAITS: &[i64] = &[1, 2, 5, 10, 30];
/// How long an endpoint is tried.
pub(crate) const GIVE_UP_MS: i64 = 3 * 24 * 60 * 60 * 1000;

#[derive(Debug)]
pub(crate) struct Open {
    pub(crate) event: String,
    pub(crate) endpoint: String,
    /// The connected account that the event is of.
    pub(crate) account: Option<String>,
    pub(crate) created_ms: i64,
    pub(crate) due_ms: i64,
    pub(crate) attempts: u32,
    pub(crate) in_flight: bool,
}

/// The open deliveries, by number and by the time they are due.
#[derive(Debug, Default)]
pub(crate) struct Queue {
    open: BTreeMap<u64, Open>,
    /// By endpoint, so that a slow one costs the others nothing.
    due: BTreeMap<String, BTreeSet<(i64, u64)>>,
    pending: HashMap<String, usize>,
    /// Attempts under way, by endpoint.
    busy: HashMap<String, usize>,
    /// Events that an endpoint has taken, the latest of them.
    taken: VecDeque<String>,
    last: u64,
}

impl Queue {
    /// An empty queue whose numbers go on.
    pub(crate) fn emptied(&self) -> Self {
        Self { last: self.last, ..Self::default() }
    }

    /// The number of the next delivery.
    pub(crate) fn next_id(&self) -> u64 {
        self.last + 1
    }

    pub(crate) fn add(&mut self, new: NewDelivery) {
        self.last = self.last.max(new.id);
        *self.pending.entry(new.event.clone()).or_default() += 1;
        self.due.entry(new.endpoint.clone()).or_default().insert((new.created_ms + new.shift_ms, new.id));
        let NewDelivery { id, event, endpoint, account, created_ms, shift_ms } = new;
        let due_ms = created_ms + shift_ms;
        let open = Open { event, endpoint, account, created_ms, due_ms, attempts: 0, in_flight: false };
        self.open.insert(id, open);
    }

    /// How many endpoints still wait for an event.
    pub(crate) fn pending(&self, event: &str) -> usize {
        self.pending.get(event).copied().unwrap_or(0)
    }

    pub(crate) fn open(&self) -> usize {
        self.open.len()
    }

    /// Whether nothing is due or under way.
    pub(crate) fn rests(&self, now_ms: i64) -> bool {
        let due = |open: &Open| open.in_flight || open.due_ms <= now_ms;
        !self.open.values().any(due)
    }

    /// An endpoint has taken this one. In memory only.
    pub(crate) fn take(&mut self, id: u64) {
        let Some(event) = self.open.get(&id).map(|open| open.event.clone()) else { return };
        if self.taken.len() == TAKEN_MAX {
            self.taken.pop_front();
        }
        self.taken.push_back(event);
    }

    /// The events that an endpoint has taken since the start.
    pub(crate) fn taken(&self) -> HashSet<String> {
        self.taken.iter().cloned().collect()
    }

    /// Every open delivery, oldest first.
    pub(crate) fn all(&self) -> impl Iterator<Item = &Open> {
        self.open.values()
    }

    pub(crate) fn get(&self, id: u64) -> Option<&Open> {
        self.open.get(&id)
    }

    /// What is due and not under way, earliest first; at most so many to an endpoint,
    /// those under way included.
    pub(crate) fn due(&self, now_ms: i64, per_endpoint: Option<usize>) -> Vec<u64> {
        let mut due: Vec<(i64, u64)> = Vec::new();
        for (endpoint, waiting) in &self.due {
            let busy = self.busy.get(endpoint).copied().unwrap_or(0);
            let room = per_endpoint.map_or(usize::MAX, |most| most.saturating_sub(busy));
            due.extend(waiting.range(..=(now_ms, u64::MAX)).take(room));
        }
        due.sort_unstable();
        due.into_iter().map(|(_, id)| id).collect()
    }

    /// When the next one that is not due yet will be.
    pub(crate) fn next_due_ms(&self, now_ms: i64) -> Option<i64> {
        let later = (now_ms, u64::MAX)..;
        self.due.values().filter_map(|waiting| waiting.range(later.clone()).next()).map(|(at, _)| *at).min()
    }

    /// Takes a delivery under way.
    pub(crate) fn begin(&mut self, id: u64) {
        if let Some(open) = self.open.get_mut(&id) {
            open.in_flight = true;
            not_due(&mut self.due, open, id);
            *self.busy.entry(open.endpoint.clone()).or_default() += 1;
        }
    }

    /// Puts a failed attempt back. `true` when it has been tried long enough and
    /// should be finished instead.
    pub(crate) fn failed(&mut self, id: u64, now_ms: i64) -> bool {
        let Some(open) = self.open.get_mut(&id) else { return false };
        if now_ms - open.created_ms >= GIVE_UP_MS {
            return true;
        }
        let wait = WAITS[(open.attempts as usize).min(WAITS.len() - 1)];
        not_due(&mut self.due, open, id);
        open.attempts += 1;
        rest(&mut self.busy, open);
        open.due_ms = now_ms + wait * 1000;
        self.due.entry(open.endpoint.clone()).or_default().insert((open.due_ms, id));
        false
    }

    /// The delivery is over.
    pub(crate) fn finish(&mut self, id: u64) {
        let Some(mut open) = self.open.remove(&id) else { return };
        rest(&mut self.busy, &mut open);
        not_due(&mut self.due, &open, id);
        if let Some(count) = self.pending.get_mut(&open.event) {
            *count -= 1;
            if *count == 0 {
                self.pending.remove(&open.event);
            }
        }
    }
}

/// The attempt is not under way any more.
fn rest(busy: &mut HashMap<String, usize>, open: &mut Open) {
    if std::mem::take(&mut open.in_flight)
        && let Some(count) = busy.get_mut(&open.endpoint)
    {
        *count = count.saturating_sub(1);
    }
}

fn not_due(due: &mut BTreeMap<String, BTreeSet<(i64, u64)>>, open: &Open, id: u64) {
    if let Some(waiting) = due.get_mut(&open.endpoint) {
        waiting.remove(&(open.due_ms, id));
        if waiting.is_empty() {
            due.remove(&open.endpoint);
        }
    }
}
