//! `Idempotency-Key`.

use axum::extract::FromRequestParts;
use http::request::Parts;
use model::{CallerKey, Code, Failure};
use serde_json::json;

use crate::{App, auth::random_hex, failure::Refused};

/// The header's name.
const NAME: &str = "idempotency-key";

/// The caller's key, if the request has one.
#[derive(Debug)]
pub(crate) struct Key(pub(crate) Option<CallerKey>);

impl<S: Send + Sync> FromRequestParts<S> for Key {
    type Rejection = Refused;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Refused> {
        let mut given = parts.headers.get_all(NAME).iter();
        let Some(first) = given.next() else { return Ok(Self(None)) };
        if given.next().is_some() {
            return Err(unusable("it is there more than once"));
        }
        let text = first.to_str().map_err(|_| unusable("it is not printable ASCII"))?;
        CallerKey::parse(text).map(|key| Self(Some(key))).map_err(|error| unusable(&error.to_string()))
    }
}

impl Key {
    /// The key; without one the refusal offers one to use.
    pub(crate) fn required(self, app: &App) -> Result<CallerKey, Refused> {
        self.0.ok_or_else(|| {
            let offered = offer(app);
            Failure::new(
                Code::IdempotencyKeyRequired,
                format!(
                    "This request can change something at Stripe and has no `Idempotency-Key`. Nothing was sent. \
                     Repeat it with a key of your own that names what it is for, such as an order's id, or with \
                     `Idempotency-Key: {offered}`; the same key never acts twice."
                ),
            )
            .at("Idempotency-Key")
            .with_details(json!({ "idempotencyKey": offered }))
            .into()
        })
    }

    /// The key, or a fresh one where none is needed: nothing is written under it.
    pub(crate) fn or_fresh(self, app: &App) -> Result<CallerKey, Refused> {
        match self.0 {
            Some(key) => Ok(key),
            None => CallerKey::parse(offer(app)).map_err(|error| unusable(&error.to_string())),
        }
    }
}

fn offer(app: &App) -> String {
    format!("idk_{}", random_hex::<16>(app.rng.as_ref()))
}

fn unusable(why: &str) -> Refused {
    Failure::new(
        Code::ValidationError,
        format!("The header `Idempotency-Key` cannot be used: {why}. Nothing was done. Send another key."),
    )
    .at("Idempotency-Key")
    .into()
}
