//! The payment intent object, and the invoice payment that links one to its invoice.

use serde_json::{Value, json};

use crate::{state::Tx, value};

/// A payment intent of which only amount and currency are known. Not stored yet.
pub(crate) fn fresh(tx: &mut Tx, amount: i64, currency: &str) -> Value {
    let id = tx.ids().object("pi");
    let secret = format!("{id}_secret_{}", tx.ids().text(25));
    json!({
        "id": id,
        "object": "payment_intent",
        "allowed_payment_method_types": null,
        "amount": amount,
        "amount_capturable": 0,
        "amount_details": {"tip": {}},
        "amount_received": 0,
        "application": null,
        "application_fee_amount": null,
        "automatic_payment_methods": null,
        "canceled_at": null,
        "cancellation_reason": null,
        "capture_method": "automatic",
        "client_secret": secret,
        "confirmation_method": "automatic",
        "created": tx.now(),
        "currency": currency,
        "customer": null,
        "customer_account": null,
        "description": null,
        "excluded_payment_method_types": null,
        "last_payment_error": null,
        "latest_charge": null,
        "livemode": false,
        "managed_payments": null,
        "metadata": {},
        "next_action": null,
        "on_behalf_of": null,
        "payment_method": null,
        "payment_method_configuration_details": null,
        "payment_method_options": {"card": {
            "installments": null,
            "mandate_options": null,
            "network": null,
            "request_three_d_secure": "automatic",
        }},
        "payment_method_types": ["card"],
        "payment_record": null,
        "processing": null,
        "receipt_email": null,
        "review": null,
        "setup_future_usage": null,
        "shipping": null,
        "source": null,
        "statement_descriptor": null,
        "statement_descriptor_suffix": null,
        "status": "requires_payment_method",
        "transfer_data": null,
        "transfer_group": null,
    })
}

/// A payment intent over what an invoice asks for, and the open invoice payment.
/// Neither is stored yet.
pub(crate) fn for_invoice(tx: &mut Tx, invoice: &Value, amount: i64) -> (Value, Value) {
    let mut intent = fresh(tx, amount, value::text(invoice, "currency").unwrap_or_default());
    for field in ["customer", "statement_descriptor"] {
        value::set(&mut intent, field, invoice[field].clone());
    }
    value::set(&mut intent, "description", "Payment for Invoice");
    value::set(&mut intent, "_invoice", value::id(invoice));
    let payment = json!({
        "id": tx.ids().object("inpay"),
        "object": "invoice_payment",
        "amount_paid": null,
        "amount_requested": amount,
        "created": tx.now(),
        "currency": invoice["currency"],
        "invoice": invoice["id"],
        "is_default": true,
        "livemode": false,
        "payment": {"payment_intent": intent["id"], "type": "payment_intent"},
        "status": "open",
        "status_transitions": {"canceled_at": null, "paid_at": null},
    });
    (intent, payment)
}

/// Cancels what an invoice no longer needs, and says so of the payment intent.
pub(crate) fn cancel_for_invoice(tx: &mut Tx, invoice: &Value, reason: Option<&str>) {
    let now = tx.now();
    if let Some(mut payment) = part(tx, invoice, "_payment") {
        value::set(&mut payment, "status", "canceled");
        payment["status_transitions"]["canceled_at"] = json!(now);
        tx.put(payment);
    }
    if let Some(mut intent) = part(tx, invoice, "_payment_intent") {
        value::set(&mut intent, "status", "canceled");
        value::set(&mut intent, "canceled_at", now);
        value::set(&mut intent, "cancellation_reason", value::or_null(reason));
        value::set(&mut intent, "next_action", Value::Null);
        tx.put(intent.clone());
        tx.emit("payment_intent.canceled", &intent);
    }
}

/// Marks the invoice's payment as paid. Returns it, for its event.
pub(crate) fn settle_invoice_payment(tx: &mut Tx, invoice: &Value) -> Value {
    let mut payment = part(tx, invoice, "_payment").unwrap_or_default();
    value::set(&mut payment, "status", "paid");
    value::set(&mut payment, "amount_paid", invoice["amount_due"].clone());
    payment["status_transitions"]["paid_at"] = json!(tx.now());
    tx.put(payment.clone());
    payment
}

/// The object that an internal field of an invoice names.
pub(super) fn part(tx: &Tx, invoice: &Value, field: &str) -> Option<Value> {
    value::text(invoice, field).and_then(|id| tx.get(id)).cloned()
}
