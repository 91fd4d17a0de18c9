//! The envelope of what went well: `{"success":true,"data":…,"meta"?}`.

use axum::{
    Json,
    response::{IntoResponse, Response},
};
use http::StatusCode;
use serde::Serialize;
use serde_json::{Value, json};

use crate::failure::Refused;

/// What a handler gives back.
pub(crate) type Answered = Result<Answer, Refused>;

/// An answer of the API.
#[derive(Debug)]
pub(crate) struct Answer {
    status: StatusCode,
    data: Value,
    meta: Option<Value>,
}

impl Answer {
    /// 200 with this.
    pub(crate) fn ok(data: impl Serialize) -> Self {
        // Nothing that is answered has keys that are not text, the one thing that
        // could fail here.
        let data = serde_json::to_value(data).unwrap_or(Value::Null);
        Self { status: StatusCode::OK, data, meta: None }
    }

    /// A page of a list; `cursor` is what asks for the next one.
    pub(crate) fn page(rows: impl Serialize, cursor: Option<String>) -> Self {
        let more = cursor.is_some();
        Self::ok(rows).meta(json!({ "cursor": cursor, "hasMore": more }))
    }

    /// Another status.
    pub(crate) fn status(mut self, status: StatusCode) -> Self {
        self.status = status;
        self
    }

    /// What is said beside the data.
    pub(crate) fn meta(mut self, meta: Value) -> Self {
        self.meta = Some(meta);
        self
    }
}

impl IntoResponse for Answer {
    fn into_response(self) -> Response {
        let mut body = json!({ "success": true, "data": self.data });
        if let Some(meta) = self.meta {
            body["meta"] = meta;
        }
        (self.status, Json(body)).into_response()
    }
}
