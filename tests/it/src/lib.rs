//! What every in-process test of the whole stands on: an application over a store in
//! memory and a sandbox without sockets, in tokio's paused time, from a seed; and the
//! simulation, in which that application dies and comes back.
//!
//! The words of the tests: [`TestApp::run_example`], [`TestApp::pay_when_waiting`],
//! [`TestApp::until_idle`], [`TestApp::deliver`].

mod app;
pub mod bad_inputs;
pub mod browser;
mod clock;
pub mod detours;
mod fixtures;
pub mod http;
pub mod parts;
pub mod simulation;
pub mod surfaces;

pub use app::{Conditions, TestApp, output};
pub use clock::SimClock;
pub use fixtures::{Fixtures, UNTOLD};
