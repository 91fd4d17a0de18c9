//! A database in memory that forgets what a power loss would take.

/// Stub.
pub struct Memory;
/// Stub.
pub struct MemoryOptions;
