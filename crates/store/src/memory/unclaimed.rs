//! Events that nobody claims.

use std::collections::BTreeMap;

use model::{ConnectionStatus, ReceiptId, Sealed, Timestamp};

use super::state::State;
use crate::{
    rows::{Bound, Connection, PageOf, Unclaimed, UnclaimedOf},
    unit::{Effected, Refusal},
};

/// Stores one, unless it is known, and lets go of what is beyond the limits.
pub(super) fn keep(
    state: &mut State,
    event: &Unclaimed,
    of_account: Bound,
    of_all: Bound,
) -> Result<Effected, Refusal> {
    if state.unclaimed.values().any(|row| row.event == event.event && of(row, event)) {
        return Ok(Effected::Kept { fresh: false, gone: 0 });
    }
    if state.unclaimed.contains_key(&event.id) {
        return Err(Refusal::Conflict);
    }
    state.unclaimed.insert(event.id, event.clone());
    let gone =
        beyond(state, event, of_account, |row| of(row, event)) + beyond(state, event, of_all, |_| true);
    Ok(Effected::Kept { fresh: true, gone })
}

fn of(row: &Unclaimed, other: &Unclaimed) -> bool {
    (&row.account, row.mode) == (&other.account, other.mode)
}

/// Removes the oldest of those that pass and are beyond a bound, but never `newest`.
fn beyond(state: &mut State, newest: &Unclaimed, most: Bound, pass: impl Fn(&Unclaimed) -> bool) -> u64 {
    let (mut count, mut bytes) = (1, size(newest));
    let mut is_beyond = |row: &&Unclaimed| {
        (count, bytes) = (count + 1, bytes + size(row));
        count > most.count || bytes > most.bytes
    };
    let passing = state.unclaimed.values().rev().filter(|row| row.id != newest.id && pass(row));
    let going: Vec<ReceiptId> = passing.filter(|row| is_beyond(row)).map(|row| row.id).collect();
    for id in &going {
        state.unclaimed.remove(id);
    }
    going.len() as u64
}

fn size(row: &Unclaimed) -> u64 {
    row.body.as_bytes().len() as u64
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

/// A page as lists show it.
pub(super) fn without_bodies(mut page: PageOf<Unclaimed>) -> PageOf<Unclaimed> {
    page.rows.iter_mut().for_each(|row| row.body = Sealed::from_ciphertext(Vec::new()));
    page
}

/// Those of accounts that some company has a connection to which was not revoked.
pub(super) fn claimable(state: &State, limit: usize, after: Option<ReceiptId>) -> Vec<Unclaimed> {
    let connected = |row: &&Unclaimed| {
        let reaches = |c: &Connection| c.account.as_ref() == Some(&row.account) && c.mode == row.mode;
        let claims =
            |c: &Connection| c.status != ConnectionStatus::Revoked && !state.removed.contains(&c.company);
        state.connections.values().any(|c| reaches(c) && claims(c))
    };
    let rest = state.unclaimed.values().filter(|row| after.is_none_or(|after| row.id > after));
    rest.filter(connected).take(limit).cloned().collect()
}
