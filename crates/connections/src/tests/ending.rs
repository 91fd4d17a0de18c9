//! Connections that end.

use model::{Code, ConnectionStatus, Mode};

use super::authorizing::World;
use crate::{Wanted, Way};

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

#[tokio::test]
async fn what_an_owner_takes_back_ends_in_every_company_but_not_keys() {
    let world = World::new().await;
    let row = world.connected(Way::Connect, "main", "acct_1").await;
    let other = world.connected(Way::App, "other", "acct_2").await;
    let ended =
        world.connections.revoked(row.account.as_ref().unwrap(), Mode::Test, Way::Connect).await.unwrap();
    assert_eq!(ended.iter().map(|row| row.id).collect::<Vec<_>>(), [row.id]);
    assert_eq!(ended[0].status, ConnectionStatus::Revoked);
    let again =
        world.connections.revoked(row.account.as_ref().unwrap(), Mode::Test, Way::Connect).await.unwrap();
    assert!(again.is_empty());
    let all = world.connections.list(world.company).await.unwrap();
    assert_eq!(all.iter().find(|row| row.id == other.id).unwrap().status, ConnectionStatus::Active);
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
