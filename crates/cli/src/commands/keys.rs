//! `bursar keys` and `bursar audit`.

use model::{Clock as _, Code, Failure, SystemClock, Timestamp};
use serde_json::{Value, json};

use super::{events::next_page, query, segment};
use crate::{
    arguments::{Audit, Keys},
    client::{Ask, Client},
    exit::Exit,
    output::{Output, cell},
};

pub(super) async fn perform(command: Keys, client: &Client, output: Output) -> Result<Exit, Failure> {
    match command {
        Keys::Add { name, scopes, expires } => {
            let expires_at = expires.as_deref().map(from_now).transpose()?;
            let body = json!({ "name": name, "scopes": scopes, "expiresAt": expires_at });
            let success = client.post("/api/v1/keys", Ask { body: Some(body), key: None }).await?;
            output.success(&success, |key| cell(&key["key"]));
            output.note("keep it now: it is shown this once");
        }
        Keys::List => {
            let success = client.get("/api/v1/keys").await?;
            output.success(&success, list);
        }
        Keys::Revoke { key } => {
            let success = client.delete(&format!("/api/v1/keys/{}", segment(&key))).await?;
            output.success(&success, |key| format!("{} is revoked", cell(&key["name"])));
        }
    }
    Ok(Exit::Done)
}

pub(super) async fn audit(command: Audit, client: &Client, output: Output) -> Result<Exit, Failure> {
    let query = query(&[("limit", Some(command.limit.to_string())), ("cursor", command.cursor)]);
    let success = client.get(&format!("/api/v1/audit{query}")).await?;
    output.success(&success, |log| {
        let columns = ["at", "what", "target", "actor", "details"];
        let row = |entry: &Value| columns.map(|column| cell(&entry[column])).to_vec();
        Output::table(&columns, log.as_array().into_iter().flatten().map(row).collect())
            + &next_page(&success.meta)
    });
    Ok(Exit::Done)
}

fn list(keys: &Value) -> String {
    let columns = ["name", "scopes", "expiresAt", "usedAt", "id"];
    let row = |key: &Value| {
        let scopes = key["scopes"].as_array().into_iter().flatten().map(cell).collect::<Vec<_>>().join(" ");
        columns.map(|column| if column == "scopes" { scopes.clone() } else { cell(&key[column]) }).to_vec()
    };
    let rows = keys.as_array().into_iter().flatten().map(row).collect();
    Output::table(&["name", "scopes", "expires", "used", "id"], rows)
}

/// The time after a duration such as `90d`; a day has 24 hours.
fn from_now(text: &str) -> Result<Timestamp, Failure> {
    let span = text.parse::<jiff::Span>().ok();
    let lasting = span.and_then(|span| span.to_duration(jiff::SpanRelativeTo::days_are_24_hours()).ok());
    lasting.and_then(|lasting| SystemClock.now().checked_add(lasting).ok()).ok_or_else(|| {
        let text =
            format!("`--expires {text}` is no duration. No key was made. Write it as 90d, 12h or 30m.");
        Failure::new(Code::ValidationError, text).at("expires")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_duration_is_counted_from_now() {
        let now = SystemClock.now().as_second();
        let days = |text: &str| (from_now(text).unwrap().as_second() - now).div_euclid(86_400);
        assert_eq!((days("90d"), days("36h"), days("2w")), (90, 1, 14));
        for wrong in ["", "90", "soon", "1mo"] {
            assert_eq!(from_now(wrong).unwrap_err().field.as_deref(), Some("expires"), "{wrong}");
        }
    }
}
