//! What Nango gave last and for how long not to ask it, in memory only.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use model::{ConnectionId, Mode, Timestamp};
use zeroize::Zeroizing;

use super::{Place, answer::Trouble};

/// How long a forced renewal is not repeated.
const COOL_OFF: Duration = Duration::from_secs(60);

/// What was fetched last, by connection, and what rests.
#[derive(Default)]
pub(crate) struct Fetched {
    inner: Mutex<Inner>,
}

#[derive(Default)]
struct Inner {
    last: HashMap<ConnectionId, Last>,
    /// Why a connection is not asked for, and until when.
    resting: HashMap<ConnectionId, (Timestamp, Trouble)>,
    /// Until when a mode's Nango wants no request at all.
    slowed: HashMap<Mode, Timestamp>,
    /// When Nango was last made to renew a connection.
    forced: HashMap<ConnectionId, Timestamp>,
}

/// A credential and how long it is good for.
#[derive(Clone)]
pub(super) struct Last {
    /// Where it came from: a connection that was authorized anew has another place.
    pub(super) place: Place,
    pub(super) secret: Zeroizing<String>,
    pub(super) oauth: bool,
    /// Asked for again from then on.
    pub(super) fresh_until: Timestamp,
    /// Used until then when Nango gives nothing.
    pub(super) stale_until: Timestamp,
    /// Whether it ends by itself.
    pub(super) ends: bool,
}

impl Fetched {
    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn get(&self, id: ConnectionId, place: &Place) -> Option<Last> {
        self.inner().last.get(&id).filter(|last| last.place == *place).cloned()
    }

    /// Whether any credential of a connection is kept.
    #[cfg(test)]
    pub(crate) fn holds(&self, id: ConnectionId) -> bool {
        self.inner().last.contains_key(&id)
    }

    pub(super) fn put(&self, id: ConnectionId, last: Last) {
        let mut inner = self.inner();
        inner.resting.remove(&id);
        inner.last.insert(id, last);
    }

    /// Asks again at the next use; what is there stays for when Nango gives nothing.
    pub(super) fn expire(&self, id: ConnectionId, now: Timestamp) {
        if let Some(last) = self.inner().last.get_mut(&id) {
            last.fresh_until = last.fresh_until.min(now);
        }
    }

    /// Keeps no credential of a connection.
    pub(crate) fn forget(&self, id: ConnectionId) {
        let mut inner = self.inner();
        inner.last.remove(&id);
        inner.resting.remove(&id);
    }

    /// Does not ask for this connection before then.
    pub(super) fn rest(&self, id: ConnectionId, until: Timestamp, why: Trouble) {
        self.inner().resting.insert(id, (until, why));
    }

    /// Why this connection is not asked for now, and until when.
    pub(super) fn resting(&self, id: ConnectionId, now: Timestamp) -> Option<(Timestamp, Trouble)> {
        self.inner().resting.get(&id).filter(|(until, _)| now < *until).cloned()
    }

    /// Asks this mode's Nango nothing before then.
    pub(super) fn slow(&self, mode: Mode, until: Timestamp) {
        self.inner().slowed.insert(mode, until);
    }

    /// How long this mode's Nango wants no request.
    pub(super) fn slowed(&self, mode: Mode, now: Timestamp) -> Option<Duration> {
        let until = self.inner().slowed.get(&mode).copied()?;
        Duration::try_from(until.duration_since(now)).ok().filter(|left| !left.is_zero())
    }

    /// Whether a renewal may be forced now; notes it, because it counts from its
    /// beginning: Nango may have renewed although no answer came.
    pub(super) fn may_force(&self, id: ConnectionId, now: Timestamp) -> bool {
        let mut inner = self.inner();
        inner.forced.retain(|_, at| now < after(*at, COOL_OFF) && *at <= now);
        let may = !inner.forced.contains_key(&id);
        if may {
            inner.forced.insert(id, now);
        }
        may
    }
}

pub(super) fn after(now: Timestamp, time: Duration) -> Timestamp {
    now.checked_add(time).unwrap_or(Timestamp::MAX)
}
