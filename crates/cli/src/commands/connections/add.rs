//! `bursar connections add`: a connection by an API key, or a known one's new key.

use model::Failure;
use serde_json::{Value, json};
use zeroize::Zeroizing;

use super::PATH;
use crate::{
    arguments::AddConnection,
    client::{Ask, Client},
    output::{Output, cell},
};

pub(super) async fn perform(
    add: AddConnection,
    key: &Zeroizing<String>,
    client: &Client,
    output: Output,
) -> Result<(), Failure> {
    let mut body = json!({ "name": add.name, "apiKey": key.as_str(), "isDefault": add.default });
    for (field, given) in [("mode", add.mode), ("baseUrl", add.base_url), ("apiVersion", add.api_version)] {
        if let Some(given) = given {
            body[field] = given.into();
        }
    }
    let success = client.post(PATH, Ask { body: Some(body), key: None }).await?;
    output.success(&success, words);
    Ok(())
}

pub(super) fn words(connection: &Value) -> String {
    let [name, id, account, mode] = ["name", "id", "account", "mode"].map(|field| cell(&connection[field]));
    let default = if connection["isDefault"] == true { ", and the default" } else { "" };
    format!("{name} is {id}: account {account}, mode {mode}{default}")
}
