//! What starts runs: somebody who asks, or a Stripe event.

use model::Timestamp;
use serde_json::Value;

use super::{Fields, read::no_templates};
use crate::check::{did_you_mean, event_type, payload_paths};
use crate::filter::Filter;
use crate::notation::{Findings, Kind, Node, cut};

/// What starts it.
#[derive(Debug, Clone)]
pub enum Trigger {
    /// Somebody asks.
    Api,
    /// A Stripe event.
    Webhook {
        /// Types; `invoice.*` is a prefix; empty means every event.
        events: Vec<String>,
        /// A condition on the raw event.
        filter: Option<Filter>,
    },
}

impl Trigger {
    /// Whether the trigger listens for events of this type.
    pub fn listens(&self, kind: &str) -> bool {
        match self {
            Self::Api => false,
            Self::Webhook { events, .. } => events.is_empty() || events.iter().any(|e| covers(e, kind)),
        }
    }

    /// Whether an event starts a run: the type is listened for, the event is not
    /// from before `active_since` (its `created` second is not below it), and the
    /// filter holds.
    ///
    /// # Errors
    /// When the filter cannot be evaluated on this event; the text says why.
    pub fn starts(&self, event: &Value, active_since: Timestamp) -> Result<bool, String> {
        let Self::Webhook { filter, .. } = self else { return Ok(false) };
        if !event["type"].as_str().is_some_and(|kind| self.listens(kind)) {
            return Ok(false);
        }
        let created = event["created"].as_i64().ok_or("the event has no `created` second")?;
        if created < model::micros(active_since).div_euclid(1_000_000) {
            return Ok(false);
        }
        filter.as_ref().map_or(Ok(true), |filter| filter.matches(event))
    }
}

/// Whether `invoice.*` or `invoice.paid` covers a type.
pub(crate) fn covers(pattern: &str, kind: &str) -> bool {
    match pattern.strip_suffix('*') {
        Some(prefix) => kind.starts_with(prefix),
        None => pattern == kind,
    }
}

/// Reads `trigger`.
pub(super) fn read(node: &Node, found: &mut Findings<'_>) -> Option<Trigger> {
    const FIX: &str =
        "`trigger: { type: api }` or `trigger: { type: webhook, provider: stripe, events: [invoice.paid] }`";
    let fields = Fields::of(node, "trigger", "`trigger`", found)?;
    fields.required("type", FIX, found)?;
    match fields.text("type", found)? {
        "api" => {
            fields.only(&["type"], &[], found);
            Some(Trigger::Api)
        }
        "webhook" => Some(webhook(&fields, found)),
        other => {
            let (code, message) = match other {
                "schedule" => {
                    ("not_supported", "schedule triggers are not supported yet in this version".to_owned())
                }
                _ => ("not_allowed", format!("there is no trigger of type `{}`", cut(other))),
            };
            let fix = did_you_mean(other, ["api", "webhook"]).unwrap_or_else(|| format!("use {FIX}"));
            found.error(node.place_of("type"), code, "trigger.type", message, Some(fix));
            None
        }
    }
}

fn webhook(fields: &Fields<'_>, found: &mut Findings<'_>) -> Trigger {
    fields.only(&["type", "provider", "events", "filter", "order"], &[], found);
    fields.word("provider", &["stripe"], found);
    if let Some(order) = fields.get("order") {
        match order.text() {
            Some("as_delivered") => {}
            Some(later @ ("drop_older" | "refetch_latest")) => {
                let message = format!("the order `{later}` is not supported yet in this version");
                let fix = Some("use `as_delivered`, or leave `order` out".to_owned());
                found.error(order.start, "not_supported", "trigger.order", message, fix);
            }
            _ => {
                fields.word("order", &["as_delivered"], found);
            }
        }
    }
    let events = fields.get("events").map(|node| events(node, "trigger.events", found)).unwrap_or_default();
    let filter = fields.get("filter").and_then(|node| {
        no_templates(node, "trigger.filter", "the filter of a trigger", found);
        payload_paths(node, &events, "trigger.filter", found);
        filter(node, "trigger.filter", found)
    });
    Trigger::Webhook { events, filter }
}

/// Reads one event type or a list of them.
pub(crate) fn events(node: &Node, path: &str, found: &mut Findings<'_>) -> Vec<String> {
    let items: Vec<&Node> = match &node.kind {
        Kind::List(items) if !items.is_empty() => items.iter().collect(),
        Kind::Text(_) => vec![node],
        _ => {
            let fix = Some("`[invoice.paid]`, or `[invoice.*]` for all of a kind".to_owned());
            found.error(node.start, "wrong_type", path, "event types are a list of texts", fix);
            return Vec::new();
        }
    };
    let mut events = Vec::new();
    for item in items {
        match item.text() {
            Some(text) => {
                event_type(text, item.start, path, found);
                events.push(text.to_owned());
            }
            None => {
                let message = format!("an event type is a text, not {}", item.describe());
                found.error(item.start, "wrong_type", path, message, None);
            }
        }
    }
    events
}

/// Reads a filter.
pub(crate) fn filter(node: &Node, path: &str, found: &mut Findings<'_>) -> Option<Filter> {
    match Filter::read(&node.to_json()) {
        Ok(filter) => Some(filter),
        Err(e) => {
            let at = e.path.iter().try_fold((node.start, node), |(_, node), part| match &node.kind {
                Kind::Map(entries) => {
                    entries.iter().find(|(k, _)| k.text == *part).map(|(k, n)| (k.start, n))
                }
                Kind::List(items) => {
                    part.parse::<usize>().ok().and_then(|i| items.get(i)).map(|n| (n.start, n))
                }
                _ => None,
            });
            let at = at.map_or(node.start, |(at, _)| at);
            let path =
                std::iter::once(path).chain(e.path.iter().map(String::as_str)).collect::<Vec<_>>().join(".");
            found.error(at, "filter", path, e.message, e.fix);
            None
        }
    }
}
