//! Connected accounts have everything of their own.

use serde_json::json;

use super::*;
use crate::tests::client::{self, quiet};

async fn make(sandbox: &Sandbox, account: Option<&AccountId>, path: &str, form: &[(&str, &str)]) -> Value {
    let (status, body) = api(sandbox, &sandbox.secret_key(), account, "POST", path, form).await;
    assert_eq!(status, 200, "{body}");
    body
}

#[tokio::test]
async fn objects_events_and_balance_are_the_accounts_own() {
    let (sandbox, _) = quiet(7).await;
    let (one, _) = connected(&sandbox, Connect).await;
    let (two, _) = connected(&sandbox, Connect).await;
    let own = sandbox.account();
    let customer = client::id(&make(&sandbox, Some(&one), "/v1/customers", &[("name", "Ada")]).await);
    let pays =
        [("amount", "4200"), ("currency", "usd"), ("confirm", "true"), ("payment_method", "pm_card_visa")];
    make(&sandbox, Some(&one), "/v1/payment_intents", &pays).await;
    for (account, count) in [(&one, 1), (&two, 0), (&own, 0)] {
        let key = sandbox.secret_key();
        let (_, list) = api(&sandbox, &key, Some(account), "GET", "/v1/customers", &[]).await;
        assert_eq!(list["data"].as_array().unwrap().len(), count);
        let (status, _) =
            api(&sandbox, &key, Some(account), "GET", &format!("/v1/customers/{customer}"), &[]).await;
        assert_eq!(status, if count == 1 { 200 } else { 404 });
        let (_, balance) = api(&sandbox, &key, Some(account), "GET", "/v1/balance", &[]).await;
        let pending = balance["pending"][0]["amount"].as_i64().unwrap_or(0);
        assert_eq!(pending > 0, count == 1, "{balance}");
        let (_, events) =
            api(&sandbox, &key, Some(account), "GET", "/v1/events", &[("type", "payment_intent.succeeded")])
                .await;
        assert_eq!(events["data"].as_array().unwrap().len(), count);
    }
    assert!(sandbox.objects("customer").is_empty() && sandbox.events().is_empty());
    assert_eq!(sandbox.object(&customer).unwrap()["name"], "Ada", "an id is found wherever it is");
    assert_eq!(sandbox.oauth().objects(&one, "customer").len(), 1);
}

#[tokio::test]
async fn an_idempotency_key_is_the_accounts_own() {
    let (sandbox, _) = quiet(7).await;
    let (one, tokens) = connected(&sandbox, Connect).await;
    let (two, _) = connected(&sandbox, Connect).await;
    let go = |key: String, account: Option<&AccountId>| {
        let account = account.map(|account| account.as_str().to_owned());
        let heads = Heads { account, key: Some("same".into()), ..bearer(&key) };
        let sandbox = &sandbox;
        async move { client::id(&answer(ask(sandbox, "POST", "/v1/customers", heads, &[]).await).1) }
    };
    let secret = sandbox.secret_key();
    let first = go(secret.clone(), Some(&one)).await;
    let others = [go(secret.clone(), Some(&two)).await, go(secret.clone(), None).await];
    assert!(!others.contains(&first) && others[0] != others[1]);
    assert_eq!(
        go(of(&tokens, "access_token").to_owned(), None).await,
        first,
        "the token is the same account"
    );
    assert_eq!(sandbox.executions(&model::IdempotencyKey::from_text("same")), 3);
    let accounts: Vec<_> = sandbox.journal().iter().rev().take(4).map(|e| e.account.clone()).collect();
    let named = |account: &AccountId| Some(account.as_str().to_owned());
    assert_eq!(accounts, [named(&one), None, named(&two), named(&one)]);
}

#[tokio::test]
async fn an_account_is_out_of_reach_before_it_consents_and_without_the_platforms_key() {
    let (sandbox, _) = quiet(7).await;
    let account = sandbox.oauth().open_account("Ada").await;
    let unknown = AccountId::new("acct_unknown");
    for who in [&account, &unknown] {
        assert_eq!(
            reaches(&sandbox, &sandbox.secret_key(), Some(who)).await,
            (403, json!("account_invalid"))
        );
    }
    // An app's consent is no platform's.
    let code = sandbox.oauth().authorize(App, &account).await;
    exchanged(&sandbox, App, &code).await;
    assert_eq!(reaches(&sandbox, &sandbox.secret_key(), Some(&account)).await.0, 403);
    let owners = sandbox.oauth().secret_key_of(&account).unwrap();
    let (_, own) = api(&sandbox, &owners, None, "GET", "/v1/account", &[]).await;
    assert_eq!(own["id"], json!(account));
    assert_eq!(reaches(&sandbox, &owners, Some(&sandbox.account())).await.0, 403);
}

#[tokio::test]
async fn read_only_reads_only() {
    let (sandbox, _) = quiet(7).await;
    let account = sandbox.oauth().open_account("Ada").await;
    let ask_for = |scope: &'static str| {
        let path = "/oauth/authorize";
        let (client, sandbox, account) = (sandbox.oauth().client_id(Connect), &sandbox, &account);
        async move {
            let form = [
                ("client_id", client.as_str()),
                ("redirect_uri", "http://127.0.0.1:1/"),
                ("response_type", "code"),
                ("scope", scope),
                ("account", account.as_str()),
                ("decision", "connect"),
            ];
            let Outgoing::Answer(reply) = ask(sandbox, "POST", path, Heads::default(), &form).await else {
                panic!()
            };
            let location = &reply.headers.iter().find(|(name, _)| *name == "location").unwrap().1;
            let code = url::Url::parse(location).unwrap();
            let code = code.query_pairs().find(|(name, _)| name == "code").unwrap().1.into_owned();
            exchanged(sandbox, Connect, &code).await
        }
    };
    let tokens = ask_for("read_only").await;
    let (secret, access) = (sandbox.secret_key(), of(&tokens, "access_token"));
    for (key, acting) in [(secret.as_str(), Some(&account)), (access, None)] {
        assert_eq!(reaches(&sandbox, key, acting).await.0, 200);
        let (status, body) = api(&sandbox, key, acting, "POST", "/v1/customers", &[]).await;
        assert_eq!(status, 403);
        assert!(body["error"]["message"].as_str().unwrap().contains("'read_write'"), "{body}");
    }
    assert!(sandbox.oauth().objects(&account, "customer").is_empty());
    ask_for("read_write").await;
    make(&sandbox, Some(&account), "/v1/customers", &[]).await;
}

#[tokio::test]
async fn what_falls_due_on_any_account_happens_in_order() {
    let (sandbox, _) = quiet(7).await;
    let (account, _) = connected(&sandbox, Connect).await;
    for who in [None, Some(&account)] {
        let customer = client::id(&make(&sandbox, who, "/v1/customers", &[]).await);
        let form = [
            ("customer", customer.as_str()),
            ("auto_advance", "true"),
            ("collection_method", "send_invoice"),
            ("days_until_due", "3"),
        ];
        let invoice = client::id(&make(&sandbox, who, "/v1/invoices", &form).await);
        let line =
            [("customer", customer.as_str()), ("invoice", &invoice), ("amount", "900"), ("currency", "usd")];
        make(&sandbox, who, "/v1/invoiceitems", &line).await;
    }
    sandbox.advance_ms(2 * HOUR_MS).await;
    for invoices in [sandbox.objects("invoice"), sandbox.oauth().objects(&account, "invoice")] {
        assert_eq!((invoices.len(), &invoices[0]["status"]), (1, &json!("open")));
    }
    let theirs = &sandbox.oauth().objects(&account, "invoice")[0];
    assert_eq!(theirs["account_name"], "Ada & <Sons>");
    let paid = sandbox.pay_invoice(theirs["id"].as_str().unwrap(), "pm_card_visa").await.unwrap();
    assert_eq!(paid["status"], "paid");
    assert_eq!(sandbox.objects("invoice")[0]["status"], "open");
}

#[tokio::test]
async fn a_reset_forgets_the_objects_of_all_and_nobodys_consent() {
    let (sandbox, _) = quiet(7).await;
    let (account, tokens) = connected(&sandbox, Connect).await;
    make(&sandbox, Some(&account), "/v1/customers", &[]).await;
    let hook = make(
        &sandbox,
        Some(&account),
        "/v1/webhook_endpoints",
        &[("url", "http://127.0.0.1:1/"), ("enabled_events[0]", "*")],
    )
    .await;
    sandbox.inner.shared.reset().await.unwrap();
    assert!(sandbox.oauth().objects(&account, "customer").is_empty());
    assert_eq!(reaches(&sandbox, of(&tokens, "access_token"), None).await.0, 200);
    assert_eq!(sandbox.oauth().objects(&account, "webhook_endpoint")[0]["id"], hook["id"]);
}
