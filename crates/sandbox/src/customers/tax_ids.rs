//! A customer's tax ids, and what the tax office says of them (Stripe's API, Tax ids;
//! Stripe's docs, Tax ID validation).
//!
//! European, British and Australian ids are looked up: `pending` until the office has
//! answered on the sandbox's clock. As in test mode, `111111111` in a value is refuted,
//! `222222222` stays pending, and everything else is confirmed.

use serde_json::{Value, json};

use crate::{
    registry::{Row, list, run},
    state::Tx,
    value,
    wire::{Call, Refusal, list::Listing, refusal},
};

const KIND: &str = "tax_id";
/// How long the office takes to answer.
const ANSWERS_S: i64 = 15;
/// The kinds that an office can be asked about.
const LOOKED_UP: &[&str] = &["eu_vat", "gb_vat", "au_abn"];
/// The most that a customer can have (Stripe's docs, Customer tax IDs).
const MAX: usize = 5;

pub(crate) static ROWS: &[Row] = &[
    run("customers.createTaxId", &["type", "value"], |tx, call| {
        let customer = tx.at_path("customer", call.id())?;
        let (kind, id) = (call.text("type").unwrap_or_default(), call.text("value").unwrap_or_default());
        create(tx, &customer, kind, id, "value")
    }),
    run("customers.retrieveTaxId", &[], |tx, call| at_path(tx, call)),
    run("customers.deleteTaxId", &[], delete),
    list("customers.listTaxIds", &TAX_IDS),
];

static TAX_IDS: Listing = Listing { kind: KIND, parent: Some(("customer", "customer")), filters: &[] };

/// Gives a customer a tax id, and asks the office about it.
///
/// # Errors
/// 400 `tax_id_invalid` for what cannot be one; too many.
pub(super) fn create(
    tx: &mut Tx,
    customer: &Value,
    kind: &str,
    id: &str,
    param: &str,
) -> Result<Value, Refusal> {
    check(kind, id, param)?;
    if tx.pointing_at(KIND, value::id(customer)).len() >= MAX {
        return Err(refusal::invalid(format!(
            "A customer can have at most {MAX} tax ids. Delete one first."
        )));
    }
    let asks = LOOKED_UP.contains(&kind);
    let status = if asks { "pending" } else { "unavailable" };
    let made = json!({
        "id": tx.ids().object("txi"),
        "object": KIND,
        "country": country(kind, id),
        "created": tx.now(),
        "customer": customer["id"],
        "customer_account": null,
        "livemode": false,
        "owner": {"customer": customer["id"], "customer_account": null, "type": "customer"},
        "type": kind,
        "value": id,
        "verification": {"status": status, "verified_address": null, "verified_name": null},
        "_answered_at": (asks && !id.contains("222222222")).then(|| tx.now() + ANSWERS_S),
    });
    tx.put(made.clone());
    tx.emit("customer.tax_id.created", &made);
    Ok(made)
}

fn check(kind: &str, id: &str, param: &str) -> Result<(), Refusal> {
    let bare = id.chars().filter(char::is_ascii_alphanumeric).count();
    let printable = id.chars().all(|c| c.is_ascii_alphanumeric() || " -./".contains(c));
    let magic = ["000000000", "111111111", "222222222"].contains(&id);
    let fits = match kind {
        "eu_vat" => {
            magic || (id.len() >= 4 && id.bytes().take(2).all(|b| b.is_ascii_uppercase()) && bare <= 14)
        }
        "us_ein" => magic || id.chars().filter(char::is_ascii_digit).count() == 9,
        _ => (2..=30).contains(&bare),
    };
    if fits && printable {
        return Ok(());
    }
    let shown: String = id.chars().take(64).collect();
    Err(refusal::invalid(format!("Invalid value for {kind}: {shown}"))
        .with_code("tax_id_invalid")
        .with_param(param))
}

fn country(kind: &str, id: &str) -> Value {
    let of = match kind {
        "eu_vat" => id.get(..2).filter(|head| head.bytes().all(|b| b.is_ascii_uppercase())),
        "eu_oss_vat" | "unknown" => None,
        other => other.split('_').next(),
    };
    value::or_null(of.map(str::to_uppercase))
}

fn at_path(tx: &Tx, call: &Call) -> Result<Value, Refusal> {
    tx.at_path("customer", call.id())?;
    let id = call.ids.get(1).map_or("", String::as_str);
    let found = tx.find(KIND, id).filter(|one| value::text(one, "customer") == Some(call.id()));
    found.cloned().ok_or_else(|| refusal::missing(KIND, id, "id").with_status(404))
}

fn delete(tx: &mut Tx, call: &Call) -> Result<Value, Refusal> {
    let gone = at_path(tx, call)?;
    let stub = tx.bury(KIND, value::id(&gone));
    tx.emit("customer.tax_id.deleted", &gone);
    Ok(stub)
}

/// When the office answers.
pub(crate) fn due_at(tax_id: &Value) -> Option<i64> {
    tax_id.get("_answered_at")?.as_i64()
}

/// The office answers.
pub(crate) fn perform_due(tx: &mut Tx, tax_id: &Value) {
    let mut after = tax_id.clone();
    let refuted = value::text(tax_id, "value").is_some_and(|id| id.contains("111111111"));
    let status = if refuted { "unverified" } else { "verified" };
    let owner = value::text(tax_id, "customer").and_then(|id| tx.find("customer", id));
    let name = owner.and_then(|owner| value::text(owner, "name")).filter(|_| !refuted).map(str::to_owned);
    after["verification"] = json!({"status": status, "verified_address": null, "verified_name": name});
    value::set(&mut after, "_answered_at", Value::Null);
    tx.change("customer.tax_id.updated", tax_id, after);
}
