//! What can be said of a unit before any of it is done: whether an older driver
//! wrote it, and whether it has to be undone apart from its neighbors.

use crate::unit::{Epoch, Unit, Write};

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
        )
    })
}
