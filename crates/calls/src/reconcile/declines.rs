//! Events of ours that say Stripe tried and did not do it. Pure.
//!
//! A declined write announces itself just as one that was done: under our key, with an
//! object of the right kind. So the event's last word decides. What would surprise: a
//! subscription is made, and answered with 200, although its first payment was declined.

use serde_json::Value;
use stripe::Request;

use super::look::{answered, word};

/// The last words of events of what came to nothing (Stripe's API, Types of events).
const UNDONE: [&str; 3] = ["canceled", "declined", "expired"];

/// The type of the event that tells of a failure which the request did not ask for.
pub(super) fn decline<'a>(events: &'a [Value], request: &Request) -> Option<&'a str> {
    let literal = answered(request.operation);
    let verb = request.path.rsplit('/').next().unwrap_or_default();
    let kind_of = |event: &'a Value| word(event, "type");
    if literal == Some("subscription") && events.iter().filter_map(kind_of).any(is_of_subscription) {
        return None;
    }
    let declined = |event: &&Value| {
        let last = word(event, "type").and_then(|kind| kind.rsplit('.').next()).unwrap_or_default();
        // A payment that is canceled with the voided invoice is part of voiding it.
        let own =
            literal.is_none() || event.pointer("/data/object/object").and_then(Value::as_str) == literal;
        let undone = last.ends_with("failed") || own && UNDONE.contains(&last);
        undone && !is_asked_for(last, verb)
    };
    events.iter().find(declined).and_then(kind_of)
}

/// `cancel` asks for `canceled`, `expire` for `expired`, a test helper's `fail` for `failed`.
fn is_asked_for(last: &str, verb: &str) -> bool {
    !verb.is_empty() && matches!(last.strip_prefix(verb), Some("d" | "ed"))
}

/// Whether the event shows a subscription that is there.
fn is_of_subscription(kind: &str) -> bool {
    kind.starts_with("customer.subscription.") && kind != "customer.subscription.deleted"
}

#[cfg(test)]
mod tests {
    use model::IdempotencyKey;
    use serde_json::json;
    use stripe::{Kind, Method, PINNED, tables};

    use super::*;

    fn of(path: &str, told: &[(&str, &str)]) -> Option<String> {
        let operation = tables::route(Method::Post, path)
            .map_or_else(|| tables::unlisted(Method::Post), |(operation, _)| operation);
        let kind = Kind::Write(IdempotencyKey::from_text("bursar_1"));
        let path = path.to_owned();
        let request =
            Request { operation, path, form: Vec::new().into(), version: PINNED, account: None, kind };
        let event = |(kind, object): &(&str, &str)| json!({ "type": kind, "data": { "object": { "object": object } } });
        let events: Vec<_> = told.iter().map(event).collect();
        decline(&events, &request).map(str::to_owned)
    }

    #[test]
    fn every_kind_of_failure_is_one_whatever_is_said_beside_it() {
        for (path, told) in [
            ("/v1/charges", ("charge.failed", "charge")),
            ("/v1/setup_intents/seti_1/confirm", ("setup_intent.setup_failed", "setup_intent")),
            ("/v1/payment_intents", ("payment_intent.payment_failed", "payment_intent")),
            ("/v1/payment_intents/pi_1/confirm", ("payment_intent.canceled", "payment_intent")),
            ("/v1/invoices/in_1/pay", ("invoice.payment_failed", "invoice")),
            ("/v1/payouts", ("payout.failed", "payout")),
            ("/v1/subscriptions", ("invoice.payment_failed", "invoice")),
            ("/v1/brand_new_things", ("brand_new_thing.expired", "brand_new_thing")),
        ] {
            let beside = ("customer.updated", "customer");
            assert_eq!(of(path, &[beside, told]).as_deref(), Some(told.0), "{path}");
            assert_eq!(of(path, &[beside]), None, "{path}");
        }
        let beside = ("customer.subscription.updated", "subscription");
        let pay = [("invoice.payment_failed", "invoice"), beside];
        assert!(of("/v1/invoices/in_1/pay", &pay).is_some(), "the payment of one that is past due");
    }

    #[test]
    fn what_was_asked_for_is_no_failure() {
        for (path, told) in [
            ("/v1/payment_intents/pi_1/cancel", ("payment_intent.canceled", "payment_intent")),
            ("/v1/checkout/sessions/cs_1/expire", ("checkout.session.expired", "checkout.session")),
            ("/v1/invoices/in_1/void", ("payment_intent.canceled", "payment_intent")),
        ] {
            assert_eq!(of(path, &[told]), None, "{path}");
        }
    }

    #[test]
    fn a_subscription_that_is_there_is_done_although_its_payment_was_declined() {
        let declined = [("charge.failed", "charge"), ("invoice.payment_failed", "invoice")];
        let made = ("customer.subscription.created", "subscription");
        assert_eq!(of("/v1/subscriptions", &[declined[0], declined[1], made]), None);
        assert!(of("/v1/subscriptions", &declined).is_some());
    }
}
