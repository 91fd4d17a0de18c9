//! What a request says: its version, its form, and its parameters by the tables.

use serde_json::{Map, Value};
use stripe::{PINNED, Version, form};

use super::{BODY_MAX, Call, Incoming, Refusal, refusal};
use crate::{payment_intents, registry::Row};

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

/// The version that a request names; the account's default is the pinned one.
pub(super) fn version(header: Option<&str>) -> Result<Version, Refusal> {
    let Some(text) = header else { return Ok(PINNED) };
    Version::parse(text).map_err(|_| {
        let known: Vec<&str> = Version::all().map(Version::as_str).collect();
        let shown: String = text.chars().take(64).collect();
        refusal::invalid(format!(
            "Invalid Stripe API version: {shown}. This sandbox speaks {}.",
            known.join(", ")
        ))
    })
}

/// The parameters typed by the tables, or the first thing that is wrong with them.
pub(super) fn typed(
    row: &Row,
    call: &Call,
    form: Map<String, Value>,
    version: Version,
) -> Result<Map<String, Value>, Refusal> {
    payment_intents::refuse_types(call.operation, &form, version)?;
    let params = call.operation.coerce(form, version).map_err(|wrong| {
        wrong.first().map_or_else(|| refusal::invalid("Invalid request"), refusal::parameter)
    })?;
    match params.keys().find(|name| !row.heeds(name)) {
        Some(name) => {
            let what = format!(
                "the parameter `{name}` of {} {}",
                call.operation.method.as_str(),
                call.operation.path
            );
            Err(refusal::not_here(&what).with_param(name))
        }
        None => Ok(params),
    }
}

pub(super) fn expands(call: &Call) -> Vec<&str> {
    let paths = call.params.get("expand").and_then(Value::as_array);
    paths.into_iter().flatten().filter_map(Value::as_str).collect()
}
