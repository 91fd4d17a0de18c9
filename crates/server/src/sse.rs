//! Server-sent events: progress as it happens.
//!
//! A stream ends when its subject does or when the server stops; a comment every 15
//! seconds keeps proxies from closing it.

use std::{convert::Infallible, time::Duration};

use axum::response::{
    IntoResponse as _, Response,
    sse::{Event, KeepAlive, Sse},
};
use engine::Progress;
use futures_util::{Stream, StreamExt as _};
use model::{CompanyId, RunId};
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

/// How often silence is broken.
const KEEP_ALIVE: Duration = Duration::from_secs(15);

/// The answer that carries these events until they end or the server closes.
pub(crate) fn answer(
    events: impl Stream<Item = Event> + Send + 'static,
    closing: &CancellationToken,
) -> Response {
    let until = closing.clone().cancelled_owned();
    let events = events.take_until(Box::pin(until)).map(Ok::<_, Infallible>);
    Sse::new(events).keep_alive(KeepAlive::new().interval(KEEP_ALIVE).text("keep-alive")).into_response()
}

/// One event: its name and JSON in one line, the name in the JSON too.
pub(crate) fn event(name: &str, data: &Value) -> Event {
    Event::default().event(name).data(data.to_string())
}

/// A change as an event.
pub(crate) fn progress(change: &Progress) -> Event {
    let name = match change {
        Progress::Step { .. } => "step",
        Progress::Run { .. } => "run",
    };
    event(name, &serde_json::to_value(change).unwrap_or_else(|_| json!({ "type": name })))
}

/// Whose change it is, and of which run.
pub(crate) fn subject(change: &Progress) -> (CompanyId, RunId) {
    match change {
        Progress::Step { company, run, .. } | Progress::Run { company, run, .. } => (*company, *run),
    }
}
