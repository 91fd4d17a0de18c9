//! `POST /v1/disputes/{dispute}`: evidence, which is submitted at once unless `submit` is
//! false. What was submitted can be completed until the bank has decided.

use serde_json::{Value, json};

use super::{decide, open::EVIDENCE};
use crate::{
    state::Tx,
    value,
    wire::{Call, Refusal, refusal},
};

/// The most characters of all evidence together (Stripe's API, Disputes).
const CHARS_MAX: usize = 150_000;

pub(super) fn run(tx: &mut Tx, call: &Call) -> Result<Value, Refusal> {
    let before = tx.at_path("dispute", call.id())?;
    let mut after = before.clone();
    value::merge_metadata(&mut after, &call.params);
    value::assign(&mut after, &call.params, &["intended_submission_method"]);
    let submits = call.flag("submit").unwrap_or(call.has("evidence"));
    if call.has("evidence") || submits {
        decide::only_open(&before)?;
        evidence(&mut after, call)?;
    }
    if submits {
        submit(&mut after);
    }
    tx.change("charge.dispute.updated", &before, after.clone());
    let text = value::text(&after["evidence"], "uncategorized_text").unwrap_or_default();
    match (submits, text) {
        (true, "winning_evidence") => Ok(decide::end(tx, after, true)),
        (true, "losing_evidence") => Ok(decide::end(tx, after, false)),
        _ => Ok(after),
    }
}

fn evidence(dispute: &mut Value, call: &Call) -> Result<(), Refusal> {
    let Some(given) = call.params.get("evidence") else { return Ok(()) };
    let mut kept = dispute["evidence"].clone();
    if let Some(given) = given.as_object() {
        if let Some(name) = ["appeal", "enhanced_evidence"].into_iter().find(|name| given.contains_key(*name))
        {
            let param = format!("evidence[{name}]");
            return Err(refusal::not_here(&format!("the parameter `{param}`")).with_param(&param));
        }
        value::assign(&mut kept, given, EVIDENCE);
    }
    let texts = EVIDENCE.iter().filter_map(|name| value::text(&kept, name));
    if texts.clone().map(|text| text.chars().count()).sum::<usize>() > CHARS_MAX {
        return Err(refusal::invalid(format!(
            "The evidence of a dispute can have {CHARS_MAX} characters in all."
        ))
        .with_param("evidence"));
    }
    dispute["evidence_details"]["has_evidence"] = json!(texts.count() > 0);
    value::set(dispute, "evidence", kept);
    Ok(())
}

fn submit(dispute: &mut Value) {
    let status = if decide::is_inquiry(dispute) { "warning_under_review" } else { "under_review" };
    value::set(dispute, "status", status);
    let count = value::int(&dispute["evidence_details"], "submission_count") + 1;
    dispute["evidence_details"]["submission_count"] = json!(count);
    dispute["evidence_details"]["submission_method"] = json!("manual");
}
