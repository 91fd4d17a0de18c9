//! SQLite.

/// Stub.
pub struct Sqlite;
/// Stub.
pub struct SqliteOptions;
/// Stub.
pub enum OpenError {}
