//! The refund object, and the release of money that was only held.

use serde_json::{Value, json};

use crate::{state::Tx, value};

/// A refund of a charge; of a card `way` is `refund`, or `reversal` for money that was
/// only held. Not stored yet.
pub(super) fn fresh(tx: &mut Tx, charge: &Value, amount: i64, way: &str) -> Value {
    let kind = value::text(&charge["payment_method_details"], "type").unwrap_or("card");
    let details = match kind {
        "card" => json!({"card": {"type": way}, "type": "card"}),
        "us_bank_account" => {
            json!({"type": "us_bank_transfer", "us_bank_transfer": {"reference": null, "reference_status": "pending"}})
        }
        "sepa_debit" => {
            json!({"eu_bank_transfer": {"reference": null, "reference_status": "pending"}, "type": "eu_bank_transfer"})
        }
        _ => json!({"customer_cash_balance": {}, "type": "customer_cash_balance"}),
    };
    json!({
        "id": tx.ids().object(if kind == "card" { "re" } else { "pyr" }),
        "object": "refund",
        "amount": amount,
        "balance_transaction": null,
        "charge": charge["id"],
        "created": tx.now(),
        "currency": charge["currency"],
        "customer": charge["customer"],
        "customer_account": null,
        "destination_details": details,
        "metadata": {},
        "payment_intent": charge["payment_intent"],
        "payment_method": charge["payment_method"],
        "reason": null,
        "receipt_number": null,
        "source_transfer_reversal": null,
        "status": "succeeded",
        "transfer_reversal": null,
    })
}

/// Why held money goes back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Released {
    /// The intent was canceled.
    Canceled,
    /// The bank held it no longer.
    Expired,
}

/// Releases money that was held and not captured. The charge shows it as refunded; no
/// balance moves.
pub(crate) fn release(tx: &mut Tx, charge: &Value, why: Released) {
    let held = value::int(charge, "amount") - value::int(charge, "amount_refunded");
    let mut refund = fresh(tx, charge, held, "reversal");
    if why == Released::Expired {
        value::set(&mut refund, "reason", "expired_uncaptured_charge");
    }
    let mut after = charge.clone();
    value::set(&mut after, "amount_refunded", charge["amount"].clone());
    value::set(&mut after, "refunded", true);
    tx.put(refund.clone());
    tx.put(after.clone());
    tx.emit("refund.created", &refund);
    tx.emit(if why == Released::Expired { "charge.expired" } else { "charge.refunded" }, &after);
}
