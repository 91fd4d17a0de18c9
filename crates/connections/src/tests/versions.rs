//! A connection's own API version.

use model::Code;
use stripe::{PINNED, Version};

use super::{World, binding};
use crate::{Edit, Wanted, api_version};

fn acacia() -> Version {
    Version::parse("2025-02-24.acacia").unwrap()
}

#[tokio::test]
async fn a_connection_speaks_its_own_version_until_it_has_none() {
    let world = World::new().await;
    let row = world.put("main", "acct_1", "sk_test_a").await.unwrap();
    let version = async || world.connections.version(&binding(&row)).await;
    assert_eq!(version().await.unwrap(), PINNED);
    for (to, expected) in [(Some(acacia()), acacia()), (None, PINNED), (Some(PINNED), PINNED)] {
        let edit = Edit { version: Some(to), ..Edit::default() };
        world.connections.edit(world.company, row.id, edit).await.unwrap();
        assert_eq!(version().await.unwrap(), expected);
        let chosen = world.connections.choose_with_version(world.company, Wanted::Default).await.unwrap();
        assert_eq!(chosen, (binding(&row), expected));
    }
    // What is left out stays, and so it does when the connection gets a new key.
    let edit = Edit { version: Some(Some(acacia())), ..Edit::default() };
    world.connections.edit(world.company, row.id, edit).await.unwrap();
    let renamed = Edit { name: Some("other".into()), ..Edit::default() };
    world.connections.edit(world.company, row.id, renamed).await.unwrap();
    world.put("other", "acct_1", "sk_test_b").await.unwrap();
    assert_eq!(version().await.unwrap(), acacia());
}

#[tokio::test]
async fn a_version_of_another_release_sends_nothing_and_names_those_that_there_are() {
    let world = World::new().await;
    let row = world.put("main", "acct_1", "sk_test_a").await.unwrap();
    world.alter(store::Connection { version: Some("2031-01-01.zinnia".into()), ..row.clone() }).await;
    let failure = world.connections.version(&binding(&row)).await.unwrap_err();
    assert_eq!((failure.code, failure.field.as_deref()), (Code::ValidationError, Some("apiVersion")));
    for known in Version::all() {
        assert!(failure.message.contains(known.as_str()), "{failure}");
    }
}

#[test]
fn only_what_is_spoken_can_be_asked_for() {
    assert_eq!(api_version("2025-02-24.acacia").unwrap(), acacia());
    for wrong in ["", "acacia", "2019-01-01", "2025-02-24.acacia "] {
        let failure = api_version(wrong).unwrap_err();
        assert_eq!(failure.field.as_deref(), Some("apiVersion"));
        let allowed = failure.details.unwrap()["allowed"].as_array().unwrap().len();
        assert_eq!(allowed, Version::all().count(), "{wrong}");
    }
}
