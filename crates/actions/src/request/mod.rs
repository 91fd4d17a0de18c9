//! `stripe.request`: every operation that has no action of its own.
//!
//! An operation is named by its id in the tables or by verb and path; either way it is
//! checked by the tables as an action is, and goes the same path. What would surprise: a
//! path that no table knows goes out unchecked, and the plan says so.

/// Its name.
pub(crate) const NAME: &str = "stripe.request";
/// What people read.
pub(crate) const TITLE: &str = "Request";
/// What it does.
pub(crate) const ABOUT: &str = "Performs any operation of Stripe's API, by its name or by method and path, with its \
     parameters checked like those of an action. A path that no table knows goes out unchecked, and the answer \
     says so.";
