//! The order in which a connection is chosen, in one table.

use model::{AccountId, Code, ConnectionStatus, Mode};
use store::Connection;

use super::{World, binding, new};
use crate::{Wanted, choose::choose};

use ConnectionStatus::{Active, Disconnected, Error, Expired, Pending, Revoked};

/// Name, account, mode, status, and whether it is the default.
type Row = (&'static str, &'static str, Mode, ConnectionStatus, bool);

const DEFAULT: bool = true;
const OTHER: bool = false;

fn owner(account: &str, mode: Mode, named: Option<&str>) -> Wanted {
    Wanted::Owner { account: AccountId::new(account), mode, named: named.map(str::to_owned) }
}

fn named(name: &str) -> Wanted {
    Wanted::Named(name.to_owned())
}

async fn rows(of: &[Row]) -> Vec<Connection> {
    let world = World::new().await;
    let mut rows = Vec::new();
    for (name, account, mode, status, is_default) in of {
        let secret = if *mode == Mode::Live { "sk_live_a" } else { "sk_test_a" };
        let row = world.connections.put(world.company, new(name, account, secret)).await.unwrap();
        let account = row.account.clone().filter(|_| *status != Pending);
        rows.push(Connection { status: *status, is_default: *is_default, account, ..row });
    }
    rows
}

#[tokio::test]
async fn the_binding_comes_first_then_the_name_then_the_default_then_the_only_one() {
    let (test, live) = (Mode::Test, Mode::Live);
    let two: &[Row] = &[("a", "acct_1", test, Active, OTHER), ("b", "acct_2", test, Active, DEFAULT)];
    let free: &[Row] = &[("a", "acct_1", test, Active, OTHER), ("b", "acct_2", test, Active, OTHER)];
    let modes: &[Row] = &[("a", "acct_1", test, Active, DEFAULT), ("b", "acct_1", live, Active, OTHER)];
    let twice: &[Row] = &[("a", "acct_1", test, Active, OTHER), ("b", "acct_1", test, Active, DEFAULT)];
    let gone: &[Row] = &[("a", "acct_1", test, Active, OTHER), ("b", "acct_2", test, Revoked, DEFAULT)];
    let failing: &[Row] = &[("a", "acct_1", test, Error, OTHER), ("b", "acct_2", test, Expired, OTHER)];
    let ended: &[Row] = &[("a", "acct_1", test, Disconnected, OTHER), ("b", "acct_2", test, Pending, OTHER)];
    let table: &[(&[Row], Wanted, Option<&str>)] = &[
        // An event's account and mode come before everything, the default too.
        (two, owner("acct_1", test, None), Some("a")),
        (modes, owner("acct_1", live, None), Some("b")),
        (two, owner("acct_9", test, None), None),
        (two, owner("acct_1", live, None), None),
        // A document that names another account's connection matches nothing.
        (two, owner("acct_1", test, Some("a")), Some("a")),
        (two, owner("acct_1", test, Some("b")), None),
        // Of two that own it the default, else the older one.
        (twice, owner("acct_1", test, None), Some("b")),
        (twice, owner("acct_1", test, Some("a")), Some("a")),
        (gone, owner("acct_2", test, None), None),
        // What a step, a document or a call names comes before the default.
        (two, named("a"), Some("a")),
        (two, named("c"), None),
        // It is the one meant, whatever became of it: its own failure says more.
        (gone, named("b"), Some("b")),
        (ended, named("b"), None),
        // Then the default, also when it has ended: another one is another account.
        (two, Wanted::Default, Some("b")),
        (gone, Wanted::Default, Some("b")),
        // Then the only one that can be used; one that failed last can.
        (&two[..1], Wanted::Default, Some("a")),
        (failing, Wanted::Default, Some("a")),
        // Else nobody guesses.
        (free, Wanted::Default, None),
        (ended, Wanted::Default, None),
        (&[], Wanted::Default, None),
        (&[], named("a"), None),
    ];
    for (nth, (given, wanted, expected)) in table.iter().enumerate() {
        let rows = rows(given).await;
        let chosen = choose(&rows, wanted);
        let at = format!("line {nth}: {wanted:?}");
        match expected {
            Some(name) => {
                let row = rows.iter().find(|row| row.name == *name).unwrap();
                assert_eq!(chosen.unwrap(), binding(row), "{at}");
            }
            None => {
                let failure = chosen.expect_err(&at);
                assert_eq!(failure.code, Code::ConnectionRequired, "{at}");
                let listed = failure.details.as_ref().unwrap()["connections"].as_array().unwrap().len();
                assert_eq!(listed, rows.len(), "{at}");
                for row in &rows {
                    assert!(failure.message.contains(&format!("`{}`", row.name)), "{at}: {failure}");
                }
                assert!(failure.message.contains("Nothing was sent to Stripe"), "{at}: {failure}");
            }
        }
    }
}

#[tokio::test]
async fn a_connection_is_named_by_its_id_too() {
    let all =
        rows(&[("a", "acct_1", Mode::Test, Active, OTHER), ("b", "acct_2", Mode::Test, Active, DEFAULT)]);
    let all = all.await;
    assert_eq!(choose(&all, &named(&all[0].id.to_string())).unwrap(), binding(&all[0]));
    let owned = owner("acct_1", Mode::Test, Some(&all[0].id.to_string()));
    assert_eq!(choose(&all, &owned).unwrap(), binding(&all[0]));
}

#[tokio::test]
async fn one_that_nobody_has_authorized_is_not_said_to_be_missing() {
    let mut all = rows(&[("shop", "acct_1", Mode::Test, Active, OTHER)]).await;
    all[0].account = None;
    all[0].status = ConnectionStatus::Pending;
    let failure = choose(&all, &named("shop")).unwrap_err();
    assert!(failure.message.starts_with("The connection `shop` has not been authorized yet."), "{failure}");
    assert!(failure.message.contains("auth-url --reconnect"), "{failure}");
}
