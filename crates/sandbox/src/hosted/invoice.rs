//! The hosted invoice: what is owed, and a test card to pay it with.

use std::fmt::Write as _;

use serde_json::{Map, Value};

use super::{facts, money, nothing, object, why};
use crate::{
    control,
    core::Shared,
    page::{escaped, html, onward},
    value,
    wire::{Refusal, Reply},
};

/// The cards to choose from, the first one unless told otherwise (Stripe's docs, Testing).
pub(super) const CARDS: [(&str, &str); 5] = [
    ("pm_card_visa", "Visa, which pays"),
    ("pm_card_mastercard", "Mastercard, which pays"),
    ("pm_card_authenticationRequired", "Visa, which asks for 3D Secure"),
    ("pm_card_chargeDeclined", "Visa, which is declined"),
    ("pm_card_chargeDeclinedInsufficientFunds", "Visa, without enough money"),
];

pub(super) fn show(shared: &Shared, id: &str) -> Reply {
    object(shared, id, "invoice").map_or_else(|| nothing("invoice"), |invoice| page(200, &invoice, ""))
}

/// Takes the form. Sending it twice pays once: a paid invoice is paid.
pub(super) async fn pay(shared: &Shared, id: &str, form: &Map<String, Value>) -> Reply {
    let Some(invoice) = object(shared, id, "invoice") else { return nothing("invoice") };
    let card = form.get("payment_method").and_then(Value::as_str).unwrap_or(CARDS[0].0);
    let here = format!("/_sandbox/invoices/{id}");
    match control::pay(shared, id, card).await {
        // Asked for again by a reload, and not paid again.
        Ok(_) => onward(&here),
        Err(refused) => match asks(&refused) {
            Some(intent) => onward(&format!("/_sandbox/payment_intents/{intent}/authenticate")),
            None => page(402, &object(shared, id, "invoice").unwrap_or(invoice), &why(&refused)),
        },
    }
}

/// The payment that waits for the customer's bank.
fn asks(refused: &Refusal) -> Option<String> {
    let intent = refused.error.get("payment_intent")?;
    (intent["status"] == "requires_action").then(|| value::id(intent).to_owned())
}

fn page(status: u16, invoice: &Value, why: &str) -> Reply {
    let amount = money(invoice, "amount_due");
    let (title, class) = match value::text(invoice, "status") {
        Some("paid") => ("This invoice is paid".to_owned(), "good"),
        Some("void") => ("This invoice is void".to_owned(), "where"),
        Some("draft") => ("This invoice is a draft".to_owned(), "where"),
        _ => (format!("Pay {amount}"), ""),
    };
    let mut main = format!("<h1 class=\"{class}\">{}</h1>{why}", escaped(&title));
    main.push_str(&facts(&[
        ("Invoice", value::text(invoice, "number").or_else(|| value::text(invoice, "id"))),
        (
            "Customer",
            value::text(invoice, "customer_name").or_else(|| value::text(invoice, "customer_email")),
        ),
        ("Amount", Some(&amount)),
        ("Status", value::text(invoice, "status")),
    ]));
    if matches!(value::text(invoice, "status"), Some("open" | "uncollectible")) {
        main.push_str(&cards(value::id(invoice)));
    }
    html(status, &title, &main)
}

fn cards(id: &str) -> String {
    let mut form = format!(
        "<form method=\"post\" action=\"/_sandbox/invoices/{}/pay\"><label for=\"card\">Test card</label>\
         <select id=\"card\" name=\"payment_method\">",
        escaped(id)
    );
    for (card, what) in CARDS {
        let _ = write!(form, "<option value=\"{card}\">{what}</option>");
    }
    form.push_str("</select><button class=\"go\">Pay</button></form>");
    form
}
