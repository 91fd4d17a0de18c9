//! A cardholder disputes a charge, or his bank asks about it.

use serde_json::{Value, json};

use crate::{
    balance,
    state::Tx,
    value,
    wire::{Refusal, refusal},
};

const DAY_S: i64 = 86_400;
/// How long there is to answer (Stripe's docs, Respond to disputes: 7 to 21 days).
const ANSWER_DAYS: i64 = 9;

/// Every field of the evidence that is a text or a file.
pub(super) const EVIDENCE: &[&str] = &[
    "access_activity_log",
    "billing_address",
    "cancellation_policy",
    "cancellation_policy_disclosure",
    "cancellation_rebuttal",
    "customer_communication",
    "customer_email_address",
    "customer_name",
    "customer_purchase_ip",
    "customer_signature",
    "duplicate_charge_documentation",
    "duplicate_charge_explanation",
    "duplicate_charge_id",
    "product_description",
    "receipt",
    "refund_policy",
    "refund_policy_disclosure",
    "refund_refusal_explanation",
    "service_date",
    "service_documentation",
    "shipping_address",
    "shipping_carrier",
    "shipping_date",
    "shipping_documentation",
    "shipping_tracking_number",
    "uncategorized_file",
    "uncategorized_text",
];

/// Why a charge can be disputed, and what networks call it.
const REASONS: &[(&str, &str)] = &[
    ("fraudulent", "10.4"),
    ("product_not_received", "13.1"),
    ("product_unacceptable", "13.3"),
    ("subscription_canceled", "13.2"),
    ("credit_not_processed", "13.7"),
    ("duplicate", "12.6.1"),
    ("unrecognized", "10.4"),
    ("general", "13.5"),
    ("debit_not_authorized", "R10"),
];

/// Opens a dispute of a charge, whole. `inquiry`: the bank only asks.
///
/// # Errors
/// Unknown, not paid, or disputed already.
pub(crate) fn open(tx: &mut Tx, charge: &str, reason: &str, inquiry: bool) -> Result<Value, Refusal> {
    let mut charge = tx.at_param("charge", charge, "charge")?;
    disputable(&charge)?;
    let mut dispute = fresh(tx, &charge, reason, inquiry);
    value::set(&mut charge, "disputed", true);
    tx.put(charge);
    if !inquiry {
        let withdrawn = balance::of_dispute(tx, &dispute, balance::Disputed::Withdrawn);
        value::set(&mut dispute, "balance_transactions", json!([withdrawn]));
    }
    tx.put(dispute.clone());
    tx.emit("charge.dispute.created", &dispute);
    if !inquiry {
        tx.emit("charge.dispute.funds_withdrawn", &dispute);
    }
    Ok(dispute)
}

/// The same as a command says it.
///
/// # Errors
/// As [`open`], or no such reason.
pub(crate) fn as_cardholder(
    tx: &mut Tx,
    charge: &str,
    reason: &str,
    inquiry: bool,
) -> Result<Value, Refusal> {
    if !REASONS.iter().any(|(known, _)| *known == reason) {
        let known: Vec<&str> = REASONS.iter().map(|(known, _)| *known).collect();
        return Err(refusal::invalid(format!(
            "`reason` must be one of {}. Nothing was changed.",
            known.join(", ")
        ))
        .with_param("reason"));
    }
    open(tx, charge, reason, inquiry)
}

fn disputable(charge: &Value) -> Result<(), Refusal> {
    let id = value::id(charge);
    if charge["status"] != "succeeded" || charge["captured"] != true {
        return Err(refusal::invalid(format!("Charge {id} took no money, so nobody can dispute it.")));
    }
    if charge["disputed"] == true {
        return Err(refusal::invalid(format!("Charge {id} is disputed already.")));
    }
    Ok(())
}

fn fresh(tx: &mut Tx, charge: &Value, reason: &str, inquiry: bool) -> Value {
    let mut evidence = value::complete(&Value::Null, EVIDENCE);
    value::set(&mut evidence, "enhanced_evidence", json!({}));
    let due_by = (tx.now() / DAY_S + ANSWER_DAYS + 1) * DAY_S - 1;
    let mut dispute = json!({
        "id": tx.ids().object("du"),
        "object": "dispute",
        "amount": charge["amount_captured"],
        "balance_transactions": [],
        "charge": charge["id"],
        "created": tx.now(),
        "currency": charge["currency"],
        "enhanced_eligibility_types": [],
        "evidence": evidence,
        "evidence_details": {
            "due_by": due_by,
            "enhanced_eligibility": {},
            "has_evidence": false,
            "past_due": false,
            "submission_count": 0,
            "submission_method": "not_submitted",
        },
        "intended_submission_method": null,
        "is_charge_refundable": inquiry,
        "livemode": false,
        "metadata": {},
        "payment_intent": charge["payment_intent"],
        "reason": reason,
        "status": if inquiry { "warning_needs_response" } else { "needs_response" },
    });
    let card = &charge["payment_method_details"]["card"];
    if card.is_object() {
        let code = REASONS.iter().find(|(known, _)| *known == reason).map(|(_, code)| *code);
        let case = if inquiry { "inquiry" } else { "chargeback" };
        let details = json!({
            "brand": card["brand"], "case_type": case, "network": card["network"], "network_reason_code": code,
        });
        value::set(&mut dispute, "payment_method_details", json!({"card": details, "type": "card"}));
    }
    dispute
}
