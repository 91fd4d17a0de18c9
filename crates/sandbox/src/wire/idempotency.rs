//! Idempotency keys (Stripe's API, Idempotent requests).
//!
//! A key stands for its first request: the same again gets the stored answer,
//! another gets an `idempotency_error`, and while the first still runs everybody
//! gets 409. Kept for 24 hours of the sandbox's clock. Only POSTs have keys.

use std::sync::Arc;

use serde_json::{Map, Value};

use super::{Refusal, refusal};
use crate::{
    core::{Core, Shared},
    state::Kept,
    value,
};

/// The longest key.
const KEY_MAX: usize = 255;

/// What a key says about a request.
pub(crate) enum Standing {
    /// Nothing yet; the request now holds it.
    Free(Holding),
    /// It was executed: this was answered.
    Done(Kept),
}

/// A key that is held until this is dropped.
pub(crate) struct Holding {
    shared: Arc<Shared>,
    key: String,
}

impl Drop for Holding {
    fn drop(&mut self) {
        self.shared.core().in_flight.remove(&self.key);
    }
}

/// Looks a key up, and takes it when it is free.
///
/// # Errors
/// Too long, in use, or used for another request.
pub(crate) fn stand(
    core: &mut Core,
    shared: &Arc<Shared>,
    account: Option<&str>,
    key: &str,
    print: &str,
) -> Result<Standing, Refusal> {
    if key.is_empty() || key.chars().count() > KEY_MAX {
        return Err(refusal::invalid(format!(
            "Invalid Idempotency-Key: it must have between 1 and {KEY_MAX} characters"
        )));
    }
    // Each account has keys of its own; no header carries a line break.
    let held = account.map_or_else(|| key.to_owned(), |account| format!("{account}\n{key}"));
    if core.in_flight.contains(&held) {
        return Err(refusal::in_use());
    }
    if let Some(kept) = core.state.of(account).kept(key, shared.clock.now_ms()) {
        return if kept.print == print {
            Ok(Standing::Done(kept.clone()))
        } else {
            Err(refusal::other_request(key))
        };
    }
    core.in_flight.insert(held.clone());
    Ok(Standing::Free(Holding { shared: Arc::clone(shared), key: held }))
}

/// Verb, path and parameters in one line, parameters in one order. Long ones are
/// hashed: a key's memory should not hold every body.
pub(crate) fn print(method: &str, path: &str, form: &Map<String, Value>) -> String {
    const WHOLE: usize = 64;
    let mut text = String::new();
    value::canonical(&Value::Object(form.clone()), &mut text);
    if text.len() > WHOLE {
        text = format!("{:032x} {}", fnv(text.as_bytes()), text.len());
    }
    format!("{method} {path} {text}")
}

/// FNV-1a with 128 bits.
fn fnv(bytes: &[u8]) -> u128 {
    bytes.iter().fold(0x6c62_272e_07bb_0142_62b8_2175_6295_c58d, |h, b| {
        (h ^ u128::from(*b)).wrapping_mul(0x0000_0000_0100_0000_0000_0000_0000_013b)
    })
}
