//! Mandates: a customer's agreement that his bank account may be debited (Stripe's API,
//! Mandates). One is made with the first payment or setup that carries the agreement.

use serde_json::{Map, Value, json};

use crate::{state::Tx, value};

/// Records the agreement of `mandate_data` for a bank account, or the one that paying
/// in the customer's presence implies. Returns the mandate's id; none for methods that
/// need none.
pub(crate) fn agree(tx: &mut Tx, method: &Value, data: Option<&Value>) -> Option<String> {
    let kind =
        value::text(method, "type").filter(|kind| matches!(*kind, "us_bank_account" | "sepa_debit"))?;
    if let Some(there) = value::text(method, "_mandate") {
        return Some(there.to_owned());
    }
    let id = tx.ids().object("mandate");
    let details = match kind {
        "sepa_debit" => {
            let reference = tx.ids().upper(16);
            let url = format!("{}/_sandbox/mandates/{id}", tx.base());
            json!({"sepa_debit": {"reference": reference, "url": url}, "type": kind})
        }
        _ => json!({"type": kind, "us_bank_account": {}}),
    };
    let accepted = data.and_then(|data| data.get("customer_acceptance"));
    let mandate = json!({
        "id": id,
        "object": "mandate",
        "customer_acceptance": acceptance(accepted.unwrap_or(&Value::Null), tx.now()),
        "livemode": false,
        "multi_use": {},
        "payment_method": method["id"],
        "payment_method_details": details,
        "status": "active",
        "type": "multi_use",
    });
    tx.put(mandate);
    if let Some(mut kept) = tx.find("payment_method", value::id(method)).cloned() {
        value::set(&mut kept, "_mandate", id.as_str());
        tx.put(kept);
    }
    Some(id)
}

fn acceptance(given: &Value, now: i64) -> Value {
    let accepted_at = given.get("accepted_at").and_then(Value::as_i64).unwrap_or(now);
    let mut shown = Map::from_iter([("accepted_at".to_owned(), json!(accepted_at))]);
    match value::text(given, "type") {
        Some("offline") => {
            shown.insert("offline".into(), json!({}));
            shown.insert("type".into(), json!("offline"));
        }
        _ => {
            let online = given.get("online").unwrap_or(&Value::Null);
            shown.insert("online".into(), value::complete(online, &["ip_address", "user_agent"]));
            shown.insert("type".into(), json!("online"));
        }
    }
    Value::Object(shown)
}
