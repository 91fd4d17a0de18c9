//! What a newcomer sees first.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::binary::{run, text};

fn lines(stdout: &str) -> Vec<Value> {
    stdout
        .lines()
        .map(|line| serde_json::from_str(line).unwrap_or_else(|_| panic!("not JSON: {line}")))
        .collect()
}

#[tokio::test]
async fn dev_once_completes_both_examples() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let arguments =
        ["dev", "--once", "--json", "--fresh", "--listen", "127.0.0.1:0", "--sandbox-listen", "127.0.0.1:0"];
    let (code, out, err) = run(&[&arguments[..], &["--data", text(&data)]].concat()).await;
    assert_eq!(code, 0, "{out}\n{err}");
    let lines = lines(&out);
    assert_eq!(lines[0]["type"], "ready");
    assert_eq!(lines.last().unwrap()["type"], "done");
    assert_eq!(lines.last().unwrap()["ok"], true);
    for step in ["customer", "invoice", "line", "finalize", "send", "paid", "mark"] {
        let done = |l: &&Value| l["type"] == "step" && l["step"] == step && l["status"] == "completed";
        assert!(lines.iter().any(|l| done(&l)), "no completed step {step} in\n{out}");
    }
    let completed: BTreeSet<&str> = lines
        .iter()
        .filter(|l| l["type"] == "run" && l["status"] == "completed")
        .filter_map(|l| l["workflow"].as_str())
        .collect();
    assert_eq!(completed, BTreeSet::from(["invoice-and-payment", "thank-the-customer"]), "{out}");
}

#[tokio::test]
async fn a_second_start_in_the_same_folder_runs_a_new_demo() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let arguments = [
        "dev",
        "--once",
        "--json",
        "--listen",
        "127.0.0.1:0",
        "--sandbox-listen",
        "127.0.0.1:0",
        "--data",
        text(&data),
    ];
    for _ in 0..2 {
        let (code, out, err) = run(&arguments).await;
        assert_eq!(code, 0, "{out}\n{err}");
    }
    let (code, out, err) = run(&["runs", "list", "--json", "--data", text(&data)]).await;
    assert_eq!(code, 0, "{out}\n{err}");
    let listed: Value = serde_json::from_str(&out).unwrap();
    let completed =
        listed["data"].as_array().unwrap().iter().filter(|run| run["status"] == "completed").count();
    assert_eq!(completed, 4, "{out}");
}

#[tokio::test]
async fn the_command_line_works_in_process_without_a_server() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let example = crate::binary::examples();
    crate::binary::make_folder(&data).await;
    let (code, out, err) =
        run(&["workflows", "push", text(&example[0]), "--data", text(&data), "--json"]).await;
    assert_eq!(code, 0, "{out}\n{err}");
    let (code, out, _) = run(&["workflows", "list", "--data", text(&data), "--json"]).await;
    assert_eq!(code, 0);
    assert!(out.contains("invoice-and-payment"), "{out}");
    let (code, out, err) = run(&["doctor", "--data", text(&data)]).await;
    assert_eq!(code, 0, "{out}\n{err}");
}
