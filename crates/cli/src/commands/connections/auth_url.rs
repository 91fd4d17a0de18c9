//! `bursar connections auth-url`: a link by which somebody authorizes. Standard output
//! has the link alone, so that it can be piped; who may have it stands beside.

use model::Failure;
use serde_json::Value;

use super::PATH;
use crate::{
    arguments::AuthUrl,
    client::{Ask, Client},
    output::{Output, cell},
};

pub(super) async fn perform(wanted: AuthUrl, client: &Client, output: Output) -> Result<(), Failure> {
    let fields = [
        ("name", wanted.name),
        ("reconnect", wanted.reconnect),
        ("via", wanted.via),
        ("mode", wanted.mode),
        ("scope", wanted.scope),
        ("redirectUrl", wanted.redirect_url),
        ("integration", wanted.integration),
    ];
    let given = fields.into_iter().filter_map(|(field, given)| Some((field.to_owned(), given?.into())));
    let ask = Ask { body: Some(Value::Object(given.collect())), key: None };
    let success = client.post(&format!("{PATH}/stripe/authorize"), ask).await?;
    output.success(&success, |link| cell(&link["authUrl"]));
    output.note(&format!(
        "whoever opens it authorizes {}: give it to one person; it works until {}",
        cell(&success.data["name"]),
        cell(&success.data["expiresAt"])
    ));
    Ok(())
}
