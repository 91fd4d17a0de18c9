//! `GET /runs/{id}/stream`: a run as it goes on, as server-sent events.
//!
//! First `snapshot` with the whole run, then `step` and `run` as they happen, and after
//! the last change another `snapshot`, with which the stream ends. A listener that was
//! too slow gets a new snapshot instead of what it missed. The subscription begins
//! before the first snapshot is taken: a change may come twice, but none is missed.

use std::sync::Arc;

use axum::{
    extract::State,
    response::{Response, sse::Event},
    routing::get,
};
use engine::{Progress, RunView};
use futures_util::stream;
use model::{CompanyId, RunId};
use serde_json::json;
use tokio::sync::broadcast::{Receiver, error::RecvError};

use super::whole;
use crate::{
    Actor, App,
    api::{Route, Verb},
    failure::Refused,
    request::Id,
    sse,
};

pub(crate) const ROUTE: Route =
    Route::new(Verb::Get, "/runs/{id}/stream", &["runs:read"], || get(follow)).patient();

async fn follow(State(app): State<Arc<App>>, actor: Actor, id: Id) -> Result<Response, Refused> {
    let (company, run) = (actor.company, id.parse("run")?);
    let changes = app.driver.subscribe();
    let first = app.driver.show(company, run).await?;
    let closing = app.closing.clone();
    let watch = Watch { app, company, run, changes, next: Next::Show(Box::new(first)) };
    Ok(sse::answer(stream::unfold(watch, Watch::step), &closing))
}

/// A listener.
struct Watch {
    app: Arc<App>,
    company: CompanyId,
    run: RunId,
    changes: Receiver<Progress>,
    next: Next,
}

/// What a listener gets next.
enum Next {
    /// This snapshot.
    Show(Box<RunView>),
    /// A snapshot that is still to be taken.
    Look,
    /// Whatever happens.
    Change,
    /// Nothing more.
    End,
}

impl Watch {
    async fn step(mut self) -> Option<(Event, Self)> {
        loop {
            match std::mem::replace(&mut self.next, Next::End) {
                Next::End => return None,
                Next::Show(view) => {
                    self.next = if view.status.is_final() { Next::End } else { Next::Change };
                    let event = sse::event("snapshot", &json!({ "type": "snapshot", "run": whole(&view) }));
                    return Some((event, self));
                }
                Next::Look => match self.app.driver.show(self.company, self.run).await {
                    Ok(view) => self.next = Next::Show(Box::new(view)),
                    Err(failure) => {
                        let event = sse::event("error", &json!({ "type": "error", "error": failure }));
                        return Some((event, self));
                    }
                },
                Next::Change => match self.changes.recv().await {
                    Ok(change) if sse::subject(&change) == (self.company, self.run) => {
                        let ended = matches!(&change, Progress::Run { status, .. } if status.is_final());
                        self.next = if ended { Next::Look } else { Next::Change };
                        return Some((sse::progress(&change), self));
                    }
                    Ok(_) => self.next = Next::Change,
                    Err(RecvError::Lagged(_)) => self.next = Next::Look,
                    Err(RecvError::Closed) => return None,
                },
            }
        }
    }
}
