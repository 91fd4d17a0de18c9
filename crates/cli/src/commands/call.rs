//! `bursar call`: one action.

use ::actions::{Catalog, Effect};
use model::{Code, Failure};
use serde_json::{Value, json};

use super::{fields, json_argument, segment};
use crate::{
    arguments::{Arguments, Call, Command},
    client::{Ask, Client, fresh_key},
    exit::Exit,
    output::Output,
};

pub(super) async fn perform(call: Call, client: &Client, output: Output) -> Result<Exit, Failure> {
    let action = Catalog.get(&call.action).map_err(|unfound| unfound.to_failure())?;
    let mut config = match &call.input {
        Some(text) => json_argument(text, "input")?,
        None => json!({}),
    };
    let Some(object) = config.as_object_mut() else {
        return Err(Failure::new(Code::ValidationError, "--input is not a JSON object. Nothing was sent.")
            .at("input"));
    };
    object.extend(fields::read(action, &call.fields)?);
    let writes = action.effect != Effect::Read && !call.dry_run;
    let key = call.key.or_else(|| writes.then(|| fresh_key("cli")));
    if let Some(key) = key.as_deref().filter(|_| writes) {
        output.note(&format!("idempotency key {key}: if this breaks off, repeat it with --key {key}"));
    }
    let body = json!({ "config": config, "connectionId": call.connection, "dryRun": call.dry_run });
    let body = without_nulls(body);
    let success = client
        .post(&format!("/api/v1/actions/{}", segment(action.name)), Ask { body: Some(body), key })
        .await?;
    let shown =
        if output.json { json!({ "data": success.data, "meta": success.meta }) } else { success.data };
    output.result(&shown, |data| serde_json::to_string_pretty(data).unwrap_or_default());
    if let Some(id) = success.meta["stripeRequestId"].as_str() {
        output.note(&format!("Stripe's request id {id}"));
    }
    Ok(Exit::Done)
}

fn without_nulls(mut body: Value) -> Value {
    if let Some(object) = body.as_object_mut() {
        object.retain(|_, value| !value.is_null());
    }
    body
}

/// Moves the command's own options, which may stand anywhere among the action's fields,
/// to where clap would have put them. A field of the same name goes into `--input`.
///
/// # Errors
/// `validation_error` for an option without its value.
pub(super) fn take_options(arguments: &mut Arguments) -> Result<(), Failure> {
    let Command::Call(call) = &mut arguments.command else { return Ok(()) };
    let mut words = std::mem::take(&mut call.fields).into_iter();
    while let Some(word) = words.next() {
        let (name, given) = match word.split_once('=') {
            Some((name, value)) => (name, Some(value.to_owned())),
            None => (word.as_str(), None),
        };
        match name {
            "--json" => arguments.json = true,
            "--dry-run" => call.dry_run = true,
            "--key" | "--connection" | "--input" | "--data" | "--url" | "--api-key-file" | "--config" => {
                let value = given.or_else(|| words.next()).ok_or_else(|| {
                    Failure::new(Code::ValidationError, format!("`{name}` needs a value. Nothing was sent."))
                })?;
                match name {
                    "--key" => call.key = Some(value),
                    "--connection" => call.connection = Some(value),
                    "--input" => call.input = Some(value),
                    "--data" => arguments.place.data = Some(value.into()),
                    "--url" => arguments.place.url = Some(value),
                    "--api-key-file" => arguments.place.api_key_file = Some(value.into()),
                    _ => arguments.place.config = Some(value.into()),
                }
            }
            _ => call.fields.push(word),
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use clap::Parser as _;

    use super::*;

    #[test]
    fn options_may_stand_among_the_fields() {
        let line = "bursar call stripe.getCustomer --customer-id cus_1 --data here --json --key=k --expand x";
        let mut arguments = Arguments::parse_from(line.split(' '));
        take_options(&mut arguments).unwrap();
        assert!(arguments.json);
        assert_eq!(arguments.place.data.unwrap().to_str(), Some("here"));
        let Command::Call(call) = arguments.command else { panic!("a call") };
        assert_eq!(call.key.as_deref(), Some("k"));
        assert_eq!(call.fields, ["--customer-id", "cus_1", "--expand", "x"]);
    }
}
