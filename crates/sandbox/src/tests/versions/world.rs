//! One of everything, made by a client of one version in its own words.

use serde_json::{Value, json};

use super::Client;
use crate::tests::{
    client::id,
    subscribing::{DAY_MS, HOUR_MS},
};

/// What there is to look at.
pub(super) struct World {
    pub(super) customer: String,
    /// Of one line by a price; paid by card.
    pub(super) paid: String,
    pub(super) elsewhere: String,
    /// Active, renewed once, with a proration on its second invoice.
    pub(super) subscription: String,
    pub(super) one_time_price: String,
    /// Authenticated by its customer.
    pub(super) intent: String,
}

pub(super) async fn world(client: &Client<'_>) -> World {
    let customer = payer(client).await;
    let product = id(&client.post("/v1/products", json!({"name": "Gold"})).await.ok());
    let price = json!({"product": product, "currency": "usd", "unit_amount": 4200});
    let one_time_price = id(&client.post("/v1/prices", price).await.ok());
    let paid = invoice(client, &customer, Some(&one_time_price)).await;
    client.post(&format!("/v1/invoices/{paid}/pay"), json!({})).await.ok();
    let elsewhere = invoice(client, &customer, None).await;
    client.post(&format!("/v1/invoices/{elsewhere}/pay"), json!({"paid_out_of_band": true})).await.ok();
    for end in ["void", "mark_uncollectible"] {
        let open = invoice(client, &customer, None).await;
        client.post(&format!("/v1/invoices/{open}/finalize"), json!({})).await.ok();
        client.post(&format!("/v1/invoices/{open}/{end}"), json!({})).await.ok();
    }
    let subscription = subscribe(client, &customer, &product).await;
    let intent = payments(client, &customer).await;
    client.sandbox.advance_ms(40 * DAY_MS + HOUR_MS).await;
    let gone = id(&client.post("/v1/customers", json!({"name": "Bob"})).await.ok());
    client.delete(&format!("/v1/customers/{gone}")).await.ok();
    World { customer, paid, elsewhere, subscription, one_time_price, intent }
}

async fn payer(client: &Client<'_>) -> String {
    let params = json!({"name": "Ada", "email": "ada@example.com", "address": {"city": "Rome"},
                        "metadata": {"object": "invoice", "team": "ops"}});
    let customer = id(&client.post("/v1/customers", params).await.ok());
    let attach = json!({"customer": customer});
    let method = id(&client.post("/v1/payment_methods/pm_card_visa/attach", attach).await.ok());
    let default = json!({"invoice_settings": {"default_payment_method": method}});
    client.post(&format!("/v1/customers/{customer}"), default).await.ok();
    customer
}

/// A draft over a price, or over 42.00 USD without one.
pub(super) async fn invoice(client: &Client<'_>, customer: &str, price: Option<&str>) -> String {
    let made = client.post("/v1/invoices", json!({"customer": customer})).await.ok();
    let mut item = json!({"customer": customer, "invoice": made["id"], "currency": "usd"});
    match price {
        None => item["amount"] = json!(4200),
        Some(price) if client.version.name() == "acacia" => item["price"] = json!(price),
        Some(price) => item["pricing"] = json!({"price": price}),
    }
    client.post("/v1/invoiceitems", item).await.ok();
    id(&made)
}

async fn subscribe(client: &Client<'_>, customer: &str, product: &str) -> String {
    let monthly = json!({"product": product, "currency": "usd", "unit_amount": 1000,
                         "recurring": {"interval": "month"}});
    let monthly = id(&client.post("/v1/prices", monthly).await.ok());
    let to = |more: Value| {
        let mut params = json!({"customer": customer, "items": [{"price": monthly}]});
        params.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        params
    };
    client.post("/v1/subscriptions", to(json!({"trial_period_days": 7}))).await.ok();
    let made = client.post("/v1/subscriptions", to(json!({}))).await.ok();
    client.sandbox.advance_ms(10 * DAY_MS).await;
    let item = made["items"]["data"][0]["id"].clone();
    let more = json!({"items": [{"id": item, "quantity": 3}]});
    client.post(&format!("/v1/subscriptions/{}", id(&made)), more).await.ok();
    let ends = id(&client.post("/v1/subscriptions", to(json!({}))).await.ok());
    client.delete(&format!("/v1/subscriptions/{ends}")).await.ok();
    let pending = json!({"customer": customer, "amount": 77, "currency": "usd", "subscription": made["id"]});
    client.post("/v1/invoiceitems", pending).await.ok();
    let waits =
        json!({"customer": customer, "unit_amount_decimal": "12.5", "quantity": 2, "currency": "eur"});
    let refused = client.post("/v1/invoiceitems", waits).await.error(400);
    assert!(refused["message"].as_str().unwrap().contains("usd"), "{refused}");
    id(&made)
}

async fn payments(client: &Client<'_>, customer: &str) -> String {
    let of = |card: &str| json!({"amount": 4200, "currency": "usd", "confirm": true, "payment_method": card});
    client.post("/v1/payment_intents", of("pm_card_visa_chargeDeclined")).await.error(402);
    let mut asks = of("pm_card_authenticationRequired");
    asks["customer"] = json!(customer);
    asks["return_url"] = json!("https://shop.example/back");
    let intent = id(&client.post("/v1/payment_intents", asks).await.ok());
    client.sandbox.authenticate(&intent, true).await.unwrap();
    let mut holds = of("pm_card_visa");
    holds["capture_method"] = json!("manual");
    let held = id(&client.post("/v1/payment_intents", holds).await.ok());
    let part = json!({"amount_to_capture": 4000});
    client.post(&format!("/v1/payment_intents/{held}/capture"), part).await.ok();
    client.post("/v1/refunds", json!({"payment_intent": intent, "amount": 1200})).await.ok();
    let left = id(&client.post("/v1/payment_intents", json!({"amount": 99, "currency": "usd"})).await.ok());
    let late = client.post(&format!("/v1/payment_intents/{left}/capture"), json!({})).await.error(400);
    assert_eq!(late["payment_intent"]["id"], left.as_str());
    intent
}
