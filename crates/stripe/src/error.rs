//! Stripe's error, its fields unchanged, and what it is called here.

use model::{Code, Failure};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::Headers;

/// `error.code` of the sandbox's refusal of what Stripe does and the sandbox does not. No
/// code of Stripe's: nobody should take it for Stripe's answer.
pub const NOT_IN_SANDBOX: &str = "sandbox_unsupported";

/// An error answer of Stripe's (reference: Stripe's API, "Errors").
#[derive(Debug, Clone, PartialEq)]
pub struct StripeError {
    /// The HTTP status.
    pub status: u16,
    /// The headers that matter.
    pub headers: Headers,
    /// The whole body, `{"error": {…}}` or whatever came.
    pub body: Value,
    /// What is known beyond the answer; none unless somebody added it.
    pub advice: Option<Box<Advice>>,
}

/// What to do about a refusal, by whoever knows more than the answer says.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Advice {
    /// Sentences, in the place of those that hold for every such refusal.
    pub to_do: String,
    /// The same for programs.
    pub details: Value,
}

impl StripeError {
    /// An error answer without advice.
    pub fn new(status: u16, headers: Headers, body: Value) -> Self {
        Self { status, headers, body, advice: None }
    }

    /// `error.type`; any text.
    pub fn kind(&self) -> Option<&str> {
        self.text("type")
    }

    /// `error.code`; of the flat errors of OAuth, `error` itself.
    pub fn code(&self) -> Option<&str> {
        self.text("code").or_else(|| self.body.get("error")?.as_str())
    }

    /// `error.decline_code`.
    pub fn decline_code(&self) -> Option<&str> {
        self.text("decline_code")
    }

    /// `error.param`.
    pub fn param(&self) -> Option<&str> {
        self.text("param")
    }

    /// `error.message`; of the flat errors of OAuth, `error_description`.
    pub fn message(&self) -> Option<&str> {
        self.text("message").or_else(|| self.body.get("error_description")?.as_str())
    }

    fn text(&self, field: &str) -> Option<&str> {
        self.body.get("error")?.get(field)?.as_str()
    }

    /// The id of an object that Stripe keeps although it refused: a declined
    /// `confirm=true` leaves its PaymentIntent, a declined charge itself. Whatever is
    /// embedded counts as an effect, also where it may have existed before: an
    /// outcome is without effect only when nothing speaks against it.
    pub fn left_behind(&self) -> Option<&str> {
        let error = self.body.get("error")?;
        let embedded = ["payment_intent", "setup_intent", "charge"].into_iter().filter_map(|name| {
            let object = error.get(name)?;
            object.as_str().or_else(|| object.get("id")?.as_str())
        });
        embedded.into_iter().find(|id| !id.is_empty())
    }

    /// Our closed code, decided on (status, type, code, decline code) and never on
    /// the text.
    pub fn our_code(&self) -> Code {
        let is = |code: &str| self.code() == Some(code) || self.decline_code() == Some(code);
        match (self.status, self.kind()) {
            (401, _) => Code::AuthenticationError,
            (403, _) => Code::PermissionError,
            (_, Some("card_error")) if is("authentication_required") || is(INVOICE_REQUIRES_ACTION) => {
                Code::AuthenticationRequired
            }
            (_, Some("card_error")) => Code::CardDeclined,
            (_, Some("idempotency_error")) => Code::IdempotencyError,
            (409, _) if is("idempotency_key_in_use") => Code::IdempotencyError,
            (429, _) if is("lock_timeout") => Code::LockTimeout,
            (429, _) => Code::RateLimitError,
            (400, _) if is("rate_limit") => Code::RateLimitError,
            (400..500, _) if is("resource_missing") => Code::ResourceMissing,
            (400..=408 | 410..500, _) => Code::InvalidRequestError,
            _ => Code::ApiError,
        }
    }

    /// The failure as every surface shows it: what happened, what did or did not
    /// change at Stripe, what to do; `stripe` holds the `error` object unchanged.
    pub fn to_failure(&self) -> Failure {
        failure::of(self)
    }
}

/// What Stripe calls a payment of an invoice that waits for its customer.
const INVOICE_REQUIRES_ACTION: &str = "invoice_payment_intent_requires_action";

mod failure;
#[cfg(test)]
mod tests;
