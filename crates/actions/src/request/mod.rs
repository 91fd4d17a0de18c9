//! `stripe.request`: every operation that has no action of its own.
//!
//! An operation is named by its id in the tables or by verb and path; either way it is
//! checked by the tables as an action is, and goes the same path. What would surprise: a
//! path that no table knows goes out unchecked, and the plan says so.

mod envelope;
mod example;
pub(crate) mod raw;
mod schema;
mod target;
#[cfg(test)]
mod tests;
pub(crate) mod unlisted;

use serde_json::Value;
use stripe::Version;

use crate::{Action, Invalid, Plan, plan};

pub(crate) use example::example;
pub(crate) use schema::input as input_schema;
use {envelope::Envelope, target::Target};

/// Its name.
pub(crate) const NAME: &str = "stripe.request";
/// What people read.
pub(crate) const TITLE: &str = "Request";
/// What it does.
pub(crate) const ABOUT: &str = "Performs any operation of Stripe's API, by its name or by method and path, with its \
     parameters checked like those of an action. A path that no table knows goes out unchecked, and the answer \
     says so.";

/// See [`crate::Catalog::plan`].
pub(crate) fn plan(given: &Value, version: Version) -> Result<Plan, Vec<Invalid>> {
    let mut envelope = Envelope::read(given, version);
    let Some(target) = Target::of(&mut envelope) else { return Err(envelope.found) };
    envelope.judge_the_rest(&target);
    if !envelope.has_readable_params() {
        return Err(envelope.found);
    }
    match target {
        Target::Listed { operation, ids } => plan::plan(raw::action(operation), envelope.given(ids)),
        Target::Unlisted { operation, path, why } => unlisted::plan(operation, path, why, envelope),
    }
}

/// The operation that an input names, as an action, if one can be told; for those who
/// look at an input without making a request of it.
pub(crate) fn performed(given: &Value, version: Version) -> Option<&'static Action> {
    let mut envelope = Envelope::read(given, version);
    Target::of(&mut envelope).map(|target| raw::action(target.operation()))
}
