//! What an admitted request does, and how that is said in its version.

use serde_json::{Map, Value};
use stripe::{PINNED, tables};

use super::{Call, Refusal, expand, list, params, refusal, render};
use crate::{
    registry::{self, Does, Row},
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

/// Does an operation as if somebody had asked for it, in the newest release's words:
/// what an operation is made of. Its answer is as stored.
///
/// # Errors
/// Stripe's error.
pub(crate) fn ask(
    tx: &mut Tx,
    operation: &str,
    ids: &[&str],
    params: Map<String, Value>,
) -> Result<Value, Refusal> {
    let found = tables::operation(operation).zip(registry::find(operation));
    let Some((operation, Row { does: Does::Run(run), .. })) = found else {
        return Err(refusal::broken("The tables lack an operation that another is made of."));
    };
    let ids = ids.iter().map(|id| (*id).to_owned()).collect();
    run(tx, &Call { operation, ids, path: operation.path.to_owned(), params, version: PINNED })
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
