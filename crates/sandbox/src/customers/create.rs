//! `POST /v1/customers`.

use serde_json::{Value, json};

use super::{
    balance::{self, Why},
    cash, object, tax_ids,
};
use crate::{
    account, discounts, payment_methods,
    payment_methods::sources,
    state::Tx,
    test_clocks, value,
    wire::{Call, Refusal},
};

pub(super) fn run(tx: &mut Tx, call: &Call) -> Result<Value, Refusal> {
    if let Some(clock) = call.text("test_clock") {
        test_clocks::take_customer(tx, clock, "test_clock")?;
    }
    let mut customer = object::fresh(tx);
    // Stored before the rest, so that the payment method has somebody to belong to.
    tx.put(customer.clone());
    let method = match call.text("payment_method") {
        Some(id) => Some(payment_methods::attach_to(tx, id, &customer, "payment_method")?),
        None => None,
    };
    object::fill(tx, &mut customer, &with_own_method(call, method.as_ref()))?;
    cash::settings(&mut customer, call.params.get("cash_balance").and_then(|given| given.get("settings")));
    let discount = discounts::set_of_customer(tx, &mut customer, call)?;
    tx.put(customer.clone());
    let source = match call.text("source") {
        Some(token) => Some(sources::attach(tx, &customer, token, "source")?),
        None => None,
    };
    if let Some(source) = &source {
        value::set(&mut customer, "default_source", value::id(source));
        tx.put(customer.clone());
    }
    let nothing = json!({"balance": 0});
    balance::record(tx, &nothing, &customer, account::CURRENCY, Why { kind: "initial", ..Why::default() });
    tx.emit("customer.created", &customer);
    if let Some(discount) = discount {
        discount.tell(tx);
    }
    if let Some(source) = source {
        tx.emit("customer.source.created", &source);
    }
    identify(tx, &customer, call)?;
    if let Some(method) = method {
        let attached = tx.get(value::id(&method)).cloned().unwrap_or(method);
        tx.emit("payment_method.attached", &attached);
    }
    Ok(customer)
}

/// The request with the payment method that it made of a test id, where it names that
/// once more as the default of the customer's invoices.
fn with_own_method(call: &Call, method: Option<&Value>) -> Call {
    let mut params = call.params.clone();
    let default =
        params.get_mut("invoice_settings").and_then(|given| given.get_mut("default_payment_method"));
    if let (Some(default), Some(method), Some(named)) = (default, method, call.text("payment_method"))
        && *default == named
    {
        *default = method["id"].clone();
    }
    let Call { operation, ids, path, version, .. } = call;
    Call { operation, ids: ids.clone(), path: path.clone(), params, version: *version }
}

/// The tax ids that came with the customer.
fn identify(tx: &mut Tx, customer: &Value, call: &Call) -> Result<(), Refusal> {
    let given = call.params.get("tax_id_data").and_then(Value::as_array).cloned().unwrap_or_default();
    for (nth, one) in given.iter().enumerate() {
        let text = |name| value::text(one, name).unwrap_or_default();
        tax_ids::create(tx, customer, text("type"), text("value"), &format!("tax_id_data[{nth}][value]"))?;
    }
    Ok(())
}
