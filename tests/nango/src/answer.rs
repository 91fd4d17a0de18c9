//! Answers and refusals, in the one shape that all routes have.

use axum::response::{IntoResponse, Response};
use http::{HeaderValue, StatusCode, header};
use serde_json::{Value, json};

/// JSON of this status.
pub(crate) fn json(status: u16, body: &Value) -> Response {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut response = (status, body.to_string()).into_response();
    let kind = HeaderValue::from_static("application/json; charset=utf-8");
    response.headers_mut().insert(header::CONTENT_TYPE, kind);
    response
}

/// A refusal. Boxed, so that results stay small.
pub(crate) struct Refused(pub(crate) Box<Response>);

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        *self.0
    }
}

pub(crate) type Answered = Result<Response, Refused>;

/// `{"error": …}` of this status.
pub(crate) fn refuse(status: u16, error: &Value) -> Refused {
    Refused(Box::new(json(status, &json!({ "error": error }))))
}

pub(crate) fn refuse_code(status: u16, code: &str) -> Refused {
    refuse(status, &json!({ "code": code }))
}

pub(crate) fn refuse_with(status: u16, code: &str, message: &str) -> Refused {
    refuse(status, &json!({ "code": code, "message": message }))
}

/// A body or query that does not fit, with what is wrong where.
pub(crate) fn refuse_fields(code: &str, errors: Vec<Value>) -> Refused {
    refuse(400, &json!({ "code": code, "errors": errors }))
}

/// One thing that is wrong.
pub(crate) fn wrong(code: &str, message: &str, path: &[&str]) -> Value {
    json!({ "code": code, "message": message, "path": path })
}
