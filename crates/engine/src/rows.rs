//! Where the driver's ciphertexts rest, and how the contents are written.
//!
//! A row's id is authenticated with its content, so input and result of one run have
//! names of their own: one put in the other's place does not open.

use std::collections::HashMap;

use connections::{Keyring, RowId, Vault};
use model::{Code, CompanyId, Failure, RunId, Sealed, Timestamp, from_micros, micros};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use store::{Receipt, Store};
use workflows::RunError;

use crate::failures;

/// How a run ended or why it is parked; sealed as the run's result.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Ending {
    /// What it put out.
    Output(Value),
    /// Why it did not complete, or not yet.
    Error(RunError),
}

/// A time as the store keeps it. What the core is told has to be what it is told
/// again after a restart.
pub(crate) fn stored(at: Timestamp) -> Timestamp {
    from_micros(micros(at))
}

/// The time to which a timer is set: never before `at`, although the store keeps
/// microseconds only. The core would take an earlier one for early.
pub(crate) fn stored_up(at: Timestamp) -> Timestamp {
    let down = stored(at);
    if down < at { from_micros(micros(at).saturating_add(1)) } else { down }
}

pub(crate) fn seal_json(keyring: &Keyring, table: &'static str, id: &str, value: &impl Serialize) -> Sealed {
    // Our own types and `Value` always serialize; an empty row would be refused on reading.
    let bytes = serde_json::to_vec(value).unwrap_or_default();
    keyring.seal(RowId { table, id }, &bytes)
}

pub(crate) fn input_row(run: RunId) -> String {
    format!("{run}/input")
}

pub(crate) fn result_row(run: RunId) -> String {
    format!("{run}/result")
}

/// The row identity under which a company's secret is sealed, in the table `secrets`.
pub fn secret_row(company: CompanyId, name: &str) -> String {
    format!("{company}/{name}")
}

/// Opens and parses sealed JSON.
pub(crate) fn open_json<T: serde::de::DeserializeOwned>(
    keyring: &Keyring,
    table: &'static str,
    id: &str,
    sealed: &Sealed,
) -> Result<T, Failure> {
    let plain = keyring.open(RowId { table, id }, sealed)?;
    serde_json::from_slice(plain.as_bytes()).map_err(|error| {
        let text = format!(
            "The row {id} of {table} cannot be read: {error}. Nothing changed at Stripe. Run `bursar doctor`."
        );
        Failure::new(Code::InternalError, text)
    })
}

/// The event of a receipt, opened and parsed.
///
/// # Errors
/// `internal_error` when the row was altered; `validation_error` when the body is
/// JSON that cannot be worked with, such as nesting beyond 128 levels.
pub async fn open_event(vault: &Vault, receipt: &Receipt) -> Result<Value, Failure> {
    let keyring = vault.keyring(receipt.company).await?;
    let id = receipt.id.to_string();
    let plain = keyring.open(RowId { table: "receipts", id: &id }, &receipt.body)?;
    serde_json::from_slice(plain.as_bytes()).map_err(|error| {
        let text = format!(
            "The body of event {} cannot be worked with: {error}. It is kept; nothing was started. Look at it with \
             `bursar events show {id}`.",
            receipt.event
        );
        Failure::new(Code::ValidationError, text)
    })
}

/// The named secrets of a company, opened.
pub(crate) async fn open_secrets(
    store: &Store,
    keyring: &Keyring,
    company: CompanyId,
    names: &[String],
) -> Result<HashMap<String, String>, Failure> {
    let mut secrets = HashMap::new();
    for name in names {
        let row = store.secret(company, name).await.map_err(|e| failures::read(&e))?;
        let row = row.ok_or_else(|| failures::secret_missing(name))?;
        let plain = keyring.open(RowId { table: "secrets", id: &secret_row(company, name) }, &row.value)?;
        secrets.insert(name.clone(), String::from_utf8_lossy(plain.as_bytes()).into_owned());
    }
    Ok(secrets)
}
