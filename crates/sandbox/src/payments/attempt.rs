//! One attempt to collect a payment intent with a card.

use serde_json::{Value, json};

use super::{
    charge,
    intent::part,
    outcome::{Charged, Tried, failed},
};
use crate::{
    balance,
    payment_methods::{
        self, Card,
        cards::{Decline, Does, GENERIC},
    },
    state::Tx,
    value,
    wire::{Refusal, refusal, render},
};

/// What a confirmation asks for beside money.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Terms<'a> {
    /// The customer is not there to authenticate.
    pub(crate) off_session: bool,
    /// The caller cannot handle authentication and wants a refusal instead.
    pub(crate) refuses_action: bool,
    /// Where the customer's browser goes afterwards.
    pub(crate) return_url: Option<&'a str>,
}

/// The refusal of a card that has to be authenticated when nobody is there.
const UNATTENDED: Decline = Decline {
    code: "authentication_required",
    decline_code: "authentication_required",
    message: "Your card was declined. This transaction requires authentication.",
    param: None,
    advice: None,
};

/// Charges the invoice's payment intent; stores and tells what came of it.
pub(crate) fn collect(tx: &mut Tx, invoice: &Value, method: &Value) -> Charged {
    let intent = part(tx, invoice, "_payment_intent").unwrap_or_default();
    match try_card(tx, intent, method, Terms::default()) {
        Tried::Paid(_) => Charged::Paid,
        Tried::Failed(refused) => Charged::Declined(refused),
        Tried::NeedsAction(intent) => Charged::NeedsAction(asks_action(tx, &intent, method)),
    }
}

/// Charges a payment intent; stores and tells what came of it.
pub(crate) fn try_card(tx: &mut Tx, mut intent: Value, method: &Value, terms: Terms<'_>) -> Tried {
    value::set(&mut intent, "payment_method", method["id"].clone());
    let asks = value::text(&intent["payment_method_options"]["card"], "request_three_d_secure");
    let does = match does(method) {
        // Whoever takes the payment wants it authenticated, whatever the bank wants.
        Does::Pay | Does::PayAtRisk if matches!(asks, Some("any" | "challenge")) => Does::Authenticate,
        does => does,
    };
    match does {
        Does::Pay => Tried::Paid(paid(tx, intent, method, "normal", false)),
        Does::PayAtRisk => Tried::Paid(paid(tx, intent, method, "highest", false)),
        Does::Decline(decline) | Does::DeclineLater(decline) => declined(tx, intent, method, decline),
        Does::Authenticate | Does::AuthenticateThenDecline(_) if terms.off_session => {
            declined(tx, intent, method, UNATTENDED)
        }
        Does::Authenticate | Does::AuthenticateThenDecline(_) if terms.refuses_action => {
            Tried::Failed(action_refused(tx, intent, method))
        }
        Does::Authenticate | Does::AuthenticateThenDecline(_) => needs_action(tx, intent, terms.return_url),
    }
}

/// Goes on after the customer has authenticated.
pub(crate) fn authenticated(tx: &mut Tx, intent: Value, method: &Value) -> Tried {
    match does(method) {
        Does::AuthenticateThenDecline(decline) => declined(tx, intent, method, decline),
        _ => Tried::Paid(paid(tx, intent, method, "normal", true)),
    }
}

fn does(method: &Value) -> Does {
    value::text(method, "_card").and_then(Card::of_name).map_or(Does::Decline(GENERIC), |card| card.does)
}

/// The bank agrees: the money is taken, or held where capture is manual. With
/// asynchronous capture the balance transaction comes a moment after the charge.
fn paid(tx: &mut Tx, mut intent: Value, method: &Value, risk: &str, authenticated: bool) -> Value {
    keep_method(tx, &intent, method);
    let mut charge = charge::authorized(tx, &intent, method, risk, authenticated);
    let amount = intent["amount"].clone();
    let how = value::text(&intent, "capture_method").unwrap_or("automatic").to_owned();
    value::set(&mut intent, "latest_charge", charge["id"].clone());
    value::set(&mut intent, "last_payment_error", Value::Null);
    value::set(&mut intent, "next_action", Value::Null);
    if how == "manual" {
        value::set(&mut intent, "status", "requires_capture");
        value::set(&mut intent, "amount_capturable", amount);
        let until = tx.now() + charge::HELD_S;
        value::set(&mut intent, "_held_until", until);
        charge["payment_method_details"]["card"]["capture_before"] = json!(until);
    } else {
        value::set(&mut intent, "status", "succeeded");
        value::set(&mut intent, "amount_received", amount.clone());
        value::set(&mut charge, "captured", true);
        value::set(&mut charge, "amount_captured", amount);
    }
    if how == "automatic" {
        balance::land(tx, &mut charge);
    }
    tx.put(charge.clone());
    tx.put(intent.clone());
    tx.emit("charge.succeeded", &charge);
    let told =
        if how == "manual" { "payment_intent.amount_capturable_updated" } else { "payment_intent.succeeded" };
    tx.emit(told, &intent);
    if how == "automatic_async" {
        let before = charge.clone();
        balance::land(tx, &mut charge);
        tx.change("charge.updated", &before, charge);
    }
    intent
}

/// A card that is to be used again becomes the customer's (Stripe's API,
/// PaymentIntents: `setup_future_usage`).
fn keep_method(tx: &mut Tx, intent: &Value, method: &Value) {
    if intent["setup_future_usage"].is_null() || !method["customer"].is_null() {
        return;
    }
    let Some(customer) = value::text(intent, "customer").and_then(|id| tx.find("customer", id)).cloned()
    else {
        return;
    };
    if let Ok(kept) = payment_methods::attach_to(tx, value::id(method), &customer, "payment_method") {
        tx.emit("payment_method.attached", &kept);
    }
}

fn declined(tx: &mut Tx, intent: Value, method: &Value, decline: Decline) -> Tried {
    let charge = charge::failed(tx, &intent, method, &decline);
    Tried::Failed(failed(tx, intent, method, decline.refusal(), Some(&charge)))
}

fn action_refused(tx: &mut Tx, intent: Value, method: &Value) -> Refusal {
    let refused = refusal::card(
        "This payment requires the customer to authenticate, and `error_on_requires_action` asks for a refusal instead.",
        "authentication_required",
    )
    .with("decline_code", "authentication_not_handled");
    failed(tx, intent, method, refused, None)
}

fn needs_action(tx: &mut Tx, mut intent: Value, return_url: Option<&str>) -> Tried {
    let page = format!("{}/_sandbox/payment_intents/{}/authenticate", tx.base(), value::id(&intent));
    let action = match return_url {
        Some(back) => {
            json!({"type": "redirect_to_url", "redirect_to_url": {"return_url": back, "url": page}})
        }
        None => json!({"type": "use_stripe_sdk", "use_stripe_sdk": {"type": "three_d_secure_redirect"}}),
    };
    value::set(&mut intent, "status", "requires_action");
    value::set(&mut intent, "next_action", action);
    tx.put(intent.clone());
    tx.emit("payment_intent.requires_action", &intent);
    Tried::NeedsAction(intent)
}

fn asks_action(tx: &Tx, intent: &Value, method: &Value) -> Refusal {
    refusal::card(
        "This payment requires additional user action before it can be completed successfully. The customer can do that on the hosted page.",
        "invoice_payment_intent_requires_action",
    )
    .with("payment_intent", render(tx, intent))
    .with("payment_method", render(tx, method))
}
