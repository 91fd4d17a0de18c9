//! Faults on the way to the token endpoints, and what can be counted of it.

use serde_json::json;

use super::*;
use crate::{Exchange, Fault, tests::client::quiet};

fn outcomes(sandbox: &Sandbox) -> Vec<(String, String)> {
    let shown = |one: Exchange| (one.grant_type, one.outcome);
    sandbox.oauth().exchanges().into_iter().map(shown).collect()
}

async fn refresh(sandbox: &Sandbox, given: &str) -> Outgoing {
    ask(sandbox, "POST", "/v1/oauth/token", bearer(&sandbox.secret_key()), &refresh_form(given)).await
}

#[tokio::test]
async fn a_lost_answer_has_rolled_the_token_and_a_reset_has_not() {
    let (sandbox, _) = quiet(7).await;
    let (account, tokens) = connected(&sandbox, App).await;
    let given = of(&tokens, "refresh_token");
    let path = Some("/v1/oauth/token");
    for fault in [Fault::Reset, Fault::Stored500, Fault::RateLimited { reason: "global-rate".into() }] {
        sandbox.fault_at(fault.clone(), 1, None, path);
        match refresh(&sandbox, given).await {
            Outgoing::Reset => assert_eq!(fault, Fault::Reset),
            Outgoing::Answer(reply) => assert!(reply.status == 500 || reply.status == 429),
            Outgoing::Dropped => panic!("{fault:?}"),
        }
    }
    assert_eq!(outcomes(&sandbox).len(), 1, "nothing was executed");
    sandbox.fault_at(Fault::LostAnswer, 1, None, path);
    assert!(matches!(refresh(&sandbox, given).await, Outgoing::Dropped));
    let (status, body) = answer(refresh(&sandbox, given).await);
    assert_eq!((status, &body["error"]), (400, &json!("invalid_grant")));
    assert_eq!(reaches(&sandbox, of(&tokens, "access_token"), None).await.0, 200, "it lives to its end");
    let named = |kind: &str, outcome: &str| (kind.to_owned(), outcome.to_owned());
    assert_eq!(
        outcomes(&sandbox),
        [
            named("authorization_code", "granted"),
            named("refresh_token", "granted"),
            named("refresh_token", "invalid_grant")
        ]
    );
    assert_eq!(sandbox.oauth().exchanges()[1].account.as_deref(), Some(account.as_str()));
}

#[tokio::test]
async fn a_500_after_the_exchange_has_exchanged() {
    let (sandbox, _) = quiet(7).await;
    let (_, tokens) = connected(&sandbox, App).await;
    sandbox.fault(Fault::Stored500AfterCommit, 1);
    let given = of(&tokens, "refresh_token");
    assert_eq!(answer(refresh(&sandbox, given).await).0, 500);
    assert_eq!(answer(refresh(&sandbox, given).await).0, 400);
}

#[tokio::test]
async fn a_fault_for_the_api_does_not_meet_the_page() {
    let (sandbox, _) = quiet(7).await;
    sandbox.fault(Fault::Reset, 1);
    let deny = [("client_id", "ca_nobody"), ("decision", "deny")];
    let Outgoing::Answer(reply) = ask(&sandbox, "POST", "/oauth/authorize", Heads::default(), &deny).await
    else {
        panic!("a fault met the page")
    };
    assert_eq!(reply.status, 400);
    assert!(matches!(refresh(&sandbox, "rt_x").await, Outgoing::Reset), "it is still there");
}

#[tokio::test]
async fn of_many_refreshes_at_once_one_is_granted() {
    let (sandbox, _) = quiet(7).await;
    let (_, tokens) = connected(&sandbox, App).await;
    let given = of(&tokens, "refresh_token");
    let all = futures_util::future::join_all((0..50).map(|_| refresh(&sandbox, given))).await;
    let granted = all.into_iter().filter(|one| matches!(one, Outgoing::Answer(r) if r.status == 200)).count();
    assert_eq!(granted, 1);
}
