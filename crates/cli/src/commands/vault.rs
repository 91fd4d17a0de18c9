//! `bursar vault`.

use std::path::Path;

use connections::MasterKey;
use model::{Code, Failure};
use serde_json::json;

use crate::{
    arguments::Vault,
    client::{Ask, Client},
    exit::Exit,
    output::{Output, cell},
};

pub(super) async fn perform(command: Vault, client: &Client, output: Output) -> Result<Exit, Failure> {
    match command {
        Vault::Show => {
            let success = client.get("/api/v1/vault").await?;
            output.success(&success, |vault| format!("master key {}", cell(&vault["masterKeyId"])));
        }
        Vault::Rotate { new_key_file } => {
            let body = new_key_file.as_deref().map(line).transpose()?.map(|line| json!({ "newKey": line }));
            let success = client.post("/api/v1/vault/rotate", Ask { body, key: None }).await?;
            output.success(&success, |done| {
                let (from, to) = (cell(&done["from"]), cell(&done["masterKeyId"]));
                format!("{} data keys moved from master key {from} to {to}", done["dataKeys"])
            });
            if let Some(to_do) = success.data["toDo"].as_str() {
                output.note(to_do);
            }
        }
        Vault::NewKey { file } => return new_key(&file, output),
    }
    Ok(Exit::Done)
}

/// Makes a key in a file that is not there yet.
pub(super) fn new_key(file: &Path, output: Output) -> Result<Exit, Failure> {
    if file.exists() {
        let text = format!("{} exists already. Nothing was changed. Name a new file.", file.display());
        return Err(Failure::new(Code::ValidationError, text).at("file"));
    }
    let key = MasterKey::read_or_create(file).map_err(|e| e.to_failure())?;
    let data = json!({ "masterKeyId": key.id(), "file": file });
    output.result(data, |_| format!("master key {} in {}", key.id(), file.display()));
    Ok(Exit::Done)
}

/// The line of a key file, once it has shown that it is one and nobody else reads it.
fn line(file: &Path) -> Result<String, Failure> {
    MasterKey::read(file).map_err(|e| e.to_failure().at("new-key-file"))?;
    std::fs::read_to_string(file).map(|text| text.trim().to_owned()).map_err(|e| {
        let text = format!("{} cannot be read: {e}. Nothing was changed.", file.display());
        Failure::new(Code::ValidationError, text).at("new-key-file")
    })
}
