//! What a customer may do on the page.

use serde_json::{Map, Value, json};

use crate::{
    value,
    wire::{Refusal, refusal},
};

/// Nothing but looking at invoices and changing the payment method.
pub(super) fn fresh() -> Value {
    json!({
        "customer_update": {"allowed_updates": [], "enabled": false},
        "invoice_history": {"enabled": true},
        "payment_method_update": {"enabled": true, "payment_method_configuration": null},
        "subscription_cancel": {
            "cancellation_reason": {"enabled": false, "feedback_options": null, "options": [
                "too_expensive", "missing_features", "switched_service", "unused", "other",
            ]},
            "enabled": false,
            "mode": "at_period_end",
            "proration_behavior": "none",
        },
        "subscription_pause": {"duration": {"interval_options": [], "type": "indefinite"}, "enabled": false},
        "subscription_update": {
            "billing_cycle_anchor": null,
            "default_allowed_updates": [],
            "enabled": false,
            "proration_behavior": "none",
            "schedule_at_period_end": {"conditions": []},
            "trial_update_behavior": "end_trial",
        },
    })
}

/// Writes the features that a request gives, member by member.
///
/// # Errors
/// A feature that the page does not have is on.
pub(super) fn fill(features: &mut Value, given: &Map<String, Value>) -> Result<(), Refusal> {
    for name in ["customer_update", "subscription_update", "subscription_pause"] {
        if given.get(name).is_some_and(|feature| feature["enabled"] == true) {
            let place = format!("features[{name}][enabled]");
            return Err(refusal::not_here(&format!("`{place}=true`")).with_param(&place));
        }
    }
    for (name, wanted) in given {
        if let Some(feature) = features.get_mut(name) {
            merge(feature, wanted);
        }
    }
    Ok(())
}

/// Takes over what is given of a hash, and of those in it.
fn merge(into: &mut Value, given: &Value) {
    let Some(given) = given.as_object() else { return };
    for (name, one) in given {
        let known = into.get(name).is_some_and(Value::is_object);
        if known && one.is_object() {
            merge(&mut into[name.as_str()], one);
        } else if value::clears(one) {
            let list = into.get(name).is_some_and(Value::is_array);
            value::set(into, name, if list { json!([]) } else { Value::Null });
        } else if into.get(name).is_some() {
            value::set(into, name, one.clone());
        }
    }
}
