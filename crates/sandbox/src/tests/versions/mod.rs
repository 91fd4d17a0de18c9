//! Five releases over one state.

mod acacia;
mod discounts;
mod events;
mod reading;
mod requests;
mod steps;
mod world;

use serde_json::{Value, json};
use stripe::{Attempt, Kind, Method, PINNED, Request, Version, form, tables};

use super::client::{Got, attempt};
use crate::{Options, Sandbox, Watched};

/// The newest version of each release, acacia first.
fn releases() -> Vec<Version> {
    let is_last = |version: &Version| {
        let later = Version::all().find(|other| other > version);
        later.is_none_or(|other| other.name() != version.name())
    };
    Version::all().filter(is_last).collect()
}

fn named(release: &str) -> Version {
    releases().into_iter().find(|version| version.name() == release).unwrap()
}

/// A sandbox without sockets whose account has this default version.
async fn account_of(version: Version, seed: u64) -> Watched {
    let clock = std::sync::Arc::new(model::ManualClock::at_second(super::client::NOON));
    let options = Options { listen: None, seed, clock, api_version: version, ..Options::default() };
    Watched::open(options).await.unwrap()
}

/// Who speaks one version.
#[derive(Clone, Copy)]
struct Client<'a> {
    sandbox: &'a Sandbox,
    version: Version,
}

impl<'a> Client<'a> {
    fn of(sandbox: &'a Sandbox, version: Version) -> Self {
        Self { sandbox, version }
    }

    async fn ask(&self, method: Method, path: &str, params: &Value, key: &str) -> Got {
        let (path, query) = path.split_once('?').unwrap_or((path, ""));
        let (operation, _) = tables::route_in(method, path, self.version).expect("a path of the tables");
        let text = format!("{query}{}", form::encode(params.as_object().unwrap()).unwrap());
        let kind = match method {
            Method::Post => Kind::Write(model::IdempotencyKey::from_text(key)),
            Method::Delete => Kind::Delete,
            Method::Get => Kind::Read,
        };
        let (path, form, version) = (path.to_owned(), text.into(), self.version);
        let request = Request { operation, path, form, version, account: None, kind };
        match attempt(self.sandbox, &request).await {
            Attempt::Answered(a) => Got { status: a.status, headers: a.headers, body: a.body },
            other => panic!("no answer: {other:?}"),
        }
    }

    async fn post(&self, path: &str, params: Value) -> Got {
        let key = format!("key-{}", self.sandbox.journal().len());
        self.ask(Method::Post, path, &params, &key).await
    }

    async fn get(&self, path: &str) -> Got {
        self.ask(Method::Get, path, &json!({}), "").await
    }

    async fn delete(&self, path: &str) -> Got {
        self.ask(Method::Delete, path, &json!({}), "").await
    }

    fn is_older(&self) -> bool {
        self.version.generation() < PINNED.generation()
    }
}
