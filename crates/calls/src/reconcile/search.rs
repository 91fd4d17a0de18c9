//! Paging a list of Stripe's since a moment.

use model::seconds;
use serde_json::{Map, Value, json};
use stripe::{Kind, Outcome, Request, StripeError, fold, form, tables::Operation};

use super::look::Looker;
use crate::{drive::Hindrance, failures};

/// Our clock and Stripe's may differ by this much.
pub(super) const SLACK_S: i64 = 300;
/// 10,000 rows; more than that since the first attempt is not a list one can search.
const PAGES_MAX: usize = 100;

/// What Stripe shows.
pub(super) enum Shown {
    Body(Value),
    /// It answered no: not there, or not for this credential.
    Refused(StripeError),
}

impl Looker<'_> {
    /// The second from which on traces of the call can be; all of time when the clock
    /// was set back since, because then nobody knows when that was.
    pub(super) fn since(&self) -> i64 {
        let (began, now) = (self.intent.first_attempt, self.caller.parts.clock.now());
        let known =
            if now.as_second().saturating_add(SLACK_S) < began.as_second() { seconds(0) } else { began };
        known.as_second().saturating_sub(SLACK_S).max(seconds(0).as_second())
    }

    /// One read, as the account and in the version of the write.
    pub(super) async fn get(
        &self,
        operation: &'static Operation,
        path: String,
        params: &Map<String, Value>,
    ) -> Result<Shown, Hindrance> {
        let form = form::encode(params).unwrap_or_default().into();
        let (version, account) = (self.request.version, self.request.account.clone());
        let read = Request { operation, path, form, version, account, kind: Kind::Read };
        let attempt = self.caller.send(&self.intent.binding, &read, &[], self.patience).await?;
        let soon = |failure| Hindrance { failure, lasting: false };
        match fold(None, &Kind::Read, attempt) {
            Outcome::Done(answer) => Ok(Shown::Body(answer.body)),
            Outcome::Rejected(error) => Ok(Shown::Refused(error)),
            Outcome::NotSent(why) => Err(soon(failures::not_sent(&why))),
            Outcome::OutcomeUnknown(why) => Err(soon(failures::unknown(&why))),
        }
    }

    /// Every row since the first attempt that `wanted` takes, newest first; `Err(why)`
    /// inside when the list could not be read to its end.
    pub(super) async fn page(
        &self,
        operation: &'static Operation,
        filters: Map<String, Value>,
        mut wanted: impl FnMut(&Value) -> bool,
    ) -> Result<Result<Vec<Value>, String>, Hindrance> {
        let mut params = filters;
        params.insert("limit".into(), json!(100));
        if operation.params.iter().any(|param| param.name == "created") {
            params.insert("created".into(), json!({ "gte": self.since() }));
        }
        let mut found = Vec::new();
        for _ in 0..PAGES_MAX {
            let body = match self.get(operation, operation.path.to_owned(), &params).await? {
                Shown::Body(body) => body,
                Shown::Refused(error) => {
                    let said = error.message().unwrap_or("no message");
                    return Ok(Err(format!("{} was refused ({}: {said})", operation.id, error.status)));
                }
            };
            let rows = body.get("data").and_then(Value::as_array).cloned().unwrap_or_default();
            let last = rows.last().and_then(|row| row.get("id")).cloned();
            found.extend(rows.into_iter().filter(|row| wanted(row)));
            match (body.get("has_more").and_then(Value::as_bool), last) {
                (Some(true), Some(last)) => params.insert("starting_after".into(), last),
                _ => return Ok(Ok(found)),
            };
        }
        Ok(Err(format!("{} has too many rows since the first attempt", operation.id)))
    }
}
