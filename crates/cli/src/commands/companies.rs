//! `bursar companies`.

use model::Failure;
use serde_json::{Value, json};

use super::segment;
use crate::{
    arguments::Companies,
    client::{Ask, Client},
    exit::Exit,
    output::{Output, cell},
};

pub(super) async fn perform(command: Companies, client: &Client, output: Output) -> Result<Exit, Failure> {
    match command {
        Companies::Add { name } => {
            let body = Some(json!({ "name": name }));
            let success = client.post("/api/v1/companies", Ask { body, key: None }).await?;
            output.success(&success, |company| {
                format!("{} is {}", cell(&company["name"]), cell(&company["id"]))
            });
        }
        Companies::List => {
            let success = client.get("/api/v1/companies").await?;
            output.success(&success, |all| {
                let columns = ["name", "createdAt", "id"];
                let row = |company: &Value| columns.map(|column| cell(&company[column])).to_vec();
                let rows = all.as_array().into_iter().flatten().map(row).collect();
                Output::table(&["name", "created", "id"], rows)
            });
        }
        Companies::Remove { company, force } => {
            let force = if force { "?force=true" } else { "" };
            let success = client.delete(&format!("/api/v1/companies/{}{force}", segment(&company))).await?;
            output.success(&success, |company| removed(company, &success.meta["removed"]));
        }
    }
    Ok(Exit::Done)
}

fn removed(company: &Value, counts: &Value) -> String {
    let rows = counts.as_object().into_iter().flatten().filter(|(_, rows)| **rows != 0);
    let rows = rows.map(|(table, rows)| vec![table.clone(), cell(rows)]).collect();
    format!("{} is removed, and with it\n{}", cell(&company["name"]), Output::table(&["table", "rows"], rows))
}
