//! The schedule as an object. `_at` is the number of the present phase.

use serde_json::{Value, json};

use super::KIND;
use crate::{state::Tx, value};

/// A schedule that nothing is known of yet.
pub(super) fn fresh(tx: &mut Tx, customer: &str) -> Value {
    json!({
        "id": tx.ids().object("sub_sched"),
        "object": KIND,
        "application": null,
        "billing_mode": {"flexible": {"proration_discounts": "included"}, "type": "flexible"},
        "canceled_at": null,
        "completed_at": null,
        "created": tx.now(),
        "current_phase": null,
        "customer": customer,
        "customer_account": null,
        "default_settings": super::settings::fresh(),
        "end_behavior": "release",
        "livemode": false,
        "metadata": {},
        "pause_schedules": [],
        "phases": [],
        "released_at": null,
        "released_subscription": null,
        "status": "not_started",
        "subscription": null,
        "test_clock": tx.test_clock(),
        "_at": 0,
    })
}

/// The phase of this number.
pub(super) fn phase(schedule: &Value, at: i64) -> Option<Value> {
    usize::try_from(at).ok().and_then(|at| schedule["phases"].get(at)).cloned()
}

/// Writes which phase runs.
pub(super) fn enter(schedule: &mut Value, at: i64) {
    value::set(schedule, "_at", at);
    let phase = phase(schedule, at).unwrap_or_default();
    let current = json!({"end_date": phase["end_date"], "start_date": phase["start_date"]});
    value::set(schedule, "current_phase", current);
}

/// Fields of a shown phase come in order.
pub(crate) fn derive(_tx: &Tx, _stored: &Value, shown: &mut Value) {
    for phase in shown["phases"].as_array_mut().into_iter().flatten() {
        if let Value::Object(map) = phase {
            map.retain(|field, _| !field.starts_with('_'));
            map.sort_keys();
        }
    }
}
