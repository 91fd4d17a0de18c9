//! Deliveries as Stripe sends them: `invoice.paid` of 3.3 KB, each with an id of its
//! own, signed before the measurement begins.

use std::io::Write as _;

use model::{Clock as _, SystemClock};
use serde_json::{Value, json};
use stripe::signature::{self, Secret};

use crate::load::Requests;

/// The account that the events are of.
pub(crate) const ACCOUNT: &str = "acct_1BenchmarkAccount";
/// The secret that they are signed under.
pub(crate) const SECRET: &str = "whsec_0123456789abcdefghijklmnopqrstuv";

/// The size of a usual event, in bytes.
const SIZE: usize = 3_300;
/// Stands where the digits of an event's number go.
const DIGITS: &str = "0000000000000000";

/// Bodies and signatures of many deliveries. A body is the template with its number;
/// the signatures are made beforehand.
pub(crate) struct Deliveries {
    template: Vec<u8>,
    number_at: usize,
    signatures: Vec<String>,
}

impl Deliveries {
    /// Signs `count` deliveries, now. They are good for five minutes. `None` when the
    /// template is not what it should be.
    pub(crate) fn sign(count: usize) -> Option<Self> {
        let secret = [Secret::new(SECRET)?];
        let template = Some(template()).filter(|template| template.len() == SIZE)?;
        let number_at = template.windows(DIGITS.len()).position(|w| w == DIGITS.as_bytes())?;
        let mut made = Self { template, number_at, signatures: Vec::with_capacity(count) };
        let now = SystemClock.now();
        let mut body = Vec::new();
        for number in 0..count {
            body.clear();
            made.write_body(number, &mut body);
            made.signatures.push(signature::sign(&secret, &body, now));
        }
        Some(made)
    }

    fn write_body(&self, number: usize, into: &mut Vec<u8>) {
        let begin = into.len();
        into.extend_from_slice(&self.template);
        let digits = &mut into[begin + self.number_at..][..DIGITS.len()];
        let _ = write!(&mut digits[..], "{number:016}");
    }
}

impl Requests for Deliveries {
    fn len(&self) -> usize {
        self.signatures.len()
    }

    fn write(&self, number: usize, path: &str, host: &str, into: &mut Vec<u8>) -> bool {
        let Some(signature) = self.signatures.get(number) else { return false };
        into.clear();
        let _ = write!(
            into,
            "POST {path} HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/json; charset=utf-8\r\n\
             User-Agent: Stripe/1.0 (+https://stripe.com/docs/webhooks)\r\nAccept: */*\r\n\
             Stripe-Signature: {signature}\r\nContent-Length: {}\r\n\r\n",
            self.template.len()
        );
        self.write_body(number, into);
        true
    }
}

/// The event with a number of zeros, indented as Stripe's bodies are.
fn template() -> Vec<u8> {
    let mut event = event("");
    let bare = pretty(&event).len();
    let text = "Consulting, third quarter. ".repeat(SIZE / 20);
    event["data"]["object"]["description"] = json!(text[..SIZE.saturating_sub(bare)].to_owned());
    pretty(&event)
}

fn pretty(event: &Value) -> Vec<u8> {
    serde_json::to_vec_pretty(event).unwrap_or_default()
}

fn event(description: &str) -> Value {
    let created = SystemClock.now().as_second();
    json!({
        "id": format!("evt_1{DIGITS}"),
        "object": "event",
        "api_version": stripe::PINNED.as_str(),
        "created": created,
        "data": {"object": invoice(created, description)},
        "livemode": false,
        "pending_webhooks": 1,
        "request": {"id": "req_Zl2bQW0cYyKk3x", "idempotency_key": "3f1d0a52-7c1e-4f5c-9d5a-1be0f0a5c1d2"},
        "type": "invoice.paid",
    })
}

fn invoice(created: i64, description: &str) -> Value {
    json!({
        "id": "in_1QpZ7xLkdIwHu7ix0Yb3cQ4r",
        "object": "invoice",
        "account_country": "US",
        "account_name": "Example, Inc.",
        "amount_due": 125_000,
        "amount_overpaid": 0,
        "amount_paid": 125_000,
        "amount_remaining": 0,
        "attempt_count": 1,
        "attempted": true,
        "auto_advance": false,
        "billing_reason": "manual",
        "collection_method": "send_invoice",
        "created": created - 3_600,
        "currency": "usd",
        "customer": "cus_RkQ2v0TgY8sXw1",
        "customer_email": "ada@example.com",
        "customer_name": "Ada Lovelace",
        "customer_tax_exempt": "none",
        "default_payment_method": null,
        "description": description,
        "discounts": [],
        "due_date": created + 2_592_000,
        "lines": {
            "object": "list",
            "data": [{
                "id": "il_1QpZ7yLkdIwHu7ixWn5tVd2e",
                "object": "line_item",
                "amount": 125_000,
                "currency": "usd",
                "description": "Consulting",
                "invoice": "in_1QpZ7xLkdIwHu7ix0Yb3cQ4r",
                "livemode": false,
                "metadata": {},
                "period": {"end": created, "start": created},
                "quantity": 1,
            }],
            "has_more": false,
            "url": "/v1/invoices/in_1QpZ7xLkdIwHu7ix0Yb3cQ4r/lines",
        },
        "livemode": false,
        "metadata": {"order": "6735"},
        "number": "A1B2C3D4-0001",
        "period_end": created,
        "period_start": created,
        "status": "paid",
        "status_transitions": {
            "finalized_at": created - 1_800,
            "marked_uncollectible_at": null,
            "paid_at": created,
            "voided_at": null,
        },
        "subtotal": 125_000,
        "total": 125_000,
    })
}
