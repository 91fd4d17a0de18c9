//! Asking Stripe whether a permission is there, by a request that changes nothing.
//!
//! Reading is asked for by reading: one object of a list, or what there is only one of.
//! Writing is asked for by updating an object that does not exist, in nothing. Stripe
//! judges the permission before it looks for the object, so 403 says that it is missing,
//! and `resource_missing` that it is there. Such a request is twice no write: its id is
//! made up of 128 random bits behind a prefix that no id of Stripe's has, and its form is
//! empty, which leaves any object as it is. A create is never sent, not even a wrong
//! one: a parameter is refused before the permission is judged, which tells nothing, and
//! what Stripe insists on may change. What this cannot ask for stays unknown.

use std::collections::{BTreeMap, BTreeSet};

use model::{IdempotencyKey, Rng};
use serde_json::Value;
use stripe::{
    Answer, Kind, Method, Request, Version,
    tables::{self, Operation, Type},
};

use super::Refused;
use crate::Permission;

/// The id of an object that nobody has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Nobody(String);

impl Nobody {
    /// What every such id begins with.
    pub const PREFIX: &'static str = "nobody_has_this_";

    /// An id of 128 random bits.
    pub fn new(rng: &dyn Rng) -> Self {
        Self(format!("{}{:016x}{:016x}", Self::PREFIX, rng.next_u64(), rng.next_u64()))
    }
}

/// A question about one permission.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Probe {
    /// What is asked about.
    pub permission: Permission,
    /// By what it is asked.
    pub operation: &'static Operation,
    /// How.
    asks: Asks,
}

/// How a permission is asked about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Asks {
    /// Reads what there is only one of.
    Whole,
    /// Reads one object of a list.
    Page,
    /// Reads an object that nobody has.
    Nobody,
    /// Updates an object that nobody has, in nothing.
    Update,
}

/// What an answer says of a permission.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// It is there.
    Ready,
    /// It is not.
    Missing(Refused),
    /// The answer does not tell, for this reason: a clause without a full stop.
    Unknown(String),
}

impl Probe {
    /// The questions about these permissions under a version; what has none is left out.
    pub fn of(wanted: &BTreeSet<Permission>, version: Version) -> BTreeMap<Permission, Self> {
        let mut found: BTreeMap<Permission, Self> = BTreeMap::new();
        let operations = tables::operation_ids_in(version).filter_map(|id| tables::operation_in(id, version));
        for operation in operations.filter(|operation| operation.host.is_none()) {
            let Some(permission) = Permission::of_operation(operation) else { continue };
            if !wanted.contains(&permission) {
                continue;
            }
            let Some(asks) = Asks::by(operation, version) else { continue };
            let probe = Self { permission, operation, asks };
            // The shortest path is the resource's own.
            let better = |known: &Self| operation.path.len() < known.operation.path.len();
            if found.get(&permission).is_none_or(better) {
                found.insert(permission, probe);
            }
        }
        found
    }

    /// The request. Whatever Stripe answers, nothing changes there.
    pub fn request(&self, nobody: &Nobody, version: Version, key: IdempotencyKey) -> Option<Request> {
        let (ids, form): (&[&str], &[u8]) = match self.asks {
            Asks::Whole => (&[], b""),
            Asks::Page => (&[], b"limit=1"),
            Asks::Nobody | Asks::Update => (&[nobody.0.as_str()], b""),
        };
        let path = self.operation.path_with(ids)?;
        let kind = if self.asks == Asks::Update { Kind::Write(key) } else { Kind::Read };
        let form = form.to_vec().into();
        Some(Request { operation: self.operation, path, form, version, account: None, kind })
    }

    /// What an answer says. Pure.
    pub fn verdict(&self, answer: &Answer) -> Verdict {
        if let Some(refused) = Refused::read(answer.status, &answer.body) {
            return Verdict::Missing(refused);
        }
        let error = &answer.body["error"];
        match (answer.status, self.asks) {
            (200, Asks::Whole | Asks::Page) => Verdict::Ready,
            (404, Asks::Nobody | Asks::Update) if error["code"] == "resource_missing" => Verdict::Ready,
            (200, Asks::Nobody | Asks::Update) => {
                Verdict::Unknown("it was answered as if an object existed that cannot".to_owned())
            }
            (status, _) => Verdict::Unknown(undecided(status, error)),
        }
    }
}

impl Asks {
    /// How an operation can be asked, if it can.
    fn by(operation: &Operation, version: Version) -> Option<Self> {
        if operation.params_in(version).iter().any(|param| param.required) {
            return None;
        }
        let ids = operation.path_params().len();
        let by_id = ids == 1 && operation.path.ends_with('}');
        match operation.method {
            Method::Get if ids == 0 => match operation.response {
                Type::List(_) if has_limit(operation, version) => Some(Self::Page),
                Type::Object(_) => Some(Self::Whole),
                _ => None,
            },
            Method::Get if by_id => Some(Self::Nobody),
            Method::Post if by_id && updates(operation, version) => Some(Self::Update),
            Method::Get | Method::Post | Method::Delete => None,
        }
    }
}

fn has_limit(operation: &Operation, version: Version) -> bool {
    operation.params_in(version).iter().any(|param| param.name == "limit")
}

/// Whether a POST changes the very object that a GET of its path reads. Whatever else is
/// posted to may act without being told anything: finalizing needs no parameters.
fn updates(operation: &Operation, version: Version) -> bool {
    let Some((read, _)) = tables::route_in(Method::Get, operation.path, version) else { return false };
    // Releases name what stands in braces differently.
    let place = |path: &'static str| path.ends_with('}').then(|| path.rsplit_once('/')).flatten();
    let folder = |operation: &Operation| place(operation.path).map(|(folder, _)| folder);
    let same_place = folder(read).is_some() && folder(read) == folder(operation);
    same_place
        && match (&read.response, &operation.response) {
            (Type::Union(kinds), written) => kinds.contains(written),
            (read, written) => read == written,
        }
}

fn undecided(status: u16, error: &Value) -> String {
    let said = error["message"].as_str().map(|message| {
        let shown: String = message.chars().take(300).collect();
        format!(": {}", shown.trim_end_matches('.'))
    });
    let what = match status {
        401 => "Stripe does not accept the key",
        403 => "Stripe refused for another reason than a permission",
        404 => "Stripe does not know what was asked for",
        429 => "Stripe asked to slow down",
        400..500 => "Stripe refused the question before it judged the permission",
        _ => "Stripe failed",
    };
    format!("{what} ({status}{})", said.unwrap_or_default())
}
