//! The payout object.

use serde_json::{Value, json};

use crate::state::Tx;

/// A payout that has not left. Not stored yet.
pub(super) fn fresh(tx: &mut Tx, amount: i64, currency: &str, arrival_date: i64) -> Value {
    let id = tx.ids().object("po");
    let account = tx.account();
    let destination = format!("ba_1{}", account.trim_start_matches("acct_1"));
    json!({
        "id": id,
        "object": "payout",
        "amount": amount,
        "application_fee": null,
        "application_fee_amount": null,
        "arrival_date": arrival_date,
        "automatic": false,
        "balance_transaction": null,
        "created": tx.now(),
        "currency": currency,
        "description": null,
        "destination": destination,
        "failure_balance_transaction": null,
        "failure_code": null,
        "failure_message": null,
        "livemode": false,
        "metadata": {},
        "method": "standard",
        "original_payout": null,
        "payout_method": null,
        "reconciliation_status": "not_applicable",
        "reversed_by": null,
        "source_type": "card",
        "statement_descriptor": null,
        "status": "pending",
        "trace_id": null,
        "type": "bank_account",
    })
}
