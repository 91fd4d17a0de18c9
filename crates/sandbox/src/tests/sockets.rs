//! The wire over real sockets, with a plain HTTP client.

use model::IdempotencyKey;
use reqwest::{Client, Response, header::HeaderMap};
use serde_json::{Value, json};

use crate::{Fault, Options, Sandbox, Watched};

fn client() -> Client {
    Client::builder().tls_certs_only([]).no_proxy().retry(reqwest::retry::never()).build().unwrap()
}

fn url(sandbox: &Sandbox, path: &str) -> String {
    format!("{}{path}", sandbox.url().unwrap())
}

async fn post(sandbox: &Sandbox, path: &str, form: &str, key: &str) -> reqwest::Result<Response> {
    client()
        .post(url(sandbox, path))
        .bearer_auth(sandbox.secret_key())
        .header("idempotency-key", key)
        .header("content-type", "application/x-www-form-urlencoded")
        .body(form.to_owned())
        .send()
        .await
}

async fn json_of(response: Response) -> (u16, HeaderMap, Value) {
    let (status, headers) = (response.status().as_u16(), response.headers().clone());
    let text = response.text().await.unwrap();
    (status, headers, serde_json::from_str(&text).unwrap())
}

#[tokio::test]
async fn answers_have_stripes_headers_and_pretty_bodies() {
    let sandbox = super::start().await;
    let response = post(&sandbox, "/v1/customers", "name=Ada+Lovelace&metadata%5Ba%5D=b", "k").await.unwrap();
    let headers = response.headers().clone();
    let text = response.text().await.unwrap();
    assert!(text.starts_with("{\n  \"id\": \"cus_"), "{text}");
    let get = |name: &str| headers.get(name).and_then(|v| v.to_str().ok());
    assert!(get("request-id").unwrap().starts_with("req_"));
    assert_eq!(get("original-request"), get("request-id"));
    assert_eq!((get("idempotency-key"), get("stripe-should-retry")), (Some("k"), Some("false")));
    assert_eq!(get("stripe-version"), Some(stripe::PINNED.as_str()));
    assert_eq!(get("content-type"), Some("application/json"));
    let body: Value = serde_json::from_str(&text).unwrap();
    assert_eq!((&body["name"], &body["metadata"]), (&json!("Ada Lovelace"), &json!({"a": "b"})));
}

#[tokio::test]
async fn who_has_no_test_key_is_turned_away() {
    let sandbox = super::start().await;
    let account = url(&sandbox, "/v1/account");
    let ask = |auth: Option<&str>| {
        let request = client().get(&account);
        auth.map_or(request.try_clone().unwrap(), |key| request.bearer_auth(key)).send()
    };
    for auth in [None, Some("sk_test_short"), Some("sk_live_0123456789abcdefghij")] {
        let (status, headers, body) = json_of(ask(auth).await.unwrap()).await;
        assert_eq!(status, 401);
        assert!(headers.contains_key("www-authenticate"));
        assert!(!headers.contains_key("request-id") && !headers.contains_key("stripe-version"));
        let mut keys: Vec<&String> = body["error"].as_object().unwrap().keys().collect();
        keys.sort();
        assert_eq!(keys, ["message", "type"]);
        assert!(!body.to_string().contains("0123456789"));
    }
    let basic =
        client().get(&account).basic_auth("sk_test_anything_of_20_chars", Some("")).send().await.unwrap();
    assert_eq!(basic.status(), 200);
}

#[tokio::test]
async fn versions_accounts_and_paths_are_checked() {
    let sandbox = super::start().await;
    let ask = |path: &str, name: &'static str, value: String| {
        client().get(url(&sandbox, path)).bearer_auth(sandbox.secret_key()).header(name, value).send()
    };
    let (status, headers, _) =
        json_of(ask("/v1/account", "stripe-version", "2025-08-27.basil".into()).await.unwrap()).await;
    assert_eq!((status, headers["stripe-version"].to_str().unwrap()), (200, "2025-08-27.basil"));
    let (status, _, body) =
        json_of(ask("/v1/account", "stripe-version", "2099-01-01.zinnia".into()).await.unwrap()).await;
    assert_eq!(status, 400);
    assert!(body["error"].get("code").is_none() && body["error"].get("param").is_none());
    let own = sandbox.account().as_str().to_owned();
    assert_eq!(ask("/v1/account", "stripe-account", own).await.unwrap().status(), 200);
    let (status, _, body) =
        json_of(ask("/v1/account", "stripe-account", "acct_other".into()).await.unwrap()).await;
    assert_eq!((status, &body["error"]["code"]), (403, &json!("account_invalid")));
    for path in ["/v1/nonsense", "/", "/v1/customers/a/b/c/d", "/v1/customers/%ff"] {
        let status = ask(path, "x-nothing", String::new()).await.unwrap().status();
        assert!(status == 404 || status == 400, "{path}: {status}");
    }
    let json = client()
        .post(url(&sandbox, "/v1/customers"))
        .bearer_auth(sandbox.secret_key())
        .json(&json!({"name": "x"}));
    assert_eq!(json.send().await.unwrap().status(), 400);
    let huge = post(&sandbox, "/v1/customers", &"a".repeat(3 * 1024 * 1024), "k").await;
    assert!(huge.is_err() || huge.unwrap().status() == 413);
    assert!(sandbox.objects("customer").is_empty());
}

#[tokio::test]
async fn a_lost_answer_and_a_reset_break_the_connection() {
    let sandbox = super::start().await;
    let count = |key: &str| sandbox.executions(&IdempotencyKey::from_text(key));
    sandbox.fault(Fault::LostAnswer, 1);
    let lost = post(&sandbox, "/v1/customers", "", "lost").await.unwrap_err();
    assert!(!lost.is_connect() && !lost.is_timeout(), "{lost:?}");
    assert_eq!(count("lost"), 1);
    sandbox.fault(Fault::Reset, 1);
    let reset = post(&sandbox, "/v1/customers", "", "reset").await.unwrap_err();
    assert!(!reset.is_connect(), "{reset:?}");
    assert!(format!("{reset:?}").contains("ConnectionReset"), "{reset:?}");
    assert_eq!(count("reset"), 0);
    let (status, headers, _) = json_of(post(&sandbox, "/v1/customers", "", "lost").await.unwrap()).await;
    assert_eq!((status, headers["idempotent-replayed"].to_str().unwrap()), (200, "true"));
}

#[tokio::test]
async fn the_control_api_disturbs_shows_and_resets() {
    let sandbox = super::start().await;
    let http = client();
    let control =
        |path: &str, body: Value| http.post(url(&sandbox, &format!("/_sandbox/{path}"))).json(&body).send();
    let look = |path: &str| http.get(url(&sandbox, &format!("/_sandbox{path}"))).send();
    let (_, _, about) = json_of(look("").await.unwrap()).await;
    assert_eq!(
        (&about["account"], &about["secret_key"]),
        (&json!(sandbox.account().as_str()), &json!(sandbox.secret_key()))
    );
    let (status, _, _) = json_of(
        control("faults", json!({"fault": "429", "reason": "endpoint-rate", "next": 1})).await.unwrap(),
    )
    .await;
    assert_eq!(status, 200);
    let (status, headers, _) = json_of(post(&sandbox, "/v1/customers", "", "k").await.unwrap()).await;
    assert_eq!((status, headers["stripe-rate-limited-reason"].to_str().unwrap()), (429, "endpoint-rate"));
    for fault in ["lost_answer", "reset", "stored_500", "stored_500_after_commit", "lock_timeout", "409"] {
        let (status, _, body) =
            json_of(control("faults", json!({"fault": fault, "next": 0})).await.unwrap()).await;
        assert_eq!((status, &body["fault"]), (200, &json!(fault)));
    }
    assert_eq!(control("faults", json!({"fault": "gremlins"})).await.unwrap().status(), 400);
    assert_eq!(post(&sandbox, "/v1/customers", "", "k").await.unwrap().status(), 200);
    let (_, _, counts) = json_of(look("/executions").await.unwrap()).await;
    assert_eq!(counts["data"], json!({"k": 1}));
    let (_, _, journal) = json_of(look("/journal").await.unwrap()).await;
    assert_eq!((&journal["data"][1]["ran"], &journal["data"][1]["key"]), (&json!("executed"), &json!("k")));
    let (_, _, moved) = json_of(control("clock", json!({"advance_ms": 86_400_000})).await.unwrap()).await;
    assert!(moved["now_ms"].as_i64().unwrap() > about["now_ms"].as_i64().unwrap() + 86_399_999);
    assert_eq!(control("clock", json!({"advance_ms": -1})).await.unwrap().status(), 400);
    assert_eq!(control("nonsense", json!({})).await.unwrap().status(), 404);
    let events = sandbox.events().len();
    assert_eq!(control("reset", json!({})).await.unwrap().status(), 200);
    assert_eq!((events, sandbox.events().len(), sandbox.journal().len()), (1, 0, 0));
}

#[tokio::test]
async fn faults_that_wait_are_shown_and_taken_back() {
    let sandbox = super::start().await;
    let (http, at) = (client(), url(&sandbox, "/_sandbox/faults"));
    for fault in [
        json!({"fault": "slow", "ms": 5, "path": "/v1/invoices/*"}),
        json!({"fault": "lost_answer", "next": 2, "method": "POST"}),
        json!({"fault": "reset", "next": 0}),
    ] {
        assert_eq!(http.post(&at).json(&fault).send().await.unwrap().status(), 200);
    }
    let (_, _, waiting) = json_of(http.get(&at).send().await.unwrap()).await;
    let expected = json!([
        {"fault": "slow", "ms": 5, "next": 1, "method": null, "path": "/v1/invoices/*"},
        {"fault": "lost_answer", "next": 2, "method": "POST", "path": null},
    ]);
    assert_eq!(waiting["data"], expected);
    let (status, _, cleared) = json_of(http.delete(&at).send().await.unwrap()).await;
    assert_eq!((status, &cleared["cleared"]), (200, &json!(2)));
    let (_, _, waiting) = json_of(http.get(&at).send().await.unwrap()).await;
    assert_eq!(waiting["data"], json!([]));
    assert_eq!(post(&sandbox, "/v1/customers", "", "k").await.unwrap().status(), 200);
}

#[tokio::test]
async fn a_reset_keeps_who_listens() {
    let sandbox = super::start().await;
    let hook = sandbox.deliver_to("http://127.0.0.1:9/".parse().unwrap(), &["customer.created"]).await;
    let http = client();
    assert_eq!(http.post(url(&sandbox, "/_sandbox/reset")).send().await.unwrap().status(), 200);
    assert_eq!(sandbox.objects("webhook_endpoint")[0]["id"], json!(hook.id));
    assert_eq!(post(&sandbox, "/v1/customers", "", "k").await.unwrap().status(), 200);
    assert_eq!(sandbox.open_deliveries(), 1, "what happens after the reset is delivered");
}

#[tokio::test]
async fn a_customer_pays_over_the_control_api() {
    let sandbox = super::start().await;
    let made = |body: &Value| body["id"].as_str().unwrap().to_owned();
    let (_, _, customer) = json_of(post(&sandbox, "/v1/customers", "", "a").await.unwrap()).await;
    let form = format!("customer={}&collection_method=send_invoice&days_until_due=7", made(&customer));
    let (_, _, invoice) = json_of(post(&sandbox, "/v1/invoices", &form, "b").await.unwrap()).await;
    let invoice = made(&invoice);
    let form = format!("customer={}&invoice={invoice}&amount=5000", made(&customer));
    post(&sandbox, "/v1/invoiceitems", &form, "c").await.unwrap();
    let pay = || client().post(url(&sandbox, &format!("/_sandbox/invoices/{invoice}/pay")));
    assert_eq!(pay().send().await.unwrap().status(), 400, "a draft has no page");
    let (_, _, sent) =
        json_of(post(&sandbox, &format!("/v1/invoices/{invoice}/send"), "", "d").await.unwrap()).await;
    let (status, _, page) =
        json_of(client().get(sent["hosted_invoice_url"].as_str().unwrap()).send().await.unwrap()).await;
    assert_eq!((status, &page["amount_due"]), (200, &json!(5000)));
    let declined = pay().json(&json!({"payment_method": "pm_card_chargeDeclined"})).send().await.unwrap();
    assert_eq!(declined.status(), 402);
    let (status, _, paid) = json_of(pay().send().await.unwrap()).await;
    assert_eq!((status, &paid["status"]), (200, &json!("paid")));
    assert!(sandbox.events().iter().any(|e| e["type"] == "invoice.paid"));
}

#[tokio::test]
async fn a_port_in_use_is_said_and_dropping_frees_it() {
    let first = super::start().await;
    let at = first.url().unwrap().strip_prefix("http://").unwrap().parse().unwrap();
    let options = || Options { listen: Some(at), ..Options::default() };
    let error = Watched::open(options()).await.unwrap_err();
    assert!(error.to_string().contains("port 0 picks a free one"), "{error}");
    first.shutdown().await;
    drop(first);
    Watched::open(options()).await.unwrap();
}

#[tokio::test]
async fn a_page_from_elsewhere_gets_no_key_and_changes_nothing() {
    let sandbox = super::start().await;
    post(&sandbox, "/v1/customers", "name=Ada", "k").await.unwrap();
    let rebound = client().get(url(&sandbox, "/_sandbox")).header("host", "evil.com").send().await.unwrap();
    let (status, _, refused) = json_of(rebound).await;
    assert_eq!(status, 403);
    assert!(!refused.to_string().contains(&sandbox.secret_key()), "{refused}");
    let reset = |origin: String| {
        client().post(url(&sandbox, "/_sandbox/reset")).header("origin", origin).body(r#"{"x": 1}"#).send()
    };
    assert_eq!(reset("http://evil.com".to_owned()).await.unwrap().status(), 403);
    assert_eq!(sandbox.objects("customer").len(), 1);
    assert_eq!(reset(sandbox.url().unwrap().to_owned()).await.unwrap().status(), 200);
    assert_eq!(sandbox.objects("customer").len(), 0);
}

#[tokio::test]
async fn the_clock_does_not_leave_the_calendar() {
    let sandbox = super::start().await;
    let advance = |ms: i64| {
        client().post(url(&sandbox, "/_sandbox/clock")).body(json!({"advance_ms": ms}).to_string()).send()
    };
    let day = 86_400_000;
    let (status, _, refused) = json_of(advance(3_660 * day).await.unwrap()).await;
    assert_eq!(status, 400);
    assert!(refused["error"]["message"].as_str().unwrap().contains("ten years"), "{refused}");
    assert_eq!(advance(3_650 * day).await.unwrap().status(), 200);
    for _ in 0..20 {
        sandbox.advance_ms(i64::MAX).await;
    }
    let (status, _, refused) = json_of(advance(day).await.unwrap()).await;
    assert_eq!((status, refused["error"]["message"].as_str().unwrap().contains("2200")), (400, true));
}
