//! A customer's card sources, the older kind of payment method (Stripe's API, Cards):
//! made from a token below a customer. The first is the customer's default.
//!
//! The id of one may stand wherever the id of a payment method may: [`as_method`] shows
//! how it looks then.

use serde_json::{Value, json};

use super::{Card, cards::Does, object::from_card};
use crate::{
    registry::{Row, list, run},
    state::Tx,
    value,
    wire::{
        Call, Refusal,
        list::{Filter, Listing},
        refusal,
    },
};

pub(crate) static ROWS: &[Row] = &[
    run("customers.createSource", &["metadata", "source", "validate"], create),
    run("customers.retrieveSource", &[], retrieve),
    run(
        "customers.updateSource",
        &[
            "address_city",
            "address_country",
            "address_line1",
            "address_line2",
            "address_state",
            "address_zip",
            "exp_month",
            "exp_year",
            "metadata",
            "name",
        ],
        update,
    ),
    run("customers.deleteSource", &[], delete),
    list("customers.listSources", &SOURCES),
];

static SOURCES: Listing =
    Listing { kind: "card", parent: Some(("customer", "customer")), filters: &[Filter::Equal("object")] };

fn create(tx: &mut Tx, call: &Call) -> Result<Value, Refusal> {
    let customer = tx.at_path("customer", call.id())?;
    let token = call.text("source").unwrap_or_default();
    let mut card = attach(tx, &customer, token, "source")?;
    value::merge_metadata(&mut card, &call.params);
    tx.put(card.clone());
    tx.emit("customer.source.created", &card);
    Ok(card)
}

/// Gives a customer the card of a token, stored; the first becomes the default. No
/// event: the caller knows its place.
///
/// # Errors
/// No test token, or a card that its bank refuses to save (402).
pub(crate) fn attach(tx: &mut Tx, customer: &Value, token: &str, param: &str) -> Result<Value, Refusal> {
    let card = Card::of_id(token).filter(|_| token.starts_with("tok_"));
    let card = card.ok_or_else(|| refusal::missing("token", token, param))?;
    if let Does::Decline(decline) = card.does {
        return Err(decline.refusal());
    }
    let source = fresh(tx, customer, card);
    tx.put(source.clone());
    let mut customer = tx.find("customer", value::id(customer)).unwrap_or(customer).clone();
    if customer["default_source"].is_null() {
        value::set(&mut customer, "default_source", value::id(&source));
        tx.put(customer);
    }
    Ok(source)
}

/// The card of a token that is nobody's: it pays once.
pub(crate) fn of_token(tx: &mut Tx, card: &Card) -> Value {
    fresh(tx, &Value::Null, card)
}

fn fresh(tx: &mut Tx, customer: &Value, card: &Card) -> Value {
    let id = tx.ids().object("card");
    let like = from_card(tx, card);
    let like = &like["card"];
    let brand = match card.brand {
        "visa" => "Visa",
        "mastercard" => "MasterCard",
        "amex" => "American Express",
        "discover" => "Discover",
        "diners" => "Diners Club",
        "jcb" => "JCB",
        _ => "UnionPay",
    };
    json!({
        "id": id,
        "object": "card",
        "address_city": null,
        "address_country": null,
        "address_line1": null,
        "address_line1_check": null,
        "address_line2": null,
        "address_state": null,
        "address_zip": null,
        "address_zip_check": null,
        "allow_redisplay": "unspecified",
        "brand": brand,
        "country": like["country"],
        "customer": customer["id"],
        "cvc_check": "pass",
        "dynamic_last4": null,
        "exp_month": like["exp_month"],
        "exp_year": like["exp_year"],
        "fingerprint": like["fingerprint"],
        "funding": like["funding"],
        "last4": like["last4"],
        "metadata": {},
        "name": null,
        "regulated_status": "unregulated",
        "tokenization_method": null,
        "_card": card.name,
        "_created": tx.now(),
    })
}

/// The payment method that a card source is when somebody pays with it.
pub(crate) fn as_method(source: &Value) -> Value {
    let card = value::text(source, "_card").and_then(Card::of_name);
    let brand = card.map_or("visa", |card| card.brand);
    let address = json!({
        "city": source["address_city"], "country": source["address_country"], "line1": source["address_line1"],
        "line2": source["address_line2"], "postal_code": source["address_zip"], "state": source["address_state"],
    });
    json!({
        "id": source["id"],
        "object": "payment_method",
        "allow_redisplay": "unspecified",
        "billing_details": {
            "address": address, "email": null, "name": source["name"], "phone": null, "tax_id": null,
        },
        "card": {
            "brand": brand,
            "checks": {"address_line1_check": null, "address_postal_code_check": null, "cvc_check": "pass"},
            "country": source["country"],
            "display_brand": brand,
            "exp_month": source["exp_month"],
            "exp_year": source["exp_year"],
            "fingerprint": source["fingerprint"],
            "funding": source["funding"],
            "generated_from": null,
            "last4": source["last4"],
            "networks": {"available": [brand], "preferred": null},
            "regulated_status": "unregulated",
            "three_d_secure_usage": {"supported": true},
            "wallet": null,
        },
        "created": source["_created"],
        "customer": source["customer"],
        "customer_account": null,
        "livemode": false,
        "metadata": source["metadata"],
        "type": "card",
        "_card": source["_card"],
    })
}

/// The source that the path names, below its customer.
fn at_path(tx: &Tx, call: &Call) -> Result<Value, Refusal> {
    tx.at_path("customer", call.id())?;
    let id = call.ids.get(1).map_or("", String::as_str);
    let source = tx.find("card", id).filter(|source| value::text(source, "customer") == Some(call.id()));
    source.cloned().ok_or_else(|| refusal::missing("source", id, "id").with_status(404))
}

fn retrieve(tx: &mut Tx, call: &Call) -> Result<Value, Refusal> {
    at_path(tx, call)
}

fn update(tx: &mut Tx, call: &Call) -> Result<Value, Refusal> {
    let before = at_path(tx, call)?;
    let mut after = before.clone();
    value::assign(
        &mut after,
        &call.params,
        &[
            "address_city",
            "address_country",
            "address_line1",
            "address_line2",
            "address_state",
            "address_zip",
            "name",
        ],
    );
    for field in ["exp_month", "exp_year"] {
        let Some(text) = call.text(field) else { continue };
        let number: i64 = text.parse().map_err(|_| {
            refusal::invalid(format!("Invalid integer: {text}"))
                .with_code("parameter_invalid_integer")
                .with_param(field)
        })?;
        value::set(&mut after, field, number);
    }
    value::merge_metadata(&mut after, &call.params);
    tx.change("customer.source.updated", &before, after.clone());
    Ok(after)
}

/// A deleted default is followed by the newest that is left.
fn delete(tx: &mut Tx, call: &Call) -> Result<Value, Refusal> {
    let source = at_path(tx, call)?;
    let id = value::id(&source);
    tx.emit("customer.source.deleted", &source);
    let stub = tx.bury("card", id);
    let customer = tx.at_path("customer", call.id())?;
    if customer["default_source"] == id {
        let next = tx.pointing_at("card", call.id());
        let mut after = customer.clone();
        value::set(&mut after, "default_source", value::or_null(next.last().map(value::id)));
        tx.change("customer.updated", &customer, after);
    }
    Ok(stub)
}
