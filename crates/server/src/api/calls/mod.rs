//! `/calls`: what is known of writes.

pub(crate) mod list;
pub(crate) mod show;

use ::calls::Settled;
use model::Origin;
use serde_json::{Value, json};
use store::{Intent, IntentState};

use crate::{App, failure::Refused, mask::masked};

/// Who may look: whoever may call.
const SCOPES: &[&str] = &["actions:read", "actions:write", "actions:raw"];

/// A write as people see it: how it stands, and Stripe's object or the reason.
async fn view(app: &App, intent: &Intent) -> Result<Value, Refused> {
    let settled = app.caller.recall(intent.binding.company, intent).await?;
    let mut shown = json!({
        "id": intent.call,
        "action": intent.action,
        "status": status(intent, settled.as_ref()),
        "idempotencyKey": intent.key,
        "key": match &intent.origin {
            Origin::Call { key, .. } => Some(key),
            Origin::Run { .. } => None,
        },
        "runId": intent.run,
        "step": intent.run.map(|_| &intent.path),
        "generation": intent.generation,
        "connectionId": intent.binding.connection,
        "account": intent.binding.account,
        "mode": intent.binding.mode,
        "firstAttemptAt": intent.first_attempt,
        "settledAt": intent.settled_at,
        "stripeRequestId": intent.stripe_request_id,
    });
    // What cannot be opened is no reason to hide the rest.
    if let Ok(request) = app.caller.request_of(intent).await {
        let operation = request.operation;
        shown["operation"] = json!(operation.is_listed().then_some(operation.id));
        shown["method"] = json!(operation.method.as_str());
        shown["path"] = json!(request.path);
    }
    if let Some(failure) = settled.as_ref().and_then(Settled::failure) {
        shown["error"] = json!(failure);
    }
    match settled {
        Some(Settled::Done(answer)) => shown["output"] = answer.body,
        Some(Settled::Parked(known)) => shown["seen"] = known.seen,
        Some(Settled::Rejected(_) | Settled::NotDone(_)) | None => {}
    }
    Ok(masked(shown))
}

/// `open` until the outcome is known; then what it is.
fn status(intent: &Intent, settled: Option<&Settled>) -> &'static str {
    match (settled, &intent.state) {
        (Some(Settled::Done(_)), _) => "done",
        (Some(Settled::Rejected(_)), _) => "rejected",
        (Some(Settled::NotDone(_)), _) => "not_done",
        (Some(Settled::Parked(_)), _) | (None, IntentState::Parked(_)) => "parked",
        (None, IntentState::Open | IntentState::Settled(_)) => "open",
    }
}
