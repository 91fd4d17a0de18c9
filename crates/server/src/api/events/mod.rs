//! `/events`: what Stripe delivered.

pub(crate) mod list;
pub(crate) mod replay;
pub(crate) mod show;

use ::events::EventView;
use serde_json::Value;

use crate::mask::masked;

/// An event as people see it, secrets masked.
fn view(event: &EventView) -> Value {
    masked(serde_json::to_value(event).unwrap_or(Value::Null))
}
