//! A clear error, naming what to do, and nothing changed.

use std::os::unix::fs::PermissionsExt as _;

use serde_json::Value;

use crate::binary::{Running, make_folder, run, text};

fn failure(stdout: &str) -> Value {
    let line = stdout.lines().last().unwrap_or_default();
    let body: Value = serde_json::from_str(line).unwrap_or_else(|_| panic!("not JSON: {stdout}"));
    assert_eq!(body["success"], false, "{body}");
    body["error"].clone()
}

#[tokio::test]
async fn serve_refuses_a_taken_port() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let (code, out, _) = run(&["serve", "--json", "--listen", &address, "--data", text(&data)]).await;
    assert_eq!(failure(&out)["code"], "port_in_use");
    assert_ne!(code, 0);
    assert!(!data.exists(), "a refused start leaves no folder");
}

#[tokio::test]
async fn dev_moves_away_from_a_taken_port() {
    let (taken, sandbox) = (
        std::net::TcpListener::bind("127.0.0.1:0").unwrap(),
        std::net::TcpListener::bind("127.0.0.1:0").unwrap(),
    );
    let address = |l: &std::net::TcpListener| l.local_addr().unwrap().to_string();
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let (listen, sandbox_listen) = (address(&taken), address(&sandbox));
    let arguments = [
        "dev",
        "--once",
        "--json",
        "--listen",
        &listen,
        "--sandbox-listen",
        &sandbox_listen,
        "--data",
        text(&data),
    ];
    let (code, out, err) = run(&arguments).await;
    assert_eq!(code, 0, "{out}\n{err}");
    let ready: Value = serde_json::from_str(out.lines().next().unwrap()).unwrap();
    assert_ne!(ready["url"], format!("http://{listen}"));
}

#[tokio::test]
async fn a_second_server_on_one_folder_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let first = Running::start(&["serve", "--json", "--listen", "127.0.0.1:0", "--data", text(&data)]).await;
    let (code, out, _) = run(&["serve", "--json", "--listen", "127.0.0.1:0", "--data", text(&data)]).await;
    assert_eq!(failure(&out)["code"], "folder_in_use");
    assert_ne!(code, 0);
    let (code, out, _) =
        run(&["dev", "--once", "--fresh", "--json", "--listen", "127.0.0.1:0", "--data", text(&data)]).await;
    assert_eq!(failure(&out)["code"], "folder_in_use", "--fresh does not delete a folder in use");
    assert_ne!(code, 0);
    first.kill().await;
}

#[tokio::test]
async fn fresh_does_not_delete_a_folder_of_somebody_else() {
    let folder = tempfile::tempdir().unwrap();
    let precious = folder.path().join("thesis.txt");
    std::fs::write(&precious, "years of work").unwrap();
    let (code, out, _) = run(&["dev", "--once", "--fresh", "--json", "--data", text(folder.path())]).await;
    assert_eq!(failure(&out)["code"], "validation_error");
    assert_eq!(code, 2);
    assert!(precious.exists());
}

#[tokio::test]
async fn serve_does_not_move_into_a_folder_of_somebody_else() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("thesis.txt"), "years of work").unwrap();
    let (code, out, _) =
        run(&["serve", "--json", "--listen", "127.0.0.1:0", "--data", text(folder.path())]).await;
    assert_ne!(code, 0);
    assert!(failure(&out)["message"].as_str().unwrap().contains("--data"), "{out}");
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1, "nothing was added");
}

#[tokio::test]
async fn a_master_key_that_others_can_read_stops_the_start() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    make_folder(&data).await;
    let key = data.join("master.key");
    std::fs::set_permissions(&key, std::fs::Permissions::from_mode(0o644)).unwrap();
    let (code, out, _) = run(&["runs", "list", "--json", "--data", text(&data)]).await;
    assert_ne!(code, 0);
    assert!(failure(&out)["message"].as_str().unwrap().contains("chmod"), "{out}");
}

#[tokio::test]
async fn a_missing_or_wrong_master_key_destroys_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    make_folder(&data).await;
    let key = data.join("master.key");
    let saved = folder.path().join("saved.key");
    std::fs::rename(&key, &saved).unwrap();
    let (code, out, _) = run(&["runs", "list", "--json", "--data", text(&data)]).await;
    assert_eq!(failure(&out)["code"], "vault_key_missing");
    assert_ne!(code, 0);
    assert!(!key.exists(), "no key is made beside a database that was sealed under another");
    std::fs::rename(&saved, &key).unwrap();
    let (code, _, err) =
        run(&["workflows", "push", text(&crate::binary::examples()[0]), "--data", text(&data)]).await;
    assert_eq!(code, 0, "the right key opens it again: {err}");
}

#[tokio::test]
async fn no_command_but_a_start_makes_a_folder() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("nothing-here");
    let example = crate::binary::examples();
    let commands: [&[&str]; 12] = [
        &["runs", "list"],
        &["events", "list"],
        &["connections"],
        &["workflows", "list"],
        &["workflows", "push", text(&example[0])],
        &["connections", "add", "main"],
        &["connections", "add", "main", "--via", "connect"],
        &["connections", "import", "main", "id"],
        &["connections", "auth-url", "main"],
        &["call", "stripe.createCustomer"],
        &["keys", "add", "ci", "--scope", "runs:read"],
        &["companies", "add", "acme"],
    ];
    for command in commands {
        let (code, out, _) = run(&[command, &["--json", "--data", text(&data)]].concat()).await;
        let error = failure(&out);
        assert_eq!((code, error["code"].as_str()), (3, Some("not_found")), "{command:?}: {error}");
        let says = error["message"].as_str().unwrap();
        assert!(says.contains(text(&data)) && says.contains("`bursar dev`"), "{command:?}: {says}");
        assert!(!data.exists(), "{command:?} made a folder");
    }
    let (code, out, err) = run(&["doctor", "--data", text(&data)]).await;
    assert_eq!(code, 1, "{out}\n{err}");
    assert!(out.contains("WRONG") && out.contains("is not there"), "{out}");
    assert!(!data.exists(), "looking makes nothing");
}

#[tokio::test]
async fn a_key_without_its_server_is_not_ignored() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let with_key = async |arguments: &[&str]| {
        let mut command = crate::binary::bursar(&[arguments, &["--json", "--data", text(&data)]].concat());
        let output = command.env("BURSAR_API_KEY", "bsk_of_another_server").output().await.unwrap();
        failure(&String::from_utf8_lossy(&output.stdout))
    };
    let none = with_key(&["call", "stripe.getBalance"]).await;
    assert_eq!(none["code"], "not_found");
    assert!(none["message"].as_str().unwrap().contains("--url (BURSAR_URL) is not set"), "{none}");
    make_folder(&data).await;
    // In-process, and of a running server.
    for running in [false, true] {
        let serve = ["serve", "--json", "--listen", "127.0.0.1:0", "--data", text(&data)];
        let server = if running { Some(Running::start(&serve).await) } else { None };
        let refused = with_key(&["runs", "list"]).await;
        assert_eq!(refused["code"], "unauthorized", "{running}");
        let mut command = crate::binary::bursar(&["runs", "list", "--data", text(&data)]);
        let output = command.env("BURSAR_API_KEY", "bsk_of_another_server").output().await.unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(said.contains("BURSAR_API_KEY"), "whose key it is stands beside the failure: {said}");
        if let Some(server) = server {
            server.kill().await;
        }
    }
}

#[tokio::test]
async fn output_that_cannot_be_written_is_no_success() {
    let mut command = crate::binary::bursar(&["actions", "--json"]);
    let full = std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let status = command.stdout(full).stderr(std::process::Stdio::null()).status().await.unwrap();
    assert_eq!(status.code(), Some(1));
}

#[tokio::test]
async fn an_unreachable_stripe_is_said_and_nothing_is_sent() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let nobody = format!("http://127.0.0.1:{}", crate::binary::free_port());
    let (code, out, _) =
        run(&["serve", "--json", "--listen", "127.0.0.1:0", "--sandbox", &nobody, "--data", text(&data)])
            .await;
    let last = out.lines().last().unwrap_or_default().to_owned();
    assert_eq!(failure(&last)["code"], "connection_unreachable", "{out}");
    assert_eq!(code, 5);
}

#[tokio::test]
async fn bad_json_and_unknown_fields_are_named_on_the_command_line() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let call = |input: &'static str| {
        let data = text(&data).to_owned();
        async move {
            run(&["call", "stripe.createCustomer", "--input", input, "--dry-run", "--json", "--data", &data])
                .await
        }
    };
    let (code, out, _) = call("{").await;
    assert_eq!((code, failure(&out)["code"].as_str()), (2, Some("validation_error")));
    let (code, out, _) = call(r#"{"emial": "a@b.c"}"#).await;
    let error = failure(&out);
    assert_eq!(code, 2);
    assert!(error["message"].as_str().unwrap().contains("email"), "the nearest name is given: {error}");
}
