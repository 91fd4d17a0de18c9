//! Inbox, dispatcher and driver together, over the memory store and the sandbox.
//!
//! A world outlives its processes: the sandbox, the clock, the master key and the
//! store's disk. A node is one process: everything that a crash takes away.

mod access;
mod blind;
mod claiming;
mod crashes;
mod decisions;
mod deliveries;
mod dispatching;
mod installation;
mod node;
mod owners;
mod platform;
mod runs;
mod troubled;
mod waits;
mod world;
