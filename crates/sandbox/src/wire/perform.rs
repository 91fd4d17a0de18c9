//! What an admitted request does, and how that is said in its version.

use serde_json::Value;

use super::{Call, Refusal, expand, list, params, refusal, render};
use crate::{
    registry::{Does, Row},
    state::Tx,
    value,
    versions::{self, Renamed},
};

/// Runs the operation.
///
/// # Errors
/// Stripe's error. It names parameters as they were sent, and what it embeds has the
/// shape of the version.
pub(super) fn perform(tx: &mut Tx, row: &Row, call: &Call, renamed: &[Renamed]) -> Result<Value, Refusal> {
    answer(tx, row, call).map_err(|refusal| {
        let refusal = versions::in_its_words(refusal, renamed);
        versions::shape_error(tx, refusal, call.version)
    })
}

/// The answer, rendered, in the shape of the version, and expanded.
fn answer(tx: &mut Tx, row: &Row, call: &Call) -> Result<Value, Refusal> {
    let mut answer = match row.does {
        Does::Retrieve(kind) => {
            let stored = tx.get(call.id()).filter(|object| value::text(object, "object") == Some(kind));
            let found = stored.ok_or_else(|| refusal::missing(kind, call.id(), "id").with_status(404))?;
            render(tx, found)
        }
        Does::List(listing) => list::list(tx, call, listing)?,
        Does::Run(run) => {
            let object = run(tx, call)?;
            tx.check_metadata()?;
            render(tx, &object)
        }
    };
    versions::shape(tx, &mut answer, call.version);
    expand::expand(tx, &mut answer, &params::expands(call), call.version);
    Ok(answer)
}
