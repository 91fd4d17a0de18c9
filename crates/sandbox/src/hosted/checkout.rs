//! The page of a Checkout session: what is bought, a test card to pay it with, and the
//! two ways out.

use std::fmt::Write as _;

use serde_json::{Map, Value};

use super::{facts, invoice::CARDS, money, nothing, object, why};
use crate::{
    checkout::{self, Entered},
    control,
    core::Shared,
    page::{escaped, html, onward},
    value,
    wire::Reply,
};

pub(super) fn show(shared: &Shared, id: &str) -> Reply {
    match object(shared, id, checkout::KIND) {
        Some(session) => page(shared, 200, &session, ""),
        None => nothing("Checkout session"),
    }
}

/// Takes the form: pays, or goes back to where the session was canceled.
pub(super) async fn pay(shared: &Shared, id: &str, form: &Map<String, Value>) -> Reply {
    let Some(session) = object(shared, id, checkout::KIND) else { return nothing("Checkout session") };
    let text = |name: &str| form.get(name).and_then(Value::as_str).map(str::to_owned);
    if text("result").as_deref() == Some("fail") {
        let back = value::text(&session, "cancel_url").map(str::to_owned);
        return onward(&back.unwrap_or_else(|| format!("/_sandbox/checkout/{id}")));
    }
    let entered = Entered {
        payment_method: text("payment_method").unwrap_or_else(|| CARDS[0].0.to_owned()),
        email: text("email"),
        name: text("name"),
    };
    let done = control::act(shared, id, |tx| checkout::complete(tx, id, &entered)).await;
    match done {
        Ok(session) if session["status"] == "complete" => onward(&back(&session)),
        Ok(session) => onward(&asks(&session)),
        Err(refused) => {
            let now = object(shared, id, checkout::KIND).unwrap_or(session);
            page(shared, 402, &now, &why(&refused))
        }
    }
}

/// Where the customer goes after paying, with the session's id where that was asked for.
fn back(session: &Value) -> String {
    let id = value::id(session);
    let url = value::text(session, "success_url").or_else(|| value::text(session, "return_url"));
    url.map_or_else(|| format!("/_sandbox/checkout/{id}"), |url| url.replace("{CHECKOUT_SESSION_ID}", id))
}

/// The page of the customer's bank.
fn asks(session: &Value) -> String {
    let of = |field: &str, kind: &str| {
        value::text(session, field).map(|id| format!("/_sandbox/{kind}/{id}/authenticate"))
    };
    of("payment_intent", "payment_intents")
        .or_else(|| of("setup_intent", "setup_intents"))
        .unwrap_or_else(|| format!("/_sandbox/checkout/{}", value::id(session)))
}

fn page(shared: &Shared, status: u16, session: &Value, why: &str) -> Reply {
    let (title, class) = match (value::text(session, "status"), value::text(session, "mode")) {
        (Some("complete"), _) => ("This session is complete".to_owned(), "good"),
        (Some("expired"), _) => ("This session has expired".to_owned(), "where"),
        (_, Some("setup")) => ("Save a payment method".to_owned(), ""),
        (_, Some("subscription")) => (format!("Subscribe for {}", money(session, "amount_total")), ""),
        _ => (format!("Pay {}", money(session, "amount_total")), ""),
    };
    let mut main = format!("<h1 class=\"{class}\">{}</h1>{why}", escaped(&title));
    main.push_str(&bought(shared, session));
    main.push_str(&facts(&[
        ("Customer", value::text(&session["customer_details"], "email")),
        ("Status", value::text(session, "status")),
    ]));
    if session["status"] == "open" {
        main.push_str(&form(session));
    } else if let Some(back) = value::text(session, "success_url").filter(|_| session["status"] == "complete")
    {
        let back = back.replace("{CHECKOUT_SESSION_ID}", value::id(session));
        let _ = write!(main, "<p><a href=\"{}\">Go on</a></p>", escaped(&back));
    }
    html(status, &title, &main)
}

/// The line items.
fn bought(shared: &Shared, session: &Value) -> String {
    let core = shared.core();
    let tx = shared.reading_of(&core, core.state.holder(value::id(session)));
    let stored = tx.get(value::id(session)).cloned().unwrap_or_default();
    let items = checkout::line_items_of(&tx, &stored);
    let mut list = String::from("<ul>");
    for item in items["data"].as_array().into_iter().flatten() {
        let what = value::text(item, "description").unwrap_or("Something");
        let _ = write!(
            list,
            "<li>{} × {}: {}</li>",
            value::int(item, "quantity"),
            escaped(what),
            escaped(&money(item, "amount_total"))
        );
    }
    list.push_str("</ul>");
    list
}

fn form(session: &Value) -> String {
    let email = value::text(&session["customer_details"], "email").unwrap_or_default();
    let mut form = format!(
        "<form method=\"post\" action=\"/_sandbox/checkout/{}/pay\">\
         <label for=\"email\">E-mail</label><input id=\"email\" name=\"email\" type=\"email\" value=\"{}\" autocomplete=\"off\">\
         <label for=\"name\">Name</label><input id=\"name\" name=\"name\" autocomplete=\"off\">\
         <label for=\"card\">Test card</label><select id=\"card\" name=\"payment_method\">",
        escaped(value::id(session)),
        escaped(email)
    );
    for (card, what) in CARDS {
        let _ = write!(form, "<option value=\"{card}\">{what}</option>");
    }
    form.push_str(
        "</select><button class=\"go\" name=\"result\" value=\"complete\">Complete</button>\
         <button name=\"result\" value=\"fail\">Fail</button></form>",
    );
    form
}
