//! Tests that start the real binary: kills, ports, folders, disks, the first run.
//!
//! Everything else is tested in-process, in `tests/it`. These cost a process each, so
//! there is one test binary for all of them. Some are clients of a server in the test's
//! own process, whose Stripe can be looked into.

mod binary;
mod canaries;
mod connections;
mod deliveries;
mod disk;
mod errors;
mod examples;
mod first_run;
mod inputs;
mod keys;
mod kill;
mod listing;
mod phases;
mod refusals;
mod renewals;
mod server;
mod surface;
mod ways;
