//! `bursar connections rename`. The id stays, and with it what runs and keys refer to.

use model::Failure;
use serde_json::json;

use super::path;
use crate::{
    client::Client,
    output::{Output, cell},
};

pub(super) async fn perform(
    connection: &str,
    name: &str,
    client: &Client,
    output: Output,
) -> Result<(), Failure> {
    let success = client.put(&path(connection), json!({ "name": name })).await?;
    output.success(&success, |connection| {
        format!("{} is called {} now", cell(&connection["id"]), cell(&connection["name"]))
    });
    Ok(())
}
