//! Discounts, taxes, tiers, plans and search.

mod coupons;
mod discounts;
mod plans;
mod properties;
mod prorations;
mod search;
mod taxes;
mod tiers;

use serde_json::{Value, json};

use super::client::*;
use crate::{Sandbox, wire};

/// A coupon.
async fn coupon(sandbox: &Sandbox, params: Value) -> String {
    id(&post(sandbox, "/v1/coupons", params).await.ok())
}

/// A tax rate.
async fn rate(sandbox: &Sandbox, percentage: impl Into<Value>, inclusive: bool) -> String {
    let percentage: Value = percentage.into();
    let params = json!({"display_name": "VAT", "inclusive": inclusive, "percentage": percentage});
    id(&post(sandbox, "/v1/tax_rates", params).await.ok())
}

/// A draft with these parameters, and a line for each of these.
async fn draft_of(sandbox: &Sandbox, params: Value, lines: &[Value]) -> Value {
    let mut params = params;
    if params.get("customer").is_none() {
        params["customer"] = json!(id(&post(sandbox, "/v1/customers", json!({})).await.ok()));
    }
    let customer = params["customer"].clone();
    let invoice = id(&post(sandbox, "/v1/invoices", params).await.ok());
    for line in lines {
        let mut line = line.clone();
        line["customer"] = customer.clone();
        line["invoice"] = json!(invoice);
        if line.get("amount").is_some() {
            line["currency"] = json!("usd");
        }
        post(sandbox, "/v1/invoiceitems", line).await.ok();
    }
    get(sandbox, &format!("/v1/invoices/{invoice}")).await.ok()
}

/// One number of an object.
fn int(object: &Value, field: &str) -> i64 {
    object[field].as_i64().unwrap_or_else(|| panic!("{field} of {object}"))
}

/// The amounts in a list of hashes.
fn amounts(list: &Value) -> Vec<i64> {
    list.as_array().unwrap().iter().map(|one| int(one, "amount")).collect()
}

/// A write in acacia's words.
pub(super) async fn as_acacia(sandbox: &Sandbox, path: &str, form: &str) -> Value {
    let incoming = wire::Incoming {
        method: "POST".to_owned(),
        path: path.to_owned(),
        body: form.to_owned().into(),
        heads: wire::Heads {
            authorization: Some(format!("Bearer {}", sandbox.secret_key())),
            version: Some("2025-02-24.acacia".to_owned()),
            ..wire::Heads::default()
        },
        ..wire::Incoming::default()
    };
    let wire::Outgoing::Answer(reply) = sandbox.raw(incoming).await else { panic!("no answer") };
    let body: Value = serde_json::from_str(&reply.body).unwrap();
    assert_eq!(reply.status, 200, "{body}");
    body
}
