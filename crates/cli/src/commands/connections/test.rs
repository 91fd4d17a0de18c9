//! `bursar connections test`: what a connection may do, asked of Stripe without writing.
//! A connection that may do less than everything is no failure: that is what restricted
//! keys are for.

use model::Failure;
use serde_json::{Value, json};

use super::path;
use crate::{
    client::{Ask, Client},
    layout::Page,
    output::{Output, cell},
};

pub(super) async fn perform(connection: &str, client: &Client, output: Output) -> Result<(), Failure> {
    let ask = Ask { body: Some(json!({})), key: None };
    let success = client.post(&format!("{}/test", path(connection)), ask).await?;
    output.success(&success, |report| words(Page::new(output), report));
    Ok(())
}

fn words(mut page: Page, report: &Value) -> String {
    page.heading(&format!("{}: {}", cell(&report["name"]), counted(&report["summary"])));
    page.definitions(&facts(report));
    for (status, heading) in [("missing", "Missing"), ("unknown", "Not known")] {
        permissions(&mut page, report, status, heading);
    }
    let ready: Vec<_> = of_status(&report["actions"], "ready").map(|one| cell(&one["action"])).collect();
    if !ready.is_empty() {
        page.heading("Ready");
        page.paragraph(2, &ready.join(", "));
    }
    page.text()
}

/// `22 actions ready, 18 missing`.
fn counted(summary: &Value) -> String {
    let counts = ["missing", "unknown"].map(|status| (status, summary[status].as_u64().unwrap_or(0)));
    let others = counts.iter().filter(|(_, count)| *count > 0);
    let others: String = others.map(|(status, count)| format!(", {count} {status}")).collect();
    format!("{} actions ready{others}", cell(&summary["ready"]))
}

fn facts(report: &Value) -> Vec<(String, Vec<String>)> {
    let fields = [
        ("account", "account"),
        ("mode", "mode"),
        ("livemode", "livemode"),
        ("API version", "apiVersion"),
        ("scopes", "scopes"),
    ];
    let there = fields.into_iter().filter(|(_, field)| !empty(&report[field]));
    there.map(|(name, field)| (name.to_owned(), vec![cell(&report[field])])).collect()
}

/// The permissions that stand so, each with what it is for, why, and where it is granted.
fn permissions(page: &mut Page, report: &Value, status: &str, heading: &str) {
    let rows: Vec<_> = of_status(&report["permissions"], status).map(|one| row(report, one)).collect();
    if !rows.is_empty() {
        page.heading(heading);
        page.definitions(&rows);
    }
}

fn row(report: &Value, one: &Value) -> (String, Vec<String>) {
    let permission = cell(&one["permission"]);
    let for_it = |action: &&Value| action["permission"] == one["permission"];
    let actions: Vec<_> = rows(&report["actions"]).filter(for_it).map(|one| cell(&one["action"])).collect();
    let used = if actions.is_empty() { "reading events".to_owned() } else { actions.join(", ") };
    let says = [format!("for {used}"), cell(&one["why"]), cell(&one["grant"])];
    (permission, says.into_iter().filter(|text| !text.is_empty()).collect())
}

fn empty(value: &Value) -> bool {
    value.is_null() || value.as_array().is_some_and(Vec::is_empty)
}

fn of_status<'v>(all: &'v Value, status: &'v str) -> impl Iterator<Item = &'v Value> {
    rows(all).filter(move |one| one["status"] == status)
}

fn rows(all: &Value) -> impl Iterator<Item = &Value> {
    all.as_array().into_iter().flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_missing_stands_with_what_it_is_for_and_where_it_is_granted() {
        let report = json!({
            "name": "main", "account": "acct_1", "mode": "test", "livemode": false, "apiVersion": "v", "scopes": [],
            "summary": { "ready": 1, "missing": 1, "unknown": 0 },
            "permissions": [
                { "permission": "customers:read", "status": "ready" },
                { "permission": "invoices:write", "status": "missing", "why": "It needs Write on Invoices.",
                  "grant": "Set Invoices to Write." },
                { "permission": "disputes:read", "status": "unknown", "why": "Stripe failed (500)." },
            ],
            "actions": [
                { "action": "stripe.getCustomer", "status": "ready", "permission": "customers:read" },
                { "action": "stripe.createInvoice", "status": "missing", "permission": "invoices:write" },
            ],
        });
        let text = words(Page::of_width(80, Output::new(false)), &report);
        for said in [
            "main: 1 actions ready, 1 missing",
            "acct_1",
            "for stripe.createInvoice",
            "It needs Write on Invoices.",
            "Set Invoices to Write.",
            "for reading events",
            "Stripe failed (500).",
            "Ready\n  stripe.getCustomer",
        ] {
            assert!(text.contains(said), "{said}:\n{text}");
        }
        assert!(!text.contains("customers:read"), "what is ready is told by its actions:\n{text}");
    }
}
