//! Reading an answer whole, or not at all.
//!
//! Half an answer is no answer: the body decides what happened, so a body that is
//! cut off, too long or not JSON leaves the outcome unknown, whatever the status says.

use serde_json::Value;

use crate::{Answer, Attempt, Headers};

/// The longest body that is read. Stripe's largest lists are far below.
const BODY_MAX: usize = 32 * 1024 * 1024;

pub(super) async fn read(response: reqwest::Response) -> Attempt {
    let status = response.status().as_u16();
    let headers = Headers::read(response.headers());
    let body = match body(response, BODY_MAX).await {
        Ok(body) => body,
        Err(why) => return Attempt::Broken(format!("Stripe answered {status}, and {why}")),
    };
    match serde_json::from_slice::<Value>(&body) {
        Ok(body) => Attempt::Answered(Answer { status, headers, body }),
        Err(_) => Attempt::Broken(format!("Stripe answered {status} with a body that is not JSON")),
    }
}

/// The body, read piece by piece so that a long one is not held.
pub(super) async fn body(mut response: reqwest::Response, most: usize) -> Result<Vec<u8>, String> {
    let mut body = Vec::new();
    loop {
        match response.chunk().await {
            Ok(Some(piece)) if body.len() + piece.len() > most => {
                return Err(format!("its body is longer than {most} bytes"));
            }
            Ok(Some(piece)) => body.extend_from_slice(&piece),
            Ok(None) => return Ok(body),
            Err(e) => return Err(format!("its body broke off: {}", reason(e))),
        }
    }
}

/// Why an exchange over HTTP ended, in a few words for people: what the system or the
/// other side said, without the layers of the library in between, and without the
/// address: a query may hold what belongs in no log.
pub fn reason(error: reqwest::Error) -> String {
    if error.is_timeout() {
        return "it timed out".to_owned();
    }
    let error = error.without_url();
    let mut innermost: &dyn std::error::Error = &error;
    while let Some(inner) = innermost.source() {
        innermost = inner;
    }
    let text = innermost.to_string();
    text.split(" (os error").next().unwrap_or(&text).to_owned()
}
