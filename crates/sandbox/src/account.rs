//! `/v1/account`: the account that is asked for, made from the sandbox's seed.

use serde_json::{Value, json};

use crate::{
    registry::{Row, run},
    state::Tx,
    wire::{Call, Refusal},
};

/// What invoices show as the seller.
pub(crate) const NAME: &str = "Bursar Sandbox";
pub(crate) const COUNTRY: &str = "US";
pub(crate) const CURRENCY: &str = "usd";

pub(crate) static ROWS: &[Row] = &[run("accounts.retrieveCurrent", &[], current)];

fn current(tx: &mut Tx, _call: &Call) -> Result<Value, Refusal> {
    Ok(json!({
        "id": tx.account(),
        "object": "account",
        "business_type": null,
        "charges_enabled": true,
        "country": COUNTRY,
        "default_currency": CURRENCY,
        "details_submitted": true,
        "email": null,
        "metadata": {},
        "payouts_enabled": true,
        "type": "standard",
    }))
}
