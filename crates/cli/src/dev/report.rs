//! What `dev` tells: a line as each thing happens, for people or as JSON.

use std::{collections::HashSet, net::SocketAddr, path::Path, sync::Mutex};

use engine::Progress;
use model::{CompanyId, Failure, RunStatus, StepStatus};
use serde_json::{Value, json};
use store::Workflow;

use crate::{output::Output, stripe_side::LocalStripe};

pub(super) struct Report {
    output: Output,
    /// Runs whose heading has been printed.
    begun: Mutex<HashSet<String>>,
}

impl Report {
    pub(super) fn new(output: Output) -> Self {
        Self { output, begun: Mutex::new(HashSet::new()) }
    }

    /// The port asked for was taken.
    pub(super) fn moved(&self, wanted: SocketAddr, url: &str) {
        if wanted.port() != 0 && !url.ends_with(&format!(":{}", wanted.port())) {
            self.output.note(&format!("{wanted} is taken, so Bursar listens at {url}"));
        }
    }

    pub(super) fn ready(&self, url: &str, local: &LocalStripe, company: CompanyId, data: &Path) {
        let ready = json!({
            "type": "ready", "url": url, "sandbox": local.url, "account": local.account,
            "company": company, "data": data, "pid": std::process::id(),
        });
        self.output.event(&ready, |_| {
            format!(
                "Bursar   {url}\nsandbox  {}/_sandbox/  (account {})\ndata     {}\n",
                local.url,
                local.account,
                data.display()
            )
        });
    }

    pub(super) fn activated(&self, workflow: &Workflow) {
        let line = json!({ "type": "workflow", "workflow": workflow.key, "version": workflow.version, "status": workflow.status });
        self.output.event(&line, |_| {
            format!("checked and active: {} (version {})", workflow.name, workflow.version)
        });
    }

    pub(super) fn progress(&self, change: &Progress) {
        if self.output.json {
            self.output.line(&serde_json::to_value(change).unwrap_or_default().to_string());
            return;
        }
        match change {
            // What runs is done in a moment; only what comes of it is told.
            Progress::Step { status: StepStatus::Running, .. } => {}
            Progress::Step { run, workflow, step, status, stripe_request_id, why, .. } => {
                self.heading(&run.to_string(), workflow);
                let mark = self.mark(*status);
                let extra = why.as_deref().or(stripe_request_id.as_deref()).unwrap_or_default();
                self.output.line(&format!("  {mark} {:<12} {:<10} {extra}", step.as_str(), status.as_str()));
            }
            Progress::Run { run, workflow, status, .. }
                if status.is_final() || *status == RunStatus::Parked =>
            {
                self.output.line(&format!("  {workflow} {} ({run})", self.verdict(*status)));
            }
            Progress::Run { .. } => {}
        }
    }

    /// A run's first line.
    fn heading(&self, run: &str, workflow: &str) {
        let mut begun = self.begun.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if begun.insert(run.to_owned()) {
            self.output.line(&format!("\n{workflow}  {run}"));
        }
    }

    fn mark(&self, status: StepStatus) -> String {
        match status {
            StepStatus::Completed => self.output.paint("32", "✓"),
            StepStatus::Failed | StepStatus::Parked => self.output.paint("31", "✗"),
            StepStatus::Suspended => self.output.paint("33", "…"),
            StepStatus::Retrying => self.output.paint("33", "↻"),
            StepStatus::Skipped => "-".to_owned(),
            StepStatus::Pending | StepStatus::Running => "·".to_owned(),
        }
    }

    fn verdict(&self, status: RunStatus) -> String {
        self.output.paint(if status == RunStatus::Completed { "32;1" } else { "31;1" }, status.as_str())
    }

    pub(super) fn paid(&self, invoice: &str, object: &Value) {
        let line = json!({ "type": "payment", "invoice": invoice, "status": object["status"] });
        self.output
            .event(&line, |_| format!("  the customer pays {invoice} with a test card, at the sandbox"));
    }

    pub(super) fn not_paid(&self, invoice: &str, failure: &Failure) {
        self.output.note(&format!("  {invoice} was not paid again: {failure}"));
    }

    pub(super) fn done(&self, ok: bool) {
        self.output.event(&json!({ "type": "done", "ok": ok }), |_| {
            if ok {
                "\nboth example runs completed".to_owned()
            } else {
                "\nthe example runs did not complete".to_owned()
            }
        });
    }

    pub(super) fn things_to_try(&self, url: &str, data: &Path, examples: bool) {
        let place = match data.to_str() {
            Some("bursar-data") => String::new(),
            _ => format!(" --data {}", data.display()),
        };
        let second = if examples {
            format!(
                "bursar workflows run invoice-and-payment --input '{{\"email\": \"ada@example.com\", \"amount\": 4200}}' --watch{place}"
            )
        } else {
            format!("bursar actions show stripe.createInvoice{place}")
        };
        self.output.note(&format!(
            "\nThree things to try, in another terminal in this folder:\n\
             \x20 bursar call stripe.createCustomer --email ada@example.com{place}\n\
             \x20 {second}\n\
             \x20 bursar runs list{place}\n\
             (from a checkout: cargo run --release -- …)\n\
             The API is at {url}/api/v1, its key in server.json of the data folder. Stop with Ctrl-C."
        ));
    }
}
