//! Codes and tokens: used once, ended by the clock, rolled, taken back.

use serde_json::{Value, json};

use super::*;
use crate::tests::client::quiet;

fn error(body: &Value) -> &str {
    assert_eq!(body.as_object().unwrap().len(), 2, "flat: {body}");
    assert!(!body["error_description"].as_str().unwrap().is_empty());
    body["error"].as_str().unwrap()
}

#[tokio::test]
async fn an_answer_is_stripes_and_its_token_reaches_its_account_only() {
    let (sandbox, _) = quiet(7).await;
    for kind in KINDS {
        let (account, tokens) = connected(&sandbox, kind).await;
        let scope = if kind == App { "stripe_apps" } else { "read_write" };
        assert_eq!((&tokens["scope"], &tokens["livemode"]), (&json!(scope), &json!(false)));
        assert_eq!((of(&tokens, "token_type"), of(&tokens, "stripe_user_id")), ("bearer", account.as_str()));
        assert!(of(&tokens, "stripe_publishable_key").starts_with("pk_test_"));
        assert_eq!(tokens.as_object().unwrap().len(), 7, "no expires_in: {tokens}");
        let access = of(&tokens, "access_token");
        let (status, own) = api(&sandbox, access, None, "GET", "/v1/account", &[]).await;
        assert_eq!((status, &own["id"]), (200, &json!(account)));
        assert_eq!(reaches(&sandbox, access, Some(&account)).await.0, 200);
        let (other, _) = connected(&sandbox, kind).await;
        for foreign in [&other, &sandbox.account()] {
            assert_eq!(reaches(&sandbox, access, Some(foreign)).await, (403, json!("account_invalid")));
        }
    }
}

#[tokio::test]
async fn a_code_used_twice_is_refused_and_ends_what_it_gave() {
    let (sandbox, _) = quiet(7).await;
    for kind in KINDS {
        let account = sandbox.oauth().open_account("Ada").await;
        let code = sandbox.oauth().authorize(kind, &account).await;
        let tokens = exchanged(&sandbox, kind, &code).await;
        for _ in 0..2 {
            let (status, body) = token(&sandbox, kind, &code_form(&code)).await;
            assert_eq!((status, error(&body)), (400, "invalid_grant"));
        }
        let access = of(&tokens, "access_token");
        assert_eq!(reaches(&sandbox, access, None).await, (401, json!("platform_api_key_expired")));
        let (status, body) = token(&sandbox, kind, &refresh_form(of(&tokens, "refresh_token"))).await;
        assert_eq!((status, error(&body)), (400, "invalid_grant"));
        let told = sandbox.oauth().objects(&account, "event");
        let ends = told.iter().filter(|e| e["type"] == "account.application.deauthorized").count();
        assert_eq!(ends, 1, "told once");
    }
}

#[tokio::test]
async fn a_code_used_twice_leaves_another_consent_alone() {
    let (sandbox, _) = quiet(7).await;
    let (account, _) = connected(&sandbox, Connect).await;
    let again = sandbox.oauth().authorize(Connect, &account).await;
    exchanged(&sandbox, Connect, &again).await;
    assert_eq!(token(&sandbox, Connect, &code_form(&again)).await.0, 400);
    assert_eq!(reaches(&sandbox, &sandbox.secret_key(), Some(&account)).await.0, 200);
    let told = sandbox.oauth().objects(&account, "event");
    assert!(told.iter().all(|event| event["type"] != "account.application.deauthorized"));
}

#[tokio::test]
async fn a_code_lives_five_minutes_of_the_sandboxs_clock_and_is_its_own_clients() {
    let (sandbox, _) = quiet(7).await;
    for (kind, other) in [(Connect, App), (App, Connect)] {
        let account = sandbox.oauth().open_account("Ada").await;
        let code = sandbox.oauth().authorize(kind, &account).await;
        assert_eq!(error(&token(&sandbox, other, &code_form(&code)).await.1), "invalid_grant");
        sandbox.advance_ms(5 * 60 * 1000 - 1).await;
        exchanged(&sandbox, kind, &code).await;
        let late = sandbox.oauth().authorize(kind, &account).await;
        sandbox.advance_ms(5 * 60 * 1000).await;
        assert_eq!(error(&token(&sandbox, kind, &code_form(&late)).await.1), "invalid_grant");
    }
}

#[tokio::test]
async fn an_apps_token_ends_after_an_hour_and_each_refresh_rolls() {
    let (sandbox, _) = quiet(7).await;
    let (account, first) = connected(&sandbox, App).await;
    sandbox.advance_ms(HOUR_MS - 1).await;
    assert_eq!(reaches(&sandbox, of(&first, "access_token"), None).await.0, 200);
    sandbox.advance_ms(1).await;
    assert_eq!(reaches(&sandbox, of(&first, "access_token"), None).await, (401, json!("api_key_expired")));

    let (status, second) = token(&sandbox, App, &refresh_form(of(&first, "refresh_token"))).await;
    assert_eq!((status, of(&second, "stripe_user_id")), (200, account.as_str()));
    assert_ne!(second["refresh_token"], first["refresh_token"]);
    let (status, body) = token(&sandbox, App, &refresh_form(of(&first, "refresh_token"))).await;
    assert_eq!((status, error(&body)), (400, "invalid_grant"));
    assert_eq!(reaches(&sandbox, of(&second, "access_token"), None).await.0, 200, "what it gave lives on");

    sandbox.advance_ms(365 * 24 * HOUR_MS).await;
    let (status, body) = token(&sandbox, App, &refresh_form(of(&second, "refresh_token"))).await;
    assert_eq!((status, error(&body)), (400, "invalid_grant"));
}

#[tokio::test]
async fn a_platforms_token_does_not_end_and_its_refresh_token_goes_on() {
    let (sandbox, _) = quiet(7).await;
    let (_, first) = connected(&sandbox, Connect).await;
    sandbox.advance_ms(400 * 24 * HOUR_MS).await;
    assert_eq!(reaches(&sandbox, of(&first, "access_token"), None).await.0, 200);
    for _ in 0..2 {
        let (status, next) = token(&sandbox, Connect, &refresh_form(of(&first, "refresh_token"))).await;
        assert_eq!((status, &next["refresh_token"]), (200, &first["refresh_token"]));
        assert_ne!(next["access_token"], first["access_token"]);
    }
    let narrower = [
        ("grant_type", "refresh_token"),
        ("refresh_token", of(&first, "refresh_token")),
        ("scope", "read_only"),
    ];
    let (_, narrow) = token(&sandbox, Connect, &narrower).await;
    assert_eq!(narrow["scope"], "read_only");
    let (status, _) = api(&sandbox, of(&narrow, "access_token"), None, "POST", "/v1/customers", &[]).await;
    assert_eq!(status, 403);
}

#[tokio::test]
async fn only_the_client_itself_may_ask_and_what_it_asks_must_make_sense() {
    let (sandbox, _) = quiet(7).await;
    for kind in KINDS {
        let (path, account) = (token_path(kind), sandbox.oauth().open_account("Ada").await);
        let code = sandbox.oauth().authorize(kind, &account).await;
        for heads in [Heads::default(), bearer("sk_test_0123456789abcdefghij"), bearer("rk_test_x")] {
            let (status, body) = answer(ask(&sandbox, "POST", path, heads, &code_form(&code)).await);
            assert_eq!((status, error(&body)), (401, "invalid_client"));
        }
        for (form, wanted) in [
            (vec![], "invalid_request"),
            (vec![("grant_type", "password")], "unsupported_grant_type"),
            (vec![("grant_type", "authorization_code")], "invalid_request"),
            (vec![("grant_type", "refresh_token")], "invalid_request"),
            (vec![("grant_type", "authorization_code"), ("code", "ac_nonsense")], "invalid_grant"),
            (vec![("grant_type", "refresh_token"), ("refresh_token", "rt_nonsense")], "invalid_grant"),
        ] {
            let (status, body) = token(&sandbox, kind, &form).await;
            assert_eq!((status, error(&body)), (400, wanted), "{form:?}");
        }
        // Nothing of that used the code up. The secret may come in the form, too.
        let secret = sandbox.oauth().secret();
        let form = [("grant_type", "authorization_code"), ("code", &code), ("client_secret", &secret)];
        assert_eq!(answer(ask(&sandbox, "POST", path, Heads::default(), &form).await).0, 200);
    }
}

#[tokio::test]
async fn a_deauthorized_account_is_out_of_reach_until_it_consents_again() {
    let (sandbox, _) = quiet(7).await;
    let (account, tokens) = connected(&sandbox, Connect).await;
    let (_, app) = connected(&sandbox, App).await;
    let (secret, client) = (sandbox.secret_key(), sandbox.oauth().client_id(Connect));
    let form = [("client_id", client.as_str()), ("stripe_user_id", account.as_str())];
    let go = || ask(&sandbox, "POST", "/oauth/deauthorize", bearer(&secret), &form);
    assert_eq!(answer(go().await), (200, json!({"stripe_user_id": account})));
    let (status, body) = answer(go().await);
    assert_eq!((status, error(&body)), (401, "invalid_client"));
    assert_eq!(reaches(&sandbox, &secret, Some(&account)).await, (403, json!("account_invalid")));
    let access = of(&tokens, "access_token");
    assert_eq!(reaches(&sandbox, access, None).await, (401, json!("platform_api_key_expired")));
    assert_eq!(reaches(&sandbox, of(&app, "access_token"), None).await.0, 200, "another's is not touched");
    let code = sandbox.oauth().authorize(Connect, &account).await;
    exchanged(&sandbox, Connect, &code).await;
    assert_eq!(reaches(&sandbox, &secret, Some(&account)).await.0, 200);
}

#[tokio::test]
async fn what_an_owner_takes_back_is_gone_codes_too() {
    let (sandbox, _) = quiet(7).await;
    for kind in KINDS {
        let (account, tokens) = connected(&sandbox, kind).await;
        let offered = sandbox.oauth().authorize(kind, &account).await;
        assert!(sandbox.oauth().revoke(&account).await);
        assert!(!sandbox.oauth().revoke(&account).await, "nothing is left to take back");
        let access = of(&tokens, "access_token");
        assert_eq!(reaches(&sandbox, access, None).await, (401, json!("platform_api_key_expired")));
        for form in [code_form(&offered), refresh_form(of(&tokens, "refresh_token"))] {
            assert_eq!(error(&token(&sandbox, kind, &form).await.1), "invalid_grant");
        }
        let told = sandbox.oauth().objects(&account, "event");
        let event = told.last().unwrap();
        assert_eq!(event["type"], "account.application.deauthorized");
        let client = sandbox.oauth().client_id(kind);
        assert_eq!(
            event["data"]["object"],
            json!({"id": client, "object": "application", "name": "Bursar Sandbox"})
        );
    }
}
