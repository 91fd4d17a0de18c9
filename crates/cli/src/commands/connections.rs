//! `bursar connections`.

use model::Failure;

use crate::{
    client::Client,
    exit::Exit,
    output::{Output, cell},
};

pub(super) async fn perform(client: &Client, output: Output) -> Result<Exit, Failure> {
    let success = client.get("/api/v1/connections").await?;
    output.success(&success, |all| {
        let row = |c: &serde_json::Value| {
            ["name", "mode", "status", "account", "id"].map(|column| cell(&c[column])).to_vec()
        };
        let rows = all.as_array().into_iter().flatten().map(row).collect();
        Output::table(&["name", "mode", "status", "account", "id"], rows)
    });
    Ok(Exit::Done)
}
