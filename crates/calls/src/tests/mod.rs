//! Calls against a scripted Stripe, over the store in memory, on tokio's paused time.

mod deletes;
mod faulty;
mod locks;
mod pages;
mod payments;
mod refused_keys;
mod repeats;
mod requests;
mod reviews;
mod sandboxed;
mod versions;
mod waits;
pub(crate) mod world;
mod writes;
