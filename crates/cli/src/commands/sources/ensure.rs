//! `bursar sources ensure`: the endpoint at Stripe, made once.

use model::Failure;
use serde_json::json;

use super::add::words;
use crate::{
    client::{Ask, Client},
    output::Output,
};

pub(super) async fn perform(
    connection: Option<String>,
    installation: bool,
    client: &Client,
    output: Output,
) -> Result<(), Failure> {
    let mut body = json!({ "installation": installation });
    if let Some(connection) = connection {
        body["connection"] = connection.into();
    }
    let success = client.post("/api/v1/sources/ensure", Ask { body: Some(body), key: None }).await?;
    output.success(&success, words);
    Ok(())
}
