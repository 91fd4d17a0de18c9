//! A stand-in for Nango: what a client of its connections meets, failures included.
//!
//! Built from what a server of version 0.71.4 was seen to answer; no line of it is
//! Nango's. It stands apart from the client's tests because it is also started by hand
//! (`cargo xtask nango`). What would surprise: it has no proxy, which Bursar does not
//! use, and takes its time from a clock, so that tests can pass days.

mod answer;
mod auth;
mod behind;
mod connections;
mod importing;
mod integrations;
mod oauth;
mod page;
mod refresh;
mod routes;
mod sessions;
mod show;
mod state;
mod tokens;
mod webhooks;

pub use behind::of_sandbox;
pub use oauth::Consent;
pub use state::{Integration, Nango, Options, PROVIDERS};
pub use tokens::{Asked, Grant, HttpTokens, Scripted, Tokens};
pub use webhooks::{Courier, Delivery, HttpCourier, Kept};

use std::{future::Future, pin::Pin};

/// A boxed future, so that what is outside can be a trait object.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// The key that may do everything.
pub const KEY: &str = "11111111-1111-4111-8111-111111111111";
/// A key that may read connections and not their credentials.
pub const KEY_WITHOUT_CREDENTIALS: &str = "22222222-2222-4222-8222-222222222222";
/// The key that webhooks are signed with.
pub const SIGNING_KEY: &str = "99999999-9999-4999-8999-999999999999";
