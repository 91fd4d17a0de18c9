//! Connections that end.

use std::sync::Arc;

use model::{Code, ConnectionStatus};
use store::Connection;
use stripe::{Attempt, BoxFuture, Credential, Request, Transport};

use super::authorizing::World;
use crate::{Connections, Wanted, Way, connect, oauth::Tokens};

#[tokio::test]
async fn giving_a_connection_up_destroys_its_credential_and_keeps_its_row() {
    let world = World::new().await;
    let row = world.connected(Way::App, "main", "acct_1").await;
    let binding = world.connections.choose(world.company, Wanted::Default).await.unwrap();
    world.connections.credential(&binding).await.unwrap();
    let refused = world.connections.remove(world.company, row.id).await.unwrap_err();
    assert_eq!(refused.code, Code::Conflict);
    let ended = world.connections.disconnect(world.company, row.id).await.unwrap();
    assert_eq!(ended.connection.status, ConnectionStatus::Disconnected);
    assert!(ended.connection.credential.is_none() && ended.provider_told.is_none());
    let refused = world.connections.credential(&binding).await.unwrap_err();
    assert_eq!(refused.code, Code::ConnectionRequired, "not even from the cache");
    world.connections.disconnect(world.company, row.id).await.unwrap();
    world.connections.remove(world.company, row.id).await.unwrap();
    let gone = world.connections.remove(world.company, row.id).await.unwrap_err();
    assert_eq!(gone.code, Code::NotFound);
}

#[tokio::test]
async fn a_platform_that_cannot_be_told_does_not_keep_the_credential() {
    let world = World::new().await;
    let row = world.connected(Way::Connect, "main", "acct_1").await;
    let ended = world.connections.disconnect(world.company, row.id).await.unwrap();
    assert_eq!(ended.connection.status, ConnectionStatus::Disconnected);
    assert!(ended.provider_told.unwrap().is_err(), "the test's platform has no address for it");
}

/// Says that the access is gone, after somebody has given it anew, if told to.
struct Gone {
    anew: Option<(Connections, Connection)>,
}

impl Transport for Gone {
    fn attempt<'a>(&'a self, _: &'a Request, _: &'a Credential) -> BoxFuture<'a, Attempt> {
        Box::pin(async {
            if let Some((connections, row)) = &self.anew {
                let account = row.account.clone().unwrap();
                let access = String::from("sk_anew").into();
                let tokens =
                    Tokens { account, livemode: false, access, refresh: None, expires_in: None, scope: None };
                let grant = connect::grant(tokens, row.mode);
                let anew = connections.granted(row.clone(), grant).await.unwrap();
                connections.commit(&anew, &[]).await.unwrap();
            }
            super::announced::status(403)
        })
    }
}

async fn refused(world: &World, of: &Connection, anew: bool) -> Vec<Connection> {
    let anew = anew.then(|| (world.connections.clone(), of.clone()));
    let gone: Arc<dyn Transport> = Arc::new(Gone { anew });
    let connections = world.connections.clone().with_transports(Arc::new(move |_| Ok(gone.clone())));
    connections.taken_back(&super::binding(of)).await.unwrap()
}

#[tokio::test]
async fn what_an_owner_takes_back_ends_every_connection_by_the_platform_and_no_other() {
    let world = World::new().await;
    let row = world.connected(Way::Connect, "main", "acct_1").await;
    let twin = world.connected(Way::Connect, "twin", "acct_1").await;
    let others = [
        world.connected(Way::App, "app", "acct_1").await,
        world.connected(Way::Connect, "b", "acct_2").await,
    ];
    assert!(refused(&world, &others[0], false).await.is_empty(), "a token is no platform's");
    let ended = refused(&world, &row, false).await;
    assert_eq!(ended.iter().map(|row| row.id).collect::<Vec<_>>(), [row.id, twin.id]);
    assert!(ended.iter().all(|row| row.status == ConnectionStatus::Revoked));
    assert!(refused(&world, &row, false).await.is_empty(), "once");
    let all = world.connections.list(world.company).await.unwrap();
    for other in others {
        assert_eq!(all.iter().find(|row| row.id == other.id).unwrap().status, ConnectionStatus::Active);
    }
}

#[tokio::test]
async fn a_consent_that_is_given_while_stripe_is_asked_is_not_ended() {
    let world = World::new().await;
    let row = world.connected(Way::Connect, "main", "acct_1").await;
    world.pass(std::time::Duration::from_secs(1));
    assert!(refused(&world, &row, true).await.is_empty());
    let stored = world.store.connection(row.company, row.id).await.unwrap().unwrap();
    assert_eq!(stored.status, ConnectionStatus::Active);
    assert!(stored.authorized_at > row.authorized_at);
}

#[tokio::test]
async fn another_companys_connection_is_not_found() {
    let world = World::new().await;
    let row = world.connected(Way::App, "main", "acct_1").await;
    let stranger = model::CompanyId::new(&*world.clock, &model::SeededRng::new(99));
    for code in [
        world.connections.disconnect(stranger, row.id).await.unwrap_err().code,
        world.connections.remove(stranger, row.id).await.unwrap_err().code,
    ] {
        assert_eq!(code, Code::NotFound);
    }
}
