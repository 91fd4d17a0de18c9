//! Tests that start the real binary: kills, ports, folders, disks, the first run.
//!
//! Everything else is tested in-process, in `tests/it`. These cost a process each, so
//! there is one test binary for all of them.

mod binary;
mod deliveries;
mod disk;
mod first_run;
mod kill;
mod phases;
mod refusals;
