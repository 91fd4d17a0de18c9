//! What clover (2025-09-30) changed, undone for basil.
//!
//! A discount's `source` was its `coupon`; the sandbox has no discounts yet, so there is
//! nothing to undo on objects that the tables do not do.

use serde_json::{Map, Value, json};

use super::{RequestChange, Step};
use crate::wire::Refusal;

pub(super) const STEP: Step = Step {
    release: "clover",
    objects: &[],
    requests: &[RequestChange {
        what: "a subscription was classic unless it was made flexible",
        operations: &["subscriptions.create"],
        names: &[],
        redo: classic,
    }],
};

/// Stripe's changelog, 2025-09-30.clover: from here on `billing_mode` is flexible unless
/// told otherwise.
fn classic(params: &mut Map<String, Value>) -> Result<(), Refusal> {
    params.entry("billing_mode").or_insert_with(|| json!({"type": "classic"}));
    Ok(())
}
