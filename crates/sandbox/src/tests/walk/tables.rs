//! The tables of transitions, once more and in another way than the code has them
//! (Stripe's API, the lifecycle of each object).

use serde_json::Value;

pub(super) const KINDS: &[&str] = &[
    "payment_intent",
    "setup_intent",
    "setup_attempt",
    "charge",
    "refund",
    "dispute",
    "payout",
    "credit_note",
    "invoice",
    "tax_id",
];

/// Kind, from, to. What an object begins with is from the empty text.
const TABLE: &[(&str, &str, &[&str])] = &[
    (
        "payment_intent",
        "",
        &[
            "requires_payment_method",
            "requires_confirmation",
            "requires_action",
            "processing",
            "requires_capture",
            "succeeded",
        ],
    ),
    (
        "payment_intent",
        "requires_payment_method",
        &[
            "requires_confirmation",
            "requires_action",
            "processing",
            "requires_capture",
            "succeeded",
            "canceled",
        ],
    ),
    (
        "payment_intent",
        "requires_confirmation",
        &[
            "requires_payment_method",
            "requires_action",
            "processing",
            "requires_capture",
            "succeeded",
            "canceled",
        ],
    ),
    (
        "payment_intent",
        "requires_action",
        &[
            "requires_payment_method",
            "requires_confirmation",
            "processing",
            "requires_capture",
            "succeeded",
            "canceled",
        ],
    ),
    ("payment_intent", "processing", &["succeeded", "requires_payment_method", "canceled"]),
    ("payment_intent", "requires_capture", &["succeeded", "canceled"]),
    (
        "setup_intent",
        "",
        &["requires_payment_method", "requires_confirmation", "requires_action", "succeeded"],
    ),
    (
        "setup_intent",
        "requires_payment_method",
        &["requires_confirmation", "requires_action", "succeeded", "canceled"],
    ),
    (
        "setup_intent",
        "requires_confirmation",
        &["requires_payment_method", "requires_action", "succeeded", "canceled"],
    ),
    ("setup_intent", "requires_action", &["requires_payment_method", "succeeded", "canceled"]),
    ("setup_attempt", "", &["succeeded", "failed", "requires_action"]),
    ("setup_attempt", "requires_action", &["succeeded", "failed", "abandoned"]),
    ("charge", "", &["succeeded", "pending", "failed"]),
    ("charge", "pending", &["succeeded", "failed"]),
    ("refund", "", &["succeeded", "pending"]),
    ("refund", "pending", &["succeeded", "failed"]),
    ("refund", "succeeded", &["failed"]),
    ("dispute", "", &["needs_response", "warning_needs_response"]),
    ("dispute", "needs_response", &["under_review", "won", "lost"]),
    ("dispute", "under_review", &["won", "lost"]),
    ("dispute", "warning_needs_response", &["warning_under_review", "warning_closed"]),
    ("dispute", "warning_under_review", &["warning_closed"]),
    ("payout", "", &["pending"]),
    ("payout", "pending", &["in_transit", "canceled", "failed"]),
    ("payout", "in_transit", &["paid", "failed"]),
    ("payout", "paid", &["failed"]),
    ("credit_note", "", &["issued"]),
    ("credit_note", "issued", &["void"]),
    ("invoice", "", &["draft"]),
    ("invoice", "draft", &["open", "paid"]),
    ("invoice", "open", &["paid", "void", "uncollectible"]),
    ("invoice", "uncollectible", &["paid", "void"]),
    ("tax_id", "", &["pending", "unavailable"]),
    ("tax_id", "pending", &["verified", "unverified"]),
];

pub(super) fn status(object: &Value) -> String {
    let of_tax_id = object["verification"]["status"].as_str();
    object["status"].as_str().or(of_tax_id).unwrap_or_default().to_owned()
}

fn next(kind: &str, from: &str) -> &'static [&'static str] {
    TABLE.iter().find(|(of, status, _)| (*of, *status) == (kind, from)).map_or(&[], |(.., to)| to)
}

/// Whether one step may lead an object from a status to another; a step may be a while of
/// the clock, in which several things happen.
pub(super) fn allows(kind: &str, before: Option<&str>, after: &str) -> bool {
    before == Some(after) || leads(kind, before.unwrap_or_default(), after)
}

/// Whether a status is reached from another, however far.
pub(super) fn leads(kind: &str, from: &str, to: &str) -> bool {
    let mut reached = vec![from];
    let mut at = 0;
    while at < reached.len() {
        for one in next(kind, reached[at]) {
            if !reached.contains(one) {
                reached.push(one);
            }
        }
        at += 1;
    }
    reached[1..].contains(&to) || next(kind, from).contains(&to)
}
