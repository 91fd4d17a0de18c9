//! `bursar runs show`: a run for people. Its head, a line for each step, and of a run that
//! stands still what is known, what can be done, and what people have decided.

use serde_json::Value;

use crate::output::{Output, cell};

/// What the failure's text says again further down.
const ADVICE: &str = " What you can do:";

/// A run in words.
pub(super) fn words(run: &Value) -> String {
    let steps = items(&run["steps"]).map(|step| {
        let object = cell(&step["output"]["id"]);
        // The failure of a step that waits for a word is the run's own, above.
        let failure = step["error"]["message"].as_str().filter(|_| !step["known"].is_object());
        let why = failure.or(step["note"].as_str()).unwrap_or_default();
        vec![cell(&step["step"]), cell(&step["kind"]), cell(&step["status"]), object, why.to_owned()]
    });
    let error = run["error"]["message"].as_str().map(|message| {
        let what = message.split(ADVICE).next().unwrap_or(message);
        format!("error     {what}\n")
    });
    let head = format!(
        "run       {}\nworkflow  {} (version {})\nstatus    {}\ncause     {}\nmode      {}\n{}",
        cell(&run["runId"]),
        cell(&run["workflow"]),
        run["workflowVersion"],
        cell(&run["status"]),
        cell(&run["cause"]),
        cell(&run["mode"]),
        error.unwrap_or_default(),
    );
    let table = Output::table(&["step", "type", "status", "object", ""], steps.collect());
    let known: String = items(&run["steps"]).filter(|step| step["known"].is_object()).map(known).collect();
    [head, table, known, section("what you can do", &ways(&run["ways"])), decisions(&run["decisions"])]
        .into_iter()
        .filter(|part| !part.is_empty())
        .collect::<Vec<_>>()
        .join("\n")
}

/// The ways out, a command and what it does each.
pub(super) fn ways(ways: &Value) -> String {
    items(ways).map(|way| format!("  {}\n      {}\n", cell(&way["command"]), cell(&way["does"]))).collect()
}

/// What is known of a step that waits for a word.
fn known(step: &Value) -> String {
    let known = &step["known"];
    let (request, call) = (&known["request"], &known["call"]);
    let mut lines = String::new();
    let mut line = |name: &str, text: String| {
        if !text.is_empty() {
            lines.push_str(&format!("  {name:<9} {text}\n"));
        }
    };
    line("request", [&request["method"], &request["path"]].map(cell).join(" ").trim().to_owned());
    line("", cell(if request["params"].is_object() { &request["params"] } else { &request["config"] }));
    if call.is_object() {
        let attempt = call["generation"].as_u64().unwrap_or_default() + 1;
        line("sent", format!("attempt {attempt}, first at {}", cell(&call["firstAttemptAt"])));
        line("account", format!("{} ({})", cell(&call["account"]), cell(&call["mode"])));
        line("key", cell(&call["idempotencyKey"]));
        line("call", cell(&call["id"]));
    }
    line("seen", cell(&known["seen"]));
    section(&format!("what is known of {}", cell(&step["step"])), &lines)
}

fn decisions(decisions: &Value) -> String {
    let line = |decision: &Value| {
        let about = [&decision["decision"], &decision["step"], &decision["objectId"]].map(cell);
        let about: Vec<_> = about.into_iter().filter(|text| !text.is_empty()).collect();
        let note = decision["note"].as_str().map(|note| format!(": {note}")).unwrap_or_default();
        let trust = match decision["onTrust"].as_bool() {
            Some(true) => " (a person's word: Stripe cannot show it)",
            _ => "",
        };
        format!("  {}  {}  {}{trust}{note}\n", cell(&decision["at"]), cell(&decision["by"]), about.join(" "))
    };
    section("decisions", &items(decisions).map(line).collect::<String>())
}

fn section(title: &str, lines: &str) -> String {
    if lines.is_empty() { String::new() } else { format!("{}\n{lines}", title.to_uppercase()) }
}

fn items(list: &Value) -> impl Iterator<Item = &Value> {
    list.as_array().into_iter().flatten()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_parked_run_is_shown_with_what_is_known_and_what_to_type() {
        let run = json!({
            "runId": "run_1", "workflow": "bill", "workflowVersion": 1, "status": "parked", "cause": "caller:k",
            "mode": "local", "error": { "message": "Nobody knows. What you can do: `bursar …`." },
            "steps": [{ "step": "invoice", "kind": "stripe.createInvoice", "status": "parked", "known": {
                "doubt": "outcome",
                "request": { "action": "stripe.createInvoice", "method": "POST", "path": "/v1/invoices",
                             "params": { "customer": "cus_1" } },
                "call": { "id": "call_1", "idempotencyKey": "bursar_1", "generation": 1,
                          "firstAttemptAt": "2027-01-15T08:00:00Z", "account": "acct_1", "mode": "local" },
                "seen": { "candidates": [{ "id": "in_1" }] },
            } }],
            "ways": [{ "command": "bursar runs resolve run_1 invoice --as done", "does": "if it took effect" }],
            "decisions": [{ "at": "2027-01-14T08:00:00Z", "by": "key_1", "decision": "not_done",
                            "step": "invoice", "note": "looked" }],
        });
        let shown = words(&run);
        for line in [
            "error     Nobody knows.",
            "WHAT IS KNOWN OF INVOICE",
            "  request   POST /v1/invoices",
            "            {\"customer\":\"cus_1\"}",
            "  sent      attempt 2, first at 2027-01-15T08:00:00Z",
            "  key       bursar_1",
            "  seen      {\"candidates\":[{\"id\":\"in_1\"}]}",
            "WHAT YOU CAN DO",
            "  bursar runs resolve run_1 invoice --as done",
            "      if it took effect",
            "DECISIONS",
            "  2027-01-14T08:00:00Z  key_1  not_done invoice: looked",
        ] {
            assert!(shown.lines().any(|l| l == line), "no line `{line}` in\n{shown}");
        }
    }

    #[test]
    fn a_run_that_goes_on_is_shown_without_empty_sections() {
        let run = json!({ "runId": "run_1", "status": "running", "steps": [], "ways": [], "decisions": [] });
        assert!(!words(&run).contains("WHAT"), "{}", words(&run));
    }
}
