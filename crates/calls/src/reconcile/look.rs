//! The kinds of looking: by event, by list, by state, by values.

use actions::{OperationRef, Reconcile};
use serde_json::{Map, Value, json};
use store::Intent;
use stripe::{
    Kind, Method, Request, StripeError, form,
    tables::{self, Operation, Type},
};

use super::{Finding, agree::agree, declines::decline, search::Shown};
use crate::{caller::Caller, drive::Hindrance, patience::Patience};

/// Looks for one write.
pub(super) struct Looker<'a> {
    pub(super) caller: &'a Caller,
    pub(super) intent: &'a Intent,
    pub(super) request: &'a Request,
    pub(super) patience: &'a Patience,
}

/// What the account's events say.
pub(super) enum Told {
    By(Finding),
    /// There is none of ours, which proves nothing.
    Nothing,
    /// They could not be read to their end.
    Unread,
}

impl Looker<'_> {
    /// The events that our key caused (Stripe's API, Events: `request.idempotency_key`,
    /// kept 30 days).
    pub(super) async fn by_event(&self) -> Result<Told, Hindrance> {
        if self.request.kind == Kind::Delete {
            return Ok(Told::Nothing);
        }
        let Some(events) = tables::operation("events.list") else { return Ok(Told::Unread) };
        let key = self.intent.key.as_str();
        let ours =
            |event: &Value| event.pointer("/request/idempotency_key").and_then(Value::as_str) == Some(key);
        let Ok(found) = self.page(events, Map::new(), ours).await? else { return Ok(Told::Unread) };
        let Some(first) = found.first() else { return Ok(Told::Nothing) };
        let request_id = first.pointer("/request/id").and_then(Value::as_str).map(str::to_owned);
        let literal = answered(self.request.operation);
        if let Some(declined) = decline(&found, self.request) {
            let why = format!("Stripe tried it and it failed ({declined}), and what Stripe answered is lost");
            return Ok(Told::By(Finding::Open { why, seen: json!({ "events": brief(&found) }) }));
        }
        let objects = found.iter().filter_map(|event| event.pointer("/data/object"));
        let mut objects = objects.filter(|object| literal.is_none() || word(object, "object") == literal);
        let object = objects.next();
        // Where the tables do not name the answer's object, events of several objects do not either.
        let alike = |other: &Value| literal.is_some() || other.get("id") == object.and_then(|o| o.get("id"));
        let Some(object) = object.filter(|_| objects.all(alike)) else {
            let why = "an event shows that it took effect, but not on which object".to_owned();
            return Ok(Told::By(Finding::Open { why, seen: json!({ "events": brief(&found) }) }));
        };
        let object = self.present(object).await?.unwrap_or_else(|| object.clone());
        Ok(Told::By(Finding::Done { object, request_id }))
    }

    /// The action's own way, given whether the events were read.
    pub(super) async fn by(&self, how: Reconcile, events_read: bool) -> Result<Finding, Hindrance> {
        match how {
            Reconcile::ByList { operation, by } => self.by_list(operation.resolve(), by, events_read).await,
            Reconcile::ByState { operation, field, done, not_done } => {
                self.by_state(operation, field, done, not_done).await
            }
            Reconcile::ByValues { operation } => self.by_values(operation).await,
            Reconcile::ByAbsence { operation } => self.by_absence(operation.resolve()).await,
            Reconcile::BySamePath => self.by_same_path().await,
            Reconcile::NothingChanges => Ok(Finding::NotDone { seen: Value::Null }),
            Reconcile::Park | Reconcile::NotNeeded => {
                Ok(open("no event shows it, and there is nothing else to look at", Value::Null))
            }
        }
    }

    /// An object that looks otherwise may be ours, changed since: the events would show
    /// who made it. Where they cannot be read, that is for a person.
    async fn by_list(
        &self,
        list: &'static Operation,
        by: &[&str],
        events_read: bool,
    ) -> Result<Finding, Hindrance> {
        let params = self.params();
        let filters = by.iter().filter_map(|name| Some(((*name).to_owned(), params.get(*name)?.clone())));
        let mut filters: Map<_, _> =
            filters.filter(|(_, value)| value.as_str().is_some_and(|v| !v.is_empty())).collect();
        if filters.is_empty() || !list.path_params().is_empty() {
            return Ok(open("nothing in the request tells its object from others", Value::Null));
        }
        if hides_some(list) {
            filters.insert("status".into(), json!("all"));
        }
        let since = self.since();
        let mut others = Vec::new();
        let alike = |row: &Value| {
            let made = row.get("created").or_else(|| row.get("date")).and_then(Value::as_i64);
            let made_since = made.is_none_or(|made| made >= since);
            let alike = agree(&params, row).other == 0;
            if made_since && !alike && !events_read {
                others.extend(brief(std::slice::from_ref(row)));
            }
            made_since && alike
        };
        Ok(match self.page(list, filters, alike).await? {
            Err(why) => open(&why, Value::Null),
            Ok(found) if found.is_empty() && !others.is_empty() => {
                let why = "objects that look otherwise were made since, and without the permission to list events \
                           nobody can tell whether one of them is it, changed meanwhile";
                others.truncate(10);
                open(why, json!({ "list": list.id, "candidates": others }))
            }
            Ok(found) if found.is_empty() => {
                Finding::NotDone { seen: json!({ "list": list.id, "candidates": [] }) }
            }
            Ok(found) => {
                let seen = json!({ "list": list.id, "candidates": brief(&found) });
                let why = match found.len() {
                    1 => "one object that looks like it was made since, so it was probably done",
                    _ => "several objects that look like it were made since",
                };
                open(why, seen)
            }
        })
    }

    async fn by_state(
        &self,
        read: OperationRef,
        field: &str,
        done: &[&str],
        not_done: &[&str],
    ) -> Result<Finding, Hindrance> {
        let object = match self.object(read.resolve()).await? {
            Ok(object) => object,
            Err(finding) => return Ok(finding),
        };
        let state = word(&object, field).unwrap_or_default().to_owned();
        let seen = json!({ "id": object.get("id"), field: state });
        Ok(if done.contains(&state.as_str()) {
            Finding::Done { object, request_id: None }
        } else if not_done.contains(&state.as_str()) {
            Finding::NotDone { seen }
        } else {
            open(&format!("the object's {field} is `{state}`, which does not tell"), seen)
        })
    }

    /// All equal is done. All different is not done; a mixture was changed by others too.
    async fn by_values(&self, read: OperationRef) -> Result<Finding, Hindrance> {
        let object = match self.object(read.resolve()).await? {
            Ok(object) => object,
            Err(finding) => return Ok(finding),
        };
        let compared = agree(&self.params(), &object);
        let seen = json!({ "id": object.get("id"), "same": compared.same, "other": compared.other,
                           "notComparable": compared.silent });
        Ok(match (compared.same, compared.other, compared.silent) {
            (1.., 0, 0) => Finding::Done { object, request_id: None },
            (0, 1.., 0) => Finding::NotDone { seen },
            _ => open("some of its values are there and others are not", seen),
        })
    }

    /// Gone is done, whether Stripe answers 404 or what is left of a deleted object.
    async fn by_absence(&self, read: &'static Operation) -> Result<Finding, Hindrance> {
        let ids = self.ids();
        let Some(path) = path_of(read, &ids) else { return Ok(nameless()) };
        Ok(match self.get(read, path, &Map::new()).await? {
            Shown::Body(object) if object.get("deleted") == Some(&Value::Bool(true)) => {
                Finding::Done { object, request_id: None }
            }
            Shown::Body(object) => {
                Finding::NotDone { seen: json!({ "id": object.get("id"), "status": object.get("status") }) }
            }
            Shown::Refused(error) if error.status == 404 => {
                let object =
                    json!({ "id": ids.last(), "object": answered(self.request.operation), "deleted": true });
                Finding::Done { object, request_id: None }
            }
            Shown::Refused(error) => unreadable(&error),
        })
    }

    /// Of a path that no table knows, where a 404 may mean that nothing can be read there
    /// at all: only Stripe's own word that an object is missing counts.
    async fn by_same_path(&self) -> Result<Finding, Hindrance> {
        let path = self.request.path.clone();
        let id = path.rsplit('/').next().map(str::to_owned);
        Ok(match self.get(tables::unlisted(Method::Get), path, &Map::new()).await? {
            Shown::Body(object) if object.get("deleted") == Some(&Value::Bool(true)) => {
                Finding::Done { object, request_id: None }
            }
            Shown::Body(object) => {
                let why = "it can still be read, and nobody knows what such an object looks like once it is deleted";
                open(why, json!({ "id": object.get("id"), "status": object.get("status") }))
            }
            Shown::Refused(error) if error.code() == Some("resource_missing") => {
                Finding::Done { object: json!({ "id": id, "deleted": true }), request_id: None }
            }
            Shown::Refused(error) => unreadable(&error),
        })
    }

    /// The object that the request's path names, read now.
    async fn object(&self, read: &'static Operation) -> Result<Result<Value, Finding>, Hindrance> {
        let Some(path) = path_of(read, &self.ids()) else { return Ok(Err(nameless())) };
        Ok(match self.get(read, path, &self.expand()).await? {
            Shown::Body(object) => Ok(object),
            Shown::Refused(error) => Err(unreadable(&error)),
        })
    }

    /// The ids in the request's path.
    fn ids(&self) -> Vec<String> {
        let routed = tables::route(self.request.operation.method, &self.request.path);
        routed.map(|(_, ids)| ids).unwrap_or_default()
    }

    /// The object of an event as it is now, where Stripe shows it at the address that
    /// such objects have: an event keeps the version and the state of its own time.
    async fn present(&self, object: &Value) -> Result<Option<Value>, Hindrance> {
        let collection = self.request.path.splitn(4, '/').take(3).collect::<Vec<_>>().join("/");
        let Some(id) = word(object, "id") else { return Ok(None) };
        let Some((list, _)) = tables::route(Method::Get, &collection) else { return Ok(None) };
        let address = format!("{}/{id}", list.path);
        let Some((read, ids)) = tables::route(Method::Get, &address) else { return Ok(None) };
        let same = answered(read).is_none() || answered(read) == word(object, "object");
        let path = read.path_with(&ids.iter().map(String::as_str).collect::<Vec<_>>());
        let (true, Some(path)) = (same, path) else { return Ok(None) };
        Ok(match self.get(read, path, &self.expand()).await? {
            Shown::Body(present) => Some(present),
            Shown::Refused(_) => None,
        })
    }

    fn params(&self) -> Map<String, Value> {
        form::decode(&self.request.form).unwrap_or_default()
    }

    /// The caller's wish for expanded objects holds for what is read in its place.
    fn expand(&self) -> Map<String, Value> {
        self.params().into_iter().filter(|(name, _)| name == "expand").collect()
    }
}

/// Whether a list leaves some out unless it is asked for all, as that of subscriptions
/// does with canceled ones: what was done and undone since would look not done.
fn hides_some(list: &Operation) -> bool {
    let status = list.params.iter().find(|param| param.name == "status");
    status.is_some_and(|param| matches!(param.kind, Type::Enum(values) if values.contains(&"all")))
}

fn path_of(read: &Operation, ids: &[String]) -> Option<String> {
    read.path_with(&ids.iter().map(String::as_str).collect::<Vec<_>>())
}

fn nameless() -> Finding {
    open("the request's path names no object that can be read", Value::Null)
}

fn unreadable(error: &StripeError) -> Finding {
    let said = error.message().unwrap_or("no message");
    open(&format!("the object could not be read ({}: {said})", error.status), error.body.clone())
}

fn open(why: &str, seen: Value) -> Finding {
    Finding::Open { why: why.to_owned(), seen }
}

/// The `object` literal of what an operation answers.
pub(super) fn answered(operation: &Operation) -> Option<&'static str> {
    match operation.response {
        Type::Object(name) => tables::object(name)?.object,
        _ => None,
    }
}

pub(super) fn word<'a>(object: &'a Value, field: &str) -> Option<&'a str> {
    object.get(field)?.as_str()
}

/// What a person needs to find the rows again; at most ten.
fn brief(rows: &[Value]) -> Vec<Value> {
    let one =
        |row: &Value| json!({ "id": row.get("id"), "type": row.get("type"), "created": row.get("created") });
    rows.iter().take(10).map(one).collect()
}
