//! `bursar connections auth-url`: a link by which somebody authorizes. Standard output
//! has the link alone, so that it can be piped; who may have it stands beside.

use jiff::Timestamp;
use model::{Code, Failure};
use serde_json::Value;

use super::{PATH, of_another_way};
use crate::{
    arguments::AuthUrl,
    client::{Ask, Client, Success},
    output::{Output, cell},
};

pub(super) async fn perform(wanted: AuthUrl, client: &Client, output: Output) -> Result<(), Failure> {
    let headless = wanted.headless;
    let via = wanted.via.as_deref().unwrap_or("connect");
    if headless && via != "nango" && wanted.reconnect.is_none() {
        return Err(of_another_way("headless", via));
    }
    let success = asked(client, fields(wanted)).await?;
    let url = cell(&success.data[if headless { "headlessUrl" } else { "authUrl" }]);
    if url.is_empty() {
        return Err(no_way_around());
    }
    output.success(&success, |_| url);
    output.note(&format!(
        "whoever opens it authorizes {}: give it to one person; it works until {}",
        cell(&success.data["name"]),
        until(&success.data)
    ));
    Ok(())
}

/// When a link ends, to the second.
pub(super) fn until(link: &Value) -> String {
    let at = cell(&link["expiresAt"]);
    at.parse::<Timestamp>().map_or(at, |at| at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string())
}

/// Asks for a link.
pub(super) async fn asked(client: &Client, fields: [(&str, Option<String>); 7]) -> Result<Success, Failure> {
    let given = fields.into_iter().filter_map(|(field, given)| Some((field.to_owned(), given?.into())));
    let ask = Ask { body: Some(Value::Object(given.collect())), key: None };
    client.post(&format!("{PATH}/stripe/authorize"), ask).await
}

fn fields(wanted: AuthUrl) -> [(&'static str, Option<String>); 7] {
    [
        ("name", wanted.name),
        ("reconnect", wanted.reconnect),
        ("via", wanted.via),
        ("mode", wanted.mode),
        ("scope", wanted.scope),
        ("redirectUrl", wanted.redirect_url),
        ("integration", wanted.integration),
    ]
}

fn no_way_around() -> Failure {
    let text = "There is no way around Nango's page for this link: a connection by an API key is typed there, and only \
                a server whose Nango key has the scope `environment:integrations:read` can tell the others. The link \
                was made and is not shown; leave --headless out for one that leads over Nango's page.";
    Failure::new(Code::ValidationError, text).at("headless")
}
