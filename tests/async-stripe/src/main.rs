//! Decodes what the sandbox answered with the types of the Rust SDK, which were made from
//! Stripe's OpenAPI document: a second opinion beside our own tables, which were made
//! from the Node SDK's declarations.
//!
//! It reads lines of JSON, one object each, and fails for any that does not decode, for a
//! kind that it does not know, and for a record in which kinds are missing.

use std::{collections::BTreeMap, process::ExitCode};

use serde::de::DeserializeOwned;
use serde_json::Value;

/// How many lines say what is wrong; the rest are counted.
const SHOWN_MAX: usize = 40;

type Decode = fn(&Value) -> Result<(), String>;

/// The kinds that a record has to have, each with the SDK's type.
const KINDS: &[(&str, Decode)] = &[
    ("account", into::<stripe_shared::Account>),
    ("balance", into::<stripe_core::Balance>),
    ("balance_transaction", into::<stripe_shared::BalanceTransaction>),
    ("billing_portal.configuration", into::<stripe_billing::BillingPortalConfiguration>),
    ("charge", into::<stripe_shared::Charge>),
    ("checkout.session", into::<stripe_shared::CheckoutSession>),
    ("coupon", into::<stripe_shared::Coupon>),
    ("credit_note", into::<stripe_shared::CreditNote>),
    ("customer", into::<stripe_shared::Customer>),
    ("customer_balance_transaction", into::<stripe_shared::CustomerBalanceTransaction>),
    ("discount", into::<stripe_shared::Discount>),
    ("dispute", into::<stripe_shared::Dispute>),
    ("event", into::<stripe_webhook::Event>),
    ("invoice", into::<stripe_shared::Invoice>),
    ("invoice_payment", into::<stripe_shared::InvoicePayment>),
    ("invoiceitem", into::<stripe_billing::InvoiceItem>),
    ("item", into::<stripe_shared::CheckoutSessionItem>),
    ("line_item", into::<stripe_shared::InvoiceLineItem>),
    ("payment_intent", into::<stripe_shared::PaymentIntent>),
    ("payment_method", into::<stripe_shared::PaymentMethod>),
    ("payout", into::<stripe_shared::Payout>),
    ("plan", into::<stripe_shared::Plan>),
    ("price", into::<stripe_shared::Price>),
    ("product", into::<stripe_shared::Product>),
    ("promotion_code", into::<stripe_shared::PromotionCode>),
    ("refund", into::<stripe_shared::Refund>),
    ("setup_intent", into::<stripe_shared::SetupIntent>),
    ("subscription", into::<stripe_shared::Subscription>),
    ("subscription_item", into::<stripe_shared::SubscriptionItem>),
    ("subscription_schedule", into::<stripe_shared::SubscriptionSchedule>),
    ("tax_id", into::<stripe_shared::TaxId>),
    ("tax_rate", into::<stripe_shared::TaxRate>),
    ("test_helpers.test_clock", into::<stripe_shared::TestHelpersTestClock>),
];

fn into<T: DeserializeOwned>(object: &Value) -> Result<(), String> {
    serde_path_to_error::deserialize::<_, T>(object).map(drop).map_err(|e| e.to_string())
}

fn main() -> ExitCode {
    let Some(path) = std::env::args().nth(1) else {
        eprintln!("usage: bursar-async-stripe RECORD, a file of JSON lines");
        return ExitCode::from(2);
    };
    let text = match std::fs::read_to_string(&path) {
        Ok(text) => text,
        Err(why) => {
            eprintln!("{path}: {why}");
            return ExitCode::from(2);
        }
    };
    let (counted, wrong) = decode(&text);
    let missing: Vec<&str> =
        KINDS.iter().map(|(kind, _)| *kind).filter(|kind| !counted.contains_key(*kind)).collect();
    for line in wrong.iter().take(SHOWN_MAX) {
        eprintln!("{line}");
    }
    let objects: usize = counted.values().sum();
    println!("{objects} objects of {} kinds decoded, {} did not: {counted:?}", counted.len(), wrong.len());
    if !missing.is_empty() {
        eprintln!("the record has no {}", missing.join(", "));
    }
    if wrong.is_empty() && missing.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// How many of each kind, and what is wrong with those that did not decode.
fn decode(text: &str) -> (BTreeMap<String, usize>, Vec<String>) {
    let (mut counted, mut wrong) = (BTreeMap::new(), Vec::new());
    for (n, line) in text.lines().enumerate().filter(|(_, line)| !line.is_empty()) {
        let object: Value = match serde_json::from_str(line) {
            Ok(object) => object,
            Err(why) => {
                wrong.push(format!("line {}: {why}", n + 1));
                continue;
            }
        };
        let text = |field: &str| object[field].as_str().unwrap_or_default();
        let (kind, id) = (text("object"), text("id"));
        let decoded = match KINDS.iter().find(|(known, _)| *known == kind) {
            Some((_, decode)) => decode(&object),
            None => Err("is of a kind that is not in this program's list".to_owned()),
        };
        match decoded {
            Ok(()) => *counted.entry(kind.to_owned()).or_default() += 1,
            Err(why) => wrong.push(format!("{kind} {id} {}: {why}", text("type"))),
        }
    }
    (counted, wrong)
}
