//! One attempt to collect a payment intent with a payment method.

use serde_json::{Value, json};

use super::{
    charge, debit,
    intent::part,
    outcome::{Charged, Tried, failed},
    paid::paid,
    transfer,
};
use crate::{
    payment_methods::{
        Bank, Card,
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
    match try_method(tx, intent, method, Terms::default()) {
        Tried::Paid(_) => Charged::Paid,
        Tried::Processing(_) => Charged::Processing,
        Tried::Failed(refused) => Charged::Declined(refused),
        Tried::NeedsAction(intent) => Charged::NeedsAction(asks_action(tx, &intent, method)),
    }
}

/// Charges a payment intent; stores and tells what came of it.
pub(crate) fn try_method(tx: &mut Tx, mut intent: Value, method: &Value, terms: Terms<'_>) -> Tried {
    value::set(&mut intent, "payment_method", method["id"].clone());
    if let Some(bank) = bank(method) {
        return match method["_unverified"] == true {
            true => Tried::NeedsAction(debit::asks_for_proof(tx, intent)),
            false => Tried::Processing(debit::begin(tx, intent, method, bank)),
        };
    }
    if method["type"] == "customer_balance" {
        return transfer::pay(tx, intent, method);
    }
    if let Some(decline) = tx.take_failure().as_deref().and_then(crate::payment_methods::cards::decline_of) {
        return declined(tx, intent, method, decline);
    }
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
        _ if terms.off_session => declined(tx, intent, method, UNATTENDED),
        _ if terms.refuses_action => Tried::Failed(action_refused(tx, intent, method)),
        _ => needs_action(tx, intent, terms.return_url),
    }
}

/// Goes on after the customer has authenticated.
pub(crate) fn authenticated(tx: &mut Tx, intent: Value, method: &Value) -> Tried {
    if let Some(bank) = bank(method) {
        return Tried::Processing(debit::begin(tx, intent, method, bank));
    }
    match does(method) {
        Does::AuthenticateThenDecline(decline) => declined(tx, intent, method, decline),
        _ => Tried::Paid(paid(tx, intent, method, "normal", true)),
    }
}

/// The test account behind a payment method that is one.
pub(crate) fn bank(method: &Value) -> Option<&'static Bank> {
    let kind = value::text(method, "type")?;
    value::text(method, "_bank").and_then(|number| Bank::of_number(kind, number))
}

/// What a card does when it is charged. One that was authenticated for later use is not
/// asked again, unless its bank always asks.
pub(crate) fn does(method: &Value) -> Does {
    let card = value::text(method, "_card").and_then(Card::of_name);
    match card.map_or(Does::Decline(GENERIC), |card| card.does) {
        Does::AuthenticateUnlessSetUp if method["_set_up"] == true => Does::Pay,
        does => does,
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
    let action = authentication(tx, &intent, return_url);
    value::set(&mut intent, "status", "requires_action");
    value::set(&mut intent, "next_action", action);
    tx.put(intent.clone());
    tx.emit("payment_intent.requires_action", &intent);
    Tried::NeedsAction(intent)
}

/// What the customer of an intent has to do for 3D Secure: go to its page, or to be
/// shown it by Stripe's script.
pub(crate) fn authentication(tx: &Tx, intent: &Value, return_url: Option<&str>) -> Value {
    let kind = value::text(intent, "object").unwrap_or_default();
    let page = format!("{}/_sandbox/{kind}s/{}/authenticate", tx.base(), value::id(intent));
    match return_url {
        Some(back) => {
            json!({"type": "redirect_to_url", "redirect_to_url": {"return_url": back, "url": page}})
        }
        // What is inside is between Stripe and its script; no table says what.
        None => json!({"type": "use_stripe_sdk", "use_stripe_sdk": {}}),
    }
}

fn asks_action(tx: &Tx, intent: &Value, method: &Value) -> Refusal {
    refusal::card(
        "This payment requires additional user action before it can be completed successfully. The customer can do that on the hosted page.",
        "invoice_payment_intent_requires_action",
    )
    .with("payment_intent", render(tx, intent))
    .with("payment_method", render(tx, method))
}
