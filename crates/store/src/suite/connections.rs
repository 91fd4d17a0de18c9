//! Connections and the links that authorize them.

use model::{AccountId, Mode};

use super::{cases, fixture::*};
use crate::{Backend, CommitError, Connection, Refusal, Write};

cases!(
    a_connections_name_is_unique_in_its_company,
    a_change_made_from_an_old_revision_is_refused,
    a_connection_that_is_gone_does_not_come_back,
    use_is_noted_without_a_revision,
    connections_are_found_by_account_and_by_when_they_run_out,
    a_link_comes_back_once,
    removing_a_connection_removes_its_links,
);

fn refusal(why: Refusal) -> CommitError {
    CommitError::Refused { write: 0, why }
}

fn put(row: Connection) -> Vec<Write> {
    vec![Write::PutConnection(row)]
}

async fn a_connections_name_is_unique_in_its_company(store: &dyn Backend) {
    done(store, put(connection(1, "main"))).await;
    assert_eq!(refused(store, put(connection(2, "main"))).await, refusal(Refusal::Conflict));
    assert_eq!(refused(store, put(connection(1, "again"))).await, refusal(Refusal::Conflict));
    done(store, put(connection(2, "other"))).await;
    let taken = Connection { revision: 2, ..connection(2, "main") };
    assert_eq!(refused(store, put(taken)).await, refusal(Refusal::Conflict));
    let renamed = Connection { revision: 2, ..connection(1, "renamed") };
    done(store, put(renamed.clone())).await;
    assert_eq!(store.connections(id("co_", 1)).await.unwrap(), [renamed.clone(), connection(2, "other")]);
    done(store, vec![Write::RemoveConnection(id("co_", 2), id("conn_", 1))]).await;
    assert_eq!(store.connection(id("co_", 1), id("conn_", 1)).await.unwrap(), Some(renamed));
    assert_eq!(store.connection(id("co_", 2), id("conn_", 1)).await.unwrap(), None);
    done(store, vec![Write::RemoveConnection(id("co_", 1), id("conn_", 1))]).await;
    assert_eq!(store.connections(id("co_", 1)).await.unwrap(), [connection(2, "other")]);
}

async fn a_change_made_from_an_old_revision_is_refused(store: &dyn Backend) {
    let change = |revision, secret: &str| {
        put(Connection { revision, credential: Some(sealed(secret)), ..connection(1, "main") })
    };
    done(store, change(1, "first")).await;
    done(store, change(2, "one's")).await;
    assert_eq!(refused(store, change(2, "the other's")).await, refusal(Refusal::Changed));
    assert_eq!(refused(store, change(4, "from the future")).await, refusal(Refusal::Changed));
    let stored = store.connection(id("co_", 1), id("conn_", 1)).await.unwrap().unwrap();
    assert_eq!((stored.revision, stored.credential), (2, Some(sealed("one's"))));
}

async fn a_connection_that_is_gone_does_not_come_back(store: &dyn Backend) {
    done(store, put(connection(1, "main"))).await;
    done(store, vec![Write::RemoveConnection(id("co_", 1), id("conn_", 1))]).await;
    let late = Connection { revision: 2, ..connection(1, "main") };
    assert_eq!(refused(store, put(late)).await, refusal(Refusal::Changed));
    assert_eq!(store.connections(id("co_", 1)).await.unwrap(), []);
}

async fn use_is_noted_without_a_revision(store: &dyn Backend) {
    done(store, put(connection(1, "main"))).await;
    let used = |company, second| Write::UseConnection(id("co_", company), id("conn_", 1), at(second));
    done(store, vec![used(1, 7), used(1, 5), used(2, 9)]).await;
    let renamed = Connection { revision: 2, used_at: None, ..connection(1, "renamed") };
    done(store, put(renamed)).await;
    let stored = store.connection(id("co_", 1), id("conn_", 1)).await.unwrap().unwrap();
    assert_eq!((stored.revision, stored.used_at, stored.name.as_str()), (2, Some(at(7)), "renamed"));
    done(store, vec![Write::UseConnection(id("co_", 1), id("conn_", 9), at(1))]).await;
}

async fn connections_are_found_by_account_and_by_when_they_run_out(store: &dyn Backend) {
    let account = |name: &str| Some(AccountId::new(name));
    let theirs = Connection { company: id("co_", 2), account: account("acct_2"), ..connection(2, "main") };
    let live = Connection { mode: Mode::Live, ..connection(3, "live") };
    let pending = Connection { account: None, credential: None, ..connection(4, "pending") };
    let soon = Connection { expires_at: Some(at(3)), account: account("acct_2"), ..connection(5, "soon") };
    let later = Connection { expires_at: Some(at(9)), ..connection(6, "later") };
    for row in [&connection(1, "main"), &theirs, &live, &pending, &soon, &later] {
        done(store, put(row.clone())).await;
    }
    let of = store.connections_of_account(&AccountId::new("acct_2"), Mode::Test).await.unwrap();
    assert_eq!(of, [theirs, soon.clone()]);
    let of = store.connections_of_account(&AccountId::new("acct_1"), Mode::Live).await.unwrap();
    assert_eq!(of, [live]);
    assert_eq!(store.connections_expiring(at(3), 9).await.unwrap(), []);
    assert_eq!(store.connections_expiring(at(10), 9).await.unwrap(), [soon.clone(), later]);
    assert_eq!(store.connections_expiring(at(10), 1).await.unwrap(), [soon]);
}

async fn a_link_comes_back_once(store: &dyn Backend) {
    done(store, vec![Write::PutAuthorization(authorization(1, 1))]).await;
    let again = refused(store, vec![Write::PutAuthorization(authorization(1, 2))]).await;
    assert_eq!(again, refusal(Refusal::Conflict));
    assert_eq!(store.authorization([1; 32]).await.unwrap(), Some(authorization(1, 1)));
    assert_eq!(store.authorization([2; 32]).await.unwrap(), None);
    done(store, vec![Write::TakeAuthorization([1; 32])]).await;
    let twice = refused(store, vec![Write::TakeAuthorization([1; 32])]).await;
    assert_eq!(twice, refusal(Refusal::Missing));
    done(store, vec![Write::PutAuthorization(authorization(1, 1))]).await;
    done(store, vec![Write::ForgetAuthorizations(at(5))]).await;
    assert_eq!(store.authorization([1; 32]).await.unwrap(), Some(authorization(1, 1)));
    done(store, vec![Write::ForgetAuthorizations(at(6))]).await;
    assert_eq!(store.authorization([1; 32]).await.unwrap(), None);
}

async fn removing_a_connection_removes_its_links(store: &dyn Backend) {
    done(store, put(connection(1, "main"))).await;
    let links =
        vec![Write::PutAuthorization(authorization(1, 1)), Write::PutAuthorization(authorization(2, 2))];
    done(store, links).await;
    done(store, vec![Write::RemoveConnection(id("co_", 1), id("conn_", 1))]).await;
    assert_eq!(store.authorization([1; 32]).await.unwrap(), None);
    assert_eq!(store.authorization([2; 32]).await.unwrap(), Some(authorization(2, 2)));
}
