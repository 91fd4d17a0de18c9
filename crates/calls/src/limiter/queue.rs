//! Who waits for one account's buckets, and who of them goes next. Pure.
//!
//! Calls of a higher rank go first, companies of one rank take turns, and a company's
//! calls go in the order in which they came. Two rules would surprise: a call whose own
//! operation has no tokens holds up nobody, and of every eight calls that go while a
//! lower rank waits, one is of that rank, so that nothing waits for ever.

use std::collections::{HashMap, VecDeque};

use model::CompanyId;

use super::buckets::Errand;
use crate::Class;

/// So many calls of higher ranks go ahead of one that waits.
const PASSED_MAX: u32 = 7;

/// In which order calls go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Rank {
    /// Somebody waits for this one call.
    Interactive,
    /// Somebody reads a long list: its pages after the first come after the calls of
    /// others, and before what nobody waits for.
    Paging,
    /// Nobody waits.
    Background,
}

impl From<Class> for Rank {
    fn from(class: Class) -> Self {
        match class {
            Class::Interactive => Self::Interactive,
            Class::Background => Self::Background,
        }
    }
}

/// One who waits.
pub(crate) trait Waiting {
    /// Whether it has given up.
    fn has_left(&self) -> bool;
}

/// Everybody who waits.
pub(crate) struct Queue<W> {
    rings: [Ring<W>; 3],
    /// How many calls went ahead of each rank since it last had its turn.
    passed: [u32; 3],
    came: u64,
}

/// Companies that wait, each in its turn.
struct Ring<W> {
    turns: VecDeque<CompanyId>,
    waiting: HashMap<CompanyId, Vec<Lot<W>>>,
}

/// A company's calls that pay from the same buckets, in the order in which they came.
struct Lot<W> {
    errand: Errand,
    calls: VecDeque<(u64, W)>,
}

impl<W: Waiting> Queue<W> {
    pub(crate) fn new() -> Self {
        let ring = || Ring { turns: VecDeque::new(), waiting: HashMap::new() };
        Self { rings: [ring(), ring(), ring()], passed: [0; 3], came: 0 }
    }

    pub(crate) fn join(&mut self, rank: Rank, company: CompanyId, errand: Errand, waiter: W) {
        self.came += 1;
        self.rings[rank as usize].join(company, errand, (self.came, waiter));
    }

    /// Takes the next one that may go; forgets who has left.
    pub(crate) fn next(&mut self, may_go: &mut dyn FnMut(Errand) -> bool) -> Option<W> {
        for ring in &mut self.rings {
            ring.forget();
        }
        let mut order = [0, 1, 2];
        // Those who were passed over too often, the most neglected first; then by rank.
        order.sort_by_key(|at| std::cmp::Reverse(self.passed[*at].saturating_sub(PASSED_MAX - 1)));
        let (at, waiter) =
            order.into_iter().find_map(|at| self.rings[at].next(may_go).map(|waiter| (at, waiter)))?;
        self.passed[at] = 0;
        for lower in at + 1..self.rings.len() {
            self.passed[lower] = if self.rings[lower].is_empty() { 0 } else { self.passed[lower] + 1 };
        }
        Some(waiter)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.rings.iter().all(Ring::is_empty)
    }
}

impl<W: Waiting> Ring<W> {
    fn join(&mut self, company: CompanyId, errand: Errand, call: (u64, W)) {
        let lots = self.waiting.entry(company).or_insert_with(|| {
            self.turns.push_back(company);
            Vec::new()
        });
        match lots.iter_mut().find(|lot| lot.errand == errand) {
            Some(lot) => lot.calls.push_back(call),
            None => lots.push(Lot { errand, calls: VecDeque::from([call]) }),
        }
    }

    /// Forgets heads that have left, and companies that have nobody waiting.
    fn forget(&mut self) {
        let waiting = &mut self.waiting;
        self.turns.retain(|company| {
            let Some(lots) = waiting.get_mut(company) else { return false };
            for lot in lots.iter_mut() {
                while lot.calls.front().is_some_and(|(_, waiter)| waiter.has_left()) {
                    lot.calls.pop_front();
                }
            }
            lots.retain(|lot| !lot.calls.is_empty());
            if lots.is_empty() {
                waiting.remove(company);
            }
            waiting.contains_key(company)
        });
    }

    /// Takes the first one, in order of turns, that may go, and puts its company
    /// behind the others.
    fn next(&mut self, may_go: &mut dyn FnMut(Errand) -> bool) -> Option<W> {
        for at in 0..self.turns.len() {
            let lots = self.waiting.get_mut(&self.turns[at])?;
            let mut heads: Vec<_> =
                lots.iter().enumerate().filter_map(|(n, lot)| Some((lot.calls.front()?.0, n))).collect();
            heads.sort_unstable();
            let found = heads.into_iter().find(|(_, n)| may_go(lots[*n].errand));
            if let Some((_, n)) = found {
                let company = self.turns.remove(at)?;
                self.turns.push_back(company);
                return lots[n].calls.pop_front().map(|(_, waiter)| waiter);
            }
        }
        None
    }

    fn is_empty(&self) -> bool {
        self.waiting.values().all(|lots| lots.iter().all(|lot| lot.calls.is_empty()))
    }
}
