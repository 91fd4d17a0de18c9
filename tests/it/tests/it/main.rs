//! The in-process tests of the whole.

mod crate_graph;
mod deliveries;
mod example;
mod simulation;
