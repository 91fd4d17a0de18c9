//! How a request of each operation comes to be, and what becomes of an amount in it.

use serde_json::{Value, json};

use super::{super::client::*, places::Place, pricing};
use crate::Sandbox;

/// What can be charged in every currency of the tests.
pub(super) const GOOD: i64 = 25_000;
/// What is held or paid before it is captured or refunded.
pub(super) const BEFORE: i64 = 2 * GOOD;

/// What an amount can be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Rule {
    /// One payment: at least and at most something.
    Charge,
    /// A part of a payment: anything from 1, in the currency's digits.
    Part,
    /// A sum that is no payment: anything from 1 to what a payment can be at most.
    Sum,
    /// A line of an invoice: of either sign, in the currency's digits.
    Line,
    /// The price of a unit: not negative.
    Unit,
    /// A line's price of a unit, in decimals: of either sign.
    Units,
}

/// What becomes of an amount.
#[derive(Debug, Clone, Copy)]
pub(super) enum Fate {
    /// It shows in the answer at this pointer.
    Shows(&'static str, Rule),
    /// Whatever it is, the request is refused with this.
    Refused(&'static str),
}

/// What becomes of this one; `None` when nobody has said so here.
pub(super) fn fate(place: &Place) -> Option<Fate> {
    let param = place.param();
    let unit = if place.decimal { "unit_amount_decimal" } else { "unit_amount" };
    let pricing = "/pricing/unit_amount_decimal";
    Some(match (place.row.id, param.as_str()) {
        ("paymentIntents.create" | "paymentIntents.update", "amount") => Fate::Shows("/amount", Rule::Charge),
        ("paymentIntents.capture", "amount_to_capture") => Fate::Shows("/amount_received", Rule::Charge),
        ("refunds.create", "amount") => Fate::Shows("/amount", Rule::Part),
        ("creditNotes.create", "amount") => Fate::Shows("/amount", Rule::Part),
        ("creditNotes.create", "lines[0][amount]") => Fate::Shows("/lines/data/0/amount", Rule::Sum),
        ("creditNotes.create", "lines[0][unit_amount]") => {
            Fate::Shows("/lines/data/0/unit_amount", Rule::Sum)
        }
        ("creditNotes.create", "credit_amount" | "out_of_band_amount" | "refund_amount") => {
            Fate::Refused("is not paid, so nothing can be given back")
        }
        ("creditNotes.create", "refunds[0][amount_refunded]") => Fate::Refused("No such refund: ''"),
        ("payouts.create", "amount") => Fate::Shows("/amount", Rule::Sum),
        ("customers.createBalanceTransaction", "amount") => Fate::Shows("/amount", Rule::Line),
        ("testHelpers.customers.fundCashBalance", "amount") => Fate::Shows("/net_amount", Rule::Sum),
        ("paymentIntents.applyCustomerBalance", "amount") => Fate::Refused("cannot take a balance"),
        ("paymentIntents.incrementAuthorization", "amount") => {
            Fate::Refused("must be greater than the one that is authorized")
        }
        ("paymentIntents.verifyMicrodeposits", "amounts[0]") => Fate::Refused("cannot be verified"),
        ("setupIntents.verifyMicrodeposits", "amounts[0]") => Fate::Refused("You cannot verify"),
        ("charges.create", "amount") => Fate::Shows("/amount", Rule::Charge),
        ("charges.capture", "amount") => Fate::Refused("Capture that one: POST /v1/payment_intents/"),
        ("invoiceItems.create" | "invoiceItems.update", "amount") => Fate::Shows("/amount", Rule::Line),
        ("invoiceItems.create" | "invoiceItems.update", "unit_amount_decimal") => {
            Fate::Shows(pricing, Rule::Units)
        }
        ("invoiceItems.create" | "invoiceItems.update", "price_data[unit_amount]") => {
            Fate::Shows("/amount", Rule::Unit)
        }
        ("invoiceItems.create" | "invoiceItems.update", "price_data[unit_amount_decimal]") => {
            Fate::Shows(pricing, Rule::Unit)
        }
        ("prices.create", name) if name == unit => Fate::Shows(pointer("", unit), Rule::Unit),
        ("products.create", name) if name == format!("default_price_data[{unit}]") => {
            Fate::Shows(pointer("default_price", unit), Rule::Unit)
        }
        ("subscriptions.create" | "subscriptions.update", name)
            if name == format!("add_invoice_items[0][price_data][{unit}]") =>
        {
            Fate::Shows(pointer("added", unit), Rule::Unit)
        }
        ("subscriptions.create" | "subscriptions.update", name)
            if name == format!("items[0][price_data][{unit}]") =>
        {
            Fate::Shows(pointer("items", unit), Rule::Unit)
        }
        ("checkout.sessions.create", name) if name == format!("line_items[0][price_data][{unit}]") => {
            Fate::Shows(pointer("sold", unit), Rule::Unit)
        }
        ("invoices.createPreview", "invoice_items[0][amount]") => {
            Fate::Shows("/lines/data/0/amount", Rule::Line)
        }
        ("invoices.createPreview", name) if name == format!("invoice_items[0][{unit}]") => {
            Fate::Shows("/lines/data/0/pricing/unit_amount_decimal", Rule::Units)
        }
        ("invoices.createPreview", name) if name.ends_with(&format!("[price_data][{unit}]")) => {
            Fate::Shows(pointer("previewed", unit), Rule::Unit)
        }
        ("subscriptionSchedules.create" | "subscriptionSchedules.update", name)
            if name == format!("phases[0][items][0][price_data][{unit}]") =>
        {
            Fate::Shows(pointer("phase", unit), Rule::Unit)
        }
        ("subscriptionSchedules.create" | "subscriptionSchedules.update", name)
            if name == format!("phases[0][add_invoice_items][0][price_data][{unit}]") =>
        {
            Fate::Shows(pointer("phase's", unit), Rule::Unit)
        }
        ("subscriptionItems.create" | "subscriptionItems.update", name)
            if name == format!("price_data[{unit}]") =>
        {
            Fate::Shows(pointer("price", unit), Rule::Unit)
        }
        _ => return pricing::fate(place),
    })
}

fn pointer(within: &str, unit: &str) -> &'static str {
    match (within, unit) {
        ("", "unit_amount") => "/unit_amount",
        ("", _) => "/unit_amount_decimal",
        ("default_price", "unit_amount") => "/default_price/unit_amount",
        ("default_price", _) => "/default_price/unit_amount_decimal",
        ("sold", "unit_amount") => "/line_items/data/0/price/unit_amount",
        ("sold", _) => "/line_items/data/0/price/unit_amount_decimal",
        ("previewed", "unit_amount") => "/lines/data/0/amount",
        ("previewed", _) => "/lines/data/0/pricing/unit_amount_decimal",
        ("phase", "unit_amount") => "/phases/0/items/0/price/unit_amount",
        ("phase", _) => "/phases/0/items/0/price/unit_amount_decimal",
        ("phase's", "unit_amount") => "/phases/0/add_invoice_items/0/price/unit_amount",
        ("phase's", _) => "/phases/0/add_invoice_items/0/price/unit_amount_decimal",
        ("added", "unit_amount") => "/latest_invoice/lines/data/0/amount",
        ("added", _) => "/latest_invoice/lines/data/0/pricing/unit_amount_decimal",
        ("items", "unit_amount") => "/items/data/0/price/unit_amount",
        ("items", _) => "/items/data/0/price/unit_amount_decimal",
        (_, "unit_amount") => "/price/unit_amount",
        (_, _) => "/price/unit_amount_decimal",
    }
}

/// A request of the operation that only lacks the amount.
pub(super) async fn request(sandbox: &Sandbox, place: &Place, currency: &str) -> (String, Value) {
    if let Some(request) = pricing::request(sandbox, place, currency).await {
        return request;
    }
    let by_data = place.path.contains(&"price_data");
    let added = place.path[0] == "add_invoice_items";
    match place.row.id {
        "paymentIntents.create" => {
            ("/v1/payment_intents".into(), json!({"currency": currency, "amount": GOOD}))
        }
        "paymentIntents.update" | "paymentIntents.confirm" => {
            let action = place.row.id.strip_suffix("confirm").map_or("", |_| "/confirm");
            let intent = intent(sandbox, currency, json!({"payment_method": "pm_card_visa"})).await;
            (format!("/v1/payment_intents/{intent}{action}"), json!({}))
        }
        "paymentIntents.capture" => {
            let more = json!({"payment_method": "pm_card_visa", "confirm": true, "capture_method": "manual"});
            (format!("/v1/payment_intents/{}/capture", intent(sandbox, currency, more).await), json!({}))
        }
        "paymentIntents.incrementAuthorization" => {
            let more = json!({"payment_method": "pm_card_visa", "confirm": true, "capture_method": "manual"});
            let held = intent(sandbox, currency, more).await;
            (format!("/v1/payment_intents/{held}/increment_authorization"), json!({}))
        }
        "paymentIntents.applyCustomerBalance" => {
            let intent = intent(sandbox, currency, json!({})).await;
            (format!("/v1/payment_intents/{intent}/apply_customer_balance"), json!({}))
        }
        "paymentIntents.verifyMicrodeposits" => {
            let intent = intent(sandbox, currency, json!({})).await;
            (format!("/v1/payment_intents/{intent}/verify_microdeposits"), json!({}))
        }
        "setupIntents.create" => ("/v1/setup_intents".into(), json!({})),
        "setupIntents.update" | "setupIntents.confirm" | "setupIntents.verifyMicrodeposits" => {
            let made = json!({"payment_method": "pm_card_visa"});
            let made = id(&post(sandbox, "/v1/setup_intents", made).await.ok());
            let action = match place.row.id {
                "setupIntents.confirm" => "/confirm",
                "setupIntents.update" => "",
                _ => "/verify_microdeposits",
            };
            (format!("/v1/setup_intents/{made}{action}"), json!({}))
        }
        "creditNotes.create" => {
            let invoice = open_invoice(sandbox, currency).await;
            let whole = ["credit_amount", "out_of_band_amount", "refund_amount", "refunds"];
            let mut params = json!({ "invoice": invoice });
            if whole.contains(&place.path[0]) {
                params["amount"] = json!(GOOD);
            }
            ("/v1/credit_notes".into(), params)
        }
        "payouts.create" => {
            let paid = json!({"payment_method": "pm_card_bypassPending", "confirm": true});
            intent(sandbox, currency, paid).await;
            ("/v1/payouts".into(), json!({ "currency": currency }))
        }
        "customers.createBalanceTransaction" => {
            let customer = customer(sandbox).await;
            (format!("/v1/customers/{customer}/balance_transactions"), json!({ "currency": currency }))
        }
        "testHelpers.customers.fundCashBalance" => {
            let customer = customer(sandbox).await;
            let path = format!("/v1/test_helpers/customers/{customer}/fund_cash_balance");
            (path, json!({ "currency": currency }))
        }
        "charges.create" => ("/v1/charges".into(), json!({"currency": currency, "source": "tok_visa"})),
        "charges.capture" => {
            let more = json!({"payment_method": "pm_card_visa", "confirm": true, "capture_method": "manual"});
            intent(sandbox, currency, more).await;
            (format!("/v1/charges/{}/capture", last(sandbox, "charge")), json!({}))
        }
        "refunds.create" => {
            let paid = json!({"payment_method": "pm_card_visa", "confirm": true});
            ("/v1/refunds".into(), json!({"payment_intent": intent(sandbox, currency, paid).await}))
        }
        "invoiceItems.create" => {
            let mut params = json!({"customer": customer(sandbox).await, "currency": currency});
            if by_data {
                params["price_data"] = price_data(sandbox, currency, false).await;
            }
            ("/v1/invoiceitems".into(), params)
        }
        "invoiceItems.update" => {
            let made = json!({"customer": customer(sandbox).await, "currency": currency, "amount": GOOD});
            let item = id(&post(sandbox, "/v1/invoiceitems", made).await.ok());
            let data = if by_data {
                json!({"price_data": price_data(sandbox, currency, false).await})
            } else {
                json!({})
            };
            (format!("/v1/invoiceitems/{item}"), data)
        }
        "prices.create" => {
            ("/v1/prices".into(), json!({"currency": currency, "product_data": {"name": "Gold"}}))
        }
        "products.create" => {
            let data = json!({"currency": currency});
            let expand = json!(["default_price"]);
            ("/v1/products".into(), json!({"name": "Gold", "default_price_data": data, "expand": expand}))
        }
        "subscriptions.create" => {
            let mut params = subscription(sandbox).await;
            params["items"] = json!([{"price_data": price_data(sandbox, currency, true).await}]);
            if !by_data || added {
                params["items"][0]["price_data"]["unit_amount"] = json!(GOOD);
            }
            if added {
                let data = price_data(sandbox, currency, false).await;
                params["add_invoice_items"] = json!([{"price_data": data}]);
                params["expand"] = json!(["latest_invoice"]);
            }
            ("/v1/subscriptions".into(), params)
        }
        "subscriptions.update" => {
            let (made, item) = subscribed(sandbox, currency).await;
            let data = price_data(sandbox, currency, true).await;
            let params = if added {
                let data = price_data(sandbox, currency, false).await;
                json!({"add_invoice_items": [{"price_data": data}], "expand": ["latest_invoice"],
                       "proration_behavior": "always_invoice"})
            } else if by_data {
                json!({"items": [{"id": item, "price_data": data}]})
            } else {
                json!({})
            };
            (format!("/v1/subscriptions/{made}"), params)
        }
        "subscriptionItems.create" => {
            let (made, _) = subscribed(sandbox, currency).await;
            let data = price_data(sandbox, currency, true).await;
            ("/v1/subscription_items".into(), json!({"subscription": made, "price_data": data}))
        }
        "subscriptionItems.update" => {
            let (_, item) = subscribed(sandbox, currency).await;
            let data = price_data(sandbox, currency, true).await;
            (format!("/v1/subscription_items/{item}"), json!({"price_data": data}))
        }
        "checkout.sessions.create" => {
            let mut data = price_data(sandbox, currency, true).await;
            if !by_data {
                data["unit_amount"] = json!(GOOD);
            }
            let items = json!([{"quantity": 1, "price_data": data}]);
            let params = json!({"mode": "subscription", "success_url": "https://a.example", "line_items": items,
                                "expand": ["line_items"]});
            ("/v1/checkout/sessions".into(), params)
        }
        "invoices.createPreview" => {
            ("/v1/invoices/create_preview".into(), preview(sandbox, place, currency).await)
        }
        "subscriptionSchedules.create" => {
            ("/v1/subscription_schedules".into(), schedule(sandbox, place, currency).await)
        }
        "subscriptionSchedules.update" => {
            let bare = Place { path: vec!["end_behavior"], ..*place };
            let made = schedule(sandbox, &bare, currency).await;
            let made = id(&post(sandbox, "/v1/subscription_schedules", made).await.ok());
            let mut params = schedule(sandbox, place, currency).await;
            params.as_object_mut().unwrap().retain(|name, _| matches!(name.as_str(), "phases" | "expand"));
            (format!("/v1/subscription_schedules/{made}"), params)
        }
        "customers.create" => ("/v1/customers".into(), json!({})),
        "customers.update" => (format!("/v1/customers/{}", customer(sandbox).await), json!({})),
        "invoices.create" => ("/v1/invoices".into(), json!({"customer": customer(sandbox).await})),
        "invoices.update" => {
            let made = json!({"customer": customer(sandbox).await});
            (format!("/v1/invoices/{}", id(&post(sandbox, "/v1/invoices", made).await.ok())), json!({}))
        }
        other => panic!("nobody knows how to make a request of {other}; say it here"),
    }
}

async fn preview(sandbox: &Sandbox, place: &Place, currency: &str) -> Value {
    let customer = customer(sandbox).await;
    let by_data = place.path.contains(&"price_data");
    if place.path[0] == "subscription_details" {
        let data = price_data(sandbox, currency, true).await;
        return json!({"customer": customer, "subscription_details": {"items": [{"price_data": data}]}});
    }
    let mut item = json!({"currency": currency});
    if by_data {
        item["price_data"] = price_data(sandbox, currency, false).await;
    }
    json!({"customer": customer, "currency": currency, "invoice_items": [item]})
}

/// A schedule of one phase that is to come.
async fn schedule(sandbox: &Sandbox, place: &Place, currency: &str) -> Value {
    let within = |name: &str| place.path.contains(&name) && place.path.contains(&"price_data");
    let mut recurring = price_data(sandbox, currency, true).await;
    if !within("items") {
        recurring["unit_amount"] = json!(GOOD);
    }
    let mut phase = json!({"items": [{"price_data": recurring}]});
    if within("add_invoice_items") {
        phase["add_invoice_items"] = json!([{"price_data": price_data(sandbox, currency, false).await}]);
    }
    json!({"customer": customer(sandbox).await, "start_date": NOON + 86_400, "phases": [phase],
           "expand": ["phases.items.price", "phases.add_invoice_items.price"]})
}

async fn customer(sandbox: &Sandbox) -> String {
    id(&post(sandbox, "/v1/customers", json!({})).await.ok())
}

async fn intent(sandbox: &Sandbox, currency: &str, more: Value) -> String {
    let mut params = json!({"amount": BEFORE, "currency": currency});
    params.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    id(&post(sandbox, "/v1/payment_intents", params).await.ok())
}

/// An open invoice over what is paid before.
async fn open_invoice(sandbox: &Sandbox, currency: &str) -> String {
    let customer = customer(sandbox).await;
    let invoice = json!({"customer": customer, "currency": currency});
    let invoice = id(&post(sandbox, "/v1/invoices", invoice).await.ok());
    let line = json!({"customer": customer, "invoice": invoice, "amount": BEFORE, "currency": currency});
    post(sandbox, "/v1/invoiceitems", line).await.ok();
    post(sandbox, &format!("/v1/invoices/{invoice}/finalize"), json!({})).await.ok();
    invoice
}

fn last(sandbox: &Sandbox, kind: &str) -> String {
    id(sandbox.objects(kind).last().unwrap())
}

/// A price's data, but for the amount.
async fn price_data(sandbox: &Sandbox, currency: &str, recurs: bool) -> Value {
    let product = id(&post(sandbox, "/v1/products", json!({"name": "Gold"})).await.ok());
    let mut data = json!({"currency": currency, "product": product});
    if recurs {
        data["recurring"] = json!({"interval": "month"});
    }
    data
}

/// A subscription that is billed by mail, but for its items.
async fn subscription(sandbox: &Sandbox) -> Value {
    let customer = customer(sandbox).await;
    json!({"customer": customer, "collection_method": "send_invoice", "days_until_due": 30})
}

async fn subscribed(sandbox: &Sandbox, currency: &str) -> (String, String) {
    let mut params = subscription(sandbox).await;
    let mut data = price_data(sandbox, currency, true).await;
    data["unit_amount"] = json!(GOOD);
    params["items"] = json!([{"price_data": data}]);
    let made = post(sandbox, "/v1/subscriptions", params).await.ok();
    (id(&made), id(&made["items"]["data"][0]))
}
