//! How many runs are driven at once, and whose goes next when there are more.
//!
//! Companies take turns: one that starts ten thousand runs waits with its own, and no other
//! company's run waits for them. What would surprise: nobody's company is asked for while
//! there is room, so that a run that may go at once costs no read.

use std::{
    collections::{HashMap, VecDeque},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use model::CompanyId;
use tokio::sync::oneshot;

/// The places of runs that are driven.
pub(crate) struct Permits {
    places: Arc<Mutex<Places>>,
}

struct Places {
    free: usize,
    /// Companies that wait, each in its turn.
    turns: VecDeque<CompanyId>,
    waiting: HashMap<CompanyId, VecDeque<oneshot::Sender<Permit>>>,
}

/// A place; dropped, it goes to the next.
pub(crate) struct Permit(Option<Arc<Mutex<Places>>>);

impl Permits {
    /// So many places, and at least one.
    pub(crate) fn new(count: usize) -> Self {
        let places = Places { free: count.max(1), turns: VecDeque::new(), waiting: HashMap::new() };
        Self { places: Arc::new(Mutex::new(places)) }
    }

    /// A place that is free, when nobody waits for one.
    pub(crate) fn try_take(&self) -> Option<Permit> {
        let mut places = lock(&self.places);
        places.free = places.free.checked_sub(1)?;
        Some(Permit(Some(self.places.clone())))
    }

    /// A place, in this company's turn. Dropping the future gives the turn up.
    pub(crate) async fn take(&self, company: CompanyId) -> Permit {
        loop {
            let coming = {
                let mut places = lock(&self.places);
                if let Some(free) = places.free.checked_sub(1) {
                    places.free = free;
                    return Permit(Some(self.places.clone()));
                }
                places.join(company)
            };
            // A place that is given is there; otherwise whoever had it is gone with it.
            if let Ok(permit) = coming.await {
                return permit;
            }
        }
    }
}

impl Places {
    fn join(&mut self, company: CompanyId) -> oneshot::Receiver<Permit> {
        let (give, coming) = oneshot::channel();
        let queue = self.waiting.entry(company).or_insert_with(|| {
            self.turns.push_back(company);
            VecDeque::new()
        });
        queue.push_back(give);
        coming
    }

    /// Takes whoever is next, and puts the company behind the others.
    fn next(&mut self) -> Option<oneshot::Sender<Permit>> {
        let company = self.turns.pop_front()?;
        let queue = self.waiting.get_mut(&company)?;
        let next = queue.pop_front();
        if queue.is_empty() {
            self.waiting.remove(&company);
        } else {
            self.turns.push_back(company);
        }
        next
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        let Some(shared) = self.0.take() else { return };
        let mut places = lock(&shared);
        while let Some(next) = places.next() {
            match next.send(Permit(Some(shared.clone()))) {
                Ok(()) => return,
                // That one waits no longer: the place is not given up by it, but by this.
                Err(mut unwanted) => unwanted.0 = None,
            }
        }
        places.free += 1;
    }
}

fn lock(places: &Mutex<Places>) -> MutexGuard<'_, Places> {
    places.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use model::{ManualClock, SeededRng};

    use super::*;

    fn companies() -> [CompanyId; 3] {
        let (clock, rng) = (ManualClock::at_second(1), SeededRng::new(1));
        [(); 3].map(|()| CompanyId::new(&clock, &rng))
    }

    /// Lets waiting futures come to where they wait.
    async fn waiting<F: Future<Output = Permit> + Send + 'static>(
        tasks: &tokio_util::task::TaskTracker,
        future: F,
    ) -> tokio::task::JoinHandle<Permit> {
        let handle = tasks.spawn(future);
        tokio::task::yield_now().await;
        handle
    }

    #[tokio::test]
    async fn companies_take_turns_however_many_runs_one_has() {
        let permits = Arc::new(Permits::new(1));
        let [ants, bees, _] = companies();
        let tasks = tokio_util::task::TaskTracker::new();
        let mut held = permits.try_take().unwrap();
        assert!(permits.try_take().is_none());
        let order = Arc::new(Mutex::new(Vec::new()));
        let mut handles = Vec::new();
        for (company, name) in [(ants, "a1"), (ants, "a2"), (ants, "a3"), (bees, "b1"), (ants, "a4")] {
            let (permits, order) = (permits.clone(), order.clone());
            let coming = async move {
                let permit = permits.take(company).await;
                order.lock().unwrap().push(name);
                permit
            };
            handles.push(waiting(&tasks, coming).await);
        }
        for _ in 0..5 {
            drop(held);
            let next = loop {
                tokio::task::yield_now().await;
                if let Some(at) = handles.iter().position(tokio::task::JoinHandle::is_finished) {
                    break handles.remove(at);
                }
            };
            held = next.await.unwrap();
        }
        drop(held);
        assert_eq!(*order.lock().unwrap(), ["a1", "b1", "a2", "a3", "a4"]);
        assert!(permits.try_take().is_some(), "free again");
    }

    #[tokio::test]
    async fn who_gives_up_takes_no_place_along() {
        let permits = Arc::new(Permits::new(1));
        let [ants, bees, _] = companies();
        let tasks = tokio_util::task::TaskTracker::new();
        let held = permits.try_take().unwrap();
        let of = |company| {
            let permits = permits.clone();
            async move { permits.take(company).await }
        };
        let leaves = waiting(&tasks, of(ants)).await;
        let stays = waiting(&tasks, of(bees)).await;
        leaves.abort();
        assert!(leaves.await.is_err());
        drop(held);
        // Given and dropped unseen, it goes on to the next as well.
        let given = stays.await.unwrap();
        let unseen = waiting(&tasks, of(ants)).await;
        let last = waiting(&tasks, of(bees)).await;
        drop(given);
        drop(unseen.await);
        drop(last.await);
        let free = permits.try_take();
        assert!(free.is_some() && permits.try_take().is_none(), "one place, no more and no fewer");
    }
}
