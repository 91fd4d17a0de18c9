//! What a session takes, and what of it only shows on the page or in the answer.

use serde_json::{Map, Value, json};

use crate::{
    value,
    wire::{Call, Refusal, refusal},
};

pub(super) const HEEDS: &[&str] = &[
    "adaptive_pricing",
    "after_expiration",
    "allow_promotion_codes",
    "allowed_payment_method_types",
    "automatic_tax",
    "billing_address_collection",
    "cancel_url",
    "client_reference_id",
    "consent_collection",
    "currency",
    "custom_fields",
    "custom_text",
    "customer",
    "customer_creation",
    "customer_email",
    "customer_update",
    "excluded_payment_method_types",
    "expires_at",
    "integration_identifier",
    "invoice_creation",
    "line_items",
    "locale",
    "metadata",
    "mode",
    "name_collection",
    "origin_context",
    "payment_intent_data",
    "payment_method_collection",
    "payment_method_data",
    "payment_method_types",
    "permissions",
    "phone_number_collection",
    "redirect_on_completion",
    "return_url",
    "saved_payment_method_options",
    "setup_intent_data",
    "shipping_address_collection",
    "submit_type",
    "subscription_data",
    "success_url",
    "tax_id_collection",
    "ui_mode",
    "wallet_options",
];

/// Of these hashes the sandbox has these members; empty stands for all.
const MEMBERS: &[(&str, &[&str])] = &[
    ("adaptive_pricing", &[]),
    ("after_expiration", &[]),
    ("automatic_tax", &["enabled"]),
    ("customer_update", &[]),
    (
        "payment_intent_data",
        &[
            "capture_method",
            "description",
            "metadata",
            "receipt_email",
            "setup_future_usage",
            "shipping",
            "statement_descriptor",
            "statement_descriptor_suffix",
            "transfer_group",
        ],
    ),
    ("setup_intent_data", &["description", "metadata"]),
    (
        "subscription_data",
        &[
            "billing_cycle_anchor",
            "billing_cycle_anchor_config",
            "billing_mode",
            "default_tax_rates",
            "description",
            "invoice_settings",
            "metadata",
            "proration_behavior",
            "trial_end",
            "trial_period_days",
            "trial_settings",
        ],
    ),
];

/// Refuses what the sandbox does not have, and what is on that it has only off.
///
/// # Errors
/// The parameter.
pub(super) fn check(call: &Call) -> Result<(), Refusal> {
    for (name, members) in MEMBERS.iter().filter(|(_, members)| !members.is_empty()) {
        let given = call.params.get(*name).and_then(Value::as_object);
        if let Some(other) =
            given.into_iter().flat_map(Map::keys).find(|key| !members.contains(&key.as_str()))
        {
            let place = format!("{name}[{other}]");
            return Err(refusal::not_here(&format!("the parameter `{place}`")).with_param(&place));
        }
    }
    for name in ["automatic_tax", "invoice_creation"] {
        if call.params.get(name).is_some_and(|given| given["enabled"] == true) {
            let place = format!("{name}[enabled]");
            return Err(refusal::not_here(&format!("`{place}=true`")).with_param(&place));
        }
    }
    urls(call)
}

/// Where the customer goes afterwards, by how the page is shown.
fn urls(call: &Call) -> Result<(), Refusal> {
    let missing = |param: &str| {
        refusal::invalid(format!("Missing required param: {param}."))
            .with_code("parameter_missing")
            .with_param(param)
    };
    let hosted = matches!(ui_mode(call), "hosted_page" | "hosted");
    if hosted && call.text("success_url").is_none() {
        return Err(missing("success_url"));
    }
    if hosted && call.has("return_url") {
        return Err(refusal::invalid(
            "`return_url` is for pages that are embedded; a hosted page has `success_url`.",
        )
        .with_param("return_url"));
    }
    if !hosted && (call.has("success_url") || call.has("cancel_url")) {
        let param = if call.has("success_url") { "success_url" } else { "cancel_url" };
        return Err(refusal::invalid(format!(
            "`{param}` is for hosted pages; an embedded page has `return_url`."
        ))
        .with_param(param));
    }
    let returns = !hosted && call.text("redirect_on_completion") != Some("never");
    if returns && call.text("return_url").is_none() {
        return Err(missing("return_url"));
    }
    for param in ["success_url", "cancel_url", "return_url"] {
        let wrong = call.text(param).is_some_and(|url| {
            url::Url::parse(url).map_or(true, |url| !matches!(url.scheme(), "http" | "https"))
        });
        if wrong {
            return Err(refusal::invalid("Not a valid URL").with_code("url_invalid").with_param(param));
        }
    }
    Ok(())
}

/// How the page is shown; hosted unless told otherwise.
pub(super) fn ui_mode(call: &Call) -> &str {
    call.text("ui_mode").unwrap_or("hosted_page")
}

/// Writes what only shows.
pub(super) fn fill(session: &mut Value, call: &Call) {
    const AS_GIVEN: &[&str] = &[
        "allow_promotion_codes",
        "billing_address_collection",
        "cancel_url",
        "client_reference_id",
        "customer_email",
        "integration_identifier",
        "locale",
        "name_collection",
        "origin_context",
        "payment_method_collection",
        "phone_number_collection",
        "redirect_on_completion",
        "return_url",
        "shipping_address_collection",
        "submit_type",
        "success_url",
        "tax_id_collection",
        "wallet_options",
    ];
    value::assign(session, &call.params, AS_GIVEN);
    value::merge_metadata(session, &call.params);
    if call.params.get("tax_id_collection").is_some_and(|given| given.get("required").is_none()) {
        session["tax_id_collection"]["required"] = json!("never");
    }
    for (name, fields) in [
        ("consent_collection", &["payment_method_reuse_agreement", "promotions", "terms_of_service"][..]),
        ("custom_text", &["after_submit", "shipping_address", "submit", "terms_of_service_acceptance"]),
        ("permissions", &["update_shipping_details"]),
        (
            "saved_payment_method_options",
            &["allow_redisplay_filters", "payment_method_remove", "payment_method_save"],
        ),
    ] {
        if let Some(given) = call.params.get(name) {
            value::set(session, name, value::complete(given, fields));
        }
    }
    if let Some(recovery) = call.params.get("after_expiration").and_then(|after| after.get("recovery")) {
        session["after_expiration"] = json!({"recovery": {
            "allow_promotion_codes": recovery["allow_promotion_codes"] == true,
            "enabled": recovery["enabled"] == true,
            "expires_at": null,
            "url": null,
        }});
    }
    if let Some(fields) = call.params.get("custom_fields").and_then(Value::as_array) {
        value::set(session, "custom_fields", fields.iter().map(custom_field).collect::<Vec<_>>());
    }
}

/// A field that the page asks for.
fn custom_field(given: &Value) -> Value {
    let kind = value::text(given, "type").unwrap_or("text");
    let inner = given.get(kind).cloned().unwrap_or_else(|| json!({}));
    let inner = if kind == "dropdown" {
        let mut inner = value::complete(&inner, &["default_value", "options", "value"]);
        if inner["options"].is_null() {
            value::set(&mut inner, "options", Vec::<Value>::new());
        }
        inner
    } else {
        value::complete(&inner, &["default_value", "maximum_length", "minimum_length", "value"])
    };
    let mut field = json!({
        "key": given["key"], "label": given["label"], "optional": given["optional"] == true, "type": kind,
    });
    value::set(&mut field, kind, inner);
    field
}
