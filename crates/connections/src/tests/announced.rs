//! The end of access that Stripe announces, late, twice, and by clocks that disagree.

use std::sync::{Arc, Mutex};

use model::{AccountId, Clock as _, Code, CompanyId, ConnectionStatus, Failure, Mode, SeededRng, Timestamp};
use serde_json::json;
use store::{Connection, Unit, Write};
use stripe::{Answer, Attempt, BoxFuture, Credential, Headers, Request, Transport};

use super::authorizing::World;
use crate::{Announced, Connections, Way};

const HOUR: i64 = 3_600;

/// What Stripe says of an account's access, and how often it was asked.
struct Stripe {
    says: Attempt,
    asked: Mutex<u32>,
}

impl Transport for Stripe {
    fn attempt<'a>(&'a self, request: &'a Request, _: &'a Credential) -> BoxFuture<'a, Attempt> {
        assert_eq!(request.path, "/v1/account");
        *self.asked.lock().unwrap() += 1;
        Box::pin(std::future::ready(self.says.clone()))
    }
}

/// What Stripe says of an account with this status; with 403 that the access is gone.
pub(super) fn status(status: u16) -> Attempt {
    let body = match status {
        200 => json!({ "object": "account", "id": "acct_1" }),
        403 => json!({ "error": { "type": "invalid_request_error", "code": "account_invalid" } }),
        _ => json!({ "error": { "type": "invalid_request_error" } }),
    };
    Attempt::Answered(Answer { status, headers: Headers::default(), body })
}

/// A world whose platform and app are different applications.
async fn world() -> World {
    let world = World::new().await;
    let mut settings = (*world.connections.providers()).clone();
    settings.app.get_mut(&Mode::Test).unwrap().client_id = "ca_app".into();
    world.connections.set_providers(settings);
    world
}

/// Tells of the end of access so many seconds after the connection's authorization;
/// says what ended and how often Stripe was asked.
async fn tell(
    world: &World,
    row: &Connection,
    told: (&str, i64),
    says: Attempt,
) -> (Result<Vec<Connection>, Failure>, u32) {
    tell_to(world, Some(row.company), row, told, says).await
}

/// The same, received by this company, or by the installation.
async fn tell_to(
    world: &World,
    company: Option<CompanyId>,
    row: &Connection,
    (application, after): (&str, i64),
    says: Attempt,
) -> (Result<Vec<Connection>, Failure>, u32) {
    let stripe = Arc::new(Stripe { says, asked: Mutex::default() });
    let transport = stripe.clone();
    let connections = world
        .connections
        .clone()
        .with_transports(Arc::new(move |_| Ok(transport.clone() as Arc<dyn Transport>)));
    let created = Timestamp::from_second(row.authorized_at.unwrap().as_second() + after).unwrap();
    let account = row.account.clone().unwrap();
    let announced = Announced { company, account: &account, mode: Mode::Test, application, created };
    let ended = connections.deauthorized(announced).await;
    let asked = *stripe.asked.lock().unwrap();
    (ended, asked)
}

async fn stands(world: &World, row: &Connection) -> ConnectionStatus {
    world.store.connection(row.company, row.id).await.unwrap().unwrap().status
}

#[tokio::test]
async fn an_earlier_consent_s_end_is_ignored_and_any_other_is_asked_about() {
    for (way, application, refusal) in [(Way::Connect, "ca_1", 403), (Way::App, "ca_app", 401)] {
        let world = world().await;
        let row = world.connected(way, "main", "acct_1").await;
        let (ended, asked) = tell(&world, &row, (application, -2 * HOUR), status(refusal)).await;
        assert_eq!((ended.unwrap().len(), asked), (0, 0), "{way:?}: an older one");
        // A clock of ours that is slow makes a later consent look earlier than the end.
        let (ended, asked) = tell(&world, &row, (application, 2 * HOUR), status(200)).await;
        assert_eq!((ended.unwrap().len(), asked), (0, 1), "{way:?}: it still lets us in");
        assert_eq!(stands(&world, &row).await, ConnectionStatus::Active);
        let (ended, asked) = tell(&world, &row, (application, 2 * HOUR), status(refusal)).await;
        assert_eq!((ended.unwrap()[0].id, asked), (row.id, 1), "{way:?}: this one");
        let stored = world.store.connection(row.company, row.id).await.unwrap().unwrap();
        assert_eq!((stored.status, stored.credential), (ConnectionStatus::Revoked, None));
        let (again, asked) = tell(&world, &row, (application, 2 * HOUR), status(refusal)).await;
        assert_eq!((again.unwrap().len(), asked), (0, 0), "once");
    }
}

#[tokio::test]
async fn an_announcement_ends_connections_of_the_company_that_received_it_only() {
    let world = world().await;
    let row = world.connected(Way::Connect, "main", "acct_1").await;
    let stranger = CompanyId::new(&*world.clock, &SeededRng::new(99));
    let (ended, asked) = tell_to(&world, Some(stranger), &row, ("ca_1", 2 * HOUR), status(403)).await;
    assert_eq!((ended.unwrap().len(), asked), (0, 0), "a stranger's event");
    assert_eq!(stands(&world, &row).await, ConnectionStatus::Active);
    let (ended, _) = tell_to(&world, None, &row, ("ca_1", 2 * HOUR), status(403)).await;
    assert_eq!(ended.unwrap()[0].id, row.id, "the installation's");
}

#[tokio::test]
async fn only_stripe_s_word_that_the_access_is_gone_ends_it() {
    let lacking = json!({ "error": { "type": "invalid_request_error", "message": "lacks a permission" } });
    let lacking = Attempt::Answered(Answer { status: 403, headers: Headers::default(), body: lacking });
    for (way, application) in [(Way::Connect, "ca_1"), (Way::App, "ca_app")] {
        let world = world().await;
        let row = world.connected(way, "main", "acct_1").await;
        let (ended, asked) = tell(&world, &row, (application, 0), lacking.clone()).await;
        assert_eq!((ended.unwrap().len(), asked), (0, 1), "{way:?}: the key lacks a permission");
        assert_eq!(stands(&world, &row).await, ConnectionStatus::Active);
    }
    let world = world().await;
    let row = world.connected(Way::Connect, "main", "acct_1").await;
    let (ended, _) = tell(&world, &row, ("ca_1", 0), status(401)).await;
    assert_eq!(ended.unwrap_err().code, Code::ConnectionUnreachable, "the platform's own key is refused");
    assert_eq!(stands(&world, &row).await, ConnectionStatus::Active);
}

#[tokio::test]
async fn a_row_that_cannot_be_asked_about_keeps_no_other_from_ending() {
    let world = world().await;
    let damaged = world.connected(Way::App, "damaged", "acct_1").await;
    let sound = world.connected(Way::App, "sound", "acct_1").await;
    let credential = Some(model::Sealed::from_ciphertext(vec![1, 2, 3]));
    let row = Connection { credential, revision: damaged.revision + 1, ..damaged.clone() };
    world.store.commit(Unit::interactive(vec![Write::PutConnection(row)])).await.unwrap();
    world.connections.forget(damaged.id);
    let (ended, asked) = tell(&world, &sound, ("ca_app", 2 * HOUR), status(401)).await;
    assert_eq!((ended.unwrap_err().code, asked), (Code::InternalError, 1));
    assert_eq!(stands(&world, &damaged).await, ConnectionStatus::Active);
    assert_eq!(stands(&world, &sound).await, ConnectionStatus::Revoked);
}

#[tokio::test]
async fn where_clocks_could_disagree_stripe_decides() {
    for after in [-HOUR / 2, 0, HOUR / 2] {
        for (way, application, refusal) in [(Way::Connect, "ca_1", 403), (Way::App, "ca_app", 401)] {
            let world = world().await;
            let row = world.connected(way, "main", "acct_1").await;
            let (ended, asked) = tell(&world, &row, (application, after), status(200)).await;
            assert_eq!((ended.unwrap().len(), asked), (0, 1), "{way:?} {after}: it still lets us in");
            let silent = Attempt::Broken("reset".into());
            let (unknown, _) = tell(&world, &row, (application, after), silent).await;
            assert_eq!(unknown.unwrap_err().code, Code::ConnectionUnreachable);
            assert_eq!(stands(&world, &row).await, ConnectionStatus::Active);
            let (ended, asked) = tell(&world, &row, (application, after), status(refusal)).await;
            assert_eq!((ended.unwrap().len(), asked), (1, 1), "{way:?} {after}");
            assert_eq!(stands(&world, &row).await, ConnectionStatus::Revoked);
        }
    }
}

#[tokio::test]
async fn without_a_platform_to_ask_by_nothing_ends() {
    for after in [-1, 0, HOUR / 2, 2 * HOUR] {
        let world = world().await;
        let row = world.connected(Way::Connect, "main", "acct_1").await;
        let mut settings = (*world.connections.providers()).clone();
        settings.connect.clear();
        world.connections.set_providers(settings);
        let (ended, asked) = tell(&world, &row, ("ca_1", after), status(403)).await;
        assert_eq!((ended.unwrap().len(), asked), (0, 0), "{after}");
        assert_eq!(stands(&world, &row).await, ConnectionStatus::Active);
    }
}

#[tokio::test]
async fn an_application_that_nobody_knows_ends_only_what_stripe_refuses() {
    let world = world().await;
    let connect = world.connected(Way::Connect, "connect", "acct_1").await;
    let app = world.connected(Way::App, "app", "acct_1").await;
    let (ended, asked) = tell(&world, &connect, ("ca_strange", 2 * HOUR), status(200)).await;
    assert_eq!((ended.unwrap().len(), asked), (0, 2));
    let (ended, _) = tell(&world, &connect, ("ca_strange", 2 * HOUR), status(403)).await;
    let ended: Vec<_> = ended.unwrap().iter().map(|row| row.id).collect();
    assert_eq!(ended, [connect.id, app.id]);
}

#[tokio::test]
async fn one_application_s_end_leaves_the_other_way_and_other_accounts_alone() {
    let world = world().await;
    let connect = world.connected(Way::Connect, "connect", "acct_1").await;
    let app = world.connected(Way::App, "app", "acct_1").await;
    let other = world.connected(Way::App, "other", "acct_2").await;
    let (ended, _) = tell(&world, &app, ("ca_app", 2 * HOUR), status(401)).await;
    assert_eq!(ended.unwrap()[0].id, app.id);
    for row in [&connect, &other] {
        assert_eq!(stands(&world, row).await, ConnectionStatus::Active);
    }
}

#[tokio::test]
async fn a_connection_that_is_authorized_meanwhile_is_not_ended() {
    let world = world().await;
    let read = world.connected(Way::Connect, "main", "acct_1").await;
    world.pass(std::time::Duration::from_secs(60));
    let asked = crate::Authorize {
        via: Way::Connect,
        name: None,
        mode: Mode::Test,
        scope: None,
        integration: None,
        redirect_url: None,
        reconnect: Some(read.id.to_string()),
    };
    let begun = world.connections.authorize(world.company, asked).await.unwrap();
    let code = world.provider.code("acct_1");
    let anew = world.back(&begun, &code).await.unwrap().connection;
    assert_eq!(anew.authorized_at, Some(world.clock.now()));
    assert!(ended(&world.connections, &read).await.is_none(), "what was decided on is gone");
    assert_eq!(stands(&world, &read).await, ConnectionStatus::Active);
    assert!(ended(&world.connections, &anew).await.is_some());
}

async fn ended(connections: &Connections, row: &Connection) -> Option<Connection> {
    connections.end(row).await.unwrap()
}

#[tokio::test]
async fn an_account_that_nobody_connected_ends_nothing() {
    let world = world().await;
    let row = world.connected(Way::Connect, "main", "acct_1").await;
    let stranger = Connection { account: Some(AccountId::new("acct_9")), ..row.clone() };
    let (ended, asked) = tell(&world, &stranger, ("ca_1", 2 * HOUR), status(403)).await;
    assert_eq!((ended.unwrap().len(), asked), (0, 0));
    assert_eq!(stands(&world, &row).await, ConnectionStatus::Active);
}
