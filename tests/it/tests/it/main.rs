//! The in-process tests of the whole.

#![expect(clippy::unwrap_used, reason = "the words of the tests stand outside of `#[test]` functions")]

mod access;
mod calling;
mod catalog;
mod crate_graph;
mod deliveries;
mod example;
mod listing;
mod money;
mod oauth;
mod printing;
mod refusals;
mod requests;
mod simulation;
mod triggers;
mod ways;
