//! Bursar's database.
//!
//! Everything that changes goes in as a [`Unit`]: one typed atomic set of writes.
//! Units that wait together are committed together (group commit), which makes
//! `synchronous=FULL` as cheap as no durability. Three backends pass one suite:
//! SQLite, memory with a crash model, and later PostgreSQL.
//!
//! Knows neither Stripe nor cryptography: bodies arrive as [`model::Sealed`].
//! Receipts, intents and journal rows carry a checksum that is verified on read.

mod audited;
mod backend;
mod checksum;
mod fence;
mod memory;
mod reads;
mod rows;
mod sqlite;
#[cfg(test)]
mod suite;
mod unit;
mod weight;

pub use audited::AUDITED;
pub use backend::{Backend, BoxFuture, ReadError, Store};
pub use memory::{Memory, MemoryOptions};
pub use rows::{
    ApiKey, Audited, Authorization, Bound, Company, Connection, DataKey, Holder, Input, InputKind, Intent,
    IntentState, JournalRow, Page, PageOf, PurgePart, Receipt, ReceiptFilter, RequestKey, Run, RunFilter,
    RunInput, Secret, Source, Timer, Unclaimed, UnclaimedOf, Wait, WaitKey, Workflow, WorkflowVersion,
};
pub use sqlite::{OpenError, Sqlite, SqliteOptions, is_data_folder, is_locked};
pub use unit::{Begun, CommitError, Effected, Epoch, NewRun, Priority, Refusal, Unit, Write};
