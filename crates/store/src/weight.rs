//! How much a unit is to write, before it is written: what bounds a group in bytes.
//!
//! An estimate. Bodies decide; a row without its body, with its places in indexes, is
//! taken as a constant.

use model::Sealed;

use crate::{
    rows::{Run, RunInput},
    unit::{Unit, Write},
};

/// A row without its body.
const ROW: usize = 512;

/// About how many bytes a unit stores.
pub(crate) fn of(unit: &Unit) -> usize {
    unit.writes.iter().map(|write| ROW + bodies(write)).sum()
}

fn bodies(write: &Write) -> usize {
    match write {
        Write::Receive(receipt) => length(&receipt.body),
        Write::KeepUnclaimed { event, .. } => length(&event.body),
        Write::BeginIntent(intent) => length(&intent.request),
        Write::SettleIntent { outcome: body, .. }
        | Write::ParkIntent { known: body, .. }
        | Write::Journal { row: body, .. }
        | Write::SetRun { result: Some(body), .. } => length(body),
        Write::StartRun(run) => given(run),
        Write::Dispatch { runs, .. } => runs.iter().map(|run| ROW + given(run)).sum(),
        Write::RetryDispatch { error, .. } => error.len(),
        Write::SaveWorkflow { version: Some(version), .. } => version.source.len(),
        _ => 0,
    }
}

fn given(run: &Run) -> usize {
    match &run.input {
        RunInput::Given(input) => length(input),
        RunInput::Receipt(_) => 0,
    }
}

fn length(body: &Sealed) -> usize {
    body.as_bytes().len()
}
