//! `bursar connections remove`: gives a connection up. Its credential is destroyed
//! whether or not the provider could be told, so what was said is part of the answer.

use model::Failure;
use serde_json::Value;

use super::path;
use crate::{
    client::Client,
    output::{Output, cell},
};

pub(super) async fn perform(
    connection: &str,
    forget: bool,
    client: &Client,
    output: Output,
) -> Result<(), Failure> {
    let query = if forget { "?remove=true" } else { "" };
    let success = client.delete(&format!("{}{query}", path(connection))).await?;
    output.success(&success, |connection| words(connection, &success.meta));
    Ok(())
}

fn words(connection: &Value, meta: &Value) -> String {
    let name = cell(&connection["name"]);
    let ended = if meta["removed"] == true {
        format!("{name} is disconnected and forgotten")
    } else {
        format!("{name} is disconnected; it can be authorized again")
    };
    let provider = if connection["kind"] == "nango" { "Nango" } else { "Stripe" };
    let told = match meta["provider"]["told"].as_bool() {
        Some(true) => format!("{provider} was told"),
        Some(false) => {
            let why = cell(&meta["provider"]["why"]["message"]);
            format!("{provider} could not be told, and may still hold the permission: {why}")
        }
        None if connection["kind"] == "api_key" => {
            "Stripe was not told: the key works on until it is revoked in Stripe's dashboard".to_owned()
        }
        None => format!("{provider} was not told: nothing was held there any more, or others use it"),
    };
    format!("{ended}; its credential is destroyed\n{told}")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_provider_that_was_not_told_is_not_said_to_have_been() {
        let said = |kind: &str, provider: Value| {
            words(
                &json!({ "name": "acme", "kind": kind }),
                &json!({ "provider": provider, "removed": false }),
            )
        };
        assert!(said("connect", json!({ "told": true })).ends_with("Stripe was told"));
        let failed = said("nango", json!({ "told": false, "why": { "message": "it is down." } }));
        assert!(failed.contains("Nango could not be told") && failed.ends_with("it is down."), "{failed}");
        assert!(said("api_key", Value::Null).contains("Stripe was not told: the key works"));
        assert!(said("nango", Value::Null).contains("Nango was not told"));
    }
}
