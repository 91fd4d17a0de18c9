//! Keys, companies and the vault, as whoever runs an installation uses them.

use std::path::Path;

use serde_json::Value;

use crate::binary::{Running, bursar, text};

/// Runs a command on a data folder to its end: whether it went well, and what it printed.
async fn run(data: &Path, arguments: &[&str]) -> (bool, Value, String) {
    let mut all = vec!["--json", "--data", text(data)];
    all.extend(arguments);
    let output = bursar(&all).output().await.expect("the binary runs");
    let printed = String::from_utf8_lossy(&output.stdout).into_owned();
    (output.status.success(), serde_json::from_str(&printed).unwrap_or_default(), printed)
}

fn read(path: &Path) -> String {
    std::fs::read_to_string(path).expect("the file is there")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_running_server_gets_another_master_key_and_starts_with_it_again() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let serve = ["serve", "--json", "--listen", "127.0.0.1:0", "--data", text(&data)];
    let server = Running::start(&serve).await;
    let key = data.join("master.key");
    let before = read(&key);

    let (ok, acme, _) = run(&data, &["companies", "add", "acme"]).await;
    assert!(ok, "{acme}");
    let (ok, made, _) =
        run(&data, &["--company", "acme", "keys", "add", "ci", "--scope", "runs:read", "--expires", "90d"])
            .await;
    assert!(ok, "{made}");
    assert_eq!(made["data"]["companyId"], acme["data"]["id"]);
    let (ok, done, _) = run(&data, &["vault", "rotate"]).await;
    assert!(ok, "{done}");
    let after = read(&key);
    assert_ne!(before, after);
    assert!(after.contains(done["data"]["masterKeyId"].as_str().unwrap()));
    assert!(!data.join("master.key.next").exists());
    server.kill().await;

    // A crash between the commit and the promotion: the database needs the key beside.
    std::fs::rename(&key, data.join("master.key.next")).unwrap();
    std::fs::write(&key, &before).unwrap();
    std::fs::set_permissions(&key, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
    let server = Running::start(&serve).await;
    assert_eq!(read(&key), after);
    let (ok, listed, printed) = run(&data, &["--company", "acme", "keys", "list"]).await;
    assert!(ok && listed["data"][0]["name"] == "ci", "{printed}");
    assert!(!printed.contains("bsk_"), "{printed}");
    let (ok, removed, _) = run(&data, &["companies", "remove", "acme"]).await;
    assert!(ok && removed["meta"]["removed"]["api_keys"] == 1, "{removed}");
    let (ok, log, printed) = run(&data, &["audit"]).await;
    assert!(ok && log["data"][0]["what"] == "company.removed", "{printed}");
    server.kill().await;

    // Without the right key nothing starts, and nothing is lost.
    std::fs::write(&key, &before).unwrap();
    let (ok, refused, _) = run(&data, &["keys", "list"]).await;
    assert!(!ok && refused["error"]["code"] == "vault_key_missing", "{refused}");
    assert!(refused["error"]["message"].as_str().unwrap().contains("Nothing was changed"), "{refused}");
    std::fs::write(&key, &after).unwrap();
    assert!(run(&data, &["keys", "list"]).await.0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_master_key_of_the_environment_is_rotated_to_one_that_is_given() {
    let folder = tempfile::tempdir().unwrap();
    let (data, first, second) =
        (folder.path().join("data"), folder.path().join("first.key"), folder.path().join("second.key"));
    for file in [&first, &second] {
        assert!(run(&data, &["vault", "new-key", text(file)]).await.0);
        assert!(!run(&data, &["vault", "new-key", text(file)]).await.0, "never over a file that is there");
    }
    let with = async |key: &Path, arguments: &[&str]| {
        let mut all = vec!["--json", "--data", text(&data)];
        all.extend(arguments);
        let mut command = bursar(&all);
        let output = command.env("BURSAR_MASTER_KEY", read(key)).output().await.expect("runs");
        serde_json::from_slice::<Value>(&output.stdout).expect("JSON")
    };
    let mut command = bursar(&["serve", "--json", "--listen", "127.0.0.1:0", "--data", text(&data)]);
    command.env("BURSAR_MASTER_KEY", read(&first));
    Running::from(command).await.kill().await;
    let made = with(&first, &["companies", "add", "acme"]).await;
    assert_eq!(made["success"], true, "{made}");
    assert!(!data.join("master.key").exists(), "no file of its own beside");
    let none = with(&first, &["vault", "rotate"]).await;
    assert_eq!(none["error"]["code"], "validation_error", "{none}");
    let done = with(&first, &["vault", "rotate", "--new-key-file", text(&second)]).await;
    assert!(done["data"]["toDo"].as_str().unwrap().contains("BURSAR_MASTER_KEY"), "{done}");
    let old = with(&first, &["companies", "list"]).await;
    assert_eq!(old["error"]["code"], "vault_key_missing", "{old}");
    let new = with(&second, &["companies", "list"]).await;
    assert_eq!(new["data"].as_array().unwrap().len(), 2, "{new}");
}
