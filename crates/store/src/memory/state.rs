//! Everything a store knows, as maps. What SQLite keeps in tables and indexes.

use std::collections::{BTreeMap, BTreeSet};

use model::{
    AccountId, AuditId, CompanyId, ConnectionId, EventId, IdempotencyKey, KeyId, Mode, ReceiptId, RunId,
    Sealed, SourceId, StepPath, Timestamp, WorkflowId,
};

use crate::{
    rows::{
        ApiKey, Audited, Authorization, Company, Connection, DataKey, InputKind, Intent, Receipt, RequestKey,
        Run, Secret, Source, Unclaimed, WaitKey, Workflow, WorkflowVersion,
    },
    unit::Epoch,
};

/// What makes a receipt the same.
pub(super) type Identity = (CompanyId, EventId, AccountId, Mode);

/// The whole content of a store.
#[derive(Debug, Clone, Default)]
pub(super) struct State {
    pub(super) epoch: u64,
    pub(super) removed: BTreeSet<CompanyId>,
    pub(super) companies: BTreeMap<CompanyId, Company>,
    pub(super) api_keys: BTreeMap<KeyId, ApiKey>,
    pub(super) audit: BTreeMap<AuditId, Audited>,
    pub(super) data_keys: BTreeMap<String, DataKey>,
    pub(super) connections: BTreeMap<ConnectionId, Connection>,
    pub(super) authorizations: BTreeMap<[u8; 32], Authorization>,
    pub(super) sources: BTreeMap<SourceId, Source>,
    pub(super) unclaimed: BTreeMap<ReceiptId, Unclaimed>,
    pub(super) secrets: BTreeMap<(CompanyId, String), Secret>,
    pub(super) workflows: BTreeMap<WorkflowId, Workflow>,
    pub(super) versions: BTreeMap<(WorkflowId, u32), WorkflowVersion>,
    pub(super) request_keys: BTreeMap<(CompanyId, String, String), RequestKey>,
    pub(super) receipts: BTreeMap<ReceiptId, Receipt>,
    pub(super) by_event: BTreeMap<Identity, ReceiptId>,
    pub(super) runs: BTreeMap<RunId, Run>,
    pub(super) by_cause: BTreeMap<(CompanyId, WorkflowId, String), RunId>,
    pub(super) journal: BTreeMap<(RunId, u64), Sealed>,
    pub(super) timers: BTreeMap<(RunId, StepPath), Timestamp>,
    pub(super) waits: BTreeMap<(RunId, StepPath), WaitKey>,
    /// And whether the run has taken it in.
    pub(super) inputs: BTreeMap<(RunId, u64), (InputKind, bool)>,
    /// And their order of arrival.
    pub(super) intents: BTreeMap<IdempotencyKey, (usize, Intent)>,
}

impl State {
    /// Which driver may write.
    pub(super) fn epoch(&self) -> Epoch {
        Epoch(self.epoch)
    }
}

/// What makes a receipt the same.
pub(super) fn identity(r: &Receipt) -> Identity {
    (r.company, r.event.clone(), r.account.clone(), r.mode)
}

/// The bounds of everything of a run in a map whose keys begin with it.
pub(super) fn of_run<V>(
    map: &BTreeMap<(RunId, StepPath), V>,
    run: RunId,
) -> impl Iterator<Item = (&StepPath, &V)> {
    map.iter().filter(move |((of, _), _)| *of == run).map(|((_, path), v)| (path, v))
}
