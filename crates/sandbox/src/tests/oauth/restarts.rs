//! What a restart restores, and that a seed decides everything.

use std::path::Path;

use serde_json::json;

use super::*;
use crate::{Options, Watched, tests::client::quiet};

async fn open_at(folder: &Path) -> Watched {
    let data = Some(folder.to_owned());
    Watched::open(Options { listen: None, data, seed: 7, ..Options::default() }).await.unwrap()
}

#[tokio::test]
async fn a_restart_keeps_accounts_consents_tokens_keys_and_counts() {
    let folder = tempfile::tempdir().unwrap();
    let first = open_at(folder.path()).await;
    let (account, tokens) = connected(&first, App).await;
    let (gone, revoked) = connected(&first, Connect).await;
    first.oauth().revoke(&gone).await;
    let offered = first.oauth().authorize(Connect, &account).await;
    let old = first.secret_key();
    let secret = first.roll_secret_key().await.unwrap();
    let restricted = first.restricted_key(&[("customers", "read")]).await.unwrap();
    let owner = first.oauth().secret_key_of(&account).unwrap();
    let heads = Heads { key: Some("once".into()), ..bearer(&owner) };
    let customer = answer(ask(&first, "POST", "/v1/customers", heads.clone(), &[]).await).1;
    let before = (first.oauth().exchanges(), first.oauth().objects(&account, "event"));
    first.shutdown().await;
    drop(first);

    let again = open_at(folder.path()).await;
    assert_eq!((again.oauth().exchanges(), again.oauth().objects(&account, "event")), before);
    assert_eq!(again.secret_key(), secret);
    assert_eq!(reaches(&again, of(&tokens, "access_token"), None).await.0, 200);
    let dead = of(&revoked, "access_token");
    assert_eq!(reaches(&again, dead, None).await, (401, json!("platform_api_key_expired")));
    assert_eq!(reaches(&again, &old, None).await, (401, json!("api_key_expired")));
    assert_eq!(reaches(&again, &restricted, None).await.0, 200);
    assert_eq!(answer(ask(&again, "POST", "/v1/customers", heads, &[]).await).1, customer, "it is replayed");
    exchanged(&again, Connect, &offered).await;
    let (fresh, _) = connected(&again, Connect).await;
    assert!(fresh != account && fresh != gone, "accounts go on where the log ends");
}

#[tokio::test]
async fn one_seed_gives_the_same_clients_accounts_codes_and_tokens() {
    let run = |seed| async move {
        let (sandbox, _) = quiet(seed).await;
        let (account, tokens) = connected(&sandbox, Connect).await;
        format!("{:?} {account} {tokens} {:?}", sandbox.oauth(), sandbox.oauth().objects(&account, "event"))
    };
    assert_eq!(run(3).await, run(3).await);
    assert_ne!(run(3).await, run(4).await);
    let (sandbox, _) = quiet(3).await;
    let (account, _) = connected(&sandbox, Connect).await;
    let (other, _) = quiet(3).await;
    api(&other, &other.secret_key(), None, "POST", "/v1/customers", &[]).await;
    assert_eq!(other.oauth().open_account("Another").await, account, "whatever else was asked for");
}
