//! Everything that a sandbox remembers of Stripe's objects, to go back to.

use serde::{Deserialize, Serialize};

use super::{Kept, Put, Record, State};
use crate::settings::Settings;

/// The objects, the answers kept under keys, the clock and the settings, of every account.
/// Who may ask is not in it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Snapshot {
    offset_ms: i64,
    settings: Settings,
    accounts: Vec<Account>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct Account {
    /// The connected account; none for the sandbox's own.
    account: Option<String>,
    ids_next: u64,
    objects: Vec<Put>,
    answers: Vec<Kept>,
}

impl State {
    /// What there is now.
    pub(crate) fn snapshot(&self) -> Snapshot {
        let own = (None, self);
        let connected = self.connected.iter().map(|(id, state)| (Some(id.clone()), state));
        let account = |(account, state): (Option<String>, &Self)| {
            let mut objects: Vec<_> =
                state.objects.iter().map(|(id, stored)| (stored.at, id, stored)).collect();
            objects.sort_unstable_by_key(|(at, ..)| *at);
            let put = |id: &String, stored: &super::Stored| Put {
                id: id.clone(),
                value: Some(stored.value.clone()),
            };
            let objects = objects.into_iter().map(|(_, id, stored)| put(id, stored)).collect();
            let mut answers: Vec<Kept> = state.keys.values().cloned().collect();
            answers.sort_unstable_by(|one, other| one.key.cmp(&other.key));
            Account { account, ids_next: state.ids_next, objects, answers }
        };
        let accounts = std::iter::once(own).chain(connected).map(account).collect();
        Snapshot { offset_ms: self.offset_ms, settings: self.settings.clone(), accounts }
    }

    /// The records that lead back to a snapshot. Ids go on, and webhook endpoints that came
    /// since stay: whoever listens has no way to learn that it should register again.
    ///
    /// # Errors
    /// An account of the snapshot that this sandbox does not have.
    pub(crate) fn back_to(&self, snapshot: Snapshot) -> Result<Vec<Record>, String> {
        let Snapshot { offset_ms, settings, accounts } = snapshot;
        let unknown = |id: &&String| !self.connected.contains_key(*id);
        if let Some(id) = accounts.iter().filter_map(|one| one.account.as_ref()).find(unknown) {
            return Err(format!(
                "The snapshot has the account {id}, which was never connected here. Nothing was changed."
            ));
        }
        let mut records = vec![Record {
            reset: true,
            offset_ms: Some(offset_ms),
            settings: Some(settings),
            failing: Some(Vec::new()),
            ..Record::default()
        }];
        for Account { account, ids_next, objects, answers } in accounts {
            let state = self.of(account.as_deref());
            let mut puts = objects;
            let since = state.endpoints().into_iter().filter(|one| puts.iter().all(|put| put.id != one.id));
            puts.extend(since.collect::<Vec<_>>());
            let ids_next = Some(ids_next.max(state.ids_next));
            records.push(Record { account: account.clone(), ids_next, puts, ..Record::default() });
            let kept = |kept| Record { account: account.clone(), kept: Some(kept), ..Record::default() };
            records.extend(answers.into_iter().map(kept));
        }
        Ok(records)
    }
}
