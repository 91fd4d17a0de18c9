//! What Stripe shows of a write about which a person decides.
//!
//! A person is believed where Stripe cannot tell, and refused where Stripe shows the
//! opposite. Nothing is decided here: these are reads, and repeating them is safe.

use std::time::Duration;

use actions::Reconcile;
use model::Failure;
use serde_json::{Map, Value, json};
use store::{Intent, Write};
use stripe::{
    Answer, Headers, Kind, Method,
    tables::{self, Operation, Type},
};

use super::{
    Finding,
    look::{Looker, Told, answered, word},
    reconciler,
    refusals::{absent, another, of_another_kind, older, refused, unreadable, was_done, was_not_done},
    search::{SLACK_S, Shown},
};
use crate::{CallError, Class, Settled, caller::Caller, drive::Hindrance, failures};

/// What a person says of a write.
#[derive(Debug, Clone, Copy)]
enum Said<'a> {
    /// It was done, and perhaps on which object.
    Done(Option<&'a str>),
    NotDone,
}

/// Where an object is read.
struct Address {
    read: &'static Operation,
    path: String,
    id: String,
}

impl Address {
    fn of(read: &'static Operation, mut ids: Vec<String>) -> Option<Self> {
        let path = read.path_with(&ids.iter().map(String::as_str).collect::<Vec<_>>())?;
        Some(Self { read, path, id: ids.pop()? })
    }
}

/// What there is for the word of a person who says that a write was done.
#[derive(Debug, Clone, PartialEq)]
pub enum Witness {
    /// Stripe's object as it is now.
    Shown(Value),
    /// The person alone: what they named, as `{"id": …}`, which Stripe has no way to show.
    Person(Value),
    /// Nothing names an object.
    Nameless,
}

/// What is held against Stripe, or why it cannot be so.
type Reviewed = Result<Witness, Failure>;

impl Caller {
    /// The object of a write that a person says was done, as Stripe shows it now: what
    /// an event or its state tells, else the named object, else the one in its path.
    /// Where nobody knows how such an object is read, the person is believed.
    ///
    /// # Errors
    /// `validation_error` at `objectId` when the object is not there or cannot be it;
    /// `conflict` when Stripe shows that it was not done; else whatever keeps Stripe
    /// from being read. Nothing was decided then.
    pub async fn review_done(&self, intent: &Intent, object: Option<&str>) -> Reviewed {
        self.review(intent, Said::Done(object)).await
    }

    /// Holds against Stripe that a write was not done. `Ok` says only that nothing
    /// speaks against it.
    ///
    /// # Errors
    /// `conflict` when Stripe shows that it was done; else whatever keeps Stripe from
    /// being read. Nothing was decided then.
    pub async fn review_not_done(&self, intent: &Intent) -> Result<(), Failure> {
        self.review(intent, Said::NotDone).await.map(drop)
    }

    /// The write that settles a parked intent as a person decided: done with this
    /// object, or not done for this reason. Once it is committed nothing sends the
    /// intent's request again, and no look overrides it.
    ///
    /// # Errors
    /// When the outcome cannot be sealed.
    pub async fn settle_as_decided(
        &self,
        intent: &Intent,
        decided: Result<Value, Failure>,
    ) -> Result<Write, Failure> {
        let settled = match decided {
            Ok(body) => Settled::Done(Answer { status: 200, headers: Headers::default(), body }),
            Err(why) => Settled::NotDone(why),
        };
        self.settling(intent, &settled).await.map_err(plain)
    }

    async fn review(&self, intent: &Intent, said: Said<'_>) -> Reviewed {
        let job = self.resume(intent.clone()).await.map_err(plain)?;
        let mut patience = self.patience(Class::Interactive, None);
        loop {
            let looker = Looker { caller: self, intent, request: &job.request, patience: &patience };
            let hindrance = match looker.review(reconciler(&job), said).await {
                Ok(reviewed) => return reviewed,
                Err(hindrance) => hindrance,
            };
            if hindrance.lasting || !patience.pause(&hindrance.failure, Duration::ZERO).await {
                return Err(failures::not_reviewed(hindrance.failure));
            }
        }
    }
}

fn plain(error: CallError) -> Failure {
    match error {
        CallError::Unfinished { failure, .. } | CallError::Conflict(failure) => *failure,
        CallError::Store(error) => failures::not_begun(&error),
    }
}

impl Looker<'_> {
    async fn review(&self, how: Reconcile, said: Said<'_>) -> Result<Reviewed, Hindrance> {
        let by_state =
            matches!(how, Reconcile::ByState { .. } | Reconcile::ByAbsence { .. } | Reconcile::BySamePath);
        let finding = match self.by_event().await? {
            Told::By(finding) => finding,
            Told::Nothing => self.by(how, true).await?,
            Told::Unread => self.by(how, false).await?,
        };
        Ok(match (said, finding) {
            (Said::Done(named), Finding::Done { object, .. }) => same(named, object),
            (Said::NotDone, Finding::Done { object, .. }) => Err(was_done(self.intent, &object)),
            (Said::NotDone, _) => Ok(Witness::Nameless),
            // That it is in no list may mean that it was changed or removed since.
            (Said::Done(_), Finding::NotDone { seen }) if by_state => Err(was_not_done(self.intent, &seen)),
            (Said::Done(named), _) if self.request.kind != Kind::Delete => self.read_back(named).await?,
            (Said::Done(_), _) => Ok(Witness::Nameless),
        })
    }

    /// The object that the request wrote or made.
    async fn read_back(&self, named: Option<&str>) -> Result<Reviewed, Hindrance> {
        let own = self.own_object();
        let made = own.is_none();
        let object = match (own, named) {
            (Some(own), Some(named)) if own.id != named => return Ok(Err(another(&own.id, named))),
            (Some(own), _) => own,
            (None, None) => return Ok(Ok(Witness::Nameless)),
            (None, Some(named)) => match self.made_object(named) {
                Some(object) => object,
                None => return self.believe(named).await,
            },
        };
        Ok(match self.get(object.read, object.path, &Map::new()).await? {
            Shown::Refused(error) if error.status == 404 => Err(absent(&object.id)),
            Shown::Refused(error) => {
                let said = error.message().unwrap_or("no message");
                Err(refused(&object.id, error.status, said))
            }
            Shown::Body(object) if made => self.could_be_made(object),
            Shown::Body(object) => Ok(Witness::Shown(object)),
        })
    }

    /// An object of which no table says where it is read: looked for where Stripe mostly
    /// has such, and taken on the person's word where it is not. Only that it is missing
    /// in the very collection that the request wrote to speaks against them.
    async fn believe(&self, named: &str) -> Result<Reviewed, Hindrance> {
        let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-');
        if named.is_empty() || !named.bytes().all(plain) {
            return Ok(Err(unreadable(named)));
        }
        for path in self.places(named) {
            let listed = tables::route(Method::Get, &path).map(|(read, _)| read);
            let below_collection =
                path.matches('/').count() == 3 && self.request.path.matches('/').count() == 2;
            match self.get(listed.unwrap_or(tables::unlisted(Method::Get)), path, &Map::new()).await? {
                Shown::Body(object) if word(&object, "id") != Some(named) => {}
                Shown::Body(object) if answered(self.request.operation).is_some() => {
                    return Ok(self.could_be_made(object));
                }
                Shown::Body(object) => return Ok(Ok(Witness::Shown(object))),
                Shown::Refused(error) if below_collection && error.code() == Some("resource_missing") => {
                    return Ok(Err(absent(named)));
                }
                Shown::Refused(_) => {}
            }
        }
        Ok(Ok(Witness::Person(json!({ "id": named }))))
    }

    /// The paths at which an object may be read: within the request's, below it, and
    /// below its collection.
    fn places(&self, id: &str) -> Vec<String> {
        let own = self.request.path.as_str();
        let parts: Vec<_> = own.split('/').collect();
        let within = parts.iter().position(|part| *part == id).map(|at| parts[..=at].join("/"));
        let collection = parts.iter().take(3).copied().collect::<Vec<_>>().join("/");
        let mut places = Vec::from_iter(within);
        places.extend([own, &collection].map(|path| format!("{path}/{id}")));
        places.dedup();
        places
    }

    /// The object that the request changes: at the longest part of its path where an
    /// object of the kind is read that it answers with.
    fn own_object(&self) -> Option<Address> {
        let mut path = self.request.path.as_str();
        while let Some((shorter, last)) = path.rsplit_once('/') {
            if let Some((read, ids)) = tables::route(Method::Get, path)
                && read.path.ends_with('}')
                && !last.is_empty()
                && self.answers_like(read)
            {
                return Address::of(read, ids);
            }
            path = shorter;
        }
        None
    }

    /// An object that the request may have made: below the path that made it, or below
    /// the collection.
    fn made_object(&self, id: &str) -> Option<Address> {
        let collection = self.request.path.splitn(4, '/').take(3).collect::<Vec<_>>().join("/");
        let below = [self.request.path.as_str(), collection.as_str()].into_iter();
        below.into_iter().find_map(|path| {
            // Any text stands for the id here; it is put in encoded.
            let (read, mut ids) = tables::route(Method::Get, &format!("{path}/id"))?;
            *ids.last_mut()? = id.to_owned();
            if self.answers_like(read) { Address::of(read, ids) } else { None }
        })
    }

    fn answers_like(&self, read: &Operation) -> bool {
        answered(self.request.operation).is_some_and(|literal| may_be(&read.response, literal))
    }

    /// Nothing older than the write can be what it made, and nothing of another kind.
    fn could_be_made(&self, object: Value) -> Reviewed {
        let (wanted, kind) = (answered(self.request.operation), word(&object, "object"));
        let id = word(&object, "id").unwrap_or_default();
        if wanted.is_some() && kind != wanted {
            return Err(of_another_kind(id, kind.unwrap_or("something else"), wanted.unwrap_or_default()));
        }
        let made = object.get("created").or_else(|| object.get("date")).and_then(Value::as_i64);
        let begun = self.intent.first_attempt.as_second();
        if made.is_some_and(|made| made < begun.saturating_sub(SLACK_S)) {
            return Err(older(id));
        }
        Ok(Witness::Shown(object))
    }
}

/// Whether an answer of this type may be an object of this kind: that of a customer may
/// be a deleted one, too.
fn may_be(answer: &Type, literal: &str) -> bool {
    match answer {
        Type::Object(name) => tables::object(name).and_then(|object| object.object) == Some(literal),
        Type::Union(kinds) => kinds.iter().any(|kind| may_be(kind, literal)),
        _ => false,
    }
}

fn same(named: Option<&str>, object: Value) -> Reviewed {
    match (named, word(&object, "id")) {
        (Some(named), Some(id)) if named != id => Err(another(id, named)),
        _ => Ok(Witness::Shown(object)),
    }
}
