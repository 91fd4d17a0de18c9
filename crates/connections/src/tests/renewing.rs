//! Tokens that run out.

use std::time::Duration;

use model::{Binding, Code, ConnectionStatus};
use store::Connection;

use super::{authorizing::World, provider::Trouble};
use crate::{Wanted, Way};

const HOUR: Duration = Duration::from_secs(3600);
const MINUTE: Duration = Duration::from_secs(60);

async fn app() -> (World, Connection, Binding) {
    let world = World::new().await;
    let row = world.connected(Way::App, "main", "acct_1").await;
    let binding = world.connections.choose(world.company, Wanted::Default).await.unwrap();
    (world, row, binding)
}

async fn secret(world: &World, binding: &Binding) -> Result<String, model::Failure> {
    world.connections.credential(binding).await.map(|(credential, _)| credential.expose().to_owned())
}

async fn stored(world: &World, row: &Connection) -> Connection {
    world.store.connection(row.company, row.id).await.unwrap().unwrap()
}

#[tokio::test]
async fn a_token_is_renewed_five_minutes_before_its_end() {
    let (world, row, binding) = app().await;
    world.pass(HOUR - 6 * MINUTE);
    assert_eq!(secret(&world, &binding).await.unwrap(), "sk_acct_1");
    world.pass(2 * MINUTE);
    assert_eq!(secret(&world, &binding).await.unwrap(), "sk_acct_2");
    assert_eq!(world.provider.exchanges(), ["authorization_code", "refresh_token"]);
    let now = stored(&world, &row).await;
    assert_eq!((now.revision, now.status), (row.revision + 1, ConnectionStatus::Active));
}

#[tokio::test]
async fn two_hundred_callers_at_expiry_cause_one_renewal() {
    let (world, _, binding) = app().await;
    world.pass(2 * HOUR);
    let calls = (0..200).map(|_| secret(&world, &binding));
    for given in futures_util::future::join_all(calls).await {
        assert_eq!(given.unwrap(), "sk_acct_2");
    }
    assert_eq!(world.provider.exchanges().len(), 2);
}

#[tokio::test]
async fn a_renewal_goes_on_when_its_caller_gives_up() {
    let (world, row, binding) = app().await;
    world.pass(2 * HOUR);
    let impatient = tokio::time::timeout(Duration::from_millis(1), secret(&world, &binding)).await;
    assert!(impatient.is_err());
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert_eq!(stored(&world, &row).await.revision, row.revision + 1);
    assert_eq!(secret(&world, &binding).await.unwrap(), "sk_acct_2");
    assert_eq!(world.provider.exchanges().len(), 2);
}

#[tokio::test]
async fn after_a_lost_answer_the_same_refresh_token_is_tried_once_more() {
    let (world, _, binding) = app().await;
    world.pass(HOUR - MINUTE);
    world.provider.trouble(&[Trouble::LostBefore]);
    assert_eq!(secret(&world, &binding).await.unwrap(), "sk_acct_2");
}

#[tokio::test]
async fn a_refused_refresh_token_ends_the_connection_only_when_the_access_token_ends() {
    let (world, row, binding) = app().await;
    world.pass(HOUR - MINUTE);
    world.provider.trouble(&[Trouble::LostAfter]);
    for _ in 0..3 {
        assert_eq!(secret(&world, &binding).await.unwrap(), "sk_acct_1");
    }
    assert_eq!(world.provider.exchanges().len(), 3, "it is not asked for again and again");
    world.pass(2 * MINUTE);
    let expired = secret(&world, &binding).await.unwrap_err();
    assert_eq!(expired.code, Code::ConnectionExpired);
    assert!(expired.message.contains("auth-url --reconnect") && expired.details.is_some());
    assert_eq!(stored(&world, &row).await.status, ConnectionStatus::Expired);
    let begun = crate::Authorize {
        via: Way::App,
        name: None,
        mode: row.mode,
        scope: None,
        integration: None,
        redirect_url: None,
        reconnect: Some(row.id.to_string()),
    };
    let begun = world.connections.authorize(world.company, begun).await.unwrap();
    world.back(&begun, &world.provider.code("acct_1")).await.unwrap();
    assert!(secret(&world, &binding).await.is_ok(), "what waited goes on under the same id");
}

#[tokio::test]
async fn a_provider_that_is_down_stops_nothing_before_the_token_ends() {
    let (world, row, binding) = app().await;
    world.pass(HOUR - MINUTE);
    world.provider.trouble(&[Trouble::Broken; 2]);
    assert_eq!(secret(&world, &binding).await.unwrap(), "sk_acct_1");
    world.pass(2 * MINUTE);
    world.provider.trouble(&[Trouble::NeverSent; 2]);
    assert_eq!(secret(&world, &binding).await.unwrap_err().code, Code::ConnectionUnreachable);
    assert_eq!(stored(&world, &row).await.status, ConnectionStatus::Active);
    assert_eq!(secret(&world, &binding).await.unwrap(), "sk_acct_2");
}

#[tokio::test]
async fn a_token_that_stripe_refuses_is_renewed_before_its_time() {
    let (world, row, binding) = app().await;
    let (used, _) = world.connections.credential(&binding).await.unwrap();
    let refusal = || model::Failure::new(Code::AuthenticationError, "no");
    world.connections.refused(&binding, &used, refusal()).await.unwrap();
    assert_eq!(secret(&world, &binding).await.unwrap(), "sk_acct_2");
    world.connections.refused(&binding, &used, refusal()).await.unwrap();
    assert_eq!(world.provider.exchanges().len(), 2, "an old refusal renews nothing");
    world.provider.revoke("acct_1");
    let (used, _) = world.connections.credential(&binding).await.unwrap();
    let ended = world.connections.refused(&binding, &used, refusal()).await.unwrap_err();
    assert_eq!(ended.code, Code::ConnectionExpired);
    assert_eq!(stored(&world, &row).await.status, ConnectionStatus::Expired);
}

#[tokio::test]
async fn a_change_of_name_during_a_renewal_does_not_lose_the_new_pair() {
    let (world, row, binding) = app().await;
    world.pass(2 * HOUR);
    let edit = crate::Edit { name: Some("renamed".into()), ..crate::Edit::default() };
    // The provider takes 5 ms, the change of name comes in between.
    let renamed = async {
        tokio::time::sleep(Duration::from_millis(2)).await;
        world.connections.edit(world.company, row.id, edit).await
    };
    let (given, renamed) = tokio::join!(secret(&world, &binding), renamed);
    assert_eq!((given.unwrap(), renamed.unwrap().name), ("sk_acct_2".to_owned(), "renamed".to_owned()));
    let now = stored(&world, &row).await;
    assert_eq!((now.name.as_str(), now.revision), ("renamed", row.revision + 2));
    world.pass(2 * HOUR);
    assert_eq!(secret(&world, &binding).await.unwrap(), "sk_acct_3", "the stored refresh token works");
}

#[tokio::test]
async fn an_old_refusal_does_not_end_a_connection_that_was_authorized_again() {
    let (world, row, binding) = app().await;
    world.pass(2 * HOUR);
    world.provider.revoke("acct_1");
    let again = crate::Authorize {
        via: Way::App,
        name: None,
        mode: row.mode,
        scope: None,
        integration: None,
        redirect_url: None,
        reconnect: Some(row.id.to_string()),
    };
    let begun = world.connections.authorize(world.company, again).await.unwrap();
    let code = world.provider.code("acct_1");
    let (_, returned) = tokio::join!(secret(&world, &binding), world.back(&begun, &code));
    assert!(returned.unwrap().failure.is_none());
    assert_eq!(stored(&world, &row).await.status, ConnectionStatus::Active);
    assert!(secret(&world, &binding).await.is_ok());
}
