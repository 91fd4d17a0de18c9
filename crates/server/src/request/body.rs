//! Bodies: bounded, timed, JSON, and strict.

use std::{sync::Arc, time::Duration};

use axum::{
    body::Body as Raw,
    extract::{FromRequest, Request},
};
use bytes::Bytes;
use http::{HeaderMap, StatusCode, header};
use http_body_util::{BodyExt as _, LengthLimitError, Limited};
use model::{Code, Failure};
use serde::{
    Deserialize,
    de::{DeserializeOwned, IgnoredAny},
};
use serde_json::{Map, Value, json};

use super::{
    mismatch,
    names::{fields_of, listed, nearest},
};
use crate::{App, failure::Refused};

/// How much of a body is read and thrown away before an early refusal, so that the
/// client gets to read the answer instead of a reset.
const DRAINED: usize = 65_536;
/// How long that may take.
const PATIENCE: Duration = Duration::from_secs(1);

/// A JSON body with exactly the fields of `T`; an empty body counts as `{}`.
#[derive(Debug)]
pub(crate) struct Body<T>(pub(crate) T);

/// The body of a request that needs none.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Nothing {}

impl<T: DeserializeOwned> FromRequest<Arc<App>> for Body<T> {
    type Rejection = Refused;

    async fn from_request(request: Request, app: &Arc<App>) -> Result<Self, Refused> {
        json_only(request.headers())?;
        let bytes = read(request, app.server.body_bytes, patience(app)).await?;
        parse(&bytes).map(Self)
    }
}

/// How long a body may take: less than the request, so that the answer says that it
/// was the body that did not come.
pub(super) fn patience(app: &App) -> Duration {
    app.server.timeout / 2
}

/// The whole body, at most `limit` bytes in at most `patience`.
pub(crate) async fn read(request: Request, limit: usize, patience: Duration) -> Result<Bytes, Refused> {
    let announced = request
        .headers()
        .get(header::CONTENT_LENGTH)
        .and_then(|length| length.to_str().ok()?.parse::<u64>().ok())
        .unwrap_or(0);
    if announced > limit as u64 {
        drain(request.into_body()).await;
        return Err(too_large(limit));
    }
    let body = Limited::new(request.into_body(), limit);
    match tokio::time::timeout(patience, body.collect()).await {
        Ok(Ok(collected)) => Ok(collected.to_bytes()),
        Ok(Err(error)) if error.is::<LengthLimitError>() => Err(too_large(limit)),
        Ok(Err(_)) => Err(Failure::new(
            Code::ValidationError,
            "The body ended before it was complete. Nothing was done. Send the request again.",
        )
        .into()),
        Err(_) => Err(Refused::from(Failure::new(
            Code::Timeout,
            format!(
                "The body did not arrive within {} s. Nothing was done. Send the request again.",
                patience.as_secs()
            ),
        ))
        .with_status(StatusCode::REQUEST_TIMEOUT)),
    }
}

/// Reads a small body and forgets it.
pub(crate) async fn drain(body: Raw) {
    let _ = tokio::time::timeout(PATIENCE, Limited::new(body, DRAINED).collect()).await;
}

fn too_large(limit: usize) -> Refused {
    Failure::new(
        Code::PayloadTooLarge,
        format!("The body is larger than {limit} bytes. Nothing was done. Send a smaller one."),
    )
    .with_details(json!({ "maximumBytes": limit }))
    .into()
}

/// Refuses what says that it is not JSON: a form that a browser posts is not meant for us.
fn json_only(headers: &HeaderMap) -> Result<(), Refused> {
    let Some(given) = headers.get(header::CONTENT_TYPE) else { return Ok(()) };
    let given = given.to_str().unwrap_or_default();
    let kind = given.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    if kind == "application/json" || kind.ends_with("+json") {
        return Ok(());
    }
    Err(Refused::from(Failure::new(
        Code::ValidationError,
        format!(
            "The body is `{}`. Nothing was done. Send JSON, with `Content-Type: application/json`.",
            kind.chars().take(64).collect::<String>()
        ),
    ))
    .with_status(StatusCode::UNSUPPORTED_MEDIA_TYPE))
}

/// Reads a body.
pub(crate) fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Refused> {
    let bytes = if bytes.iter().all(u8::is_ascii_whitespace) { b"{}" } else { bytes };
    // A list would be taken for the fields in their order.
    if bytes.iter().find(|byte| !byte.is_ascii_whitespace()) != Some(&b'{') {
        return Err(
            serde_json::from_slice::<IgnoredAny>(bytes).map_or_else(|e| malformed(&e), |_| no_object())
        );
    }
    let mut json = serde_json::Deserializer::from_slice(bytes);
    let error = match serde_path_to_error::deserialize(&mut json) {
        Ok(read) => match json.end() {
            Ok(()) => return Ok(read),
            Err(error) => return Err(malformed(&error)),
        },
        Err(error) => error,
    };
    let (field, inner) = (error.path().to_string(), error.inner());
    if inner.classify() != serde_json::error::Category::Data {
        return Err(malformed(inner));
    }
    Err(unknown_field(bytes, fields_of::<T>(), inner).unwrap_or_else(|| wrong_value(&field, inner)))
}

fn malformed(error: &serde_json::Error) -> Refused {
    Failure::new(
        Code::ValidationError,
        format!("The body is not JSON: {error}. Nothing was done. Correct it and send it again."),
    )
    .with_details(json!({ "line": error.line(), "column": error.column() }))
    .into()
}

fn no_object() -> Refused {
    Failure::new(
        Code::ValidationError,
        "The body is JSON and no object. Nothing was done. Send an object, such as `{}`.",
    )
    .with_details(json!({ "line": 1, "column": 1 }))
    .into()
}

fn wrong_value(field: &str, error: &serde_json::Error) -> Refused {
    let place = if field == "." { "The body".to_owned() } else { format!("`{field}`") };
    let (line, column, said) = (error.line(), error.column(), mismatch::said(error));
    let failure = Failure::new(
        Code::ValidationError,
        format!(
            "{place} {said} (line {line}, column {column}). Nothing was done. Correct it and send it again."
        ),
    )
    .with_details(json!({ "line": line, "column": column }));
    if field == "." { failure.into() } else { failure.at(field).into() }
}

/// The first field of the body that is not known, if that is what is wrong.
fn unknown_field(bytes: &[u8], known: &[&'static str], error: &serde_json::Error) -> Option<Refused> {
    let body: Map<String, Value> = serde_json::from_slice(bytes).ok()?;
    let given = body.keys().find(|name| !known.contains(&name.as_str()))?;
    let given: String = given.chars().take(64).collect();
    let near = nearest(&given, known);
    let advice = match near {
        Some(near) => format!("Did you mean `{near}`?"),
        None if known.is_empty() => "This request takes no fields.".to_owned(),
        None => format!("It takes {}.", listed(known)),
    };
    Some(
        Failure::new(
            Code::ValidationError,
            format!(
                "The body has an unknown field `{given}` (line {}, column {}). Nothing was done. {advice}",
                error.line(),
                error.column()
            ),
        )
        .at(given)
        .with_details(
            json!({ "line": error.line(), "column": error.column(), "nearest": near, "allowed": known }),
        )
        .into(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, Deserialize)]
    #[serde(rename_all = "camelCase", deny_unknown_fields)]
    struct Example {
        timeout_ms: Option<u64>,
    }

    fn refused(text: &str) -> Failure {
        parse::<Example>(text.as_bytes()).unwrap_err().into_failure()
    }

    #[test]
    fn an_unknown_field_names_the_nearest_and_the_place() {
        let failure = refused("{\n  \"timeoutMS\": 5\n}");
        assert_eq!(failure.field.as_deref(), Some("timeoutMS"));
        assert!(failure.message.contains("Did you mean `timeoutMs`?"), "{failure}");
        assert_eq!(failure.details.unwrap()["line"], 2);
    }

    #[test]
    fn a_wrong_type_names_the_field_and_the_place() {
        let failure = refused("{\"timeoutMs\": \"5\"}");
        assert_eq!(failure.field.as_deref(), Some("timeoutMs"));
        assert!(failure.message.contains("line 1, column"), "{failure}");
    }

    #[test]
    fn broken_and_trailing_text_is_malformed() {
        assert!(refused("{").message.contains("not JSON"));
        assert!(refused("{} {}").message.contains("not JSON"));
        assert!(refused("[1]").message.contains("no object"));
        assert!(refused("nothing").message.contains("not JSON"));
        assert!(refused("{\"a\":\u{1}}").message.contains("line 1, column"));
        assert_eq!(parse::<Example>(b" ").unwrap().timeout_ms, None);
    }

    #[test]
    fn deep_nesting_is_refused_and_not_a_crash() {
        assert_eq!(refused(&"[".repeat(200_000)).code, Code::ValidationError);
        assert_eq!(refused(&"{\"timeoutMs\":".repeat(100_000)).code, Code::ValidationError);
    }
}
