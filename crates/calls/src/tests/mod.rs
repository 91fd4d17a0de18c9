//! Calls against a scripted Stripe, over the store in memory, on tokio's paused time.

mod faulty;
mod repeats;
mod sandboxed;
mod waits;
pub(crate) mod world;
mod writes;
