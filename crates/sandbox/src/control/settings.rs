//! Settings, and the result of the next payments.

use serde_json::{Map, Value, json};

use super::closed;
use crate::{
    Settings,
    core::Shared,
    payment_methods::cards,
    state::Record,
    wire::{Refusal, refusal},
};

/// The most payments whose result can be told ahead.
const NEXT_MAX: usize = 100;

pub(super) fn show(shared: &Shared) -> Value {
    json!(shared.core().state.settings)
}

/// Sets what is given; the rest gets its default back.
pub(super) async fn change(shared: &Shared, body: &Map<String, Value>) -> Result<Value, Refusal> {
    let settings: Settings = serde_json::from_value(Value::Object(body.clone()))
        .map_err(|e| refusal::invalid(format!("These are no settings: {e}. Nothing was changed.")))?;
    let shown = json!(settings);
    set(shared, settings).await?;
    Ok(shown)
}

/// # Errors
/// Settings that make no sense, or the log cannot be written.
pub(crate) async fn set(shared: &Shared, settings: Settings) -> Result<(), Refusal> {
    if let Some(wrong) = settings.wrong() {
        return Err(refusal::invalid(wrong));
    }
    let record = Record { settings: Some(settings), ..Record::default() };
    shared.commit(record).await.map_err(|_| closed())
}

/// `POST /_sandbox/payments/fail_next`: the next attempts at a card are refused.
pub(super) async fn fail_next(shared: &Shared, body: &Map<String, Value>) -> Result<Value, Refusal> {
    let code = body.get("code").map_or(Some("card_declined"), Value::as_str).unwrap_or_default();
    let next = body.get("next").map_or(Some(1), Value::as_u64).and_then(|n| usize::try_from(n).ok());
    let next = next.ok_or_else(|| refusal::invalid("`next` must be a whole number. Nothing was changed."))?;
    let waiting = fail_payments(shared, code, next)?;
    Ok(json!({"code": code, "waiting": waiting}))
}

/// Lets the next attempts at a card be refused with this code. How many wait.
///
/// # Errors
/// A code that no card is refused with, or too many.
pub(crate) fn fail_payments(shared: &Shared, code: &str, next: usize) -> Result<usize, Refusal> {
    if cards::decline_of(code).is_none() {
        return Err(refusal::invalid(format!(
            "No card is refused with `{}`. There are {}. Nothing was changed.",
            code.chars().take(64).collect::<String>(),
            cards::decline_codes().join(", ")
        )));
    }
    let mut core = shared.core();
    let mut failing = core.state.failing.clone();
    failing.extend(std::iter::repeat_n(code.to_owned(), next));
    let waiting = failing.len();
    if waiting > NEXT_MAX {
        return Err(refusal::invalid(format!(
            "At most {NEXT_MAX} payments can be told ahead. Nothing was changed."
        )));
    }
    core.commit(Record { failing: Some(failing), ..Record::default() }).map_err(|_| closed())?;
    Ok(waiting)
}
