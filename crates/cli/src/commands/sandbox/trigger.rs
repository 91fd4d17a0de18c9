//! `bursar sandbox trigger`: an event on command.

use http::Method;
use model::{Code, Failure};
use serde_json::{Map, Value, json};

use crate::{output::Output, stripe_side::steer};

/// The events that can be made; no sandbox is asked.
pub(super) fn list(output: Output) {
    let all: Vec<&str> = ::sandbox::triggers().collect();
    let words = all.join("\n");
    output.result(json!(all), |_| words);
}

pub(super) async fn perform(
    at: &str,
    event: &str,
    set: &[(String, String)],
    output: Output,
) -> Result<(), Failure> {
    let body = json!({ "event": event, "set": once_each(set)? });
    let done = steer(at, Method::POST, "/trigger", Some(body)).await?;
    output.result(done, |done| {
        let text = |name: &str| done[name].as_str().unwrap_or_default().to_owned();
        format!("{} {} of {}", text("type"), text("event"), text("object"))
    });
    Ok(())
}

/// Two values for one path would leave one unheeded.
fn once_each(set: &[(String, String)]) -> Result<Map<String, Value>, Failure> {
    let mut all = Map::new();
    for (path, value) in set {
        let bare = path.strip_prefix("data.object.").unwrap_or(path);
        if all.insert(bare.to_owned(), json!(value)).is_some() {
            let why = format!("`{path}` is set twice. Nothing was changed.");
            return Err(Failure::new(Code::ValidationError, why).at("set"));
        }
    }
    Ok(all)
}
