//! A refused call says what is needed and where it is granted.

use super::*;
use crate::{Class, Settled};

/// The refusal of a call, and that its record says the same.
async fn refused(world: &World, action: &str, input: Value) -> (Failure, Value) {
    let call = world.asked(action, input, "k", Class::Interactive);
    let ended = world.make(call.clone()).await.unwrap();
    let failure = ended.settled.failure().expect("it is refused");
    let Settled::Rejected(error) = &ended.settled else { panic!("{ended:?}") };
    let stripes = error.body["error"].clone();
    if let Some(intent) = world.intent(&call).await {
        let recalled = world.caller.recall(intent.binding.company, &intent).await.unwrap().unwrap();
        assert_eq!(recalled.failure().as_ref(), Some(&failure), "the record says something else");
    }
    (failure, stripes)
}

#[tokio::test(start_paused = true)]
async fn a_refused_call_names_what_its_action_needs_and_keeps_stripes_words() {
    let sandbox = sandbox().await;
    let key = sandbox.restricted_key(&[("customers", "read")]).await.unwrap();
    let world = by_key(&sandbox, &key).await;
    for (action, input) in [
        ("createCustomer", json!({ "email": "a@b.c" })),
        ("createInvoice", json!({ "customerId": "cus_1" })),
        ("listInvoices", json!({})),
        ("getBalance", json!({})),
        ("cancelSubscription", json!({ "subscriptionId": "sub_1" })),
    ] {
        let needs = Catalog.get(action).unwrap().permission.needs().unwrap();
        let (failure, stripes) = refused(&world, action, input).await;
        assert_eq!(failure.code, Code::PermissionError, "{action}");
        assert_eq!(failure.stripe, Some(stripes), "{action}");
        let named = format!("`{}`", needs.restricted_key());
        let message = &failure.message;
        assert!(message.contains(&named) && message.contains(needs.label), "{action}: {message}");
        assert!(
            message.contains("Nothing changed at Stripe.") && message.contains("/_sandbox/keys"),
            "{message}"
        );
        let details = failure.details.unwrap();
        assert_eq!(details["needs"], needs.to_json(), "{action}");
        assert_eq!(details["named"], json!([needs.restricted_key()]), "{action}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_refused_operation_is_named_and_one_without_a_known_permission_says_so() {
    let world = World::new().await;
    let denied = "You lack a permission. Having the 'rak_thing_read' permission would do.";
    let paths = [
        ("/v1/checkout/sessions", "checkout.sessions.list", "rak_checkout_session_read"),
        ("/v1/climate/orders", "climate.orders.list", "not known here"),
    ];
    for (path, operation, said) in paths {
        world.script.read(path, answered(403, error("invalid_request_error", denied)));
        let (failure, _) = refused(&world, "stripe.request", json!({ "operation": operation })).await;
        let message = &failure.message;
        assert!(message.contains(&format!("stripe.request of {operation}")), "{message}");
        assert!(message.contains(said), "{message}");
        assert_eq!(failure.details.unwrap()["named"], json!(["rak_thing_read"]));
    }
}

#[tokio::test(start_paused = true)]
async fn a_refusal_for_another_reason_gets_no_advice_about_permissions() {
    let world = World::new().await;
    let gone =
        json!({ "error": { "type": "invalid_request_error", "code": "account_invalid", "message": "no" } });
    world.script.read("/v1/balance", answered(403, gone));
    let (failure, _) = refused(&world, "getBalance", json!({})).await;
    assert!(failure.details.is_none() && !failure.message.contains("rak_"), "{}", failure.message);
}
