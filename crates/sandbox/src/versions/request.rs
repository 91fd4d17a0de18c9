//! A request of an older release, said in the newest one's words.

use serde_json::{Map, Value};
use stripe::Version;

use super::{STEPS, is_newest};
use crate::wire::Refusal;

/// A parameter's name now, and the one that an older release has for it.
pub(crate) type Renamed = (&'static str, &'static str);

/// Brings the parameters of a request up to the newest release, oldest step first.
/// Returns what was renamed on the way.
///
/// # Errors
/// What the older release refuses by itself.
pub(crate) fn bring_up(
    operation: &str,
    params: &mut Map<String, Value>,
    version: Version,
) -> Result<Vec<Renamed>, Refusal> {
    let mut renamed = Vec::new();
    if is_newest(version) {
        return Ok(renamed);
    }
    for step in STEPS.iter().rev().filter(|step| step.concerns(version)) {
        for change in step.requests.iter().filter(|change| change.operations.contains(&operation)) {
            let used = change.names.iter().filter(|(_, before)| params.contains_key(*before));
            renamed.extend(used);
            (change.redo)(params)?;
        }
    }
    Ok(renamed)
}

/// Says a refusal in the words of the request.
pub(crate) fn in_its_words(mut refusal: Refusal, renamed: &[Renamed]) -> Refusal {
    for (now, before) in renamed {
        let head = now.split('[').next().unwrap_or(now);
        for field in ["param", "message"] {
            let Some(Value::String(text)) = refusal.error.get_mut(field) else { continue };
            *text = text.replace(now, before);
            if field == "message" {
                *text = text.replace(head, before);
            } else if text == head {
                *text = (*before).to_owned();
            }
        }
    }
    refusal
}
