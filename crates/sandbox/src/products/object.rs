//! The product object and how parameters change it.

use serde_json::{Map, Value, json};

use crate::{
    state::Tx,
    value,
    wire::{Refusal, refusal},
};

/// A product that nothing is known of yet.
pub(super) fn fresh(tx: &Tx, id: &str) -> Value {
    json!({
        "id": id,
        "object": "product",
        "active": true,
        "created": tx.now(),
        "default_price": null,
        "description": null,
        "images": [],
        "livemode": false,
        "marketing_features": [],
        "metadata": {},
        "name": "",
        "package_dimensions": null,
        "shippable": null,
        "statement_descriptor": null,
        "tax_code": null,
        "tax_details": null,
        "type": "service",
        "unit_label": null,
        "updated": tx.now(),
        "url": null,
    })
}

/// Writes the parameters that create and update have in common.
///
/// # Errors
/// Too many images, a descriptor beyond Stripe's length.
pub(super) fn fill(product: &mut Value, params: &Map<String, Value>) -> Result<(), Refusal> {
    const IMAGES_MAX: usize = 8;
    const DESCRIPTOR_MAX: usize = 22;
    if params.get("images").and_then(Value::as_array).is_some_and(|all| all.len() > IMAGES_MAX) {
        let message = format!("A product has at most {IMAGES_MAX} images.");
        return Err(refusal::invalid(message).with_param("images"));
    }
    let descriptor = params.get("statement_descriptor").and_then(Value::as_str).unwrap_or_default();
    if descriptor.chars().count() > DESCRIPTOR_MAX || descriptor.contains(['<', '>', '\\', '"', '\'']) {
        return Err(refusal::invalid(format!(
            "Invalid statement_descriptor: at most {DESCRIPTOR_MAX} characters, none of <, >, \\, \", '"
        ))
        .with_param("statement_descriptor"));
    }
    let plain = [
        "active",
        "description",
        "name",
        "package_dimensions",
        "shippable",
        "statement_descriptor",
        "tax_code",
        "unit_label",
        "url",
    ];
    value::assign(product, params, &plain);
    for list in ["images", "marketing_features"] {
        if let Some(given) = params.get(list) {
            value::set(product, list, if value::clears(given) { json!([]) } else { given.clone() });
        }
    }
    if let Some(given) = params.get("tax_details") {
        let whole = || value::complete(given, &["performance_location", "tax_code"]);
        value::set(product, "tax_details", if value::clears(given) { Value::Null } else { whole() });
    }
    value::merge_metadata(product, params);
    Ok(())
}
