//! What a journal row holds: one input of the core and a hash of what it caused.
//!
//! Replay feeds the inputs again and compares the hashes; it never evaluates or asks
//! anything again. Rows are versioned: a row of another version parks the run.

use connections::Keyring;
use model::{Failure, RunId, Sealed};
use serde::{Deserialize, Serialize};
use store::JournalRow;
use workflows::{Command, Input, commands_hash};

use crate::{failures, rows};

/// Raised when the shape of a row changes.
const VERSION: u32 = 1;

/// One row.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Row {
    v: u32,
    /// What the core was told.
    pub(crate) input: Input,
    /// Hash of the commands that it caused.
    hash: String,
    /// Of the first row: hash of the commands that the start caused, which has no
    /// row of its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    started: Option<String>,
}

impl Row {
    pub(crate) fn new(input: Input, caused: &[Command], started: Option<String>) -> Self {
        Self { v: VERSION, input, hash: commands_hash(caused), started }
    }

    pub(crate) fn seal(&self, keyring: &Keyring, run: RunId, seq: u64) -> Sealed {
        rows::seal_json(keyring, "journal", &place(run, seq), self)
    }

    /// Opens a stored row; `expected` is the place that it has to have.
    pub(crate) fn open(
        keyring: &Keyring,
        run: RunId,
        expected: u64,
        row: &JournalRow,
    ) -> Result<Self, Failure> {
        if row.seq != expected {
            return Err(failures::unreadable(run, expected, format!("row {} stands in its place", row.seq)));
        }
        let place = place(run, expected);
        let opened: Self = rows::open_json(keyring, "journal", &place, &row.row)
            .map_err(|failure| failures::unreadable(run, expected, failure.message))?;
        if opened.v != VERSION {
            let why = format!("it has the format {}, and this Bursar reads {VERSION}", opened.v);
            return Err(failures::unreadable(run, expected, why));
        }
        Ok(opened)
    }

    /// Whether replay caused what was caused then.
    pub(crate) fn agrees(&self, started: &str, caused: &[Command]) -> bool {
        self.hash == commands_hash(caused) && self.started.as_deref().is_none_or(|hash| hash == started)
    }
}

fn place(run: RunId, seq: u64) -> String {
    format!("{run}/{seq}")
}
