//! What a connection may do, as every surface shows it.

use std::collections::{BTreeMap, BTreeSet};

use actions::{Catalog, Permission, Verdict};
use model::Mode;
use serde::Serialize;
use serde_json::{Value, json};
use store::Connection;
use stripe::{Version, tables};

use super::{ask::Asked, grant};

/// Whether something can be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// Stripe lets it.
    Ready,
    /// Stripe did not tell.
    Unknown,
    /// Stripe says no.
    Missing,
}

/// A connection, and what it may do.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Report {
    /// The connection's id.
    pub connection_id: String,
    /// Its name.
    pub name: String,
    /// How it was authorized.
    pub kind: String,
    /// The account that it reaches.
    pub account: Option<String>,
    /// Its mode.
    pub mode: Mode,
    /// Whether Stripe says that what it reads is live; `None` when no answer told.
    pub livemode: Option<bool>,
    /// Under which version was asked.
    pub api_version: Version,
    /// What was granted, in the provider's words; an API key has none.
    pub scopes: Vec<String>,
    /// How many actions stand how.
    pub summary: Summary,
    /// Each permission that any action or event needs, asked about once.
    pub permissions: Vec<PermissionReport>,
    /// Every action of the catalog.
    pub actions: Vec<ActionReport>,
    /// Every type of event: whether what is behind it can be read.
    pub events: Vec<EventReport>,
}

/// Actions by how they stand.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[expect(missing_docs, reason = "named for what they count")]
pub struct Summary {
    pub ready: usize,
    pub missing: usize,
    pub unknown: usize,
}

/// One permission.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PermissionReport {
    /// `invoices:write`.
    pub permission: String,
    /// How it stands.
    pub status: Status,
    /// What it is called in Stripe's three systems.
    pub needs: Value,
    /// What is missing, or why it is not known; in sentences.
    pub why: Option<String>,
    /// Where to grant what is missing, in sentences.
    pub grant: Option<String>,
    /// By which request it was asked: `GET /v1/invoices`.
    pub asked_by: Option<String>,
    /// Stripe's error unchanged, where there was one that says more.
    pub stripe: Option<Value>,
}

/// One action.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ActionReport {
    /// `stripe.createInvoice`.
    pub action: &'static str,
    /// How it stands.
    pub status: Status,
    /// What it needs, to be looked up among the permissions.
    pub permission: String,
}

/// One type of event.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct EventReport {
    /// `invoice.paid`.
    #[serde(rename = "type")]
    pub kind: &'static str,
    /// How the worst of its permissions stands.
    pub status: Status,
    /// What is needed to fetch it when it was missed, and to read what it carries.
    pub permissions: Vec<String>,
}

impl Report {
    pub(super) fn of(
        row: &Connection,
        version: Version,
        wanted: &BTreeSet<Permission>,
        asked: Vec<Asked>,
        unasked: &BTreeMap<Permission, String>,
    ) -> Self {
        let livemode = asked.iter().find_map(|one| one.livemode);
        let asked: BTreeMap<Permission, Asked> =
            asked.into_iter().map(|one| (one.probe.permission, one)).collect();
        let known: BTreeMap<Permission, PermissionReport> = wanted
            .iter()
            .map(|permission| {
                let why = unasked.get(permission);
                (*permission, one(row, *permission, asked.get(permission), why))
            })
            .collect();
        let stands =
            |permission: &Permission| known.get(permission).map_or(Status::Unknown, |one| one.status);
        let actions: Vec<_> = Catalog
            .all()
            .iter()
            .map(|action| ActionReport {
                action: action.name,
                status: stands(&action.permission),
                permission: action.permission.to_string(),
            })
            .collect();
        let events = tables::event_types().iter().map(|kind| event(kind, &stands)).collect();
        Self {
            connection_id: row.id.to_string(),
            name: row.name.clone(),
            kind: row.kind.clone(),
            account: row.account.as_ref().map(ToString::to_string),
            mode: row.mode,
            livemode,
            api_version: version,
            scopes: row.scopes.clone(),
            summary: Summary::of(&actions),
            permissions: known.into_values().collect(),
            actions,
            events,
        }
    }
}

impl Summary {
    fn of(actions: &[ActionReport]) -> Self {
        let count = |status| actions.iter().filter(|action| action.status == status).count();
        Self { ready: count(Status::Ready), missing: count(Status::Missing), unknown: count(Status::Unknown) }
    }
}

fn event(kind: &'static str, stands: &impl Fn(&Permission) -> Status) -> EventReport {
    let needed = Permission::of_event(kind);
    let status = needed.iter().map(stands).max().unwrap_or(Status::Unknown);
    EventReport { kind, status, permissions: needed.iter().map(ToString::to_string).collect() }
}

fn one(
    row: &Connection,
    permission: Permission,
    asked: Option<&Asked>,
    unasked: Option<&String>,
) -> PermissionReport {
    let needs = permission.needs();
    let mut report = PermissionReport {
        permission: permission.to_string(),
        status: Status::Unknown,
        needs: needs.map_or(Value::Null, |needs| json!(needs.to_json())),
        why: None,
        grant: None,
        asked_by: asked
            .map(|one| format!("{} {}", one.probe.operation.method.as_str(), one.probe.operation.path)),
        stripe: None,
    };
    match (asked.map(|one| &one.verdict), needs) {
        (Some(Verdict::Ready), _) => report.status = Status::Ready,
        (Some(Verdict::Missing(refused)), Some(needs)) => {
            report.status = Status::Missing;
            let (missing, named) = (grant::missing(Some(row), needs), grant::named(refused, needs));
            report.why = Some(format!("It needs {missing}.{named}"));
            report.grant = Some(grant::place(Some(row), needs, refused));
        }
        (Some(Verdict::Missing(_)), None) => {
            report.status = Status::Missing;
            report.why =
                Some("Stripe refuses it, and its permission has no name that is known here.".to_owned());
        }
        (Some(Verdict::Unknown(why)), _) => report.why = Some(format!("{why}.")),
        (None, _) => {
            let unaskable = || "There is no request that asks for it and surely changes nothing.".to_owned();
            report.why = Some(unasked.cloned().unwrap_or_else(unaskable));
        }
    }
    if report.status != Status::Ready {
        report.stripe = asked.and_then(|one| one.stripe.clone());
    }
    report
}
