//! `bursar sources list`.

use model::Failure;
use serde_json::Value;

use crate::{
    client::Client,
    output::{Output, cell},
};

pub(super) async fn perform(path: &str, client: &Client, output: Output) -> Result<(), Failure> {
    let success = client.get(path).await?;
    output.success(&success, |all| {
        let columns = ["endpoint", "account", "mode", "url", "expiresAt", "id"];
        let row = |source: &Value| columns.map(|column| cell(&source[column])).to_vec();
        let rows = all.as_array().into_iter().flatten().map(row).collect();
        Output::table(&["endpoint", "account", "mode", "url", "until", "id"], rows)
    });
    Ok(())
}
