//! The envelope of what went well: `{"success":true,"data":…,"meta"?}`. A stream of
//! lines has none; its last line says how it ended.

use std::convert::Infallible;

use axum::{
    Json,
    body::Body,
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use futures_util::{Stream, StreamExt as _};
use http::{HeaderName, StatusCode, header};
use serde::Serialize;
use serde_json::{Value, json};

use crate::failure::Refused;

/// What a handler gives back.
pub(crate) type Answered = Result<Answer, Refused>;

/// An answer of the API.
#[derive(Debug)]
pub(crate) struct Answer {
    status: StatusCode,
    content: Content,
    meta: Option<Value>,
}

#[derive(Debug)]
enum Content {
    Data(Value),
    Lines(Body),
}

/// JSON lines, passed on as they come by proxies that would gather them otherwise.
const OF_LINES: [(HeaderName, &str); 2] =
    [(header::CONTENT_TYPE, "application/x-ndjson"), (HeaderName::from_static("x-accel-buffering"), "no")];

impl Answer {
    /// 200 with this.
    pub(crate) fn ok(data: impl Serialize) -> Self {
        // Nothing that is answered has keys that are not text, the one thing that
        // could fail here.
        let data = serde_json::to_value(data).unwrap_or(Value::Null);
        Self { status: StatusCode::OK, content: Content::Data(data), meta: None }
    }

    /// 200 and lines of JSON, each made when the one before has been taken.
    pub(crate) fn lines(lines: impl Stream<Item = Bytes> + Send + 'static) -> Self {
        let body = Body::from_stream(lines.map(Ok::<_, Infallible>));
        Self { status: StatusCode::OK, content: Content::Lines(body), meta: None }
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
        let data = match self.content {
            Content::Data(data) => data,
            Content::Lines(lines) => return (self.status, OF_LINES, lines).into_response(),
        };
        let mut body = json!({ "success": true, "data": data });
        if let Some(meta) = self.meta {
            body["meta"] = meta;
        }
        (self.status, Json(body)).into_response()
    }
}
