//! A customer's credit balance and its transactions (Stripe's API, Customer balance
//! transactions). The balance is the sum of them; what the customer owes is positive,
//! what he has to his credit negative.

use serde_json::{Value, json};

use super::use_currency;
use crate::{
    currency, money,
    registry::{Row, list, run},
    state::Tx,
    value,
    wire::{
        Call, Refusal,
        list::{Filter, Listing},
        refusal,
    },
};

const KIND: &str = "customer_balance_transaction";

pub(crate) static ROWS: &[Row] = &[
    run("customers.createBalanceTransaction", &["amount", "currency", "description", "metadata"], create),
    run("customers.retrieveBalanceTransaction", &[], at_path),
    run("customers.updateBalanceTransaction", &["description", "metadata"], update),
    list("customers.listBalanceTransactions", &TRANSACTIONS),
];

static TRANSACTIONS: Listing = Listing {
    kind: KIND,
    parent: Some(("customer", "customer")),
    filters: &[Filter::Equal("invoice"), Filter::Within("created", "created")],
};

/// Why a balance changes.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Why<'a> {
    /// The transaction's `type`.
    pub(crate) kind: &'a str,
    pub(crate) invoice: Option<&'a str>,
    pub(crate) credit_note: Option<&'a str>,
}

/// Records a change of a balance that the customer has already. Returns the transaction;
/// none when nothing changed. Stripe has no event for it.
pub(crate) fn record(tx: &mut Tx, before: &Value, after: &Value, code: &str, why: Why<'_>) -> Option<Value> {
    let amount = value::int(after, "balance") - value::int(before, "balance");
    if amount == 0 {
        return None;
    }
    let made = json!({
        "id": tx.ids().object("cbtxn"),
        "object": KIND,
        "amount": amount,
        "checkout_session": null,
        "created": tx.now(),
        "credit_note": why.credit_note,
        "currency": code,
        "customer": after["id"],
        "customer_account": null,
        "description": null,
        "ending_balance": after["balance"],
        "invoice": why.invoice,
        "livemode": false,
        "metadata": {},
        "type": why.kind,
    });
    tx.put(made.clone());
    Some(made)
}

fn create(tx: &mut Tx, call: &Call) -> Result<Value, Refusal> {
    let customer = tx.at_path("customer", call.id())?;
    let code = currency::parse(call.text("currency").unwrap_or_default())?;
    let amount = call.params.get("amount").and_then(Value::as_i64).unwrap_or_default();
    if amount == 0 {
        return Err(refusal::invalid("Invalid amount: it must not be 0.")
            .with_code("parameter_invalid_integer")
            .with_param("amount"));
    }
    money::payable(amount, &code, "amount")?;
    money::not_too_large(amount.saturating_abs(), &code, "amount")?;
    use_currency(tx, &customer, &code)?;
    let before = tx.at_path("customer", call.id())?;
    let mut after = before.clone();
    value::set(&mut after, "balance", value::int(&before, "balance") + amount);
    let made = record(tx, &before, &after, &code, Why { kind: "adjustment", ..Why::default() });
    let mut made = made.unwrap_or_default();
    value::assign(&mut made, &call.params, &["description"]);
    value::merge_metadata(&mut made, &call.params);
    tx.put(made.clone());
    tx.change("customer.updated", &before, after);
    Ok(made)
}

fn at_path(tx: &mut Tx, call: &Call) -> Result<Value, Refusal> {
    tx.at_path("customer", call.id())?;
    let id = call.ids.get(1).map_or("", String::as_str);
    let found = tx.find(KIND, id).filter(|t| t["customer"] == call.id());
    found.cloned().ok_or_else(|| refusal::missing(KIND, id, "id").with_status(404))
}

fn update(tx: &mut Tx, call: &Call) -> Result<Value, Refusal> {
    let mut made = at_path(tx, call)?;
    value::assign(&mut made, &call.params, &["description"]);
    value::merge_metadata(&mut made, &call.params);
    tx.put(made.clone());
    Ok(made)
}
