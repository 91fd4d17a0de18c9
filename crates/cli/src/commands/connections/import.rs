//! `bursar connections import`: takes over a connection that exists at Nango.

use model::Failure;
use serde_json::json;

use super::{PATH, add::words};
use crate::{
    arguments::Import,
    client::{Ask, Client},
    output::Output,
};

pub(super) async fn perform(import: Import, client: &Client, output: Output) -> Result<(), Failure> {
    let mut body = json!({
        "via": "nango",
        "name": import.name,
        "nangoConnectionId": import.nango_connection_id,
        "isDefault": import.default,
    });
    for (field, given) in [("mode", import.mode), ("integration", import.integration)] {
        if let Some(given) = given {
            body[field] = given.into();
        }
    }
    let success = client.post(PATH, Ask { body: Some(body), key: None }).await?;
    output.success(&success, words);
    output.note("Nango goes on renewing it; `bursar connections remove` does not delete it there");
    Ok(())
}
