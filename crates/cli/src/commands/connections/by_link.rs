//! `bursar connections add --via`: hands a link out and waits until somebody has used it.
//!
//! What would surprise: with `--json` it does not wait. A program gets the link, which it
//! has to give to a person before anything can happen, and asks for the connection's
//! status by itself. Ending the command ends the waiting and not the link.

use std::time::Duration;

use jiff::Timestamp;
use model::{Clock as _, Code, Failure, SystemClock};
use serde_json::{Value, json};

use super::{
    add::words,
    auth_url::{asked, until},
    path,
};
use crate::{
    arguments::AddConnection,
    client::{Client, Success},
    output::{Output, cell},
};

const PAUSE: Duration = Duration::from_secs(1);

pub(super) async fn perform(
    add: AddConnection,
    via: &str,
    client: &Client,
    output: Output,
) -> Result<(), Failure> {
    let waits = !(add.no_wait || output.json);
    if waits && client.is_here() && via != "nango" {
        return Err(nobody_serves());
    }
    let default = add.default;
    let link = asked(client, fields(add, via)).await?;
    if !waits {
        output.success(&link, |link| cell(&link["authUrl"]));
        return Ok(());
    }
    tell(&link.data, output);
    let mut success = authorized(&link.data, via, client, output).await?;
    if default && success.data["isDefault"] != true {
        let id = cell(&success.data["id"]);
        success = client.put(&path(&id), json!({ "isDefault": true })).await?;
    }
    output.success(&success, words);
    Ok(())
}

fn fields(add: AddConnection, via: &str) -> [(&'static str, Option<String>); 7] {
    [
        ("name", Some(add.name)),
        ("via", Some(via.to_owned())),
        ("mode", add.mode),
        ("scope", add.scope),
        ("integration", add.integration),
        ("redirectUrl", None),
        ("reconnect", None),
    ]
}

fn tell(link: &Value, output: Output) {
    let (name, url, until) = (cell(&link["name"]), cell(&link["authUrl"]), until(link));
    output.note(&format!("open this link, or give it to the one person who authorizes {name}:\n\n  {url}\n"));
    if let Some(url) = link["headlessUrl"].as_str() {
        output.note(&format!("the same without Nango's own page:\n\n  {url}\n"));
    }
    output.note(&format!("it works until {until}; waiting (Ctrl-C ends the waiting, not the link)"));
}

/// Waits until the connection is active, or cannot become it by this link any more.
async fn authorized(link: &Value, via: &str, client: &Client, output: Output) -> Result<Success, Failure> {
    let until = link["expiresAt"].as_str().and_then(|at| at.parse::<Timestamp>().ok());
    let mut told = Value::Null;
    loop {
        let success = client.get(&path(&cell(&link["connectionId"]))).await?;
        let (status, error) = (&success.data["status"], &success.data["error"]);
        if status == "active" {
            return Ok(success);
        }
        // Stripe's links are used up by a refusal; Nango's can be tried once more.
        match serde_json::from_value::<Failure>(error.clone()) {
            Ok(failure) if via != "nango" => return Err(failure),
            Ok(failure) if told != *error => output.note(&failure.message),
            _ => {}
        }
        told.clone_from(error);
        if until.is_some_and(|until| until < SystemClock.now()) {
            return Err(nobody_came(&success.data));
        }
        tokio::time::sleep(PAUSE).await;
    }
}

fn nobody_came(connection: &Value) -> Failure {
    let text = format!(
        "Nobody authorized `{0}` as long as its link worked. Nothing was connected. Make another link with `bursar \
         connections auth-url --reconnect {0}`.",
        cell(&connection["name"])
    );
    Failure::new(Code::ConnectionRequired, text)
}

fn nobody_serves() -> Failure {
    let text = "No server runs on this data folder, and whoever consents at Stripe is sent back to it. No link was \
                made. Start it with `bursar serve` or `bursar dev`, and repeat this in another terminal.";
    Failure::new(Code::ConnectionRequired, text)
}
