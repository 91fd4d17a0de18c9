//! The page to which a customer is sent for 3D Secure: look at it, complete it, fail it.

use serde_json::{Map, Value, json};

use super::customer::act;
use crate::{
    core::Shared,
    payment_intents, setup_intents, value,
    wire::{Refusal, refusal},
};

/// Ends an authentication as the customer would.
///
/// # Errors
/// Unknown, or not waiting for the customer.
pub(crate) async fn authenticate(shared: &Shared, intent: &str, completes: bool) -> Result<Value, Refusal> {
    act(shared, intent, |tx| match tx.find("setup_intent", intent) {
        Some(_) => setup_intents::as_customer(tx, intent, completes),
        None => payment_intents::as_customer(tx, intent, completes),
    })
    .await
}

/// What the body of the command says: complete unless told otherwise.
pub(super) fn completes(body: &Map<String, Value>) -> Result<bool, Refusal> {
    match body.get("result").map(Value::as_str) {
        None | Some(Some("complete")) => Ok(true),
        Some(Some("fail")) => Ok(false),
        Some(_) => Err(refusal::invalid("`result` must be \"complete\" or \"fail\". Nothing was changed.")),
    }
}

/// What the page shows, for whoever asks for no page.
pub(super) fn page(shared: &Shared, kind: &str, id: &str) -> Result<Value, Refusal> {
    let intent = super::shown(shared, id).filter(|o| value::text(o, "object") == Some(kind));
    let intent = intent.ok_or_else(|| refusal::missing(kind, id, "id").with_status(404))?;
    let route = format!("POST {}/_sandbox/{kind}s/{id}/authenticate", shared.base());
    let mut shown = json!({
        kind: id,
        "status": intent["status"],
        "to_complete": format!("{route} {{\"result\": \"complete\"}}"),
        "to_fail": format!("{route} {{\"result\": \"fail\"}}"),
    });
    for field in ["amount", "currency"] {
        if let Some(known) = intent.get(field) {
            value::set(&mut shown, field, known.clone());
        }
    }
    Ok(shown)
}
