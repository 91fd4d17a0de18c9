//! A use over HTTP.

use ::actions::Effect;
use serde_json::{Value, json};

use super::{WIDTH, command::quoted};
use crate::target::Target;

/// A request to the address that the server listens at by itself. A write has a key of
/// its own; whoever copies it for another write takes another.
pub(super) fn write(target: Target, config: &Value) -> String {
    let mut lines = vec![format!("curl http://127.0.0.1:7420/api/v1/actions/{}", target.name())];
    lines.push("-H \"x-api-key: $BURSAR_API_KEY\"".to_owned());
    if target.effect() != Some(Effect::Read) {
        lines.push("-H 'idempotency-key: a-key-of-your-own'".to_owned());
    }
    lines.push("-H 'content-type: application/json'".to_owned());
    lines.push(format!("-d {}", body(config)));
    lines.join(" \\\n  ")
}

fn body(config: &Value) -> String {
    let body = json!({ "config": config });
    let short = quoted(&body.to_string());
    if short.len() + "  -d ".len() <= WIDTH {
        return short;
    }
    let long = serde_json::to_string_pretty(&body).unwrap_or_default();
    quoted(&long.replace('\n', "\n  "))
}
