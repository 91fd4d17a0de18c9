//! The customer portal: subscriptions to cancel, a payment method to change, invoices to
//! look at.

use std::fmt::Write as _;

use serde_json::{Map, Value};

use super::{invoice::CARDS, money, nothing, object, why};
use crate::{
    billing_portal::{self, CONFIGURATION, SESSION},
    control,
    core::Shared,
    page::{escaped, html, onward},
    value,
    wire::Reply,
};

pub(super) fn show(shared: &Shared, id: &str) -> Reply {
    match object(shared, id, SESSION) {
        Some(session) => page(shared, 200, &session, ""),
        None => nothing("portal session"),
    }
}

pub(super) async fn cancel(shared: &Shared, id: &str, form: &Map<String, Value>) -> Reply {
    let subscription = form.get("subscription").and_then(Value::as_str).unwrap_or_default().to_owned();
    let done = control::act(shared, id, |tx| billing_portal::cancel(tx, id, &subscription)).await;
    answered(shared, id, done)
}

pub(super) async fn change_payment_method(shared: &Shared, id: &str, form: &Map<String, Value>) -> Reply {
    let method = form.get("payment_method").and_then(Value::as_str).unwrap_or(CARDS[0].0).to_owned();
    let done = control::act(shared, id, |tx| billing_portal::change_payment_method(tx, id, &method)).await;
    answered(shared, id, done)
}

fn answered(shared: &Shared, id: &str, done: Result<Value, crate::wire::Refusal>) -> Reply {
    match (done, object(shared, id, SESSION)) {
        (_, None) => nothing("portal session"),
        (Ok(_), Some(_)) => onward(&format!("/_sandbox/portal/{id}")),
        (Err(refused), Some(session)) => page(shared, 400, &session, &why(&refused)),
    }
}

fn page(shared: &Shared, status: u16, session: &Value, why: &str) -> Reply {
    let core = shared.core();
    let tx = shared.reading_of(&core, core.state.holder(value::id(session)));
    let customer = value::text(session, "customer").unwrap_or_default();
    let configuration = value::text(session, "configuration").and_then(|id| tx.find(CONFIGURATION, id));
    let allows = |name: &str| configuration.is_some_and(|one| one["features"][name]["enabled"] == true);
    let mut main = format!("<h1>Your billing</h1>{why}<h2>Subscriptions</h2><ul>");
    for one in tx.pointing_at("subscription", customer) {
        subscription(&mut main, session, &one, allows("subscription_cancel"));
    }
    main.push_str("</ul>");
    if allows("payment_method_update") {
        payment_method(&mut main, session);
    }
    if allows("invoice_history") {
        main.push_str("<h2>Invoices</h2><ul>");
        for one in tx.pointing_at("invoice", customer).iter().rev().filter(|one| one["status"] != "draft") {
            let number = value::text(one, "number").unwrap_or_else(|| value::id(one));
            let _ = write!(
                main,
                "<li><a href=\"/_sandbox/invoices/{}\">{}</a>: {}, {}</li>",
                escaped(value::id(one)),
                escaped(number),
                escaped(&money(one, "total")),
                escaped(value::text(one, "status").unwrap_or_default())
            );
        }
        main.push_str("</ul>");
    }
    if let Some(back) = value::text(session, "return_url") {
        let _ = write!(main, "<p><a href=\"{}\">Go back</a></p>", escaped(back));
    }
    html(status, "Your billing", &main)
}

fn subscription(main: &mut String, session: &Value, one: &Value, cancels: bool) {
    let id = escaped(value::id(one));
    let status = escaped(value::text(one, "status").unwrap_or_default());
    let _ = write!(main, "<li><code>{id}</code>: {status}");
    let ends = !one["cancel_at"].is_null();
    if ends {
        main.push_str(", ends by itself");
    }
    if cancels && !ends && !matches!(&*status, "canceled" | "incomplete_expired") {
        let _ = write!(
            main,
            "<form method=\"post\" action=\"/_sandbox/portal/{}/cancel\">\
             <input type=\"hidden\" name=\"subscription\" value=\"{id}\">\
             <button>Cancel {id}</button></form>",
            escaped(value::id(session))
        );
    }
    main.push_str("</li>");
}

fn payment_method(main: &mut String, session: &Value) {
    let _ = write!(
        main,
        "<h2>Payment method</h2><form method=\"post\" action=\"/_sandbox/portal/{}/payment_method\">\
         <label for=\"card\">Test card</label><select id=\"card\" name=\"payment_method\">",
        escaped(value::id(session))
    );
    for (card, what) in CARDS {
        let _ = write!(main, "<option value=\"{card}\">{what}</option>");
    }
    main.push_str("</select><button class=\"go\">Use this card</button></form>");
}
