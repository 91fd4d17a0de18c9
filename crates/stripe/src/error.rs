//! Stripe's error, its fields unchanged, and what it is called here.

use model::{Code, Failure};
use serde_json::Value;

use crate::Headers;

/// An error answer of Stripe's (reference: Stripe's API, "Errors").
#[derive(Debug, Clone, PartialEq)]
pub struct StripeError {
    /// The HTTP status.
    pub status: u16,
    /// The headers that matter.
    pub headers: Headers,
    /// The whole body, `{"error": {…}}` or whatever came.
    pub body: Value,
}

impl StripeError {
    /// `error.type`; any text.
    pub fn kind(&self) -> Option<&str> {
        self.text("type")
    }

    /// `error.code`.
    pub fn code(&self) -> Option<&str> {
        self.text("code")
    }

    /// `error.decline_code`.
    pub fn decline_code(&self) -> Option<&str> {
        self.text("decline_code")
    }

    /// `error.param`.
    pub fn param(&self) -> Option<&str> {
        self.text("param")
    }

    /// `error.message`.
    pub fn message(&self) -> Option<&str> {
        self.text("message")
    }

    fn text(&self, field: &str) -> Option<&str> {
        self.body.get("error")?.get(field)?.as_str()
    }

    /// The id of an object that Stripe created although it refused: a declined
    /// `confirm=true` leaves its PaymentIntent. Such a refusal counts as an effect.
    pub fn left_behind(&self) -> Option<&str> {
        todo!()
    }

    /// Our closed code, decided on (status, type, code, decline code) and never on
    /// the text.
    pub fn our_code(&self) -> Code {
        todo!()
    }

    /// The failure as every surface shows it: what happened, what did or did not
    /// change at Stripe, what to do; `stripe` holds the `error` object unchanged.
    pub fn to_failure(&self) -> Failure {
        todo!()
    }
}
