//! `bursar connections` and `bursar connections list`.

use model::Failure;
use serde_json::Value;

use super::PATH;
use crate::{
    client::Client,
    output::{Output, cell},
};

pub(super) async fn perform(client: &Client, output: Output) -> Result<(), Failure> {
    let success = client.get(PATH).await?;
    output.success(&success, |all| {
        let columns = ["name", "kind", "mode", "status", "isDefault", "apiVersion", "account", "id"];
        let row = |connection: &Value| columns.map(|column| text(connection, column)).to_vec();
        let rows = all.as_array().into_iter().flatten().map(row).collect();
        Output::table(&["name", "kind", "mode", "status", "default", "version", "account", "id"], rows)
    });
    Ok(())
}

fn text(connection: &Value, column: &str) -> String {
    match &connection[column] {
        Value::Bool(holds) => if *holds { "yes" } else { "" }.to_owned(),
        other => cell(other),
    }
}
