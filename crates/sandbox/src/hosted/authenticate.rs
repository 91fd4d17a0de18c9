//! 3D Secure: the page of the customer's bank, where it is completed or fails.
//!
//! Whoever came from a shop goes back there, with what Stripe appends to its address.
//! Whoever came from the hosted invoice goes back to that.

use serde_json::{Map, Value};
use url::Url;

use super::{facts, money, nothing, object, why};
use crate::{
    control,
    core::Shared,
    page::{escaped, html, onward},
    value,
    wire::Reply,
};

pub(super) fn show(shared: &Shared, id: &str) -> Reply {
    let Some(intent) = intent(shared, id) else { return nothing("payment") };
    if intent["status"] == "requires_action" { ask(&intent) } else { done(shared, &intent, "") }
}

/// Takes the form. Sending it twice finds nothing that waits.
pub(super) async fn decide(shared: &Shared, id: &str, form: &Map<String, Value>) -> Reply {
    let completes = match form.get("result").and_then(Value::as_str) {
        Some("complete") => true,
        Some("fail") => false,
        _ => return show(shared, id),
    };
    let Some(before) = intent(shared, id) else { return nothing("payment") };
    match control::authenticate(shared, id, completes).await {
        Ok(intent) => back(&before, &intent).map_or_else(|| done(shared, &intent, ""), |url| onward(&url)),
        Err(refused) => {
            let intent = intent(shared, id).unwrap_or(before);
            done(shared, &intent, &why(&refused))
        }
    }
}

/// A payment intent, or a setup intent, which has no amount.
fn intent(shared: &Shared, id: &str) -> Option<Value> {
    object(shared, id, "payment_intent").or_else(|| object(shared, id, "setup_intent"))
}

fn is_setup(intent: &Value) -> bool {
    intent["object"] == "setup_intent"
}

fn amount(intent: &Value) -> Option<String> {
    (!is_setup(intent)).then(|| money(intent, "amount"))
}

fn ask(intent: &Value) -> Reply {
    let amount = amount(intent);
    let question = match &amount {
        Some(amount) => format!("Is it you who pays {}?", escaped(amount)),
        None => "Is it you who saves this payment method?".to_owned(),
    };
    let main = format!(
        "<h1>{question}</h1><p>This is where the customer's bank would ask. Complete it and the \
         payment goes on; fail it and it is as if the bank or the customer had refused.</p>{facts}\
         <form method=\"post\"><button class=\"go\" name=\"result\" value=\"complete\">Complete</button>\
         <button name=\"result\" value=\"fail\">Fail</button></form>",
        facts = facts(&[
            (if is_setup(intent) { "Setup" } else { "Payment" }, value::text(intent, "id")),
            ("For", value::text(intent, "description")),
            ("Amount", amount.as_deref()),
        ]),
    );
    let title = amount.map_or_else(
        || "Authenticate a payment method".to_owned(),
        |amount| format!("Authenticate a payment of {amount}"),
    );
    html(200, &title, &main)
}

/// Nothing waits for the customer.
fn done(shared: &Shared, intent: &Value, why: &str) -> Reply {
    let error = if is_setup(intent) { "last_setup_error" } else { "last_payment_error" };
    let (title, class) = match value::text(intent, "status") {
        Some("succeeded") if is_setup(intent) => ("The payment method is saved", "good"),
        Some("succeeded") => ("The payment succeeded", "good"),
        Some("requires_capture") => ("The payment is authorized", "good"),
        Some("processing") => ("The payment is under way", "good"),
        Some("canceled") => ("The payment was canceled", "bad"),
        _ if !intent[error].is_null() => ("The payment failed", "bad"),
        _ => ("This payment does not wait for you", "where"),
    };
    let said = intent[error]["message"].as_str().unwrap_or_default();
    let onward = invoice_of(shared, value::id(intent)).map_or_else(
        || "<p>You can close this page.</p>".to_owned(),
        |invoice| {
            format!("<p><a href=\"/_sandbox/invoices/{}\">Back to the invoice</a></p>", escaped(&invoice))
        },
    );
    let main = format!(
        "<h1 class=\"{class}\">{title}</h1>{why}<p>{}</p>{}{onward}",
        escaped(said),
        facts(&[
            (if is_setup(intent) { "Setup" } else { "Payment" }, value::text(intent, "id")),
            ("Amount", amount(intent).as_deref()),
            ("Status", value::text(intent, "status")),
        ]),
    );
    html(200, title, &main)
}

/// The invoice that an intent pays.
fn invoice_of(shared: &Shared, intent: &str) -> Option<String> {
    let core = shared.core();
    let tx = shared.reading_of(&core, core.state.holder(intent));
    tx.get(intent).and_then(|intent| value::text(intent, "_invoice")).map(str::to_owned)
}

/// The shop's address with what Stripe appends (Stripe's docs, 3D Secure: `return_url`).
/// Other schemes than a browser's belong to apps, and nobody is sent there from here.
fn back(before: &Value, after: &Value) -> Option<String> {
    let url = before["next_action"]["redirect_to_url"]["return_url"].as_str()?;
    let mut url = Url::parse(url).ok().filter(|url| matches!(url.scheme(), "http" | "https"))?;
    let text = |field| value::text(after, field).unwrap_or_default();
    let went_on = matches!(text("status"), "succeeded" | "requires_capture" | "processing");
    let kind = text("object");
    url.query_pairs_mut()
        .append_pair(kind, text("id"))
        .append_pair(&format!("{kind}_client_secret"), text("client_secret"))
        .append_pair("redirect_status", if went_on { "succeeded" } else { "failed" });
    Some(url.into())
}
