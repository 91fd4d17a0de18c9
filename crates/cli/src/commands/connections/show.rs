//! `bursar connections show`.

use model::Failure;
use serde_json::Value;

use super::path;
use crate::{
    client::Client,
    output::{Output, cell},
};

/// What is shown of a connection, if it has it: our word, and the field.
const FACTS: [(&str, &str); 14] = [
    ("name", "name"),
    ("id", "id"),
    ("kind", "kind"),
    ("mode", "mode"),
    ("status", "status"),
    ("account", "account"),
    ("default", "isDefault"),
    ("scopes", "scopes"),
    ("version", "apiVersion"),
    ("address", "baseUrl"),
    ("expires", "expiresAt"),
    ("used", "usedAt"),
    ("created", "createdAt"),
    ("updated", "updatedAt"),
];

pub(super) async fn perform(connection: &str, client: &Client, output: Output) -> Result<(), Failure> {
    let success = client.get(&path(connection)).await?;
    output.success(&success, words);
    Ok(())
}

fn words(connection: &Value) -> String {
    let facts = FACTS.iter().map(|(name, field)| (*name, cell(&connection[*field])));
    let error = ("error", cell(&connection["error"]["message"]));
    let shown = facts.chain([error]).filter(|(_, says)| !says.is_empty());
    shown.map(|(name, says)| format!("{name:<9}{says}\n")).collect()
}
