//! `bursar call`: one use of an action, or of any operation of Stripe's.
//!
//! The input is checked here as the server checks it, before a door is opened: what is
//! wrong is refused in the same words, and no folder is made for it.

mod listing;
mod options;

use model::Failure;
use serde_json::{Value, json};

use super::{actions, over, segment};
use crate::{
    arguments::Call,
    client::{Ask, Called, Client, fresh_key},
    exit::Exit,
    output::Output,
    settings::Settings,
    target::Target,
};

pub(crate) use options::{arranged, call_words};

pub(super) async fn perform(call: Call, settings: &Settings, output: Output) -> Result<Exit, Failure> {
    let (name, words) =
        call.words.split_first().map_or(("", &[][..]), |(name, words)| (name.as_str(), words));
    let target = Target::named(name)?;
    if words.iter().any(|word| matches!(word.as_str(), "--help" | "-h")) {
        return actions::show(name, None, false, output);
    }
    let request = match prepare(&target, &call, words) {
        Ok(request) => request,
        Err(failure) => return Ok(refused(&target, &failure, output)),
    };
    over(settings, output, async |client| send(request, client, output).await).await
}

/// What is sent: the name, the body, and the key of a write.
struct Request {
    name: &'static str,
    body: Value,
    writes: bool,
    key: Option<String>,
}

/// Makes the request of the command line, or says what is wrong with it.
fn prepare(target: &Target, call: &Call, words: &[String]) -> Result<Request, Failure> {
    let config = target.config(call.input.as_deref(), words)?;
    let writes = target.check(&config)? && !call.dry_run;
    let mut body = json!({ "config": config });
    if let Some(connection) = &call.connection {
        body["connectionId"] = json!(connection);
    }
    if call.dry_run {
        body["dryRun"] = json!(true);
    }
    let key = call.key.clone().or_else(|| writes.then(|| fresh_key("cli")));
    Ok(Request { name: target.name(), body, writes, key })
}

async fn send(request: Request, client: &Client, output: Output) -> Result<Exit, Failure> {
    let Request { name, body, writes, key } = request;
    if let Some(key) = key.as_deref().filter(|_| writes) {
        output.note(&format!("idempotency key {key}: if this breaks off, repeat it with --key {key}"));
    }
    let path = format!("/api/v1/actions/{}", segment(name));
    let success = match client.call(&path, Ask { body: Some(body), key }).await? {
        Called::Whole(success) => success,
        Called::Lines(lines) => return listing::print(lines, output).await,
    };
    let request_id = success.meta["stripeRequestId"].as_str().map(str::to_owned);
    output.success(&success, |data| serde_json::to_string_pretty(data).unwrap_or_default());
    if let Some(id) = request_id {
        output.note(&format!("Stripe's request id {id}"));
    }
    Ok(Exit::Done)
}

/// Shows what is wrong, and for people which flags are meant.
fn refused(target: &Target, failure: &Failure, output: Output) -> Exit {
    output.failure(failure);
    let found = failure.details.as_ref().and_then(|details| details["invalid"].as_array());
    for invalid in found.into_iter().flatten() {
        let Some(field) = invalid["field"].as_str() else { continue };
        // Of an unknown name its neighbor is meant; whatever else is wrong has its own flag.
        let own = field.rsplit(['.', ']']).next().unwrap_or(field);
        let meant = if invalid["why"] == "unknown" { invalid["nearest"].as_str() } else { Some(own) };
        if let Some(meant) = meant.filter(|meant| !meant.is_empty()) {
            output.note(&format!("  the flag is --{}", target.flag_beside(field, meant)));
        }
    }
    Exit::of(failure)
}
