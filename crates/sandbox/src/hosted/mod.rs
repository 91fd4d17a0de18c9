//! The pages that a customer sees: the hosted invoice, and 3D Secure.
//!
//! They stand where the control API answers the same as JSON; a browser gets the page.
//! Like Stripe's they need no key, also where the control API does: whoever knows the
//! address is the customer.

mod authenticate;
mod checkout;
mod document;
mod invoice;
mod pdf;
mod portal;

use std::fmt::Write as _;

use model::{Amount, Currency};
use serde_json::{Map, Value};

use crate::{
    core::Shared,
    page::{self, escaped},
    value,
    wire::{BODY_MAX, Incoming, Refusal, Reply},
};

/// Answers a request for a page; none for any other.
pub(crate) async fn handle(shared: &Shared, incoming: &Incoming) -> Option<Reply> {
    if incoming.method == "GET" && incoming.path == page::STYLE_PATH {
        return Some(page::style());
    }
    let steps: Vec<&str> = incoming.path.strip_prefix("/_sandbox/")?.split('/').collect();
    match (incoming.method.as_str(), steps.as_slice()) {
        ("GET", ["invoices", id, "pdf"]) => return document::download(shared, "invoice", id),
        ("GET", ["credit_notes", id, "pdf"]) => return document::download(shared, "credit_note", id),
        _ => {}
    }
    if !page::is_wanted(incoming) {
        return None;
    }
    match (incoming.method.as_str(), steps.as_slice()) {
        ("GET", ["checkout", id]) => Some(checkout::show(shared, id)),
        ("POST", ["checkout", id, "pay"]) => Some(checkout::pay(shared, id, &form(incoming)).await),
        ("GET", ["portal", id]) => Some(portal::show(shared, id)),
        ("POST", ["portal", id, "cancel"]) => Some(portal::cancel(shared, id, &form(incoming)).await),
        ("POST", ["portal", id, "payment_method"]) => {
            Some(portal::change_payment_method(shared, id, &form(incoming)).await)
        }
        ("GET", ["invoices", id]) => Some(invoice::show(shared, id)),
        ("POST", ["invoices", id, "pay"]) => Some(invoice::pay(shared, id, &form(incoming)).await),
        ("GET", ["payment_intents" | "setup_intents", id, "authenticate"]) => {
            Some(authenticate::show(shared, id))
        }
        ("POST", ["payment_intents" | "setup_intents", id, "authenticate"]) => {
            Some(authenticate::decide(shared, id, &form(incoming)).await)
        }
        _ => None,
    }
}

/// The fields of a page's form; what cannot be read is as if it were not there.
fn form(incoming: &Incoming) -> Map<String, Value> {
    let body = if incoming.body.len() > BODY_MAX { &[] } else { incoming.body.as_ref() };
    stripe::form::decode(body).unwrap_or_default()
}

/// An object of this kind, as its customer may see it.
fn object(shared: &Shared, id: &str, kind: &str) -> Option<Value> {
    crate::control::shown(shared, id).filter(|object| value::text(object, "object") == Some(kind))
}

/// An amount as people read it: `19.99 USD`.
fn money(object: &Value, field: &str) -> String {
    let minor = value::int(object, field);
    let currency = value::text(object, "currency").and_then(|code| Currency::parse(code).ok());
    currency.map_or_else(|| minor.to_string(), |currency| Amount { minor, currency }.to_string())
}

/// What is known, name by name; what is not known is left out.
fn facts(known: &[(&str, Option<&str>)]) -> String {
    let mut list = String::from("<dl>");
    for (name, text) in known.iter().filter_map(|(name, text)| text.map(|text| (name, text))) {
        let _ = write!(list, "<dt>{name}</dt><dd>{}</dd>", escaped(text));
    }
    list.push_str("</dl>");
    list
}

/// What Stripe's error says, as people read it.
fn why(refused: &Refusal) -> String {
    let said = refused.error.get("message").and_then(Value::as_str).unwrap_or("It was refused.");
    format!("<p class=\"bad\" role=\"alert\">{}</p>", escaped(said))
}

/// There is nothing for a customer here.
fn nothing(what: &str) -> Reply {
    let title = format!("There is no such {what}");
    let main = format!(
        "<h1>{title}</h1><p>The address is wrong, or the sandbox was reset since it was made. Nothing was changed.</p>"
    );
    page::html(404, &title, &main)
}
