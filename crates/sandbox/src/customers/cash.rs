//! A customer's cash balance: what he sent by bank transfer and what has not been applied
//! yet, by currency (Stripe's API, Cash balance). It is kept on the customer; each change
//! leaves a transaction that does not change any more.

use serde_json::{Map, Value, json};

use crate::{
    currency, invoices, money,
    payments::{self, Tried},
    registry::{Row, list, run},
    state::Tx,
    value,
    wire::{Call, Refusal, list::Listing, refusal},
};

pub(crate) static ROWS: &[Row] = &[
    run("customers.retrieveCashBalance", &[], show),
    run("customers.updateCashBalance", &["settings"], update),
    list("customers.listCashBalanceTransactions", &TRANSACTIONS),
    run("customers.retrieveCashBalanceTransaction", &[], transaction),
    run("testHelpers.customers.fundCashBalance", &["amount", "currency", "reference"], fund),
];

static TRANSACTIONS: Listing = Listing {
    kind: "customer_cash_balance_transaction",
    parent: Some(("customer", "customer")),
    filters: &[],
};

/// What is there in a currency.
pub(crate) fn available(customer: &Value, currency: &str) -> i64 {
    customer.get("_cash").map_or(0, |cash| value::int(cash, currency))
}

/// How money comes in this currency.
pub(crate) fn way(currency: &str) -> &'static str {
    match currency {
        "eur" => "eu_bank_transfer",
        "gbp" => "gb_bank_transfer",
        "jpy" => "jp_bank_transfer",
        "mxn" => "mx_bank_transfer",
        _ => "us_bank_transfer",
    }
}

/// The cash balance object.
pub(crate) fn object(customer: &Value) -> Value {
    let there = customer.get("_cash").and_then(Value::as_object);
    let there: Option<Map<String, Value>> = there.map(|cash| {
        cash.iter().filter(|(_, amount)| **amount != 0).map(|(c, a)| (c.clone(), a.clone())).collect()
    });
    let mode = value::text(customer, "_reconciliation");
    json!({
        "object": "cash_balance",
        "available": there.filter(|cash| !cash.is_empty()),
        "customer": customer["id"],
        "customer_account": null,
        "livemode": false,
        "settings": {
            "reconciliation_mode": mode.unwrap_or("automatic"),
            "using_merchant_default": mode.is_none(),
        },
    })
}

fn show(tx: &mut Tx, call: &Call) -> Result<Value, Refusal> {
    Ok(object(&tx.at_path("customer", call.id())?))
}

fn update(tx: &mut Tx, call: &Call) -> Result<Value, Refusal> {
    let mut customer = tx.at_path("customer", call.id())?;
    settings(&mut customer, call.params.get("settings"));
    tx.put(customer.clone());
    Ok(object(&customer))
}

/// Writes how money that arrives is applied.
pub(super) fn settings(customer: &mut Value, given: Option<&Value>) {
    match given.and_then(|given| value::text(given, "reconciliation_mode")) {
        None => {}
        Some("merchant_default") => value::set(customer, "_reconciliation", Value::Null),
        Some(mode) => value::set(customer, "_reconciliation", mode),
    }
}

fn transaction(tx: &mut Tx, call: &Call) -> Result<Value, Refusal> {
    tx.at_path("customer", call.id())?;
    let id = call.ids.get(1).map_or("", String::as_str);
    let found = tx.find("customer_cash_balance_transaction", id).filter(|t| t["customer"] == call.id());
    found
        .cloned()
        .ok_or_else(|| refusal::missing("customer_cash_balance_transaction", id, "id").with_status(404))
}

/// Money arrives, as a test asks for it.
fn fund(tx: &mut Tx, call: &Call) -> Result<Value, Refusal> {
    let customer = tx.at_path("customer", call.id())?;
    let currency = currency::parse(call.text("currency").unwrap_or_default())?;
    let amount = money::positive(call.params.get("amount").unwrap_or(&Value::Null), "amount")?;
    money::payable(amount, &currency, "amount")?;
    money::not_too_large(amount, &currency, "amount")?;
    let way = way(&currency);
    let mut transfer = json!({"reference": value::or_null(call.text("reference")), "type": way});
    let details = match way {
        "eu_bank_transfer" => json!({"bic": "BANKDEAAXXX", "iban_last4": "7089", "sender_name": "Sandbox"}),
        "gb_bank_transfer" => {
            json!({"account_number_last4": "6789", "sender_name": "Sandbox", "sort_code": "108800"})
        }
        "jp_bank_transfer" => {
            json!({"sender_bank": "TEST BANK", "sender_branch": "TEST BRANCH", "sender_name": "Sandbox"})
        }
        "us_bank_transfer" => json!({"network": "ach", "sender_name": "Sandbox"}),
        _ => Value::Null,
    };
    if !details.is_null() {
        value::set(&mut transfer, way, details);
    }
    let funded = json!({ "bank_transfer": transfer });
    let made = change(tx, &customer, &currency, amount, ("funded", funded));
    if value::text(&customer, "_reconciliation") != Some("manual") {
        for intent in payments::funds_arrived(tx, call.id(), &currency) {
            let paid = tx.at_path("payment_intent", &intent)?;
            invoices::intent_tried(tx, &intent, &Tried::Paid(paid), false);
        }
    }
    if let Some(owner) = tx.find("customer", call.id()).filter(|owner| available(owner, &currency) > 0) {
        let left = object(owner);
        tx.emit("cash_balance.funds_available", &left);
    }
    Ok(made)
}

/// Takes money for a payment intent, whose customer has it.
pub(crate) fn take(tx: &mut Tx, intent: &Value, amount: i64) {
    let customer = value::text(intent, "customer").and_then(|id| tx.find("customer", id)).cloned();
    let (Some(customer), Some(currency)) = (customer, value::text(intent, "currency")) else { return };
    let why = ("applied_to_payment", json!({"payment_intent": intent["id"]}));
    change(tx, &customer, currency, -amount, why);
}

/// Gives money back that a payment had taken.
pub(crate) fn give_back(tx: &mut Tx, refund: &Value) {
    let customer = value::text(refund, "customer").and_then(|id| tx.find("customer", id)).cloned();
    let (Some(customer), Some(currency)) = (customer, value::text(refund, "currency")) else { return };
    let why = ("refunded_from_payment", json!({"refund": refund["id"]}));
    change(tx, &customer, currency, value::int(refund, "amount"), why);
}

/// Gives back what a payment intent had taken that will not be paid.
pub(crate) fn unapply(tx: &mut Tx, intent: &Value) {
    let customer = value::text(intent, "customer").and_then(|id| tx.find("customer", id)).cloned();
    let (Some(customer), Some(currency)) = (customer, value::text(intent, "currency")) else { return };
    let why = ("unapplied_from_payment", json!({"payment_intent": intent["id"]}));
    change(tx, &customer, currency, value::int(intent, "_funded"), why);
}

/// Changes the balance. Returns the transaction.
fn change(tx: &mut Tx, customer: &Value, currency: &str, amount: i64, why: (&str, Value)) -> Value {
    let mut customer = customer.clone();
    let ending = available(&customer, currency) + amount;
    let mut cash = customer.get("_cash").cloned().unwrap_or_else(|| json!({}));
    value::set(&mut cash, currency, ending);
    value::set(&mut customer, "_cash", cash);
    let mut made = json!({
        "id": tx.ids().object("ccsbtxn"),
        "object": "customer_cash_balance_transaction",
        "created": tx.now(),
        "currency": currency,
        "customer": customer["id"],
        "customer_account": null,
        "ending_balance": ending,
        "livemode": false,
        "net_amount": amount,
        "type": why.0,
    });
    value::set(&mut made, why.0, why.1);
    tx.put(customer);
    tx.put(made.clone());
    tx.emit("customer_cash_balance_transaction.created", &made);
    made
}
