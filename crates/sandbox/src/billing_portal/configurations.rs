//! `/v1/billing_portal/configurations`. The first one is the account's default.

use serde_json::{Value, json};

use super::{CONFIGURATION, features};
use crate::{
    state::Tx,
    value,
    wire::{Call, Refusal, refusal},
};

pub(super) fn create(tx: &mut Tx, call: &Call) -> Result<Value, Refusal> {
    let mut made = fresh(tx, false);
    fill(tx, &mut made, call)?;
    tx.put(made.clone());
    tx.emit("billing_portal.configuration.created", &made);
    Ok(made)
}

pub(super) fn update(tx: &mut Tx, call: &Call) -> Result<Value, Refusal> {
    let before = tx.at_path(CONFIGURATION, call.id())?;
    let mut after = before.clone();
    if before["is_default"] == true && call.flag("active") == Some(false) {
        return Err(refusal::invalid(
            "The default configuration cannot be deactivated. Nothing was changed.",
        )
        .with_param("active"));
    }
    value::assign(&mut after, &call.params, &["active"]);
    fill(tx, &mut after, call)?;
    if after != before {
        value::set(&mut after, "updated", tx.now());
    }
    tx.change("billing_portal.configuration.updated", &before, after.clone());
    Ok(after)
}

fn fresh(tx: &mut Tx, is_default: bool) -> Value {
    json!({
        "id": tx.ids().object("bpc"),
        "object": CONFIGURATION,
        "active": true,
        "application": null,
        "business_profile": {"headline": null, "privacy_policy_url": null, "terms_of_service_url": null},
        "created": tx.now(),
        "default_return_url": null,
        "features": features::fresh(),
        "is_default": is_default,
        "livemode": false,
        "login_page": {"enabled": false, "url": null},
        "metadata": {},
        "name": null,
        "updated": tx.now(),
    })
}

fn fill(tx: &Tx, configuration: &mut Value, call: &Call) -> Result<(), Refusal> {
    value::assign(configuration, &call.params, &["default_return_url", "name"]);
    value::merge_metadata(configuration, &call.params);
    if let Some(Value::Object(given)) = call.params.get("business_profile") {
        let mut profile = configuration["business_profile"].clone();
        value::assign(&mut profile, given, &["headline", "privacy_policy_url", "terms_of_service_url"]);
        value::set(configuration, "business_profile", profile);
    }
    if let Some(Value::Object(given)) = call.params.get("features") {
        features::fill(&mut configuration["features"], given)?;
    }
    if let Some(given) = call.params.get("login_page") {
        let on = given["enabled"] == true;
        let url = on.then(|| format!("{}/_sandbox/portal/login", tx.base()));
        value::set(configuration, "login_page", json!({"enabled": on, "url": url}));
    }
    Ok(())
}

/// The account's default configuration, made when it is first needed.
pub(super) fn default(tx: &mut Tx) -> Value {
    let known = tx.state().of_kind(CONFIGURATION).find(|one| one["is_default"] == true);
    if let Some(known) = known {
        return known.clone();
    }
    let mut made = fresh(tx, true);
    made["features"]["subscription_cancel"]["enabled"] = json!(true);
    tx.put(made.clone());
    made
}
