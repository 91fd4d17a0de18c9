//! A whole list as a stream: one object of Stripe's a line, and a last line that says
//! how it ended.
//!
//! What would surprise: an answer that has begun with 200 can still fail. A reader knows
//! that everything came by the last line, `{"success":true,…}`, and that something is
//! missing by `{"success":false,…}` or by no such line at all.

use ::calls::{Call, Page, Pages};
use bytes::Bytes;
use futures_util::stream;
use model::{Code, Failure, Retry};
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

use crate::{
    App,
    answer::{Answer, Answered},
    finish::RequestId,
};

/// A list on its way to its reader.
struct Listing {
    pages: Pages,
    /// Read, and not taken yet.
    ready: Option<Page>,
    closing: CancellationToken,
    id: RequestId,
    over: bool,
}

/// Answers with every page of a list, or refuses like any call when there is no first one.
pub(super) async fn answer(app: &App, call: Call, id: RequestId) -> Answered {
    let mut pages = app.caller.pages(call);
    let ready = pages.next().await?;
    let listing = Listing { pages, ready, closing: app.closing.clone(), id, over: false };
    Ok(Answer::lines(stream::unfold(listing, Listing::next)))
}

impl Listing {
    /// The lines of the next page, read only now, or the last line.
    async fn next(mut self) -> Option<(Bytes, Self)> {
        while !self.over {
            let lines = match self.page().await {
                Ok(Some(page)) => page.rows.iter().map(line).collect(),
                Ok(None) => self.last(&self.success()),
                Err(failure) => {
                    self.last(&json!({ "success": false, "error": failure.answering(&self.id.0).body() }))
                }
            };
            // Only an empty list has an empty page, and a chunk of nothing says nothing.
            if !lines.is_empty() {
                return Some((lines.into(), self));
            }
        }
        None
    }

    async fn page(&mut self) -> Result<Option<Page>, Failure> {
        if let Some(page) = self.ready.take() {
            return Ok(Some(page));
        }
        let page = tokio::select! {
            biased;
            () = self.closing.cancelled() => None,
            page = self.pages.next() => Some(page),
        };
        page.unwrap_or_else(|| Err(self.pages.interrupted(stopping())))
    }

    fn success(&self) -> Value {
        let taken = self.pages.taken();
        json!({ "success": true, "meta": { "count": taken.objects, "pages": taken.pages } })
    }

    fn last(&mut self, end: &Value) -> String {
        self.over = true;
        line(end)
    }
}

/// Compact JSON has no line break of its own.
fn line(value: &Value) -> String {
    format!("{value}\n")
}

fn stopping() -> Failure {
    let text = "Bursar is stopping. Nothing changed at Stripe. List again when it has started.";
    Failure::new(Code::ConnectionUnreachable, text).retry(Retry::SameKey)
}
