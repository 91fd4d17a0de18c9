//! Connecting by each way, and a handful of commands over each connection.

use nango::PROVIDERS;
use serde_json::{Value, json};

use super::scene::{Scene, permissions};
use crate::binary::PATIENCE;

/// The id of a new account that somebody connected, from the words of the command.
fn account_of(said: &str, name: &str) -> String {
    let line = said.lines().find(|line| line.starts_with(&format!("{name} is conn_")));
    let line = line.unwrap_or_else(|| panic!("not connected: {said}"));
    let (_, rest) = line.split_once("account ").expect("it says whose");
    rest.split(',').next().unwrap_or_default().to_owned()
}

/// Reads, writes and lists over a connection; what is made is made once, and there.
async fn use_it(scene: &Scene, name: &str, account: &str) {
    let before = scene.customers_made(account).await;
    let call = async |words: &[&str]| scene.done(&[&["call"], words, &["--connection", name]].concat()).await;
    assert_eq!(call(&["stripe.getAccount"]).await["id"], account, "{name}");
    let key = format!("{name} after {before}");
    let made = call(&["stripe.createCustomer", "--email", "ada@example.com", "--key", &key]).await;
    let again = call(&["stripe.createCustomer", "--email", "ada@example.com", "--key", &key]).await;
    assert_eq!(made, again, "{name}");
    let id = made["id"].as_str().expect("an id");
    assert_eq!(call(&["stripe.getCustomer", "--customer-id", id]).await["id"], id);
    let invoice = call(&["stripe.createInvoice", "--customer-id", id, "--metadata.way", name]).await;
    assert_eq!(invoice["metadata"]["way"], name);
    let listed = call(&["stripe.listCustomers"]).await;
    assert!(listed["data"].as_array().is_some_and(|all| all.iter().any(|one| one["id"] == id)), "{name}");
    assert_eq!(scene.customers_made(account).await - before, 1, "{name}: in that account, and once");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn api_keys_connect_and_do_what_they_may() {
    let scene = Scene::new(true).await;
    let own = scene.steer("GET", "", None).await["account"].as_str().expect("an account").to_owned();
    let restricted = scene.steer("POST", "/keys", Some(permissions())).await;
    let restricted = restricted["key"].as_str().unwrap_or_else(|| panic!("{restricted}")).to_owned();
    let url = scene.sandbox.url();
    for (name, key) in [("secret", scene.secret_key().await), ("restricted", restricted)] {
        let add = ["connections", "add", name, "--mode", "local", "--base-url", &url];
        let added = scene.run(&format!("{key}\n"), &add).await;
        assert_eq!(added.exit, 0, "{added:#?}");
        assert_eq!(account_of(&added.stdout, name), own);
        assert!(!format!("{added:?}").contains(&key));
        use_it(&scene, name, &own).await;
    }
    let refused =
        ["call", "stripe.createRefund", "--charge-id", "ch_1", "--connection", "restricted", "--json"];
    let refused = scene.run("", &refused).await;
    let error: Value = serde_json::from_str(&refused.stdout).expect("JSON");
    assert_eq!((refused.exit, error["error"]["code"].as_str()), (6, Some("permission_error")), "{error:#}");
    let stray = scene.run("", &["connections", "add", "x", "--scope", "read_only"]).await;
    assert!(stray.exit == 2 && stray.stderr.contains("--scope is not for"), "{stray:#?}");
    scene.server.kill().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn by_connect_and_by_an_app_people_consent_while_the_command_waits() {
    let scene = Scene::new(true).await;
    for via in ["connect", "app"] {
        let waits = scene.hands_out(&["connections", "add", via, "--via", via, "--mode", "local"]).await;
        assert!(waits.link.as_str().starts_with(&scene.sandbox.url()), "{}", waits.link);
        scene.consent(&waits.link, "new", "connect").await;
        let ended = waits.ended().await;
        assert_eq!(ended.exit, 0, "{ended:#?}");
        let account = account_of(&ended.stdout, via);
        use_it(&scene, via, &account).await;
        // By Stripe's clock alone: an app's token has ended, and Bursar does not know.
        scene.pass_an_hour().await;
        use_it(&scene, via, &account).await;

        let waits = scene.hands_out(&["connections", "add", "no", "--via", via, "--mode", "local"]).await;
        scene.consent(&waits.link, "new", "deny").await;
        let ended = waits.ended().await;
        assert!(ended.exit == 1 && ended.stderr.contains("not authorized"), "{ended:#?}");
        scene.done(&["connections", "remove", "no", "--forget"]).await;
    }
    // A program gets the link and goes on.
    let link = scene.done(&["connections", "add", "later", "--via", "connect", "--mode", "local"]).await;
    assert_eq!(scene.done(&["connections", "show", "later"]).await["status"], "pending");
    let link = link["authUrl"].as_str().expect("a link").parse().expect("an address");
    scene.consent(&link, "new", "connect").await;
    assert_eq!(scene.done(&["connections", "show", "later"]).await["status"], "active");
    scene.server.kill().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nango_connects_by_each_of_its_providers_for_stripe() {
    let scene = Scene::new(true).await;
    for (provider, kind) in PROVIDERS {
        let add =
            ["connections", "add", provider, "--via", "nango", "--mode", "local", "--integration", provider];
        let waits = scene.hands_out(&add).await;
        assert!(waits.link.as_str().starts_with(scene.nango.as_str()), "{}", waits.link);
        if kind == "BASIC" {
            let page = scene.browser.open(&waits.link).await;
            scene.browser.type_key(&page, &scene.secret_key().await).await;
        } else {
            scene.consent(&waits.link, "new", "connect").await;
        }
        let ended = waits.ended().await;
        assert_eq!(ended.exit, 0, "{provider}: {ended:#?}");
        use_it(&scene, provider, &account_of(&ended.stdout, provider)).await;
    }
    // An hour later by Stripe's clock alone: its app tokens have ended, and nobody knows.
    let account = scene.done(&["connections", "show", "stripe-app"]).await["account"].clone();
    scene.pass_an_hour().await;
    use_it(&scene, "stripe-app", account.as_str().expect("whose it is")).await;

    // What exists at Nango already is taken over.
    let credentials = json!({ "type": "BASIC", "username": scene.secret_key().await, "password": "" });
    let there = json!({ "provider_config_key": "stripe-api-key", "connection_id": "an id/of theirs",
                        "credentials": credentials });
    scene.import_at_nango(there).await;
    let import = ["connections", "import", "taken", "an id/of theirs", "--integration", "stripe-api-key"];
    let taken = scene.done(&[&import[..], &["--mode", "local"]].concat()).await;
    use_it(&scene, "taken", taken["account"].as_str().expect("whose it is")).await;

    let doctor = scene.done(&["doctor"]).await;
    let checks = doctor["checks"].as_array().expect("checks");
    for name in ["nango local: key", "nango local: credentials", "connection taken", "public address"] {
        assert!(
            checks.iter().any(|check| check["check"] == name && check["ok"] == true),
            "{name}: {doctor:#}"
        );
    }
    scene.server.kill().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_a_webhook_what_was_connected_at_nango_is_found_by_looking() {
    let scene = Scene::new(false).await;
    let headless = ["connections", "auth-url", "acme", "--via", "nango", "--mode", "local", "--headless"];
    let link = scene.run("", &headless).await;
    assert_eq!(link.exit, 0, "{link:#?}");
    let link = link.stdout.trim().parse().expect("nothing but the link");
    scene.consent(&link, "new", "connect").await;
    let found = tokio::time::timeout(PATIENCE, async {
        loop {
            let row = scene.done(&["connections", "show", "acme"]).await;
            if row["status"] == "active" {
                return row;
            }
            tokio::time::sleep(std::time::Duration::from_millis(100)).await;
        }
    });
    let row = found.await.expect("found in time");
    use_it(&scene, "acme", row["account"].as_str().expect("whose it is")).await;
    let keyed = ["connections", "auth-url", "k", "--via", "nango", "--mode", "local", "--headless"];
    let keyed = scene.run("", &[&keyed[..], &["--integration", "stripe-api-key"]].concat()).await;
    assert!(keyed.exit == 2 && keyed.stderr.contains("no way around Nango's page"), "{keyed:#?}");
    let other = ["connections", "auth-url", "x", "--via", "app", "--mode", "local", "--headless"];
    let other = scene.run("", &other).await;
    assert!(other.exit == 2 && other.stderr.contains("not for connections by `app`"), "{other:#?}");
    let test = scene.run("", &["connections", "auth-url", "x", "--via", "nango"]).await;
    assert!(test.exit == 1 && test.stderr.contains("but for mode `local`"), "{test:#?}");
    scene.server.kill().await;
}
