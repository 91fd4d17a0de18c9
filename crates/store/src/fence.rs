//! What can be said of a unit before any of it is done: whether an older driver
//! wrote it, whether it is about a company that was removed, and whether it has to be
//! undone apart from its neighbors.

use std::collections::HashSet;

use model::CompanyId;

use crate::unit::{CommitError, Epoch, Refusal, Unit, Write};

/// Whose writes a database still takes.
#[derive(Debug, Clone)]
pub(crate) struct Fence {
    /// The present driver's.
    pub(crate) epoch: Epoch,
    /// Companies that were removed, or are being removed.
    pub(crate) removed: HashSet<CompanyId>,
}

impl Fence {
    /// Lets a unit through, and says which driver is the present one after it. `raised`
    /// is what the units before it in its group have done.
    pub(crate) fn pass(&self, unit: &Unit, raised: &Raised) -> Result<Epoch, CommitError> {
        let epoch = admit(unit, raised.epoch).ok_or(CommitError::Fenced)?;
        let removed = |company| self.removed.contains(&company) || raised.removed.contains(&company);
        match of_a_removed_company(unit, removed) {
            Some(write) => Err(CommitError::Refused { write, why: Refusal::Removed }),
            None => Ok(epoch),
        }
    }

    /// As it is before a group.
    pub(crate) fn unraised(&self) -> Raised {
        Raised { epoch: self.epoch, removed: HashSet::new() }
    }

    /// Notes what a committed group has done.
    pub(crate) fn raise(&mut self, raised: Raised) {
        self.epoch = raised.epoch;
        self.removed.extend(raised.removed);
    }
}

/// What the units of one group have done to the fence so far. It holds once they are
/// committed.
#[derive(Debug)]
pub(crate) struct Raised {
    /// The present driver's.
    pub(crate) epoch: Epoch,
    removed: HashSet<CompanyId>,
}

impl Raised {
    /// Notes whom a unit that was done has begun to remove, and the driver after it.
    pub(crate) fn by(&mut self, unit: &Unit, epoch: Epoch) {
        self.epoch = epoch;
        self.removed.extend(unit.writes.iter().filter_map(purged));
    }
}

fn purged(write: &Write) -> Option<CompanyId> {
    if let Write::Purge { company, .. } = write { Some(*company) } else { None }
}

/// Whether a unit decides about those that come after it in its group.
pub(crate) fn raises(unit: &Unit) -> bool {
    unit.writes.iter().any(|write| matches!(write, Write::TakeDriver | Write::Purge { .. }))
}

/// The first write that would make a row of a company that was removed.
pub(crate) fn of_a_removed_company(unit: &Unit, removed: impl Fn(CompanyId) -> bool) -> Option<usize> {
    unit.writes.iter().position(|write| company(write).is_some_and(&removed))
}

/// Whose row a write makes. Writes about a run that exists need no fence: they refuse
/// when it is gone.
fn company(write: &Write) -> Option<CompanyId> {
    Some(match write {
        Write::Receive(row) => row.company,
        Write::StartRun(row) => row.company,
        Write::Dispatch { runs, .. } => runs.first()?.company,
        Write::BeginIntent(row) => row.binding.company,
        Write::RememberKey(row) => row.company,
        Write::SaveWorkflow { workflow, .. } => workflow.company,
        Write::PutCompany(row) => row.id,
        Write::PutApiKey(row) => row.company,
        Write::PutDataKey(row) => row.id.split_once('/')?.0.parse().ok()?,
        Write::PutConnection(row) => row.company,
        Write::PutAuthorization(row) => row.company,
        Write::PutSource(row) => row.company?,
        Write::PutSecret(row) => row.company,
        Write::Audit(row) => row.company,
        _ => return None,
    })
}

/// The epoch after this unit, or `None` when a write in it is of an older driver.
pub(crate) fn admit(unit: &Unit, current: Epoch) -> Option<Epoch> {
    let mut now = current;
    for write in &unit.writes {
        match epoch(write) {
            Some(of) if of < now => return None,
            _ => {}
        }
        if matches!(write, Write::TakeDriver) {
            now = Epoch(now.0 + 1);
        }
    }
    Some(now)
}

/// Which driver a write comes from, if only a driver makes such writes.
fn epoch(write: &Write) -> Option<Epoch> {
    match write {
        Write::Dispatch { epoch, .. }
        | Write::RetryDispatch { epoch, .. }
        | Write::Journal { epoch, .. }
        | Write::SetRun { epoch, .. }
        | Write::Reopen { epoch, .. }
        | Write::SetTimer { epoch, .. }
        | Write::ClearTimer { epoch, .. }
        | Write::BeginWait { epoch, .. }
        | Write::EndWait { epoch, .. }
        | Write::ConsumeInput { epoch, .. } => Some(*epoch),
        _ => None,
    }
}

/// Whether a refusal is part of a write's ordinary life. Such a write, unless it
/// comes first, can leave a unit half done; the unit then needs a savepoint. Any
/// other refusal is rare enough to do the whole group again.
pub(crate) fn needs_savepoint(unit: &Unit) -> bool {
    unit.writes.iter().skip(1).any(|write| {
        matches!(
            write,
            Write::Dispatch { .. }
                | Write::RetryDispatch { .. }
                | Write::Replay { .. }
                | Write::SettleIntent { .. }
                | Write::ParkIntent { .. }
                | Write::Journal { .. }
                | Write::Reopen { .. }
                | Write::SaveWorkflow { .. }
                | Write::SetWorkflow { .. }
                | Write::PutConnection(_)
                | Write::RewrapDataKeys { .. }
                | Write::PutAuthorization(_)
                | Write::PutCompany(_)
                | Write::PutApiKey(_)
                | Write::TakeAuthorization(_)
                | Write::TakeUnclaimed(_)
        )
    })
}
