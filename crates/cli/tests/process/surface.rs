//! What the command line prints and takes, by the binary itself: one envelope, what a
//! shell completes, what is copied out of help.

use std::{path::Path, process::Stdio};

use serde_json::{Value, json};
use tokio::io::AsyncWriteExt as _;

use crate::binary::{bursar, examples, make_folder, run, text};

/// The one line that a command prints with `--json`.
fn envelope(arguments: &[&str], stdout: &str) -> Value {
    assert_eq!(stdout.lines().count(), 1, "{arguments:?}: {stdout}");
    let envelope: Value = serde_json::from_str(stdout).unwrap_or_else(|_| panic!("{arguments:?}: {stdout}"));
    let part = if envelope["success"] == true { "data" } else { "error" };
    assert!(envelope["success"].is_boolean() && !envelope[part].is_null(), "{arguments:?}: {envelope}");
    envelope
}

#[tokio::test]
async fn json_is_one_envelope_on_every_command_that_ends_by_itself() {
    let folder = tempfile::tempdir().unwrap();
    let (data, document) = (folder.path().join("data"), &examples()[0]);
    make_folder(&data).await;
    let key = "invoice-and-payment";
    let commands: &[(&[&str], bool)] = &[
        (&["workflows", "push", text(document)], true),
        (&["workflows", "list"], true),
        (&["workflows", "show", key], true),
        (&["workflows", "pause", key], false),
        (&["workflows", "run", key], false),
        (&["workflows", "check", text(document)], true),
        (&["runs", "list"], true),
        (&["runs", "show", "run_nothing"], false),
        (&["runs", "list", "--status", "cancelled"], false),
        (&["events", "list"], true),
        (&["connections"], true),
        (&["connections", "list"], true),
        (&["connections", "show", "nothing"], false),
        (&["connections", "add", "main"], false),
        (&["connections", "auth-url", "acme"], false),
        (&["connections", "add", "acme", "--via", "connect"], false),
        (&["connections", "import", "acme", "id"], false),
        (&["connections", "test", "nothing"], false),
        (&["connections", "default", "nothing"], false),
        (&["connections", "rename", "nothing", "main"], false),
        (&["connections", "remove", "nothing"], false),
        (&["sources", "list"], true),
        (&["keys", "list"], true),
        (&["companies", "list"], true),
        (&["audit"], true),
        (&["vault", "show"], true),
        (&["doctor"], true),
        (&["actions"], true),
        (&["actions", "search", "cancel", "subscription"], true),
        (&["actions", "show", "stripe.createInvoice"], true),
        (&["actions", "show", "refunds.create", "--field", "metadata"], true),
        (&["actions", "show", "stripe.createInvoce"], false),
        (&["call", "stripe.createCustomer", "--email", "ada@example.com", "--dry-run"], true),
        (&["call", "refunds.create", "--chrage", "ch_123"], false),
        (&["sandbox", "faults", "--at", "http://127.0.0.1:1"], false),
        (&["docs"], true),
        (&["docs", "conflict"], true),
        (&["docs", "nothing"], false),
        (&["no-such-command"], false),
    ];
    for name in names().await {
        // What serves until it is stopped, and what prints a script.
        let apart = ["dev", "serve", "completions", "help"].contains(&name.as_str());
        let tried = commands.iter().any(|(command, _)| command[0] == name);
        assert!(tried || apart, "`bursar {name} --json` is not tried here");
    }
    for (command, succeeds) in commands {
        let (exit, stdout, stderr) = run(&[command, &["--json", "--data", text(&data)][..]].concat()).await;
        let envelope = envelope(command, &stdout);
        assert_eq!(
            (&envelope["success"], exit == 0),
            (&json!(succeeds), *succeeds),
            "{command:?}: {envelope}"
        );
        assert_eq!(stderr, "", "{command:?}: remarks are for people");
    }
}

/// The commands there are, as the binary completes them.
async fn names() -> Vec<String> {
    let output = bursar(&["--", "bursar", ""]).env("BURSAR_COMPLETE", "fish").output().await.expect("runs");
    let said = String::from_utf8(output.stdout).expect("text");
    let names = said.lines().filter_map(|line| line.split('\t').next());
    let names: Vec<String> = names.filter(|name| !name.starts_with('-')).map(str::to_owned).collect();
    assert!(names.len() > 10, "{names:?}");
    names
}

#[tokio::test]
async fn a_misspelt_status_is_answered_with_the_nearest() {
    let (exit, stdout, _) = run(&["runs", "list", "--status", "cancelled", "--json"]).await;
    let error = &envelope(&[], &stdout)["error"];
    assert_eq!((exit, error["code"].as_str()), (2, Some("validation_error")));
    assert!(error["message"].as_str().unwrap().contains("'canceled'"), "{error}");
}

/// What bash says to a script in which `bursar` is the binary under test.
async fn bash(script: &str) -> String {
    let binary = Path::new(env!("CARGO_BIN_EXE_bursar"));
    let mut command = tokio::process::Command::new("bash");
    command.args([
        "-euc",
        &format!("PATH=\"$1:$PATH\"\n{script}"),
        "bash",
        text(binary.parent().expect("a folder")),
    ]);
    let output = command.stdin(Stdio::null()).output().await.expect("bash is there");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{script}\n{said}");
    String::from_utf8(output.stdout).expect("bash says text")
}

#[tokio::test]
async fn bash_completes_names_flags_and_values() {
    let script = r#"
        source <(bursar completions bash)
        complete -p bursar > /dev/null
        ask() {
            COMP_WORDS=("$@") COMP_CWORD=$(($# - 1)) COMP_TYPE=9 COMPREPLY=()
            _clap_complete_bursar bursar "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD - 1]}" 2> /dev/null
            echo "${COMPREPLY[@]}"
        }
        ask bursar call stripe.createInv
        ask bursar call refunds.cr
        ask bursar call stripe.createInvoice --shipping-d
        ask bursar call stripe.createInvoice --collection-method ''
        ask bursar runs list --status canc
    "#;
    let said = bash(script).await;
    let lines: Vec<&str> = said.lines().collect();
    assert_eq!(
        lines,
        [
            "stripe.createInvoice stripe.createInvoiceItem",
            "refunds.create",
            "--shipping-details.",
            "charge_automatically send_invoice",
            "canceled",
        ]
    );
}

#[tokio::test]
async fn a_command_copied_out_of_help_does_what_help_says() {
    let folder = tempfile::tempdir().unwrap();
    make_folder(&folder.path().join("data")).await;
    for name in ["stripe.createInvoice", "stripe.createSubscription", "stripe.createPaymentIntent"] {
        let (_, stdout, _) = run(&["actions", "show", name, "--json"]).await;
        let shown = &envelope(&[], &stdout)["data"];
        let command = shown["forms"]["command"].as_str().unwrap();
        let line = format!("{command} --dry-run --json --data '{}'", text(&folder.path().join("data")));
        let asked = bash(&line).await;
        let input = shown["example"].to_string();
        let data = folder.path().join("data");
        let arguments = ["call", name, "--dry-run", "--json", "--input", &input, "--data", text(&data)];
        assert_eq!(asked, run(&arguments).await.1, "{command}");
    }
}

#[tokio::test]
async fn documents_come_from_standard_input_and_from_folders() {
    let folder = tempfile::tempdir().unwrap();
    let document = std::fs::read_to_string(&examples()[0]).unwrap();
    std::fs::write(folder.path().join("good.yaml"), &document).unwrap();
    std::fs::write(
        folder.path().join("bad.yaml"),
        document.replace("stripe.sendInvoice", "stripe.sendInvoce"),
    )
    .unwrap();
    let (exit, stdout, _) = run(&["workflows", "check", text(folder.path())]).await;
    assert_eq!(exit, 2, "{stdout}");
    let says = |name: &str, what: &str| stdout.lines().any(|line| line.contains(name) && line.contains(what));
    assert!(
        says("good.yaml", "nothing to find fault with") && says("bad.yaml", "stripe.sendInvoice"),
        "{stdout}"
    );

    // For programs body and exit say the same.
    let (exit, stdout, _) = run(&["workflows", "check", text(folder.path()), "--json"]).await;
    let error = &envelope(&[], &stdout)["error"];
    assert_eq!((exit, &error["code"]), (2, &json!("validation_error")), "{error:#}");
    let documents = error["details"]["documents"].as_array().unwrap();
    let findings = |at: usize| documents[at]["findings"].as_array().map_or(0, Vec::len);
    assert!(documents.len() == 2 && findings(0) > 0 && findings(1) == 0, "{documents:#?}");
    assert!(error["message"].as_str().unwrap().contains("bad.yaml"), "{error:#}");

    let mut child =
        bursar(&["workflows", "check", "-"]).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(document.as_bytes()).await.unwrap();
    let output = child.wait_with_output().await.unwrap();
    assert_eq!(
        (output.status.code(), String::from_utf8_lossy(&output.stdout).as_ref()),
        (Some(0), "-: nothing to find fault with\n")
    );
}

#[tokio::test]
async fn a_document_that_is_not_stored_is_named_and_what_went_before_it() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    make_folder(&data).await;
    let document = std::fs::read_to_string(&examples()[0]).unwrap();
    let bad = folder.path().join("bad.yaml");
    std::fs::write(&bad, document.replace("stripe.sendInvoice", "stripe.sendInvoce")).unwrap();
    let (good, bad) = (&examples()[1], text(&bad));
    let push = ["workflows", "push", text(good), bad, "--data", text(&data)];
    let (exit, _, stderr) = run(&push).await;
    assert_eq!(exit, 2, "{stderr}");
    assert!(
        stderr
            .lines()
            .any(|line| line.trim_start().starts_with(&format!("{bad}:")) && line.contains("sendInvoice"))
    );
    assert!(stderr.contains(&format!("Before it {} was stored", text(good))), "{stderr}");
    let (_, stdout, _) = run(&[&push[..], &["--json"]].concat()).await;
    let last: Value = serde_json::from_str(stdout.lines().last().unwrap()).unwrap();
    assert_eq!(last["error"]["details"]["file"], bad, "{last:#}");
}
