//! OAuth's errors: flat, not in the envelope of the API (Stripe's API, OAuth A).

use serde_json::{Value, json};

/// Why there is nothing for who asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Flat {
    pub(crate) status: u16,
    /// `invalid_grant`
    pub(crate) error: &'static str,
    pub(crate) description: String,
}

impl Flat {
    pub(crate) fn new(error: &'static str, description: impl Into<String>) -> Self {
        let status = if error == "invalid_client" { 401 } else { 400 };
        Self { status, error, description: description.into() }
    }

    pub(crate) fn with_status(self, status: u16) -> Self {
        Self { status, ..self }
    }

    pub(crate) fn body(&self) -> Value {
        json!({"error": self.error, "error_description": self.description})
    }
}

/// The code or the refresh token itself is no good.
pub(crate) fn invalid_grant(description: &str) -> Flat {
    Flat::new("invalid_grant", description)
}

/// 500: what was done is not known.
pub(crate) fn broken() -> Flat {
    Flat::new("server_error", "An unknown error occurred. What the request did or did not do is not known.")
        .with_status(500)
}
