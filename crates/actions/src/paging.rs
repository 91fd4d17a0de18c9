//! From one page of a list to the next. Pure.
//!
//! Stripe pages by cursor: `starting_after` the last object of a page goes on to older
//! ones, `ending_before` the first goes back to newer ones, a search hands out its
//! `next_page` (Stripe's API, Pagination and Search). What would surprise: backwards,
//! each page still stands newest first, so its rows are turned around, as the official
//! SDKs do: a whole listing runs away from its cursor, and can go on from its last row.

use model::{Code, Failure};
use serde_json::{Map, Value};
use stripe::tables::{Operation, Param, Type};

use crate::{CallOptions, Invalid, Plan, Why, input::Read, names::camel, request};

/// What a page holds at most (Stripe's API, Pagination), and what a whole listing asks
/// for unless told otherwise.
pub(crate) const LIMIT_MAX: i64 = 100;
pub(crate) const LIMIT: &str = "limit";

const STARTING_AFTER: &str = "starting_after";
const ENDING_BEFORE: &str = "ending_before";
const PAGE: &str = "page";

/// Whether an operation answers with a page of a list or of a search.
pub(crate) fn is_list(operation: &Operation) -> bool {
    matches!(operation.response, Type::List(_) | Type::SearchResult(_))
}

/// Whether an operation searches.
fn is_search(operation: &Operation) -> bool {
    matches!(operation.response, Type::SearchResult(_))
}

/// Checks what Stripe's tables do not say of a list's parameters.
pub(crate) fn check(operation: &Operation, read: &mut Read) {
    if !is_list(operation) {
        return;
    }
    let params = &read.params;
    if let Some(limit) = params.get(LIMIT).and_then(Value::as_i64).filter(|n| !(1..=LIMIT_MAX).contains(n)) {
        let message = |place: &str| format!("`{place}` has to be 1 to {LIMIT_MAX}, not {limit}.");
        refuse(read, LIMIT, message);
    }
    let both = read.params.contains_key(STARTING_AFTER) && read.params.contains_key(ENDING_BEFORE);
    // Of one page Stripe says it itself; a whole listing needs to know which way it runs.
    if both && read.options.all {
        refuse(read, ENDING_BEFORE, |place| {
            format!("`{place}` and `startingAfter` exclude each other; give one of them.")
        });
    }
}

fn refuse(read: &mut Read, param: &str, message: impl Fn(&str) -> String) {
    let place = read.spelled.get(param).cloned().unwrap_or_else(|| camel(param));
    if read.found.iter().all(|found| found.field != place) {
        let message = message(&place);
        read.found.push(Invalid::new(Why::Value, place, message));
    }
}

/// Asks for whole pages when everything is to be listed.
pub(crate) fn fill_limit(params_of: &[Param], options: &CallOptions, params: &mut Map<String, Value>) {
    if options.all && params_of.iter().any(|param| param.name == LIMIT) {
        params.entry(LIMIT).or_insert_with(|| Value::from(LIMIT_MAX));
    }
}

impl Plan {
    /// The plan of the page that follows this plan's page, or `None` after the last.
    ///
    /// # Errors
    /// `api_error` when the page is none, or says that more follows and leads nowhere:
    /// without rows, without a cursor, or back to the cursor that it came from. A read
    /// changes nothing; nothing was sent for this.
    pub fn next(&self, page: &Value) -> Result<Option<Self>, Failure> {
        let rows = page.get("data").and_then(Value::as_array);
        let rows = rows.ok_or_else(|| self.stuck("its answer is no list"))?;
        if page.get("has_more").and_then(Value::as_bool) != Some(true) {
            return Ok(None);
        }
        let param = self.cursor_param();
        let cursor = match param {
            PAGE => page.get("next_page"),
            ENDING_BEFORE => rows.first().and_then(|row| row.get("id")),
            _ => rows.last().and_then(|row| row.get("id")),
        };
        let cursor = cursor.and_then(Value::as_str).filter(|cursor| !cursor.is_empty());
        if rows.is_empty() {
            return Err(self.stuck("it says that more follows an empty page"));
        }
        let Some(cursor) = cursor.filter(|_| self.takes(param)) else {
            return Err(self.stuck("it says that more follows, and not how to ask for it"));
        };
        if self.params.get(param).and_then(Value::as_str) == Some(cursor) {
            return Err(self.stuck("the next page would be the same again"));
        }
        let mut next = self.clone();
        next.params.insert(param.to_owned(), Value::from(cursor));
        Ok(Some(next))
    }

    /// The rows of a page in the order of the listing: away from the cursor.
    pub fn rows(&self, page: Value) -> Vec<Value> {
        let mut rows = match page {
            Value::Object(mut page) => match page.get_mut("data").map(Value::take) {
                Some(Value::Array(rows)) => rows,
                _ => Vec::new(),
            },
            _ => Vec::new(),
        };
        if self.cursor_param() == ENDING_BEFORE {
            rows.reverse();
        }
        rows
    }

    /// The place in the input and the value that make a listing begin where this plan
    /// does; `None` when it begins at the beginning.
    pub fn cursor(&self) -> Option<(String, &str)> {
        let param = self.cursor_param();
        let place = match self.action {
            request::NAME => format!("params.{}", camel(param)),
            _ => camel(param),
        };
        Some((place, self.params.get(param)?.as_str()?))
    }

    fn cursor_param(&self) -> &'static str {
        match self.operation {
            operation if is_search(operation) => PAGE,
            _ if self.params.contains_key(ENDING_BEFORE) => ENDING_BEFORE,
            _ => STARTING_AFTER,
        }
    }

    /// A few short lists have no cursors.
    fn takes(&self, param: &str) -> bool {
        self.operation.params_in(self.options.version).iter().any(|known| known.name == param)
    }

    fn stuck(&self, why: &str) -> Failure {
        let action = self.action;
        Failure::new(
            Code::ApiError,
            format!(
                "{action} cannot go on to the next page: {why}. Nothing changed at Stripe. Ask for the pages one by \
                 one, without `all`, to see what it answers."
            ),
        )
    }
}

#[cfg(test)]
mod tests;
