//! `bursar sources add`: an endpoint and its signing secret.

use model::{Code, Failure};
use serde_json::{Value, json};
use zeroize::Zeroizing;

use crate::{
    arguments::AddSource,
    client::{Ask, Client},
    output::{Output, cell},
};

/// What is sent.
///
/// # Errors
/// `validation_error` for a duration that is none.
pub(super) fn body(add: &AddSource, secret: &Zeroizing<String>) -> Result<Value, Failure> {
    let mut body = json!({ "endpoint": add.endpoint, "secret": secret.as_str() });
    for (field, given) in [("connection", &add.connection), ("mode", &add.mode), ("account", &add.account)] {
        if let Some(given) = given {
            body[field] = given.as_str().into();
        }
    }
    if let Some(text) = &add.keep_old {
        body["keepOldMs"] = millis(text)?.into();
    }
    Ok(body)
}

pub(super) async fn perform(path: &str, body: Value, client: &Client, output: Output) -> Result<(), Failure> {
    let success = client.post(path, Ask { body: Some(body), key: None }).await?;
    output.success(&success, words);
    output.note("let Stripe post to that address; deliveries are taken from now on");
    Ok(())
}

pub(super) fn words(source: &Value) -> String {
    let [id, endpoint, account, mode, url] =
        ["id", "endpoint", "account", "mode", "url"].map(|field| cell(&source[field]));
    format!("{endpoint} of {account} in mode {mode} is {id}, at {url}")
}

/// The milliseconds of a duration such as `2h`; a day has 24 hours.
fn millis(text: &str) -> Result<u64, Failure> {
    let span = text.parse::<jiff::Span>().ok();
    let lasting = span.and_then(|span| span.to_duration(jiff::SpanRelativeTo::days_are_24_hours()).ok());
    lasting.and_then(|lasting| u64::try_from(lasting.as_millis()).ok()).ok_or_else(|| {
        let text =
            format!("`--keep-old {text}` is no duration. Nothing was sent. Write it as 24h, 30m or 0s.");
        Failure::new(Code::ValidationError, text).at("keep-old")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_duration_is_told_in_milliseconds() {
        assert_eq!(
            [millis("2h"), millis("0s"), millis("1d")].map(Result::unwrap),
            [7_200_000, 0, 86_400_000]
        );
        for wrong in ["", "90", "soon", "-2h", "1mo"] {
            assert_eq!(millis(wrong).unwrap_err().field.as_deref(), Some("keep-old"), "{wrong}");
        }
    }
}
