//! The demo: "Invoice and payment" from its start to "Thank the customer".

use std::collections::BTreeSet;

use connections::Wanted;
use engine::{Progress, RunView, Start};
use model::{CallerKey, Cause, Code, Failure, RunId, RunStatus, StepStatus, WorkflowKey};
use serde_json::json;
use store::Workflow;
use tokio::sync::broadcast::{Receiver, error::RecvError};
use workflows::Source;

use crate::{client::fresh_key, dev::report::Report, node::Node, stripe_side::LocalStripe};

/// The example workflows, as they stand in `workflows/`.
const EXAMPLES: [(&str, &str); 2] = [
    ("invoice-and-payment.yaml", include_str!("../../../../workflows/invoice-and-payment.yaml")),
    ("thank-the-customer.yaml", include_str!("../../../../workflows/thank-the-customer.yaml")),
];

/// The keys of the two examples.
const INVOICE: &str = "invoice-and-payment";
const THANKS: &str = "thank-the-customer";

pub(super) struct Demo<'a> {
    pub(super) node: &'a Node,
    pub(super) local: &'a LocalStripe,
    pub(super) report: &'a Report,
}

impl Demo<'_> {
    /// Checks, pushes and activates the examples, resumes what an earlier start left,
    /// runs the first, pays, and follows both runs to their end. Says whether both completed.
    pub(super) async fn perform(&self) -> Result<bool, Failure> {
        let mut progress = self.node.app.driver.subscribe();
        let mut invoice = None;
        for (name, text) in EXAMPLES {
            let workflow = self.activate(name, text).await?;
            if workflow.key.as_str() == INVOICE {
                invoice = Some(workflow);
            }
        }
        let workflow = invoice
            .ok_or_else(|| Failure::new(Code::InternalError, "The example workflow has another key."))?;
        let mut paid = BTreeSet::new();
        self.pay_waiting(&mut paid).await?;
        let run = self.start(&workflow).await?;
        self.follow(run, &mut progress, &mut paid).await
    }

    async fn activate(&self, name: &str, text: &str) -> Result<Workflow, Failure> {
        let (company, app) = (self.node.company, &self.node.app);
        let source = Source { text: text.to_owned(), name: name.to_owned() };
        let pushed = app.lifecycle.push(company, source).await?;
        let workflow = app.lifecycle.activate(company, pushed.workflow.id).await?;
        self.report.activated(&workflow);
        Ok(workflow)
    }

    async fn start(&self, workflow: &Workflow) -> Result<RunId, Failure> {
        let key = CallerKey::parse(fresh_key("dev"))
            .map_err(|e| Failure::new(Code::InternalError, e.to_string()))?;
        let start = Start {
            company: self.node.company,
            workflow: workflow.id,
            cause: Cause::Caller(key),
            input: json!({ "email": "ada@example.com", "amount": 1999 }),
            connection: Wanted::Named("local".into()),
        };
        Ok(self.node.app.driver.start(start).await?.run.id)
    }

    /// Follows the demo's run and the one that its event starts.
    async fn follow(
        &self,
        run: RunId,
        progress: &mut Receiver<Progress>,
        paid: &mut BTreeSet<RunId>,
    ) -> Result<bool, Failure> {
        loop {
            match tokio::time::timeout(std::time::Duration::from_secs(1), progress.recv()).await {
                Ok(Ok(change)) => self.report.progress(&change),
                Ok(Err(RecvError::Closed)) => return Ok(false),
                // Some were missed, or nothing came for a while: the runs themselves tell.
                Ok(Err(RecvError::Lagged(_))) | Err(_) => {}
            }
            // What has happened is told before what follows from it.
            self.drain(progress);
            self.pay(run, paid).await?;
            let first = self.show(run).await?;
            let second = self.thanks(&first).await?;
            let second = second.map_or(RunStatus::Pending, |view| view.status);
            let both_done = first.status == RunStatus::Completed && second == RunStatus::Completed;
            if both_done || ended_badly(first.status) || ended_badly(second) {
                self.drain(progress);
                return Ok(both_done);
            }
        }
    }

    /// Reports what has happened and not been told yet.
    fn drain(&self, progress: &mut Receiver<Progress>) {
        while let Ok(change) = progress.try_recv() {
            self.report.progress(&change);
        }
    }

    async fn show(&self, run: RunId) -> Result<RunView, Failure> {
        self.node.app.driver.show(self.node.company, run).await
    }

    /// The run of the second example that the first one's event started.
    async fn thanks(&self, first: &RunView) -> Result<Option<RunView>, Failure> {
        let Some(invoice) = invoice_of(first) else {
            return Ok(None);
        };
        for run in self.runs_of(THANKS).await? {
            let view = self.show(run).await?;
            if view.input["data"]["object"]["id"] == invoice.as_str() {
                return Ok(Some(view));
            }
        }
        Ok(None)
    }

    /// The newest runs of a workflow.
    async fn runs_of(&self, key: &str) -> Result<Vec<RunId>, Failure> {
        let unavailable = |e: store::ReadError| {
            Failure::new(Code::StoreUnavailable, format!("The database cannot be read: {e}."))
        };
        let key = WorkflowKey::parse(key).map_err(|e| Failure::new(Code::InternalError, e.to_string()))?;
        let store = &self.node.app.store;
        let Some(workflow) = store.workflow_by_key(self.node.company, &key).await.map_err(unavailable)?
        else {
            return Ok(vec![]);
        };
        let filter = store::RunFilter { workflow: Some(workflow.id), status: None };
        let page = store::Page { limit: 20, after: None };
        let runs = store.runs(self.node.company, filter, page).await.map_err(unavailable)?;
        Ok(runs.rows.into_iter().map(|run| run.id).collect())
    }

    /// Pays the invoices of all example runs that wait for it, such as those that an
    /// earlier start left behind.
    async fn pay_waiting(&self, paid: &mut BTreeSet<RunId>) -> Result<(), Failure> {
        for run in self.runs_of(INVOICE).await? {
            self.pay(run, paid).await?;
        }
        Ok(())
    }

    /// Pays a run's invoice once its run waits for that.
    async fn pay(&self, run: RunId, paid: &mut BTreeSet<RunId>) -> Result<(), Failure> {
        if paid.contains(&run) {
            return Ok(());
        }
        let view = self.show(run).await?;
        let waits = view.steps.iter().any(|s| s.step.as_str() == "paid" && s.status == StepStatus::Suspended);
        let invoice = invoice_of(&view);
        let (true, Some(invoice)) = (waits && view.status == RunStatus::Suspended, invoice) else {
            return Ok(());
        };
        paid.insert(run);
        match self.local.pay(&invoice).await {
            Ok(object) => self.report.paid(&invoice, &object),
            // Paid before a restart, or voided: the event tells.
            Err(failure) => self.report.not_paid(&invoice, &failure),
        }
        Ok(())
    }

    /// Keeps being the customer of the examples until something breaks.
    pub(super) async fn keep_paying(&self) -> Failure {
        let mut progress = self.node.app.driver.subscribe();
        let mut paid = BTreeSet::new();
        loop {
            match progress.recv().await {
                Ok(change) => {
                    self.report.progress(&change);
                    let Progress::Run { run, workflow, status: RunStatus::Suspended, .. } = change else {
                        continue;
                    };
                    if workflow != INVOICE {
                        continue;
                    }
                    if let Err(failure) = self.pay(run, &mut paid).await {
                        return failure;
                    }
                }
                Err(RecvError::Lagged(_)) => {}
                Err(RecvError::Closed) => {
                    return Failure::new(Code::InternalError, "The driver has stopped.");
                }
            }
        }
    }
}

/// The invoice that the first example has made.
fn invoice_of(view: &RunView) -> Option<String> {
    let made = view.steps.iter().find(|step| step.step.as_str() == "invoice")?;
    made.output.as_ref()?["id"].as_str().map(str::to_owned)
}

/// Whether a run has ended, or stopped, without completing.
fn ended_badly(status: RunStatus) -> bool {
    status == RunStatus::Parked || (status.is_final() && status != RunStatus::Completed)
}
