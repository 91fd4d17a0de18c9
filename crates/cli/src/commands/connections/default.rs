//! `bursar connections default`: the connection that is taken when nobody names one.

use model::Failure;
use serde_json::json;

use super::path;
use crate::{
    client::Client,
    output::{Output, cell},
};

pub(super) async fn perform(connection: &str, client: &Client, output: Output) -> Result<(), Failure> {
    let success = client.put(&path(connection), json!({ "isDefault": true })).await?;
    output.success(&success, |connection| format!("{} is the default", cell(&connection["name"])));
    Ok(())
}
