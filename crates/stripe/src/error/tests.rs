use std::time::Duration;

use model::Retry;
use serde_json::json;

use super::*;

fn error(status: u16, fields: Value) -> StripeError {
    StripeError::new(status, Headers::default(), json!({ "error": fields }))
}

fn typed(status: u16, kind: &str, code: &str) -> StripeError {
    error(status, json!({ "type": kind, "code": code, "message": "Something" }))
}

#[test]
fn codes_follow_status_type_and_code() {
    for (status, kind, code, ours) in [
        (402, "card_error", "card_declined", Code::CardDeclined),
        (402, "card_error", "expired_card", Code::CardDeclined),
        (402, "card_error", "authentication_required", Code::AuthenticationRequired),
        (402, "card_error", "invoice_payment_intent_requires_action", Code::AuthenticationRequired),
        (402, "invalid_request_error", "", Code::InvalidRequestError),
        (401, "invalid_request_error", "", Code::AuthenticationError),
        (403, "invalid_request_error", "account_invalid", Code::PermissionError),
        (429, "invalid_request_error", "lock_timeout", Code::LockTimeout),
        (429, "invalid_request_error", "rate_limit", Code::RateLimitError),
        (429, "rate_limit_error", "", Code::RateLimitError),
        (400, "invalid_request_error", "rate_limit", Code::RateLimitError),
        (400, "idempotency_error", "", Code::IdempotencyError),
        (409, "invalid_request_error", "idempotency_key_in_use", Code::IdempotencyError),
        (409, "invalid_request_error", "", Code::ApiError),
        (404, "invalid_request_error", "resource_missing", Code::ResourceMissing),
        (400, "invalid_request_error", "resource_missing", Code::ResourceMissing),
        (400, "invalid_request_error", "parameter_missing", Code::InvalidRequestError),
        (418, "new_error", "new_code", Code::InvalidRequestError),
        (500, "api_error", "", Code::ApiError),
        (503, "invalid_request_error", "resource_missing", Code::ApiError),
    ] {
        assert_eq!(typed(status, kind, code).our_code(), ours, "{status} {kind} {code}");
    }
    let soft =
        json!({ "type": "card_error", "code": "card_declined", "decline_code": "authentication_required" });
    assert_eq!(error(402, soft).our_code(), Code::AuthenticationRequired);
    let bare = StripeError::new(400, Headers::default(), json!("x"));
    assert_eq!(bare.our_code(), Code::InvalidRequestError);
}

#[test]
fn what_the_sandbox_does_not_do_is_no_refusal_of_stripes() {
    let said = "The sandbox does not do POST /v1/topups yet; Stripe does. Nothing was changed.";
    let failure = error(
        400,
        json!({ "type": "invalid_request_error", "code": super::NOT_IN_SANDBOX, "message": said }),
    )
    .to_failure();
    assert_eq!(failure.code, Code::InvalidRequestError);
    let advice = "Leave it out here, or try it on a test account of Stripe's.";
    assert_eq!(failure.message, format!("{said} {advice}"));
}

#[test]
fn what_the_message_says_is_not_said_twice() {
    let said = "These are no limits. Nothing was changed.";
    let failure = error(400, json!({ "type": "invalid_request_error", "message": said })).to_failure();
    assert!(failure.message.contains(said), "{}", failure.message);
    assert!(!failure.message.contains("Nothing changed at Stripe."), "{}", failure.message);
}

#[test]
fn an_invoice_that_waits_for_its_customer_is_no_refused_card() {
    let failure = error(
        402,
        json!({ "type": "card_error", "code": "invoice_payment_intent_requires_action",
            "payment_intent": { "id": "pi_1" } }),
    )
    .to_failure();
    assert_eq!((failure.code, failure.retry), (Code::AuthenticationRequired, Retry::Ask));
    assert!(failure.message.contains("(invoice_payment_intent_requires_action)"), "{}", failure.message);
    assert!(failure.message.contains("Bring the customer back"), "{}", failure.message);
}

#[test]
fn a_decline_names_what_it_left_behind() {
    let declined = error(
        402,
        json!({ "type": "card_error", "code": "card_declined", "decline_code": "insufficient_funds",
            "message": "Your card has insufficient funds.", "param": "", "charge": "ch_1",
            "payment_intent": { "id": "pi_1", "object": "payment_intent" } }),
    );
    assert_eq!(declined.left_behind(), Some("pi_1"));
    let failure = declined.to_failure();
    assert_eq!(
        failure.message,
        "Stripe declined the card (insufficient_funds). No money moved; `pi_1` stays at Stripe. \
         Ask for another card, or try again later under a new key; the same key brings this answer again."
    );
    assert_eq!((failure.code, failure.retry, failure.field), (Code::CardDeclined, Retry::Ask, None));
    assert_eq!(failure.stripe, declined.body.get("error").cloned());
}

#[test]
fn what_is_left_behind_is_found_in_each_shape() {
    assert_eq!(error(402, json!({ "setup_intent": { "id": "seti_1" } })).left_behind(), Some("seti_1"));
    assert_eq!(error(402, json!({ "charge": "ch_1" })).left_behind(), Some("ch_1"));
    assert_eq!(error(402, json!({ "charge": "", "payment_intent": {} })).left_behind(), None);
    assert_eq!(error(400, json!({ "payment_method": { "id": "pm_1" } })).left_behind(), None);
    let flat = StripeError::new(400, Headers::default(), json!({ "error": "invalid_grant" }));
    assert_eq!(flat.left_behind(), None);
}

#[test]
fn a_refusal_names_the_field_as_inputs_write_it() {
    let refused = error(
        400,
        json!({ "type": "invalid_request_error", "code": "resource_missing",
        "message": "No such price: 'p'", "param": "items[0][price]" }),
    );
    let failure = refused.to_failure();
    assert_eq!(failure.field.as_deref(), Some("items[0].price"));
    assert_eq!(
        failure.message,
        "Stripe refused the request (400): No such price: 'p'. Nothing changed at Stripe. \
         Check the id, and that it belongs to this account and mode."
    );
    assert_eq!(failure.retry, Retry::Never);
}

#[test]
fn a_server_error_claims_nothing() {
    let failure = typed(500, "api_error", "").to_failure();
    assert!(failure.message.contains("is not known"), "{}", failure.message);
    assert_eq!(failure.retry, Retry::SameKey);
    let saved = Headers { replayed: true, ..Headers::default() };
    let replayed = StripeError { headers: saved, ..typed(500, "api_error", "") };
    assert_eq!(replayed.to_failure().retry, Retry::Ask);
}

#[test]
fn limits_say_when_to_come_back() {
    let wait = Headers { retry_after: Some(Duration::from_secs(7)), ..Headers::default() };
    let limited = StripeError { headers: wait, ..typed(429, "invalid_request_error", "rate_limit") };
    assert_eq!(limited.to_failure().retry, Retry::After { after_ms: 7_000 });
    assert_eq!(typed(429, "", "rate_limit").to_failure().retry, Retry::After { after_ms: 1_000 });
    assert_eq!(typed(429, "", "lock_timeout").to_failure().retry, Retry::SameKey);
}

#[test]
fn stripes_own_word_on_retrying_wins() {
    let said = |flag: bool, of: StripeError| {
        let headers = Headers { should_retry: Some(flag), ..Headers::default() };
        StripeError { headers, ..of }.to_failure().retry
    };
    assert_eq!(said(true, typed(400, "", "parameter_missing")), Retry::SameKey);
    assert_eq!(said(false, typed(503, "api_error", "")), Retry::Ask);
    assert_eq!(said(false, typed(400, "", "parameter_missing")), Retry::Never);
}

#[test]
fn errors_of_oauth_are_flat() {
    let body = json!({ "error": "invalid_grant", "error_description": "Refresh token does not exist" });
    let flat = StripeError::new(400, Headers::default(), body.clone());
    assert_eq!((flat.code(), flat.message()), (Some("invalid_grant"), Some("Refresh token does not exist")));
    assert_eq!(flat.to_failure().stripe, Some(body));
}

#[test]
fn every_code_makes_three_sentences() {
    for status in [400, 401, 402, 403, 404, 409, 429, 500, 503] {
        for kind in ["card_error", "invalid_request_error", "idempotency_error", "api_error"] {
            for code in crate::tables::error_codes() {
                let failure = typed(status, kind, code).to_failure();
                let sentences = failure.message.matches(". ").count() + 1;
                assert!(sentences >= 3 && failure.message.ends_with('.'), "{}", failure.message);
                assert!(failure.stripe.is_some());
            }
        }
    }
}

#[test]
fn advice_takes_the_place_of_what_holds_for_every_refusal_and_changes_no_field_of_stripes() {
    let plain = typed(403, "invalid_request_error", "");
    let advice = Advice { to_do: "Set Invoices to Write.".into(), details: json!({ "needs": 1 }) };
    let advised = StripeError { advice: Some(Box::new(advice)), ..plain.clone() };
    let (plain, advised) = (plain.to_failure(), advised.to_failure());
    assert!(advised.message.ends_with("Nothing changed at Stripe. Set Invoices to Write."), "{advised}");
    assert_eq!((advised.stripe, advised.retry), (plain.stripe, plain.retry));
    assert_eq!((advised.details, plain.details), (Some(json!({ "needs": 1 })), None));
}
