//! What dahlia (2026-03-25) changed, undone for clover.
//!
//! Checkout's `ui_mode` got other names. Of the rest that the sandbox has it only added: `quantity_decimal` of invoice items and lines,
//! `allowed_payment_method_types` and `managed_payments` of payment intents,
//! `billing_schedules` of subscriptions, `customer` and `payment_method` of refunds. The
//! tables take these away. Decimals were strings on the wire before, too; what changed is
//! how SDKs read them.

use serde_json::{Map, Value, json};

use super::{ObjectChange, RequestChange, Step};
use crate::{state::Tx, value, wire::Refusal};

pub(super) const STEP: Step = Step {
    release: "dahlia",
    objects: &[ObjectChange {
        what: "how a session's page is shown had other names",
        object: "checkout.session",
        gives: &[],
        undo: ui_mode,
    }],
    requests: &[RequestChange {
        what: "how a session's page is shown had other names",
        operations: &["checkout.sessions.create"],
        names: &[],
        redo: new_ui_mode,
    }],
};

/// The names now and before (Stripe's changelog, 2026-03-25.dahlia).
const UI_MODES: [(&str, &str); 3] =
    [("hosted_page", "hosted"), ("embedded_page", "embedded"), ("elements", "custom")];

fn ui_mode(_: &Tx, session: &mut Value) {
    let now = value::text(session, "ui_mode").unwrap_or_default();
    let before = UI_MODES.iter().find(|(name, _)| *name == now).map_or("custom", |(_, before)| before);
    value::set(session, "ui_mode", before);
}

#[expect(clippy::unnecessary_wraps, reason = "what other steps refuse, this one takes")]
fn new_ui_mode(params: &mut Map<String, Value>) -> Result<(), Refusal> {
    let given = params.get("ui_mode").and_then(Value::as_str);
    if let Some((now, _)) = UI_MODES.iter().find(|(_, before)| Some(*before) == given) {
        params.insert("ui_mode".into(), json!(now));
    }
    Ok(())
}
