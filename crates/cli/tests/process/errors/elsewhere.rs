//! Codes that no call of an action ends with: about requests, workflows and their runs,
//! and this machine.

use std::path::Path;

use bursar_it::http::deliver;
use http::Method;
use model::Code;
use serde_json::{Value, json};

use super::said;
use crate::{
    binary::{Running, bursar, make_folder, text},
    server::Served,
};

/// Holds an error to its page; it has the parts that every one has.
fn hold(code: Code, error: &Value) {
    assert_eq!(error["code"], code.as_str(), "{error:#}");
    said::in_three_parts(code, error["message"].as_str().expect("a message"));
    said::as_on_its_page(code, error);
}

/// The same over HTTP and on the command line, whose request has an id of its own.
async fn alike(served: &Served, code: Code, (path, body): (&str, Option<Value>), command: &[&str]) {
    let method = if body.is_some() { Method::POST } else { Method::GET };
    let answer = served.surfaces.ask(method, path, Some("a key"), body.as_ref()).await;
    let printed = served.run(command).await;
    let mut said = [answer.body["error"].clone(), printed.json()["error"].clone()];
    for error in &mut said {
        hold(code, error);
        error.as_object_mut().expect("an error is an object").shift_remove("requestId");
    }
    assert_eq!(said[0], said[1], "{code}");
    assert!(said::exits(code).contains(&printed.exit), "{code}: {printed:#?}");
}

#[tokio::test]
async fn a_write_without_a_key_is_offered_one() {
    let served = Served::start().await;
    let body = json!({ "config": { "email": "ada@example.com" } });
    let path = "/api/v1/actions/stripe.createCustomer";
    let answer = served.surfaces.ask(Method::POST, path, None, Some(&body)).await;
    hold(Code::IdempotencyKeyRequired, &answer.body["error"]);
    let offered = answer.body["error"]["details"]["idempotencyKey"].as_str().expect("a key").to_owned();
    assert_eq!(served.surfaces.ask(Method::POST, path, Some(&offered), Some(&body)).await.status, 200);
}

#[tokio::test]
async fn a_delivery_that_nobody_signed_is_refused() {
    let served = Served::start().await;
    let app = &served.surfaces.app;
    let answer = deliver(&app.router, app.setup.company, None, "{}").await;
    hold(Code::InvalidSignature, &answer.body["error"]);
}

#[tokio::test]
async fn what_is_not_there_is_not_found_and_what_is_not_active_does_not_run() {
    let served = Served::start().await;
    let run = "run_01890000000070008000000000000001";
    let path = format!("/api/v1/runs/{run}");
    alike(&served, Code::NotFound, (&path, None), &["runs", "show", run, "--json"]).await;

    let workflow = served.surfaces.app.setup.invoice.to_string();
    let path = format!("/api/v1/workflows/{workflow}");
    assert_eq!(served.surfaces.ask(Method::POST, &format!("{path}/pause"), None, None).await.status, 200);
    let input = json!({ "input": { "email": "ada@example.com", "amount": 1999 } });
    let given = input["input"].to_string();
    let command = ["workflows", "run", &workflow, "--input", &given, "--key", "a key", "--json"];
    alike(&served, Code::WorkflowNotActive, (&format!("{path}/run"), Some(input)), &command).await;
}

/// The error of a run that has ended, as both surfaces show it.
async fn of_a_run(served: &Served, run: &str) -> Value {
    let answer = served.surfaces.ask(Method::GET, &format!("/api/v1/runs/{run}"), None, None).await;
    let printed = served.run(&["runs", "show", run, "--json"]).await;
    assert_eq!(printed.exit, 0, "looking at it goes well: {printed:#?}");
    assert_eq!(printed.json()["data"], answer.body["data"]);
    answer.body["data"]["error"].clone()
}

async fn started(served: &Served, document: Value) -> String {
    let body = json!({ "source": document });
    let pushed = served.surfaces.ask(Method::POST, "/api/v1/workflows", None, Some(&body)).await;
    let id = pushed.body["data"]["id"].as_str().unwrap_or_else(|| panic!("{:#}", pushed.body)).to_owned();
    let path = format!("/api/v1/workflows/{id}");
    served.surfaces.ask(Method::POST, &format!("{path}/activate"), None, None).await;
    let run =
        served.surfaces.ask(Method::POST, &format!("{path}/run"), Some("a key"), Some(&json!({}))).await;
    let run = run.body["data"]["runId"].as_str().unwrap_or_else(|| panic!("{:#}", run.body)).to_owned();
    served.surfaces.app.app.driver.drive_until_idle().await;
    run
}

#[tokio::test]
async fn a_run_says_why_it_has_no_value_to_go_on_with() {
    let served = Served::start().await;
    let config = json!({ "email": "{{ input.customer.email }}" });
    let run = started(
        &served,
        json!({
            "name": "Greets", "trigger": { "type": "api" },
            "steps": [{ "id": "greet", "action": "stripe.createCustomer", "config": config }],
        }),
    )
    .await;
    hold(Code::TemplateError, &of_a_run(&served, &run).await);
}

#[tokio::test]
async fn a_canceled_run_says_so() {
    let served = Served::start().await;
    let run = started(
        &served,
        json!({
            "name": "Waits", "trigger": { "type": "api" },
            "steps": [{ "id": "pause", "type": "wait", "for": "14d" }],
        }),
    )
    .await;
    let canceled = served.run(&["runs", "cancel", &run, "--json"]).await;
    assert_eq!(canceled.exit, 0, "{canceled:#?}");
    served.surfaces.app.app.driver.drive_until_idle().await;
    hold(Code::WorkflowFailed, &of_a_run(&served, &run).await);
}

/// What a command in this folder printed for programs, ending with this code.
async fn refused(folder: &Path, code: Code, arguments: &[&str]) -> Value {
    let output = bursar(arguments).current_dir(folder).output().await.expect("runs");
    let stdout = String::from_utf8_lossy(&output.stdout).into_owned();
    let line = stdout.lines().last().unwrap_or_default();
    let body: Value = serde_json::from_str(line).unwrap_or_else(|_| panic!("{code}: not JSON: {stdout}"));
    let exit = output.status.code().unwrap_or(-1);
    assert!(said::exits(code).contains(&exit), "{code} ends with {exit}, against docs/cli.md");
    body["error"].clone()
}

#[tokio::test]
async fn a_start_that_is_refused_says_what_is_in_its_way() {
    let folder = tempfile::tempdir().expect("a folder");
    let data = folder.path().join("bursar-data");
    let taken = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = taken.local_addr().expect("bound").to_string();
    let serve = ["serve", "--json", "--listen", &address, "--data", "./bursar-data"];
    hold(Code::PortInUse, &refused(folder.path(), Code::PortInUse, &serve).await);

    make_folder(&data).await;
    let (key, kept) = (data.join("master.key"), folder.path().join("kept"));
    std::fs::rename(&key, &kept).expect("the key is there");
    let list = ["workflows", "list", "--json", "--data", "./bursar-data"];
    hold(Code::VaultKeyMissing, &refused(folder.path(), Code::VaultKeyMissing, &list).await);

    std::fs::rename(&kept, &key).expect("the key is there");
    let first = Running::start(&["serve", "--json", "--listen", "127.0.0.1:0", "--data", text(&data)]).await;
    let serve = ["serve", "--json", "--listen", "127.0.0.1:0", "--data", "./bursar-data"];
    hold(Code::FolderInUse, &refused(folder.path(), Code::FolderInUse, &serve).await);
    first.kill().await;
}
