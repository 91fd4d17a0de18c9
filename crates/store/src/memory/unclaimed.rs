//! Events that nobody claims.

use std::collections::BTreeMap;

use model::{ReceiptId, Timestamp};

use super::state::State;
use crate::{
    rows::{Unclaimed, UnclaimedOf},
    unit::{Effected, Refusal},
};

/// Stores one, unless it is known, and lets go of what is beyond the limits.
pub(super) fn keep(
    state: &mut State,
    event: &Unclaimed,
    of_account: usize,
    of_all: usize,
) -> Result<Effected, Refusal> {
    if state.unclaimed.values().any(|row| row.event == event.event && of(row, event)) {
        return Ok(Effected::Kept { fresh: false, gone: 0 });
    }
    if state.unclaimed.contains_key(&event.id) {
        return Err(Refusal::Conflict);
    }
    state.unclaimed.insert(event.id, event.clone());
    let gone = beyond(state, of_account, |row| of(row, event)) + beyond(state, of_all, |_| true);
    Ok(Effected::Kept { fresh: true, gone })
}

fn of(row: &Unclaimed, other: &Unclaimed) -> bool {
    (&row.account, row.mode) == (&other.account, other.mode)
}

/// Removes the oldest of those that pass, but for so many.
fn beyond(state: &mut State, most: usize, pass: impl Fn(&Unclaimed) -> bool) -> u64 {
    let passing = state.unclaimed.values().rev().filter(|row| pass(row));
    let going: Vec<ReceiptId> = passing.skip(most).map(|row| row.id).collect();
    for id in &going {
        state.unclaimed.remove(id);
    }
    going.len() as u64
}

/// Removes those received before a time.
pub(super) fn forget(state: &mut State, before: Timestamp) -> Effected {
    let count = state.unclaimed.len();
    state.unclaimed.retain(|_, row| row.received_at >= before);
    Effected::Forgotten((count - state.unclaimed.len()) as u64)
}

/// How many there are, by account and mode.
pub(super) fn accounts(state: &State) -> Vec<UnclaimedOf> {
    let mut all: BTreeMap<(&str, &str), UnclaimedOf> = BTreeMap::new();
    for row in state.unclaimed.values() {
        let one = all.entry((row.account.as_str(), row.mode.as_str())).or_insert_with(|| UnclaimedOf {
            account: row.account.clone(),
            mode: row.mode,
            count: 0,
            first_at: row.received_at,
            last_at: row.received_at,
        });
        one.count += 1;
        one.first_at = one.first_at.min(row.received_at);
        one.last_at = one.last_at.max(row.received_at);
    }
    all.into_values().collect()
}

/// Those of accounts that some company has a connection to.
pub(super) fn claimable(state: &State, limit: usize) -> Vec<Unclaimed> {
    let connected = |row: &&Unclaimed| {
        let reaches =
            |c: &&crate::rows::Connection| c.account.as_ref() == Some(&row.account) && c.mode == row.mode;
        state.connections.values().any(|c| reaches(&c))
    };
    state.unclaimed.values().filter(connected).take(limit).cloned().collect()
}
