//! Faults that wait for their requests: arm them, look at them, take them back.

use serde_json::{Map, Value, json};

use crate::{
    core::Shared,
    faults::{Armed, Fault},
    wire::{Refusal, refusal},
};

/// `POST /_sandbox/faults`: the next requests that match meet a fault.
pub(super) fn arm(shared: &Shared, body: &Map<String, Value>) -> Result<Value, Refusal> {
    let mut fault = body.clone();
    let Some(kind) = fault.shift_remove("fault") else {
        return Err(refusal::invalid("Missing `fault`, such as lost_answer. Nothing was changed."));
    };
    fault.insert("kind".into(), kind);
    let fault: Fault = serde_json::from_value(Value::Object(fault))
        .map_err(|e| refusal::invalid(format!("This is no fault: {e}. Nothing was changed.")))?;
    let next = body.get("next").map_or(Some(1), Value::as_u64).and_then(|n| u32::try_from(n).ok());
    let left = next.ok_or_else(|| refusal::invalid("`next` must be a whole number. Nothing was changed."))?;
    let text = |name: &str| body.get(name).and_then(Value::as_str).map(str::to_owned);
    let armed = Armed { fault, left, method: text("method"), path: text("path") };
    let answer = json!({"fault": armed.fault.name(), "next": left});
    shared.core().faults.push(armed);
    Ok(answer)
}

/// `GET /_sandbox/faults`: those that still wait, in the order in which they are met.
pub(super) fn list(shared: &Shared) -> Value {
    let core = shared.core();
    json!({ "data": core.faults.iter().filter(|armed| armed.left > 0).map(shown).collect::<Vec<_>>() })
}

/// `DELETE /_sandbox/faults`: none waits any more.
pub(super) fn clear(shared: &Shared) -> Value {
    let mut core = shared.core();
    let cleared = core.faults.iter().filter(|armed| armed.left > 0).count();
    core.faults.clear();
    json!({ "cleared": cleared })
}

/// As it was armed.
fn shown(armed: &Armed) -> Value {
    let mut shown = Map::from_iter([("fault".to_owned(), json!(armed.fault.name()))]);
    if let Ok(Value::Object(mut more)) = serde_json::to_value(&armed.fault) {
        more.shift_remove("kind");
        shown.extend(more);
    }
    shown.insert("next".to_owned(), json!(armed.left));
    shown.insert("method".to_owned(), json!(armed.method));
    shown.insert("path".to_owned(), json!(armed.path));
    Value::Object(shown)
}
