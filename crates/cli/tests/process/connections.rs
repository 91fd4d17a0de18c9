//! Connections as whoever runs an installation makes and gives them up.

use std::{path::Path, process::Stdio};

use serde_json::Value;
use tokio::io::AsyncWriteExt as _;

use crate::binary::{Running, bursar, client, text};

/// Runs a command on a server's data folder, with something on standard input.
async fn run(data: &Path, stdin: &str, arguments: &[&str]) -> (Value, String) {
    let mut command = bursar(&[&["--json", "--data", text(data), "connections"], arguments].concat());
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("the binary starts");
    let mut input = child.stdin.take().expect("stdin is piped");
    // A command that takes nothing from it may have ended.
    let _ = input.write_all(stdin.as_bytes()).await;
    drop(input);
    let output = child.wait_with_output().await.expect("ends");
    let printed = String::from_utf8_lossy(&output.stdout).into_owned();
    let said = format!("{printed}{}", String::from_utf8_lossy(&output.stderr));
    let envelope: Value = serde_json::from_str(&printed).unwrap_or_else(|_| panic!("{arguments:?}: {said}"));
    assert_eq!(output.status.success(), envelope["success"] == true, "{arguments:?}: {said}");
    (envelope, said)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_connection_is_added_by_a_piped_key_made_the_default_and_given_up() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let sandbox = Running::start(&["sandbox", "--json", "--listen", "127.0.0.1:0"]).await;
    let url = sandbox.url();
    let serve = ["serve", "--json", "--listen", "127.0.0.1:0", "--sandbox", &url, "--data", text(&data)];
    let server = Running::start(&serve).await;
    let info = client().get(format!("{url}/_sandbox")).send().await.expect("the sandbox answers");
    let info: Value = info.json().await.expect("JSON");
    let key = info["secret_key"].as_str().expect("the sandbox's key");

    let add = ["add", "second", "--mode", "local", "--base-url", &url];
    let (none, _) = run(&data, "\n", &add).await;
    assert_eq!(none["error"]["code"], "validation_error", "{none}");
    let (added, said) = run(&data, &format!("{key}\n"), &add).await;
    assert!(!said.contains(key), "{said}");
    assert_eq!((&added["data"]["account"], &added["data"]["isDefault"]), (&info["account"], &false.into()));
    let (made, _) = run(&data, "", &["default", "second"]).await;
    assert_eq!(made["data"]["isDefault"], true, "{made}");
    let (renamed, _) = run(&data, "", &["rename", "second", "main"]).await;
    assert_eq!(renamed["data"]["id"], added["data"]["id"], "{renamed}");
    let (listed, _) = run(&data, "", &["list"]).await;
    let all = listed["data"].as_array().expect("a list");
    let defaults: Vec<_> = all.iter().filter(|c| c["isDefault"] == true).map(|c| &c["name"]).collect();
    assert!(all.len() == 2 && defaults == ["main"], "{listed}");

    let (link, _) = run(&data, "", &["auth-url", "acme", "--via", "connect", "--mode", "local"]).await;
    let opened = link["data"]["authUrl"].as_str().expect("a link");
    assert!(opened.starts_with(&format!("{url}/oauth/authorize?")), "{link}");
    assert!(link["data"]["expiresAt"].is_string(), "{link}");

    let (removed, _) = run(&data, "", &["remove", "main"]).await;
    assert_eq!(
        (&removed["data"]["status"], &removed["meta"]["provider"]),
        (&"disconnected".into(), &Value::Null)
    );
    let doctor = bursar(&["doctor", "--json", "--data", text(&data)]).output().await.expect("runs");
    assert!(doctor.status.success(), "{}", String::from_utf8_lossy(&doctor.stdout));
    let (forgotten, _) = run(&data, "", &["remove", "main", "--forget"]).await;
    assert_eq!(forgotten["meta"]["removed"], true, "{forgotten}");
    let (gone, _) = run(&data, "", &["show", "main"]).await;
    assert_eq!(gone["error"]["code"], "not_found", "{gone}");
    server.kill().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_restricted_key_is_tested_and_a_refused_call_says_what_it_lacks() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let sandbox = Running::start(&["sandbox", "--json", "--listen", "127.0.0.1:0"]).await;
    let url = sandbox.url();
    let serve = ["serve", "--json", "--listen", "127.0.0.1:0", "--sandbox", &url, "--data", text(&data)];
    let server = Running::start(&serve).await;
    let wanted = serde_json::json!({ "permissions": { "customers": "write", "account": "read" } });
    let made = client().post(format!("{url}/_sandbox/keys")).body(wanted.to_string()).send().await;
    let made: Value = made.expect("the sandbox answers").json().await.expect("JSON");
    let key = made["key"].as_str().expect("a restricted key");

    let add = ["add", "narrow", "--mode", "local", "--base-url", &url, "--api-version", "2025-08-27.basil"];
    let (added, _) = run(&data, &format!("{key}\n"), &add).await;
    assert_eq!(added["data"]["apiVersion"], "2025-08-27.basil", "{added}");
    let (tested, said) = run(&data, "", &["test", "narrow"]).await;
    assert!(!said.contains(key), "{said}");
    let report = &tested["data"];
    let stands = |action: &str| {
        let all = report["actions"].as_array().expect("actions");
        all.iter().find(|one| one["action"] == action).expect(action)["status"].clone()
    };
    assert_eq!(
        (stands("stripe.createCustomer"), stands("stripe.createInvoice")),
        ("ready".into(), "missing".into())
    );
    assert_eq!(report["apiVersion"], "2025-08-27.basil");
    // Nothing asks for a test clock without making one.
    let unknown: Vec<&str> = report["actions"]
        .as_array()
        .expect("actions")
        .iter()
        .filter(|one| one["status"] == "unknown")
        .filter_map(|one| one["action"].as_str())
        .collect();
    assert_eq!(unknown, ["stripe.createTestClock", "stripe.advanceTestClock"]);

    let words =
        bursar(&["--data", text(&data), "connections", "test", "narrow"]).output().await.expect("runs");
    let words = String::from_utf8_lossy(&words.stdout);
    assert!(words.contains("Missing") && words.contains("rak_invoice_write"), "{words}");
    let call = ["--json", "--data", text(&data), "call", "--connection", "narrow", "createInvoice"];
    let refused = bursar(&[&call[..], &["--customer-id", "cus_1"]].concat()).output().await.expect("runs");
    let refused: Value = serde_json::from_slice(&refused.stdout).expect("an envelope");
    assert_eq!(refused["error"]["code"], "permission_error", "{refused}");
    let message = refused["error"]["message"].as_str().expect("a message");
    assert!(message.contains("Write on Invoices (`rak_invoice_write`)"), "{message}");
    server.kill().await;
}
