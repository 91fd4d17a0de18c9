//! The invoice object, and what is derived from others.

use serde_json::{Value, json};

use crate::{
    account,
    state::Tx,
    tax_rates, value,
    wire::{Refusal, refusal, render},
};

/// A draft for a customer.
pub(super) fn fresh(tx: &mut Tx, customer: &Value, currency: &str) -> Value {
    let id = tx.ids().object("in");
    let Value::Object(mut invoice) = sums(tx, &id, currency) else { return Value::Null };
    for part in [billed(customer), settings(tx), rest(tx)] {
        if let Value::Object(part) = part {
            invoice.extend(part);
        }
    }
    invoice.sort_keys();
    Value::Object(invoice)
}

fn sums(tx: &Tx, id: &str, currency: &str) -> Value {
    json!({
        "id": id,
        "object": "invoice",
        "amount_due": 0,
        "amount_overpaid": 0,
        "amount_paid": 0,
        "amount_remaining": 0,
        "amount_shipping": 0,
        "attempt_count": 0,
        "attempted": false,
        "created": tx.now(),
        "currency": currency,
        "ending_balance": null,
        "period_end": tx.now(),
        "period_start": tx.now(),
        "post_payment_credit_notes_amount": 0,
        "pre_payment_credit_notes_amount": 0,
        "starting_balance": 0,
        "subtotal": 0,
        "subtotal_excluding_tax": 0,
        "total": 0,
        "total_discount_amounts": [],
        "total_excluding_tax": 0,
        "total_pretax_credit_amounts": [],
        "total_taxes": [],
    })
}

/// What is copied from the customer.
fn billed(customer: &Value) -> Value {
    json!({
        "customer": customer["id"],
        "customer_account": null,
        "customer_address": customer["address"],
        "customer_email": customer["email"],
        "customer_name": customer["name"],
        "customer_phone": customer["phone"],
        "customer_shipping": customer["shipping"],
        "customer_tax_exempt": customer["tax_exempt"],
        "customer_tax_ids": [],
    })
}

fn settings(tx: &Tx) -> Value {
    json!({
        "account_country": account::COUNTRY,
        "account_name": tx.account_name(),
        "account_tax_ids": null,
        "application": null,
        "auto_advance": false,
        "automatic_tax": {
            "disabled_reason": null, "enabled": false, "liability": null, "provider": null, "status": null,
        },
        "automatically_finalizes_at": null,
        "billing_reason": "manual",
        "collection_method": "charge_automatically",
        "custom_fields": null,
        "default_payment_method": null,
        "default_source": null,
        "default_tax_rates": [],
        "issuer": {"type": "self"},
        "payment_settings": {
            "default_mandate": null, "payment_method_options": null, "payment_method_types": null,
        },
    })
}

fn rest(tx: &Tx) -> Value {
    json!({
        "description": null,
        "discounts": [],
        "due_date": null,
        "effective_at": null,
        "footer": null,
        "from_invoice": null,
        "last_finalization_error": null,
        "latest_revision": null,
        "livemode": false,
        "metadata": {},
        "next_payment_attempt": null,
        "number": null,
        "on_behalf_of": null,
        "parent": null,
        "receipt_number": null,
        "rendering": null,
        "shipping_cost": null,
        "shipping_details": null,
        "statement_descriptor": null,
        "status": "draft",
        "status_transitions": {
            "finalized_at": null, "marked_uncollectible_at": null, "paid_at": null, "voided_at": null,
        },
        "test_clock": tx.test_clock(),
        "webhooks_delivered_at": null,
        "_lines": [],
    })
}

/// Adds to a shown invoice what other objects know: its lines and its addresses.
pub(crate) fn derive(tx: &Tx, stored: &Value, shown: &mut Value) {
    let id = value::id(stored);
    let lines = ids(stored, "_lines").rev().filter_map(|line| tx.get(line)).map(|l| render(tx, l)).collect();
    value::set(shown, "lines", value::nested_list(&format!("/v1/invoices/{id}/lines"), lines));
    let finalized = !stored["status_transitions"]["finalized_at"].is_null();
    let hosted = finalized.then(|| format!("{}/_sandbox/invoices/{id}", tx.base()));
    value::set(shown, "default_tax_rates", tax_rates::shown(tx, stored, "_default_tax_rates"));
    value::set(shown, "invoice_pdf", value::or_null(hosted.as_ref().map(|url| format!("{url}/pdf"))));
    value::set(shown, "hosted_invoice_url", value::or_null(hosted));
    if let Value::Object(map) = shown {
        value::in_order(map);
    }
}

pub(super) fn ids<'a>(stored: &'a Value, field: &str) -> impl DoubleEndedIterator<Item = &'a str> {
    stored.get(field).and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str)
}

/// The includable list of payments, newest first.
pub(crate) fn payments(tx: &Tx, stored: &Value) -> Value {
    let all = tx.pointing_at("invoice_payment", value::id(stored));
    let shown = all.iter().rev().map(|p| render(tx, p)).collect();
    value::nested_list("/v1/invoice_payments", shown)
}

/// The includable secret by which the customer pays in the browser.
pub(crate) fn confirmation_secret(tx: &Tx, stored: &Value) -> Value {
    let intent = value::text(stored, "_payment_intent").and_then(|id| tx.get(id));
    match intent.and_then(|i| value::text(i, "client_secret")) {
        Some(secret) => json!({"client_secret": secret, "type": "payment_intent"}),
        None => Value::Null,
    }
}

/// The draft that a new item shall join.
///
/// # Errors
/// Unknown, another customer's, or no draft.
pub(crate) fn draft_for_item(tx: &Tx, id: &str, customer: &Value) -> Result<Value, Refusal> {
    let invoice = tx.at_param("invoice", id, "invoice")?;
    if value::text(&invoice, "customer") != Some(value::id(customer)) {
        return Err(refusal::invalid("The invoice belongs to another customer than the invoice item.")
            .with_param("invoice"));
    }
    only_draft(&invoice)?;
    Ok(invoice)
}

/// The draft that an item is on, or none while it is pending.
///
/// # Errors
/// Its invoice is no draft any more.
pub(crate) fn draft_of_item(tx: &Tx, item: &Value) -> Result<Option<Value>, Refusal> {
    let Some(invoice) = value::text(item, "invoice").and_then(|id| tx.find("invoice", id)) else {
        return Ok(None);
    };
    only_draft(invoice)?;
    Ok(Some(invoice.clone()))
}

/// 400 `invoice_not_editable` for all but drafts.
pub(super) fn only_draft(invoice: &Value) -> Result<(), Refusal> {
    match value::text(invoice, "status") {
        Some("draft") => Ok(()),
        status => Err(not_editable(&format!(
            "This invoice can no longer be changed: it is {}, and only a draft can be.",
            status.unwrap_or("deleted")
        ))),
    }
}

pub(super) fn not_editable(message: &str) -> Refusal {
    refusal::invalid(message).with_code("invoice_not_editable")
}
