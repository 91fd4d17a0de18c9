//! Connections whose link is out: looked at again and again, ever more rarely, because
//! Nango counts all requests of an installation together.

use std::{
    collections::HashMap,
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use model::{CompanyId, ConnectionId, Timestamp};

use super::cache::after;

/// The most connections that are looked at in one round.
const ROUND: usize = 4;
const PAUSE_MIN: Duration = Duration::from_secs(5);
const PAUSE_MAX: Duration = Duration::from_secs(60);

/// Links that are out.
#[derive(Default)]
pub(crate) struct Waiting {
    links: Mutex<HashMap<ConnectionId, Link>>,
    resumed: AtomicBool,
}

struct Link {
    company: CompanyId,
    until: Timestamp,
    next: Timestamp,
    pause: Duration,
}

impl Waiting {
    fn links(&self) -> MutexGuard<'_, HashMap<ConnectionId, Link>> {
        self.links.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn add(&self, company: CompanyId, id: ConnectionId, now: Timestamp, until: Timestamp) {
        self.links().insert(id, Link { company, until, next: now, pause: PAUSE_MIN });
    }

    /// Those whose turn it is, the longest waiting first.
    pub(super) fn take_due(&self, now: Timestamp) -> Vec<(CompanyId, ConnectionId)> {
        let mut links = self.links();
        links.retain(|_, link| now < link.until);
        let mut due: Vec<_> = links.iter_mut().filter(|(_, link)| link.next <= now).collect();
        due.sort_by_key(|(id, link)| (link.next, **id));
        due.truncate(ROUND);
        for (_, link) in &mut due {
            link.next = after(now, link.pause);
            link.pause = (link.pause * 3 / 2).min(PAUSE_MAX);
        }
        due.into_iter().map(|(id, link)| (link.company, *id)).collect()
    }

    pub(super) fn is_out(&self, id: ConnectionId, now: Timestamp) -> bool {
        self.links().get(&id).is_some_and(|link| now < link.until)
    }

    pub(crate) fn done(&self, id: ConnectionId) {
        self.links().remove(&id);
    }

    /// Whether nobody has read yet which links an earlier process left.
    pub(super) fn begins(&self) -> bool {
        !self.resumed.swap(true, Ordering::AcqRel)
    }

    /// Reading them failed: the next round tries again.
    pub(super) fn begins_again(&self) {
        self.resumed.store(false, Ordering::Release);
    }
}
