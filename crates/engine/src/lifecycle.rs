//! The life of a workflow: `draft → active ⇄ paused`, any `→ archived`.

use std::sync::Arc;

use actions::Catalog;
use connections::{Connections, Wanted};
use model::{Clock, Code, CompanyId, Failure, KeyId, Rng, WorkflowId, WorkflowKey, WorkflowStatus};
use serde_json::json;
use store::{Audited, CommitError, Refusal, Store, Unit, Workflow, WorkflowVersion, Write};
use workflows::{Finding, Program, Source};

use crate::{Programs, failures, rows};

/// What a push did.
#[derive(Debug, Clone)]
pub struct Pushed {
    /// The workflow as it is now.
    pub workflow: Workflow,
    /// Whether it is new.
    pub created: bool,
    /// Whether the document differs from the version before.
    pub changed: bool,
    /// Warnings of the checker.
    pub findings: Vec<Finding>,
}

/// Saves, activates, pauses and archives workflows.
#[derive(Clone)]
pub struct Lifecycle {
    inner: Arc<Inner>,
    /// Whose changes these are.
    by: Option<KeyId>,
}

struct Inner {
    store: Store,
    programs: Programs,
    connections: Connections,
    catalog: Catalog,
    clock: Arc<dyn Clock>,
    rng: Arc<dyn Rng>,
}

/// How often a push begins again when another push of the key was faster.
const TRIES: u32 = 4;

impl Lifecycle {
    /// Over these parts.
    pub fn new(
        store: Store,
        programs: Programs,
        connections: Connections,
        catalog: Catalog,
        clock: Arc<dyn Clock>,
        rng: Arc<dyn Rng>,
    ) -> Self {
        Self { inner: Arc::new(Inner { store, programs, connections, catalog, clock, rng }), by: None }
    }

    /// The same workflows. What is changed through these is entered in the company's audit
    /// log, in the unit of the change.
    #[must_use]
    pub fn audited(&self, by: KeyId) -> Self {
        Self { inner: self.inner.clone(), by: Some(by) }
    }

    /// Checks a document and saves it under its key: a new draft, or a new version
    /// of the workflow with that key when the document differs. Saving an active
    /// workflow makes the new version current at once; runs keep theirs. Safe to repeat.
    ///
    /// # Errors
    /// `validation_error` with `details.findings`; `conflict` when the key belongs to
    /// an archived workflow; `connection_required` when an active one would lose its
    /// connection. Nothing was saved.
    pub async fn push(&self, company: CompanyId, source: Source) -> Result<Pushed, Failure> {
        let (program, findings) =
            Program::compile(&source, &self.inner.catalog).map_err(|found| unsound(&source, &found))?;
        for _ in 1..TRIES {
            match self.inner.save(company, &program, &source, &findings, self.by).await {
                Err(Unsaved::Overtaken) => {}
                Err(Unsaved::Failed(failure)) => return Err(*failure),
                Ok(pushed) => return Ok(pushed),
            }
        }
        let text = "Others keep saving this workflow. Nothing was saved. Look at its newest version, then save again.";
        Err(Failure::new(Code::Conflict, text))
    }

    /// Makes a workflow active, from now on: earlier events start nothing. An active
    /// one stays as it is.
    ///
    /// # Errors
    /// `not_found`; `conflict` for an archived one; `connection_required`.
    pub async fn activate(&self, company: CompanyId, id: WorkflowId) -> Result<Workflow, Failure> {
        let workflow = self.inner.open(company, id).await?;
        if workflow.status == WorkflowStatus::Active {
            return Ok(workflow);
        }
        let program = self.inner.programs.get(id, workflow.version).await?;
        self.inner.check_connection(company, &program).await?;
        self.inner.set(workflow, WorkflowStatus::Active, self.by).await
    }

    /// Pauses an active workflow; its runs go on.
    ///
    /// # Errors
    /// `not_found`; `conflict` for a draft or an archived one.
    pub async fn pause(&self, company: CompanyId, id: WorkflowId) -> Result<Workflow, Failure> {
        let workflow = self.inner.open(company, id).await?;
        match workflow.status {
            WorkflowStatus::Active => self.inner.set(workflow, WorkflowStatus::Paused, self.by).await,
            WorkflowStatus::Draft => {
                let text = format!("`{}` is a draft and starts nothing yet. Nothing changed.", workflow.key);
                Err(Failure::new(Code::Conflict, text))
            }
            WorkflowStatus::Paused | WorkflowStatus::Archived => Ok(workflow),
        }
    }

    /// Archives a workflow for good; its runs go on. Safe to repeat.
    ///
    /// # Errors
    /// `not_found`.
    pub async fn archive(&self, company: CompanyId, id: WorkflowId) -> Result<Workflow, Failure> {
        let workflow = self.inner.find(company, id).await?;
        if workflow.status == WorkflowStatus::Archived {
            return Ok(workflow);
        }
        self.inner.set(workflow, WorkflowStatus::Archived, self.by).await
    }
}

/// Why a document was not saved.
enum Unsaved {
    /// Another save of the key came first: look again.
    Overtaken,
    Failed(Box<Failure>),
}

impl From<Failure> for Unsaved {
    fn from(failure: Failure) -> Self {
        Self::Failed(Box::new(failure))
    }
}

impl Inner {
    async fn save(
        &self,
        company: CompanyId,
        program: &Program,
        source: &Source,
        findings: &[Finding],
        by: Option<KeyId>,
    ) -> Result<Pushed, Unsaved> {
        let known =
            self.store.workflow_by_key(company, program.key()).await.map_err(|e| failures::read(&e))?;
        let created = known.is_none();
        let (workflow, version) = match known {
            None => self.first(company, program, source),
            Some(known) => match self.next(known, program, source).await? {
                (workflow, Some(version)) => (workflow, version),
                (workflow, None) => {
                    return Ok(Pushed { workflow, created, changed: false, findings: findings.to_vec() });
                }
            },
        };
        let save = Write::SaveWorkflow { workflow: workflow.clone(), version: Some(version) };
        let mut unit = Unit::interactive(vec![save]);
        unit.writes.extend(self.entry(&workflow, by, "workflow.saved"));
        let change = self.programs.changing(company);
        let done = self.store.commit(unit).await;
        change.over();
        match done {
            Ok(_) => Ok(Pushed { workflow, created, changed: true, findings: findings.to_vec() }),
            Err(CommitError::Refused { why: Refusal::Conflict, .. }) => Err(Unsaved::Overtaken),
            Err(error) => Err(failures::commit(&error).into()),
        }
    }

    fn first(&self, company: CompanyId, program: &Program, source: &Source) -> (Workflow, WorkflowVersion) {
        let now = rows::stored(self.clock.now());
        let workflow = Workflow {
            id: WorkflowId::new(self.clock.as_ref(), self.rng.as_ref()),
            company,
            key: program.key().clone(),
            name: program.name().to_owned(),
            status: WorkflowStatus::Draft,
            version: 1,
            activated_at: None,
            created_at: now,
            updated_at: now,
        };
        let version = version(&workflow, program, source);
        (workflow, version)
    }

    /// The workflow with the document as its next version, or without one when the
    /// document is the current version already.
    async fn next(
        &self,
        mut workflow: Workflow,
        program: &Program,
        source: &Source,
    ) -> Result<(Workflow, Option<WorkflowVersion>), Failure> {
        if workflow.status == WorkflowStatus::Archived {
            return Err(archived(&workflow.key));
        }
        let versions = self.store.workflow_versions(workflow.id).await.map_err(|e| failures::read(&e))?;
        let current = versions.iter().find(|row| row.version == workflow.version);
        if current.is_some_and(|row| row.model_hash == program.model_hash()) {
            return Ok((workflow, None));
        }
        if workflow.status == WorkflowStatus::Active {
            self.check_connection(workflow.company, program).await?;
        }
        workflow.version = versions.first().map_or(workflow.version, |newest| newest.version) + 1;
        workflow.name = program.name().to_owned();
        workflow.updated_at = rows::stored(self.clock.now());
        let version = version(&workflow, program, source);
        Ok((workflow, Some(version)))
    }

    async fn check_connection(&self, company: CompanyId, program: &Program) -> Result<(), Failure> {
        if let Some(name) = program.connection() {
            self.connections.choose(company, Wanted::Named(name.to_owned())).await?;
        }
        Ok(())
    }

    async fn find(&self, company: CompanyId, id: WorkflowId) -> Result<Workflow, Failure> {
        let found = self.store.workflow(company, id).await.map_err(|e| failures::read(&e))?;
        found.ok_or_else(|| failures::not_found("workflow", id))
    }

    /// The workflow, unless it is archived.
    async fn open(&self, company: CompanyId, id: WorkflowId) -> Result<Workflow, Failure> {
        let workflow = self.find(company, id).await?;
        match workflow.status {
            WorkflowStatus::Archived => Err(archived(&workflow.key)),
            _ => Ok(workflow),
        }
    }

    async fn set(
        &self,
        mut workflow: Workflow,
        status: WorkflowStatus,
        by: Option<KeyId>,
    ) -> Result<Workflow, Failure> {
        let now = rows::stored(self.clock.now());
        if status == WorkflowStatus::Active {
            workflow.activated_at = Some(now);
        }
        (workflow.status, workflow.updated_at) = (status, now);
        let set = Write::SetWorkflow {
            workflow: workflow.id,
            status,
            activated_at: workflow.activated_at,
            version: workflow.version,
            at: now,
        };
        let what = match status {
            WorkflowStatus::Archived => "workflow.archived",
            WorkflowStatus::Paused => "workflow.paused",
            WorkflowStatus::Active | WorkflowStatus::Draft => "workflow.activated",
        };
        let mut unit = Unit::interactive(vec![set]);
        unit.writes.extend(self.entry(&workflow, by, what));
        // Whatever becomes of the commit, what was known may be wrong then.
        let change = self.programs.changing(workflow.company);
        let done = self.store.commit(unit).await;
        change.over();
        done.map_err(|e| failures::commit(&e))?;
        Ok(workflow)
    }
}

impl Inner {
    /// The audit log's entry of a change that somebody asked for.
    fn entry(&self, workflow: &Workflow, by: Option<KeyId>, what: &str) -> Option<Write> {
        let details = json!({ "key": workflow.key, "version": workflow.version });
        let about = (workflow.id.to_string(), details.to_string());
        by?;
        Some(Audited::entry((&*self.clock, &*self.rng), workflow.company, by, what, about))
    }
}

fn version(workflow: &Workflow, program: &Program, source: &Source) -> WorkflowVersion {
    WorkflowVersion {
        workflow: workflow.id,
        version: workflow.version,
        source: source.text.clone(),
        model_hash: program.model_hash().to_owned(),
        created_at: workflow.updated_at,
    }
}

fn archived(key: &WorkflowKey) -> Failure {
    let text = format!(
        "The workflow `{key}` is archived for good. Nothing changed. Save the document under another `key`, \
         because the old one is part of the idempotency keys of its runs."
    );
    Failure::new(Code::Conflict, text)
}

fn unsound(source: &Source, found: &[Finding]) -> Failure {
    let first = found.iter().find(|finding| finding.severity == workflows::Severity::Error).or(found.first());
    let text = match first {
        Some(finding) => format!(
            "{}:{}:{}: {}. Nothing was saved.{}",
            source.name,
            finding.line,
            finding.column,
            finding.message.trim_end_matches('.'),
            finding.fix.as_deref().map(|fix| format!(" {}.", fix.trim_end_matches('.'))).unwrap_or_default()
        ),
        None => format!("{} cannot be understood. Nothing was saved.", source.name),
    };
    let failure =
        Failure::new(Code::ValidationError, text).with_details(serde_json::json!({ "findings": found }));
    match first {
        Some(finding) if !finding.path.is_empty() => failure.at(finding.path.clone()),
        _ => failure,
    }
}
