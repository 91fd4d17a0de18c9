//! Reads over the maps: plain scans, because stores in tests are small.

use std::collections::BTreeMap;

use model::{
    AccountId, AuditId, CallId, Cause, CompanyId, ConnectionId, EventId, IdempotencyKey, Mode, ReceiptId,
    ReceiptStatus, RunId, Timestamp, WorkflowId, WorkflowKey,
};

use super::{
    Memory,
    state::{State, of_run},
    unclaimed,
};
use crate::{
    backend::{Backend, BoxFuture, ReadError},
    rows::{
        ApiKey, Audited, Authorization, Company, Connection, DataKey, Holder, Input, Intent, IntentState,
        JournalRow, Page, PageOf, Receipt, ReceiptFilter, RequestKey, Run, RunFilter, RunInput, Secret,
        Source, Timer, Unclaimed, UnclaimedOf, Wait, Workflow, WorkflowVersion,
    },
    unit::{CommitError, Effected, Unit},
};

type Read<'a, T> = BoxFuture<'a, Result<T, ReadError>>;

fn answer<'a, T: Send + 'a>(read: Result<T, ReadError>) -> Read<'a, T> {
    Box::pin(std::future::ready(read))
}

impl Backend for Memory {
    fn commit(&self, unit: Unit) -> BoxFuture<'_, Result<Vec<Effected>, CommitError>> {
        Box::pin(self.write(unit))
    }

    fn companies(&self) -> Read<'_, Vec<Company>> {
        answer(self.read(|s| all(&s.companies)))
    }

    fn company(&self, named: &str) -> Read<'_, Option<Company>> {
        let named = named.to_owned();
        answer(self.read(|s| {
            let by_id = s.companies.values().find(|row| row.id.to_string() == named);
            by_id.or_else(|| s.companies.values().find(|row| row.name == named)).cloned()
        }))
    }

    fn audit(&self, company: CompanyId, page: Page<AuditId>) -> Read<'_, PageOf<Audited>> {
        answer(self.read(|s| page_of(&s.audit, page, |row| row.company == company)))
    }

    fn api_key(&self, hash: [u8; 32]) -> Read<'_, Option<ApiKey>> {
        answer(self.read(|s| s.api_keys.values().find(|row| row.hash == hash).cloned()))
    }

    fn api_keys(&self, company: CompanyId) -> Read<'_, Vec<ApiKey>> {
        answer(self.read(|s| of(&s.api_keys, |row| row.company == company)))
    }

    fn data_key(&self, id: &str) -> Read<'_, Option<DataKey>> {
        answer(self.read(|s| s.data_keys.get(id).cloned()))
    }

    fn data_keys(&self) -> Read<'_, Vec<DataKey>> {
        answer(self.read(|s| all(&s.data_keys)))
    }

    fn connections(&self, company: CompanyId) -> Read<'_, Vec<Connection>> {
        answer(self.read(|s| of(&s.connections, |row| row.company == company)))
    }

    fn connection(&self, company: CompanyId, id: ConnectionId) -> Read<'_, Option<Connection>> {
        answer(self.read(|s| s.connections.get(&id).filter(|row| row.company == company).cloned()))
    }

    fn connections_of_account(&self, account: &AccountId, mode: Mode) -> Read<'_, Vec<Connection>> {
        let account = Some(account.clone());
        answer(self.read(|s| of(&s.connections, |row| row.account == account && row.mode == mode)))
    }

    fn account_holders(&self, account: &AccountId, mode: Mode) -> Read<'_, Vec<Holder>> {
        let account = Some(account.clone());
        answer(self.read(|s| {
            let reaches = |row: &&Connection| row.account == account && row.mode == mode;
            let present = |row: &&Connection| !s.removed.contains(&row.company);
            s.connections.values().filter(reaches).filter(present).map(holder).collect()
        }))
    }

    fn connections_expiring(&self, before: Timestamp, limit: u32) -> Read<'_, Vec<Connection>> {
        answer(self.read(|s| {
            let mut rows = of(&s.connections, |row| row.expires_at.is_some_and(|at| at < before));
            rows.sort_by_key(|row| (row.expires_at, row.id));
            rows.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
            rows
        }))
    }

    fn authorization(&self, state: [u8; 32]) -> Read<'_, Option<Authorization>> {
        answer(self.read(|s| s.authorizations.get(&state).cloned()))
    }

    fn unclaimed(&self, page: Page<ReceiptId>) -> Read<'_, PageOf<Unclaimed>> {
        answer(self.read(|s| unclaimed::without_bodies(page_of(&s.unclaimed, page, |_| true))))
    }

    fn unclaimed_accounts(&self) -> Read<'_, Vec<UnclaimedOf>> {
        answer(self.read(unclaimed::accounts))
    }

    fn claimable(&self, limit: u32, after: Option<ReceiptId>) -> Read<'_, Vec<Unclaimed>> {
        answer(self.read(|s| unclaimed::claimable(s, limit as usize, after)))
    }

    fn sources(&self, company: Option<CompanyId>) -> Read<'_, Vec<Source>> {
        answer(self.read(|s| of(&s.sources, |row| row.company == company)))
    }

    fn secret(&self, company: CompanyId, name: &str) -> Read<'_, Option<Secret>> {
        answer(self.read(|s| s.secrets.get(&(company, name.to_owned())).cloned()))
    }

    fn workflows(&self, company: CompanyId) -> Read<'_, Vec<Workflow>> {
        answer(self.read(|s| of(&s.workflows, |row| row.company == company)))
    }

    fn workflow(&self, company: CompanyId, id: WorkflowId) -> Read<'_, Option<Workflow>> {
        answer(self.read(|s| s.workflows.get(&id).filter(|row| row.company == company).cloned()))
    }

    fn workflow_by_key(&self, company: CompanyId, key: &WorkflowKey) -> Read<'_, Option<Workflow>> {
        answer(
            self.read(|s| {
                s.workflows.values().find(|row| row.company == company && row.key == *key).cloned()
            }),
        )
    }

    fn workflow_version(&self, workflow: WorkflowId, version: u32) -> Read<'_, Option<WorkflowVersion>> {
        answer(self.read(|s| s.versions.get(&(workflow, version)).cloned()))
    }

    fn workflow_versions(&self, workflow: WorkflowId) -> Read<'_, Vec<WorkflowVersion>> {
        answer(
            self.read(|s| {
                s.versions.values().rev().filter(|row| row.workflow == workflow).cloned().collect()
            }),
        )
    }

    fn receipt(&self, id: ReceiptId) -> Read<'_, Option<Receipt>> {
        answer(self.read(|s| s.receipts.get(&id).cloned()))
    }

    fn receipts_of_event(&self, company: CompanyId, event: &EventId) -> Read<'_, Vec<Receipt>> {
        answer(self.read(|s| of(&s.receipts, |row| row.company == company && row.event == *event)))
    }

    fn receipts(
        &self,
        company: CompanyId,
        filter: ReceiptFilter,
        page: Page<ReceiptId>,
    ) -> Read<'_, PageOf<Receipt>> {
        answer(
            self.read(|s| page_of(&s.receipts, page, |row| row.company == company && wanted(&filter, row))),
        )
    }

    fn to_dispatch(&self, now: Timestamp, limit: u32) -> Read<'_, Vec<Receipt>> {
        answer(self.read(|s| in_turns(s, now, limit as usize)))
    }

    fn next_dispatch(&self) -> Read<'_, Option<Timestamp>> {
        answer(self.read(|s| {
            s.receipts
                .values()
                .filter(|row| row.status == ReceiptStatus::Failed)
                .filter_map(|row| row.next_try_at)
                .min()
        }))
    }

    fn run(&self, id: RunId) -> Read<'_, Option<Run>> {
        answer(self.read(|s| s.runs.get(&id).cloned()))
    }

    fn run_of_cause(&self, company: CompanyId, workflow: WorkflowId, cause: &Cause) -> Read<'_, Option<Run>> {
        let place = (company, workflow, cause.canonical());
        answer(self.read(|s| s.runs.get(s.by_cause.get(&place)?).cloned()))
    }

    fn runs(&self, company: CompanyId, filter: RunFilter, page: Page<RunId>) -> Read<'_, PageOf<Run>> {
        answer(self.read(|s| {
            page_of(&s.runs, page, |row| {
                row.company == company
                    && filter.workflow.is_none_or(|w| w == row.workflow)
                    && filter.status.is_none_or(|status| status == row.status)
            })
        }))
    }

    fn open_runs(&self) -> Read<'_, Vec<Run>> {
        answer(self.read(|s| of(&s.runs, |row| !row.status.is_final())))
    }

    fn runs_of_receipt(&self, receipt: ReceiptId) -> Read<'_, Vec<Run>> {
        answer(self.read(|s| of(&s.runs, |row| row.input == RunInput::Receipt(receipt))))
    }

    fn journal(&self, run: RunId) -> Read<'_, Vec<JournalRow>> {
        answer(self.read(|s| {
            s.journal
                .range((run, 0)..=(run, u64::MAX))
                .map(|((_, seq), row)| JournalRow { seq: *seq, row: row.clone() })
                .collect()
        }))
    }

    fn inputs(&self, run: RunId) -> Read<'_, Vec<Input>> {
        answer(self.read(|s| inputs(s, run)))
    }

    fn timers(&self, run: RunId) -> Read<'_, Vec<Timer>> {
        answer(self.read(|s| {
            of_run(&s.timers, run).map(|(path, at)| Timer { run, path: path.clone(), at: *at }).collect()
        }))
    }

    fn timers_due(&self, by: Timestamp, limit: u32) -> Read<'_, Vec<Timer>> {
        answer(self.read(|s| timers_due(s, by, limit)))
    }

    fn next_timer(&self) -> Read<'_, Option<Timestamp>> {
        answer(self.read(|s| s.timers.values().min().copied()))
    }

    fn waits(&self, run: RunId) -> Read<'_, Vec<Wait>> {
        answer(self.read(|s| {
            of_run(&s.waits, run).map(|(path, on)| Wait { run, path: path.clone(), on: on.clone() }).collect()
        }))
    }

    fn intent(&self, key: &IdempotencyKey) -> Read<'_, Option<Intent>> {
        answer(self.read(|s| s.intents.get(key).map(|(_, row)| row.clone())))
    }

    fn intent_of_call(&self, company: CompanyId, call: CallId) -> Read<'_, Option<Intent>> {
        answer(self.read(|s| {
            intents(s, |row| row.binding.company == company && row.call == call)
                .into_iter()
                .max_by_key(|row| (row.generation, std::cmp::Reverse(row.key.clone())))
        }))
    }

    fn intents_of_run(&self, run: RunId) -> Read<'_, Vec<Intent>> {
        answer(self.read(|s| intents(s, |row| row.run == Some(run))))
    }

    fn open_intents(&self) -> Read<'_, Vec<Intent>> {
        answer(self.read(|s| intents(s, |row| row.state == IntentState::Open)))
    }

    fn unsettled_intents(&self, company: CompanyId) -> Read<'_, u64> {
        let unsettled =
            |row: &Intent| row.binding.company == company && !matches!(row.state, IntentState::Settled(_));
        answer(self.read(|s| intents(s, unsettled).len() as u64))
    }

    fn request_key(&self, company: CompanyId, target: &str, key: &str) -> Read<'_, Option<RequestKey>> {
        answer(self.read(|s| s.request_keys.get(&(company, target.to_owned(), key.to_owned())).cloned()))
    }

    fn counts(&self, mode: Option<Mode>) -> Read<'_, Vec<(&'static str, u64)>> {
        answer(self.read(|s| counts(s, mode)))
    }
}

fn all<K, V: Clone>(map: &BTreeMap<K, V>) -> Vec<V> {
    map.values().cloned().collect()
}

/// The rows that pass, oldest first.
fn of<K, V: Clone>(map: &BTreeMap<K, V>, pass: impl Fn(&V) -> bool) -> Vec<V> {
    map.values().filter(|row| pass(row)).cloned().collect()
}

/// A page of the rows that pass, newest first.
fn page_of<K: Ord + Copy, V: Clone>(
    map: &BTreeMap<K, V>,
    page: Page<K>,
    pass: impl Fn(&V) -> bool,
) -> PageOf<V> {
    let limit = page.limit.clamp(1, 100) as usize;
    let older = map.iter().rev().filter(|(id, row)| page.after.is_none_or(|after| **id < after) && pass(row));
    let mut rows: Vec<V> = older.take(limit + 1).map(|(_, row)| row.clone()).collect();
    let has_more = rows.len() > limit;
    rows.truncate(limit);
    PageOf { rows, has_more }
}

fn wanted(filter: &ReceiptFilter, row: &Receipt) -> bool {
    filter.kind.as_ref().is_none_or(|kind| *kind == row.kind)
        && filter.status.is_none_or(|status| status == row.status)
        && filter.object.as_ref().is_none_or(|object| row.objects.contains(object))
}

fn to_dispatch(s: &State, now: Timestamp) -> impl Iterator<Item = &Receipt> {
    s.receipts.values().filter(move |row| match row.status {
        ReceiptStatus::Received => true,
        ReceiptStatus::Failed => row.next_try_at.is_some_and(|at| at <= now),
        _ => false,
    })
}

fn holder(row: &Connection) -> Holder {
    Holder {
        company: row.company,
        kind: row.kind.clone(),
        base_url: row.base_url.clone(),
        status: Some(row.status),
        authorized_at: row.authorized_at,
        updated_at: Some(row.updated_at),
    }
}

/// The oldest of all; when there are more, first the oldest of each company, and so on.
fn in_turns(s: &State, now: Timestamp, limit: usize) -> Vec<Receipt> {
    let due: Vec<&Receipt> = to_dispatch(s, now).collect();
    if due.len() <= limit {
        return due.into_iter().cloned().collect();
    }
    let mut places: BTreeMap<CompanyId, usize> = BTreeMap::new();
    let mut turns: Vec<(usize, &Receipt)> = Vec::with_capacity(due.len());
    for row in due {
        let place = places.entry(row.company).or_default();
        turns.push((*place, row));
        *place += 1;
    }
    turns.sort_by_key(|(place, row)| (*place, row.id));
    turns.into_iter().take(limit).map(|(_, row)| row.clone()).collect()
}

fn inputs(s: &State, run: RunId) -> Vec<Input> {
    let rows = s.inputs.range((run, 0)..=(run, u64::MAX)).filter(|(_, (_, consumed))| !consumed);
    rows.map(|((_, n), (kind, _))| Input { run, n: *n, kind: kind.clone() }).collect()
}

fn timers_due(s: &State, by: Timestamp, limit: u32) -> Vec<Timer> {
    let due = s.timers.iter().filter(|(_, at)| **at <= by);
    let mut due: Vec<_> =
        due.map(|((run, path), at)| Timer { run: *run, path: path.clone(), at: *at }).collect();
    due.sort_by(|a, b| (a.at, a.run, &a.path).cmp(&(b.at, b.run, &b.path)));
    due.truncate(limit as usize);
    due
}

/// The intents that pass, oldest first.
fn intents(s: &State, pass: impl Fn(&Intent) -> bool) -> Vec<Intent> {
    let mut rows: Vec<_> = s.intents.values().filter(|(_, row)| pass(row)).collect();
    rows.sort_by_key(|(order, row)| (row.first_attempt, *order));
    rows.into_iter().map(|(_, row)| row.clone()).collect()
}

fn counts(s: &State, mode: Option<Mode>) -> Vec<(&'static str, u64)> {
    let receipts = s.receipts.values().filter(|row| mode.is_none_or(|mode| mode == row.mode));
    let open = s.intents.values().filter(|(_, row)| row.state == IntentState::Open);
    let bodies = s.receipts.values().map(|row| row.body.as_bytes().len()).sum::<usize>();
    let requests = s.intents.values().map(|(_, row)| row.request.as_bytes().len()).sum::<usize>();
    vec![
        ("receipts", receipts.count() as u64),
        ("runs", s.runs.len() as u64),
        ("open_intents", open.count() as u64),
        ("bytes", (bodies + requests) as u64),
    ]
}
