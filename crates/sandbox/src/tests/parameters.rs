//! What requests may not say.

use proptest::prelude::*;
use serde_json::json;

use super::client::*;

#[tokio::test]
async fn stripes_own_refusals_come_for_bad_parameters() {
    let (sandbox, _) = quiet(1).await;
    for (path, form, code, param, message) in [
        (
            "/v1/customers",
            "nmae=Ada",
            "parameter_unknown",
            "nmae",
            "Received unknown parameter: nmae. Did you mean name?",
        ),
        (
            "/v1/customers",
            "shipping[name]=Ada",
            "parameter_missing",
            "shipping[address]",
            "Missing required param: shipping[address].",
        ),
        ("/v1/customers", "balance=1.5", "parameter_invalid_integer", "balance", "Invalid integer: 1.5"),
        (
            "/v1/customers",
            "tax_exempt=perhaps",
            "",
            "tax_exempt",
            "Invalid tax_exempt: must be one of exempt, none, or reverse",
        ),
        ("/v1/customers", "email=nobody", "email_invalid", "email", "Invalid email address: nobody"),
        ("/v1/invoices", "customer=cus_none", "resource_missing", "customer", "No such customer: 'cus_none'"),
        ("/v1/invoices", "", "parameter_missing", "customer", "Missing required param: customer."),
        (
            "/v1/webhook_endpoints",
            "enabled_events[]=*",
            "parameter_missing",
            "url",
            "Missing required param: url.",
        ),
        ("/v1/webhook_endpoints", "enabled_events[]=*&url=nonsense", "url_invalid", "url", "Not a valid URL"),
    ] {
        let error = post_form(&sandbox, path, form).await.error(400);
        assert_eq!((&error["param"], &error["message"]), (&json!(param), &json!(message)), "{form}");
        assert_eq!(error["type"], "invalid_request_error");
        assert_eq!(error.get("code").and_then(|c| c.as_str()).unwrap_or_default(), code, "{form}");
        assert!(error.as_object().unwrap().values().all(|v| !v.is_null()), "absent, never null");
    }
    assert!(sandbox.events().is_empty() && sandbox.objects("customer").is_empty());
}

#[tokio::test]
async fn malformed_forms_are_refused_and_change_nothing() {
    let (sandbox, _) = quiet(2).await;
    for form in ["a[", "name=%zz", "name=%ff", "name=a&name[b]=c", "[a]=b", "metadata[a][b]=c"] {
        post_form(&sandbox, "/v1/customers", form).await.error(400);
    }
    let deep = format!("metadata{}=1", "[a]".repeat(40));
    post_form(&sandbox, "/v1/customers", &deep).await.error(400);
    post_form(&sandbox, "/v1/customers", &format!("name={}", "a".repeat(1024 * 1024))).await.error(413);
    assert!(sandbox.objects("customer").is_empty());
}

#[tokio::test]
async fn what_the_sandbox_lacks_it_says() {
    let (sandbox, _) = quiet(3).await;
    let error = post(&sandbox, "/v1/topups", json!({"amount": 10, "currency": "usd"})).await.error(400);
    assert!(error["message"].as_str().unwrap().contains("does not do POST /v1/topups yet"));
    let error = post(&sandbox, "/v1/customers", json!({"tax": {"ip_address": "127.0.0.1"}})).await.error(400);
    assert_eq!(error["param"], "tax");
    assert!(error["message"].as_str().unwrap().contains("does not do the parameter `tax`"));
    assert!(sandbox.objects("customer").is_empty());
}

#[tokio::test]
async fn metadata_merges_and_clears_as_at_stripe() {
    let (sandbox, _) = quiet(4).await;
    let customer =
        id(&post_form(&sandbox, "/v1/customers", "metadata[a]=1&metadata[b]=2&name=Ada").await.ok());
    let path = format!("/v1/customers/{customer}");
    let changed = post_form(&sandbox, &path, "metadata[a]=&metadata[c]=3").await.ok();
    assert_eq!(changed["metadata"], json!({"b": "2", "c": "3"}));
    let events = sandbox.events();
    assert_eq!(events[1]["data"]["previous_attributes"], json!({"metadata": {"a": "1", "c": null}}));
    assert_eq!(post_form(&sandbox, &path, "metadata=").await.ok()["metadata"], json!({}));
    let cleared = post_form(&sandbox, &path, "name=&address[city]=Rome&preferred_locales[]=it").await;
    match cleared.status {
        200 => assert_eq!(cleared.body["address"]["city"], "Rome"),
        _ => assert_eq!(cleared.body["error"]["code"], "parameter_invalid_empty"),
    }
    let count = sandbox.events().len();
    post_form(&sandbox, &path, "metadata=").await.ok();
    assert_eq!(sandbox.events().len(), count, "no change, no event");
    event_types(&sandbox);
}

#[tokio::test]
async fn metadata_grows_to_fifty_keys_and_no_further() {
    let (sandbox, _) = quiet(7).await;
    let keys = |range: std::ops::Range<u32>| {
        let all: serde_json::Map<_, _> = range.map(|n| (format!("key{n}"), json!("value"))).collect();
        json!({ "metadata": all })
    };
    let path = format!("/v1/customers/{}", id(&post(&sandbox, "/v1/customers", keys(0..30)).await.ok()));
    post(&sandbox, &path, keys(25..50)).await.ok();
    let events = sandbox.events().len();
    let error = post(&sandbox, &path, keys(50..51)).await.error(400);
    assert_eq!((&error["param"], sandbox.events().len()), (&json!("metadata"), events));
    let shown = get(&sandbox, &path).await.ok();
    assert_eq!(shown["metadata"].as_object().unwrap().len(), 50);
    let exchanged = post_form(&sandbox, &path, "metadata[key0]=&metadata[key50]=value").await.ok();
    assert_eq!(exchanged["metadata"].as_object().unwrap().len(), 50);
}

#[tokio::test]
async fn the_account_is_the_seeds_and_webhook_secrets_show_once() {
    let (sandbox, _) = quiet(5).await;
    let account = get(&sandbox, "/v1/account").await.ok();
    assert_eq!(account["id"], sandbox.account().as_str());
    let (other, _) = quiet(6).await;
    assert_ne!(sandbox.account(), other.account());
    let params = json!({"url": "http://127.0.0.1:1/hook", "enabled_events": ["invoice.paid"]});
    let made = post(&sandbox, "/v1/webhook_endpoints", params).await.ok();
    assert!(made["secret"].as_str().unwrap().starts_with("whsec_"));
    let path = format!("/v1/webhook_endpoints/{}", id(&made));
    assert!(get(&sandbox, &path).await.ok().get("secret").is_none());
    assert!(get(&sandbox, "/v1/webhook_endpoints").await.ok()["data"][0].get("secret").is_none());
    let off = post(&sandbox, &path, json!({"disabled": true})).await.ok();
    assert_eq!(off["status"], "disabled");
    delete(&sandbox, &path).await.ok();
    get(&sandbox, &path).await.error(404);
}

#[tokio::test]
async fn every_row_of_the_registry_is_an_operation_and_heeds_parameters_it_has() {
    for row in crate::registry::RESOURCES.iter().copied().flatten() {
        let operation =
            stripe::tables::operation(row.id).unwrap_or_else(|| panic!("{} is no operation", row.id));
        for heeded in row.heeds {
            let known = |version| operation.params_in(version).iter().any(|p| p.name == *heeded);
            assert!(stripe::Version::all().any(known), "{} has no {heeded} in any version", row.id);
        }
    }
}

/// Pieces of requests, so that random ones get past the first check.
const PIECES: &[&str] = &[
    "/v1/customers",
    "/v1/invoices",
    "/v1/payment_intents",
    "/v1/refunds",
    "/v1/events",
    "/v1/account",
    "/",
    "?",
    "&",
    "=",
    "[",
    "]",
    "[]",
    "[0]",
    "%",
    "%5B",
    "expand",
    "data",
    ".",
    "customer",
    "limit",
    "created",
    "gte",
    "metadata",
    "-1",
    "99999999999999999999",
    "1.5",
    "é",
    "\0",
    "cus_1",
    "amount",
    "currency",
    "name",
    "",
];

proptest! {
    /// Nobody can make the sandbox panic or answer anything but an object.
    #[test]
    fn hostile_requests_get_an_answer(
        method in prop::sample::select(vec!["GET", "POST", "DELETE", "PUT", "get", ""]),
        path in prop::collection::vec(prop::sample::select(PIECES), 0..4),
        query in prop::collection::vec(prop::sample::select(PIECES), 0..12),
        body in prop::collection::vec(prop::sample::select(PIECES), 0..12),
        noise in prop::collection::vec(any::<u8>(), 0..8),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let (sandbox, _) = quiet(1).await;
            let mut bytes = body.concat().into_bytes();
            bytes.extend(noise);
            let outgoing = sandbox.raw(crate::wire::Incoming {
                method: method.to_owned(),
                path: path.concat(),
                query: query.concat(),
                body: bytes.into(),
                heads: crate::wire::Heads {
                    authorization: Some(format!("Bearer {}", sandbox.secret_key())),
                    key: Some("k".into()),
                    ..Default::default()
                },
                own: false,
            }).await;
            let crate::wire::Outgoing::Answer(reply) = outgoing else { panic!("no answer") };
            let answer: serde_json::Value = serde_json::from_str(&reply.body).unwrap();
            assert!(answer.is_object() && matches!(reply.status, 200 | 400 | 404), "{} {answer}", reply.status);
        });
    }
}
