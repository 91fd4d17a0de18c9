//! A whole list, one page at a time.
//!
//! Each page is read like any read: through the limiter, repeated until it answers. No
//! page is read before it is asked for, so whoever takes them slowly holds one page and
//! no more. What would surprise: the pages after the first of an interactive listing go
//! behind every other interactive call, because a list of a thousand pages would be in
//! the way of people who want one answer; they still go ahead of background work.

use actions::Plan;
use model::{Code, Failure};
use serde_json::{Map, Value, json};
use stripe::Answer;

use crate::{Call, CallError, Caller, Class, Settled, limiter::Rank};

/// A list on its way. Dropping it ends it; nothing has to be tidied up.
pub struct Pages {
    caller: Caller,
    /// What every page's call has in common.
    call: Call,
    next: Next,
    taken: Taken,
}

/// One page of a list.
#[derive(Debug, Clone, PartialEq)]
pub struct Page {
    /// Stripe's objects, untouched, in the order of the listing.
    pub rows: Vec<Value>,
    /// Stripe's id of the answer.
    pub stripe_request_id: Option<String>,
}

/// What has been handed out so far.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Taken {
    /// How many objects.
    pub objects: u64,
    /// On how many pages.
    pub pages: u64,
    /// The id of the last one.
    pub last: Option<String>,
}

enum Next {
    Page(Box<Plan>),
    End,
    /// Stripe says that more follows and does not lead there.
    Stuck(Box<Failure>),
}

impl Caller {
    /// The pages of a list, from the call's cursor on.
    pub fn pages(&self, call: Call) -> Pages {
        let next = Next::Page(Box::new(call.plan.clone()));
        Pages { caller: self.clone(), call, next, taken: Taken::default() }
    }
}

impl Pages {
    /// Reads the next page; `None` after the last. Dropping it reads the page again
    /// the next time, and so does asking again after a failure, which is safe.
    ///
    /// # Errors
    /// Why the page cannot be had. Once pages were handed out, `details` says how many
    /// objects (`count`), the id of the last one (`after`), and the field and value with
    /// which a new listing goes on behind it (`resume`).
    pub async fn next(&mut self) -> Result<Option<Page>, Failure> {
        let plan = match &self.next {
            Next::Page(plan) => plan,
            Next::End => return Ok(None),
            Next::Stuck(failure) => return Err(self.broke_off(failure.as_ref().clone(), None)),
        };
        let answer = match self.read(plan).await {
            Ok(answer) => answer,
            Err(failure) => return Err(self.broke_off(failure, plan.cursor())),
        };
        let next = match plan.next(&answer.body) {
            Ok(Some(next)) => Next::Page(Box::new(next)),
            Ok(None) => Next::End,
            // What the page has is handed out first.
            Err(stuck) if answer.body.get("data").is_some_and(Value::is_array) => {
                Next::Stuck(Box::new(stuck))
            }
            Err(stuck) => return Err(self.broke_off(stuck, plan.cursor())),
        };
        let page = Page { rows: plan.rows(answer.body), stripe_request_id: answer.headers.request_id };
        self.next = next;
        self.taken.note(&page);
        Ok(Some(page))
    }

    /// The failure of a listing that ends here for a reason of its caller's, with the
    /// same `details` as any other.
    pub fn interrupted(&self, why: Failure) -> Failure {
        let cursor = if let Next::Page(plan) = &self.next { plan.cursor() } else { None };
        self.broke_off(why, cursor)
    }

    /// What has been handed out so far.
    pub fn taken(&self) -> &Taken {
        &self.taken
    }

    async fn read(&self, plan: &Plan) -> Result<Answer, Failure> {
        let mut call = Call { plan: plan.clone(), ..self.call.clone() };
        let mut patience = self.caller.patience(call.class, call.watch.take());
        if self.taken.pages > 0 && call.class == Class::Interactive {
            patience.rank = Rank::Paging;
        }
        match self.caller.read(call, patience, &mut |_, _| {}).await {
            Ok(ended) => match (ended.settled.failure(), ended.settled) {
                (None, Settled::Done(answer)) => Ok(answer),
                (failure, _) => Err(failure.unwrap_or_else(|| no_page(plan.action))),
            },
            Err(CallError::Unfinished { failure, .. } | CallError::Conflict(failure)) => Err(*failure),
            // Reads have nothing to store.
            Err(CallError::Store(_)) => Err(no_page(plan.action)),
        }
    }

    /// Says where a listing that cannot go on has come to.
    fn broke_off(&self, failure: Failure, cursor: Option<(String, &str)>) -> Failure {
        if self.taken.pages == 0 {
            return failure;
        }
        broke_off(self.call.plan.action, &self.taken, failure, cursor)
    }
}

impl Taken {
    fn note(&mut self, page: &Page) {
        self.pages += 1;
        self.objects += page.rows.len() as u64;
        let last = page.rows.last().and_then(|row| row.get("id")?.as_str());
        if let Some(last) = last {
            self.last = Some(last.to_owned());
        }
    }
}

/// The failure of a page, and where the listing has come to.
fn broke_off(action: &str, taken: &Taken, failure: Failure, cursor: Option<(String, &str)>) -> Failure {
    let mut details = match failure.details {
        Some(Value::Object(details)) => details,
        _ => Map::new(),
    };
    details.insert("count".to_owned(), json!(taken.objects));
    details.insert("after".to_owned(), json!(taken.last));
    let mut message =
        format!("The list of {action} broke off after {} objects. {}", taken.objects, failure.message);
    if let Some((field, value)) = cursor {
        message.push_str(&format!(" What came is good: go on behind it with `{field}: {value}`."));
        let resume = field.rsplit('.').fold(json!(value), |inner, name| json!({ name: inner }));
        details.insert("resume".to_owned(), resume);
    }
    Failure { message, details: Some(Value::Object(details)), ..failure }
}

fn no_page(action: &str) -> Failure {
    let text = format!(
        "A page of {action} was read and is not there. Nothing changed at Stripe. Please report this."
    );
    Failure::new(Code::InternalError, text)
}
