//! Stripe's wire.
//!
//! Facts about Stripe's API (operations and objects, as tables), the form codec,
//! the error model, the one table of outcomes, webhook signatures, versions, and a
//! client that makes exactly one attempt. Knows neither our actions nor any
//! database. The sandbox speaks the same wire through the same tables, so a fact
//! that is wrong here is wrong on both sides and shows up against the official SDKs.

pub mod cards;
pub mod error;
pub mod form;
pub mod outcome;
pub mod path;
pub mod request;
pub mod signature;
pub mod tables;
mod version;

#[cfg(feature = "http")]
mod http_client;

#[cfg(feature = "http")]
pub use http_client::{HttpClient, HttpOptions, reason};

pub use error::{Advice, StripeError};
pub use outcome::{Next, NotSent, Outcome, Unknown, fold};
pub use request::{Answer, Attempt, BoxFuture, Credential, Headers, Kind, Method, Request, Transport};
pub use version::{PINNED, UnknownVersion, Version};
