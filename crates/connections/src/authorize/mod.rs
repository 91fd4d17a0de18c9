//! Authorizing by a link: somebody is sent to Stripe, consents, and comes back.
//!
//! What is in the link, the state, is random, kept as a hash, bound to one connection
//! of one company, used once and short-lived: nothing that comes back says for whom it
//! is. What would surprise: the state is used up *before* the code is exchanged, so
//! that of two returns at once only one reaches Stripe.

mod begin;
mod callback;
mod link;
mod returning;

pub(crate) use begin::other_way;
pub use begin::{Authorize, Begun};
pub use callback::{Callback, Returned};
pub(crate) use link::callback;
