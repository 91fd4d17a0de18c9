//! What endive (2026-09-30) changed, undone for dahlia.
//!
//! Not written here, since the tables say it: `payment_method_types` was still written on
//! payment intents (`payment_intents` refuses it from endive on), and `status_details`,
//! `current_trial` and `tax_details` came with endive and are not shown before.

use serde_json::{Map, Value, json};

use super::{RequestChange, Step};
use crate::wire::Refusal;

pub(super) const STEP: Step = Step {
    release: "endive",
    objects: &[],
    requests: &[RequestChange {
        what: "the billing cycle anchor of a change was one of two words",
        operations: &["subscriptions.resume", "subscriptions.update"],
        names: &[("billing_cycle_anchor[type]", "billing_cycle_anchor")],
        redo: anchor,
    }],
};

/// `now` is `{type: now}` (Stripe's changelog, 2026-09-30.endive).
fn anchor(params: &mut Map<String, Value>) -> Result<(), Refusal> {
    if let Some(word) = params.get_mut("billing_cycle_anchor").filter(|given| given.is_string()) {
        *word = json!({ "type": word.take() });
    }
    Ok(())
}
