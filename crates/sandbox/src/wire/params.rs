//! What a request says: its version, its form, and its parameters by the tables.

use serde_json::{Map, Value};
use stripe::{Version, form};

use super::{BODY_MAX, Call, Heads, Incoming, Refusal, refusal};
use crate::{
    payment_intents,
    registry::Row,
    versions::{self, Renamed},
};

/// The parameters as text: the query, and the body of what has one.
pub(super) fn form(incoming: &Incoming) -> Result<Map<String, Value>, Refusal> {
    let Incoming { method, query, body, heads, .. } = incoming;
    if body.len() > BODY_MAX {
        return Err(refusal::invalid(format!(
            "The request body is larger than {} bytes, which is the most this sandbox reads. Nothing was changed.",
            BODY_MAX
        ))
        .with_status(413));
    }
    if heads.content_type.as_deref().is_some_and(|t| t.starts_with("application/json")) && !body.is_empty() {
        return Err(refusal::invalid(
            "The v1 API takes parameters as application/x-www-form-urlencoded, not as JSON. Nothing was changed.",
        ));
    }
    let mut bytes = query.as_bytes().to_vec();
    if method != "GET" && !body.is_empty() {
        if !bytes.is_empty() {
            bytes.push(b'&');
        }
        bytes.extend_from_slice(body);
    }
    form::decode(&bytes).map_err(|e| refusal::invalid(format!("Invalid request: {e}")))
}

/// The version that a request names, or the one for a request that names none.
pub(super) fn version(heads: &Heads, account: Version) -> Result<Version, Refusal> {
    let Some(text) = heads.version.as_deref() else {
        return Ok(versions::unnamed(account, heads.user_agent.as_deref()));
    };
    Version::parse(text).map_err(|_| refusal::not_spoken(text))
}

/// Writes the parameters on the call, typed by the tables and in the newest release's
/// words. Returns what was renamed for that.
///
/// # Errors
/// The first thing that is wrong with them.
pub(super) fn read(row: &Row, call: &mut Call, form: Map<String, Value>) -> Result<Vec<Renamed>, Refusal> {
    let Call { operation, version, .. } = *call;
    payment_intents::refuse_types(operation, &form, version)?;
    let form = payment_intents::in_present_words(form, version);
    let mut params = operation.coerce(form, version).map_err(|wrong| {
        wrong.first().map_or_else(|| refusal::invalid("Invalid request"), refusal::parameter)
    })?;
    let renamed = versions::bring_up(operation.id, &mut params, version)?;
    if let Some(name) = params.keys().find(|name| !row.heeds(name)) {
        let what = format!("the parameter `{name}` of {} {}", operation.method.as_str(), operation.path);
        return Err(refusal::not_here(&what).with_param(name));
    }
    call.params = params;
    Ok(renamed)
}

pub(super) fn expands(call: &Call) -> Vec<&str> {
    let paths = call.params.get("expand").and_then(Value::as_array);
    paths.into_iter().flatten().filter_map(Value::as_str).collect()
}
