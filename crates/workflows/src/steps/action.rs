//! The step type `action`: one call of an action of the catalog.

use super::{Retry, common};
use crate::document::{Fields, templated};
use crate::notation::{Findings, Node};
use crate::template::Templated;

/// A call.
#[derive(Debug, Clone)]
pub(crate) struct ActionStep {
    pub action: String,
    /// The byte at which its name stands.
    pub action_at: usize,
    pub config: Templated,
    /// The config as written, for the checker.
    pub written: Option<Node>,
    pub connection: Option<String>,
    pub retry: Retry,
    pub compensate: Option<Compensation>,
}

/// The call that makes up for another one.
#[derive(Debug, Clone)]
pub(crate) struct Compensation {
    pub action: String,
    pub action_at: usize,
    pub config: Templated,
    pub written: Option<Node>,
    /// Where the document has it, `steps[3].compensate`.
    pub place: String,
}

const KNOWN: &[&str] =
    &["id", "name", "type", "action", "config", "connection", "when", "retry", "onError", "compensate"];

/// Reads what is special about it.
pub(super) fn read(fields: &Fields<'_>, found: &mut Findings<'_>) -> Option<ActionStep> {
    fields.only(KNOWN, &["timeout"], found);
    fields.text("name", found);
    fields.required("action", "`action: stripe.createCustomer`", found);
    let action = fields.text("action", found);
    let (config, written) = config(fields, found);
    let compensate = fields.get("compensate").and_then(|node| compensation(fields, node, found));
    let connection = fields.text("connection", found).map(str::to_owned);
    let retry = common::retry(fields, found);
    let action_at = fields.get("action").map_or(0, |node| node.start);
    Some(ActionStep { action: action?.to_owned(), action_at, config, written, connection, retry, compensate })
}

fn config(fields: &Fields<'_>, found: &mut Findings<'_>) -> (Templated, Option<Node>) {
    let empty = || Templated::Map(Vec::new());
    let Some(node) = fields.get("config") else { return (empty(), None) };
    if !node.is_map() {
        fields.wrong("config", node, "a map of the action's fields", found);
        return (empty(), None);
    }
    (templated(node, &fields.path("config"), found), Some(node.clone()))
}

fn compensation(fields: &Fields<'_>, node: &Node, found: &mut Findings<'_>) -> Option<Compensation> {
    let inner = Fields::of(node, &fields.path("compensate"), "`compensate`", found)?;
    inner.only(&["action", "config"], &[], found);
    inner.required("action", "`compensate: { action: stripe.voidInvoice, config: { … } }`", found);
    let action = inner.text("action", found);
    let (config, written) = config(&inner, found);
    let place = fields.path("compensate");
    let action_at = inner.get("action").map_or(node.start, |node| node.start);
    Some(Compensation { action: action?.to_owned(), action_at, config, written, place })
}
