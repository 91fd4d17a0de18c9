//! What an action, an operation or an event needs in each of Stripe's three systems: a
//! restricted key's permission, Stripe Connect's scope, a Stripe App's permission.
//!
//! An author writes one [`Permission`]; everything else follows from it and the table of
//! Stripe's names. What would surprise: there may be nothing to say. An operation whose
//! permission nobody has seen a name of has no [`Needs`], and every surface says so.

mod probe;
mod refused;
mod table;
#[cfg(test)]
mod tests;

use serde_json::{Value, json};
use stripe::{
    Method,
    tables::{self, Operation},
};

use crate::{Permission, names::snake, request};

pub use probe::{Nobody, Probe, Verdict};
pub use refused::Refused;

/// What is needed, by Stripe's names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Needs {
    /// Whether writing is needed.
    pub write: bool,
    /// The row on the page where a restricted key is edited: `Invoices`.
    pub label: &'static str,
    /// Stripe's name, without level: `invoice`.
    stripe: &'static str,
}

impl Needs {
    /// The level to set on that row: `Write`, which includes reading, or `Read`.
    pub fn level(self) -> &'static str {
        if self.write { "Write" } else { "Read" }
    }

    /// `rak_invoice_write`.
    pub fn restricted_key(self) -> String {
        format!("rak_{}", self.app())
    }

    /// The scope of Stripe Connect: `read_write` or `read_only`.
    pub fn connect(self) -> &'static str {
        if self.write { "read_write" } else { "read_only" }
    }

    /// What stands in the manifest of a Stripe App: `invoice_write`.
    pub fn app(self) -> String {
        format!("{}_{}", self.stripe, if self.write { "write" } else { "read" })
    }

    /// As every surface shows it.
    pub fn to_json(self) -> Value {
        json!({
            "restrictedKey": {
                "resource": self.label, "level": self.level(), "permission": self.restricted_key(),
            },
            "connectScope": self.connect(),
            "appPermission": self.app(),
        })
    }
}

impl Permission {
    /// What it is called in Stripe's systems; `None` when nobody knows.
    pub fn needs(self) -> Option<Needs> {
        let row = table::of(self.resource)?;
        Some(Needs { write: self.write, label: row.label, stripe: row.stripe })
    }

    /// What an operation needs, where its resource has a permission with a known name: a
    /// GET reads, everything else writes (Stripe's API, Keys).
    pub fn of_operation(operation: &Operation) -> Option<Self> {
        if let Some(action) = request::raw::curated(operation) {
            return Some(action.permission);
        }
        let row = table::of(&resource(operation.id))?;
        Some(Self { resource: row.name, write: operation.method != Method::Get })
    }

    /// What an event asks of whoever is told of it: reading events, by which missed ones
    /// are fetched and a Stripe App is told at all, and reading the objects that it
    /// carries. Objects whose permission has no known name are left out.
    pub fn of_event(event_type: &str) -> Vec<Self> {
        let objects = tables::event_objects(event_type);
        let rows = objects.iter().filter_map(|object| table::of(&format!("{}s", resource_of(object))));
        let mut needed = vec![Self::read("events")];
        for permission in rows.map(|row| Self::read(row.name)) {
            if !needed.contains(&permission) {
                needed.push(permission);
            }
        }
        needed
    }

    /// The permission under the name that the table has for its resource, if it has one.
    pub(crate) fn canonical(self) -> Self {
        table::of(self.resource).map_or(self, |row| Self { resource: row.name, ..self })
    }
}

/// `checkout_sessions` of `checkout.sessions.create`.
pub(crate) fn resource(operation: &str) -> String {
    let resource = operation.rsplit_once('.').map_or(operation, |(resource, _)| resource);
    snake(&resource.replace('.', "_"))
}

/// `checkout_session` of `Checkout.Session`.
fn resource_of(object: &str) -> String {
    object.split('.').map(|part| snake(part).trim_start_matches('_').to_owned()).collect::<Vec<_>>().join("_")
}
