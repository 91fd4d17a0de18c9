//! An outcome as bytes for the vault. Read by every later release: fields are only
//! ever added.

use model::{Code, Failure};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use stripe::{Advice, Answer, Headers, StripeError};

use crate::Settled;

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Stored {
    Done(Page),
    Rejected(Page),
    NotDone(Failure),
}

/// Status, the headers that matter afterwards, and the body untouched.
#[derive(Serialize, Deserialize)]
struct Page {
    status: u16,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    request_id: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    original_request: Option<String>,
    #[serde(default)]
    replayed: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    should_retry: Option<bool>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    version: Option<String>,
    /// What was known beyond a refusal when it came.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    advice: Option<Box<Advice>>,
    body: Value,
}

impl Page {
    fn new(status: u16, headers: &Headers, body: &Value) -> Self {
        Self {
            status,
            request_id: headers.request_id.clone(),
            original_request: headers.original_request.clone(),
            replayed: headers.replayed,
            should_retry: headers.should_retry,
            version: headers.version.clone(),
            advice: None,
            body: body.clone(),
        }
    }

    fn open(self) -> (u16, Headers, Value) {
        let headers = Headers {
            request_id: self.request_id,
            original_request: self.original_request,
            replayed: self.replayed,
            should_retry: self.should_retry,
            version: self.version,
            ..Headers::default()
        };
        (self.status, headers, self.body)
    }
}

/// The bytes of an outcome; what is parked has bytes of its own kind.
pub(crate) fn to_bytes(settled: &Settled) -> Result<Vec<u8>, Failure> {
    let bytes = match settled {
        Settled::Done(a) => serde_json::to_vec(&Stored::Done(Page::new(a.status, &a.headers, &a.body))),
        Settled::Rejected(e) => {
            let page = Page { advice: e.advice.clone(), ..Page::new(e.status, &e.headers, &e.body) };
            serde_json::to_vec(&Stored::Rejected(page))
        }
        Settled::Parked(known) => serde_json::to_vec(known),
        Settled::NotDone(why) => serde_json::to_vec(&Stored::NotDone(why.clone())),
    };
    bytes.map_err(|_| unreadable())
}

/// Reads what [`to_bytes`] wrote of outcomes.
pub(crate) fn settled(bytes: &[u8]) -> Result<Settled, Failure> {
    match serde_json::from_slice(bytes).map_err(|_| unreadable())? {
        Stored::Done(page) => {
            let (status, headers, body) = page.open();
            Ok(Settled::Done(Answer { status, headers, body }))
        }
        Stored::Rejected(mut page) => {
            let advice = page.advice.take();
            let (status, headers, body) = page.open();
            Ok(Settled::Rejected(StripeError { status, headers, body, advice }))
        }
        Stored::NotDone(why) => Ok(Settled::NotDone(why)),
    }
}

/// Reads what [`to_bytes`] wrote of `Parked`.
pub(crate) fn parked(bytes: &[u8]) -> Result<Settled, Failure> {
    serde_json::from_slice(bytes).map(Settled::Parked).map_err(|_| unreadable())
}

fn unreadable() -> Failure {
    Failure::new(
        Code::InternalError,
        "a stored outcome cannot be read. Nothing was sent to Stripe now; what was done before stays done. \
         Use the release that wrote it, or restore the database from a backup.",
    )
}
