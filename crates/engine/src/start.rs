//! Making runs: for a caller, and for an event.

use connections::Wanted;
use model::{Binding, Cause, Code, CompanyId, Failure, RunId, RunStatus, WorkflowId, WorkflowStatus};
use serde_json::Value;
use store::{CommitError, Effected, NewRun, Receipt, Run, RunInput, Workflow, Write};
use workflows::{CORE, Program};

use crate::{
    Start, Started, Triggered, driver::Driver, failures, inner::Inner, rows, session, trouble::Trouble,
};

impl Driver {
    /// Starts a run, or finds the one that this cause started, whatever has become of the
    /// workflow since. Safe to repeat.
    ///
    /// # Errors
    /// `not_found`, `workflow_not_active`, `validation_error` for the input,
    /// `connection_required`, `conflict` when the cause had another input or was for
    /// another account than the connection that is named now, `store_unavailable`. Nothing was started.
    pub async fn start(&self, start: Start) -> Result<Started, Failure> {
        let inner = &self.inner;
        let known = inner.parts.store.run_of_cause(start.company, start.workflow, &start.cause).await;
        if let Some(run) = known.map_err(|e| failures::read(&e))? {
            return repeated(inner, run, start).await;
        }
        let workflow = active(inner, start.company, start.workflow).await?;
        let program = inner.parts.programs.get(workflow.id, workflow.version).await?;
        let input = program.accept(start.input.clone())?;
        let binding =
            inner.parts.connections.choose(start.company, wanted(&program, start.connection.clone())).await?;
        check_secrets(inner, start.company, &program).await?;
        let new = given(inner, &workflow, start.cause.clone(), binding, &input).await?;
        let (id, existed) = commit(self, new.clone()).await?;
        if !existed {
            return Ok(Started { run: new, existed });
        }
        let run = inner.parts.store.run(id).await.map_err(|e| failures::read(&e))?;
        repeated(inner, run.ok_or_else(|| failures::not_found("run", id))?, start).await
    }

    /// The row of a run that an event starts, for the dispatcher's unit. Reads and
    /// checks, writes nothing. `None` when the document names a connection of another
    /// account or mode: then the event is not for it.
    ///
    /// # Errors
    /// `connection_required` and whatever else keeps the run from being made.
    pub async fn plan_event_run(
        &self,
        triggered: &Triggered,
        receipt: &Receipt,
    ) -> Result<Option<NewRun>, Failure> {
        let inner = &self.inner;
        let named = triggered.program.connection();
        if let Some(name) = named
            && elsewhere(inner, receipt, name).await?
        {
            return Ok(None);
        }
        let owner = Wanted::Owner {
            account: receipt.account.clone(),
            mode: receipt.mode,
            named: named.map(str::to_owned),
        };
        let binding = inner.parts.connections.choose(receipt.company, owner).await?;
        check_secrets(inner, receipt.company, &triggered.program).await?;
        let cause = Cause::Event(receipt.event.clone());
        Ok(Some(row(inner, &triggered.workflow, cause, binding, RunInput::Receipt(receipt.id))))
    }
}

async fn active(inner: &Inner, company: CompanyId, id: WorkflowId) -> Result<Workflow, Failure> {
    let workflow = inner.parts.store.workflow(company, id).await.map_err(|e| failures::read(&e))?;
    let workflow = workflow.ok_or_else(|| failures::not_found("workflow", id))?;
    if workflow.status == WorkflowStatus::Active {
        return Ok(workflow);
    }
    let text = format!(
        "The workflow `{}` is {}, and only active ones start runs. Nothing was started. Activate it with \
         `bursar workflows activate {}`.",
        workflow.key, workflow.status, workflow.key
    );
    Err(Failure::new(Code::WorkflowNotActive, text))
}

/// The caller's choice, else the document's, else the company's default.
fn wanted(program: &Program, asked: Wanted) -> Wanted {
    match (asked, program.connection()) {
        (Wanted::Default, Some(name)) => Wanted::Named(name.to_owned()),
        (asked, _) => asked,
    }
}

async fn check_secrets(inner: &Inner, company: CompanyId, program: &Program) -> Result<(), Failure> {
    for name in program.secrets() {
        let row = inner.parts.store.secret(company, name).await.map_err(|e| failures::read(&e))?;
        row.ok_or_else(|| failures::secret_missing(name))?;
    }
    Ok(())
}

/// Whether a named connection exists and belongs to another account or mode than
/// the event.
async fn elsewhere(inner: &Inner, receipt: &Receipt, name: &str) -> Result<bool, Failure> {
    let all = inner.parts.connections.list(receipt.company).await?;
    let named = all.iter().find(|row| row.name == name || row.id.to_string() == name);
    Ok(named.is_some_and(|row| row.account.as_ref() != Some(&receipt.account) || row.mode != receipt.mode))
}

async fn given(
    inner: &Inner,
    workflow: &Workflow,
    cause: Cause,
    binding: Binding,
    input: &Value,
) -> Result<Run, Failure> {
    let keyring = inner.parts.vault.keyring(workflow.company).await?;
    let placeholder = RunInput::Given(model::Sealed::from_ciphertext(Vec::new()));
    let mut run = row(inner, workflow, cause, binding, placeholder);
    run.input = RunInput::Given(rows::seal_json(&keyring, "runs", &rows::input_row(run.id), input));
    Ok(run)
}

fn row(inner: &Inner, workflow: &Workflow, cause: Cause, binding: Binding, input: RunInput) -> Run {
    Run {
        id: RunId::new(inner.parts.clock.as_ref(), inner.parts.rng.as_ref()),
        company: workflow.company,
        workflow: workflow.id,
        key: workflow.key.clone(),
        version: workflow.version,
        core: CORE,
        cause,
        binding,
        input,
        status: RunStatus::Pending,
        created_at: inner.now(),
        ended_at: None,
        result: None,
    }
}

/// The run of the cause, woken, and whether it existed.
async fn commit(driver: &Driver, run: Run) -> Result<(RunId, bool), Failure> {
    let id = run.id;
    let done = driver.inner.commit_and_wake(vec![Write::StartRun(run)], id).await;
    match done.map_err(|e| failures::commit(&e))?.into_iter().next() {
        Some(Effected::Started { run, existed }) => Ok((run, existed)),
        _ => Ok((id, false)),
    }
}

/// The run of a cause that is known, if it is asked for as it was then.
async fn repeated(inner: &Inner, run: Run, start: Start) -> Result<Started, Failure> {
    // A connection that is gone meanwhile says nothing of another account.
    if start.connection != Wanted::Default
        && let Ok(now) = inner.parts.connections.choose(start.company, start.connection).await
        && (&now.account, now.mode) != (&run.binding.account, run.binding.mode)
    {
        return Err(other_request(&run, "for another account or mode"));
    }
    same_input(inner, &run, start.input).await?;
    Ok(Started { run, existed: true })
}

/// A repeated cause has to come with the input that it came with first, as the
/// version that took it completes it.
async fn same_input(inner: &Inner, run: &Run, repeated: Value) -> Result<(), Failure> {
    let first =
        session::input(&inner.parts.store, &inner.parts.vault, run).await.map_err(
            |trouble| match trouble {
                Trouble::Again(failure) | Trouble::Park(failure) => failure,
                Trouble::Fenced | Trouble::Stopped => failures::commit(&CommitError::Fenced),
            },
        )?;
    let program = inner.parts.programs.get(run.workflow, run.version).await?;
    if program.accept(repeated)? == first {
        return Ok(());
    }
    Err(other_request(run, "with another input"))
}

/// The key belongs to a run that was asked for otherwise.
fn other_request(run: &Run, how: &str) -> Failure {
    let text = format!(
        "The key was used before {how}; it started {}. Nothing was started now. Use a new key for a new run, or \
         the first request again to get that run.",
        run.id
    );
    Failure::new(Code::Conflict, text).with_details(serde_json::json!({ "runId": run.id }))
}
