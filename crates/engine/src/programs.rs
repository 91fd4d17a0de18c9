//! Compiled documents, and which of them an event could start.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use actions::Catalog;
use model::{Code, CompanyId, Failure, Retry, WorkflowId, WorkflowStatus};
use store::{Store, Workflow};
use tokio::time::Instant;
use workflows::{Program, Source, Trigger};

use crate::failures;

/// How long a commit that nobody waited for may still be on its way.
const IN_FLIGHT: Duration = Duration::from_secs(60);

/// Most compiled versions that are kept; the longest unused goes first.
const KEPT: usize = 512;

/// Compiled programs by workflow and version, and a company's active triggers. Shared;
/// the lifecycle refreshes it in the same breath as it commits.
#[derive(Clone)]
pub struct Programs {
    inner: Arc<Inner>,
}

struct Inner {
    store: Store,
    kept: Mutex<Kept>,
    active: Mutex<Active>,
}

#[derive(Default)]
struct Kept {
    programs: HashMap<(WorkflowId, u32), (Arc<Program>, u64)>,
    used: u64,
}

#[derive(Default)]
struct Active {
    companies: HashMap<CompanyId, Arc<Listening>>,
    /// Rises with every refresh, so that a list read before one is not kept after it.
    refreshed: u64,
    /// Until when a change may be committed that nobody will refresh after.
    unseen: HashMap<CompanyId, Instant>,
}

/// What events of a company can start.
#[derive(Debug, Default)]
pub struct Listening {
    /// The active workflows with webhook triggers.
    pub triggered: Vec<Triggered>,
    /// Why active ones are not among them: they do not compile with this release. One
    /// of them may want any event, so none is done with; the others are started.
    pub broken: Vec<Failure>,
}

/// An active workflow with its program.
#[derive(Debug, Clone)]
#[expect(missing_docs, reason = "named for what they are")]
pub struct Triggered {
    pub workflow: Workflow,
    pub program: Arc<Program>,
}

impl Programs {
    /// Over this store; compiles when asked.
    pub fn new(store: Store) -> Self {
        Self { inner: Arc::new(Inner { store, kept: Mutex::default(), active: Mutex::default() }) }
    }

    /// The program of a version. Versions never change, so it is kept.
    ///
    /// # Errors
    /// `not_found`; `store_unavailable`; `internal_error` when a stored document does
    /// not compile any more.
    pub async fn get(&self, workflow: WorkflowId, version: u32) -> Result<Arc<Program>, Failure> {
        if let Some(program) = self.inner.kept().take(workflow, version) {
            return Ok(program);
        }
        let row = self.inner.store.workflow_version(workflow, version).await;
        let row = row.map_err(|e| failures::read(&e))?;
        let row =
            row.ok_or_else(|| failures::not_found("workflow version", format!("{workflow}/{version}")))?;
        let source = Source { text: row.source, name: format!("{workflow} version {version}") };
        let (program, _) =
            Program::compile(&source, &Catalog).map_err(|found| stale(workflow, version, &found))?;
        let program = Arc::new(program);
        self.inner.kept().put(workflow, version, program.clone());
        Ok(program)
    }

    /// A company's active workflows with webhook triggers.
    ///
    /// # Errors
    /// `store_unavailable`.
    pub async fn active(&self, company: CompanyId) -> Result<Arc<Listening>, Failure> {
        let refreshed = {
            let active = self.inner.active();
            if let Some(known) = active.companies.get(&company) {
                return Ok(known.clone());
            }
            active.refreshed
        };
        let listening = Arc::new(self.listening(company).await?);
        let mut active = self.inner.active();
        if active.refreshed == refreshed && !active.may_change_unseen(company) {
            active.companies.insert(company, listening.clone());
        }
        Ok(listening)
    }

    /// Forgets which of a company's workflows are active once the change is over, also
    /// when whoever makes it is dropped meanwhile.
    pub(crate) fn changing(&self, company: CompanyId) -> Changing<'_> {
        Changing { programs: self, company, seen: false }
    }

    async fn listening(&self, company: CompanyId) -> Result<Listening, Failure> {
        let workflows = self.inner.store.workflows(company).await.map_err(|e| failures::read(&e))?;
        let mut listening = Listening::default();
        for workflow in workflows.into_iter().filter(|w| w.status == WorkflowStatus::Active) {
            match self.get(workflow.id, workflow.version).await {
                Ok(program) if matches!(program.trigger(), Trigger::Webhook { .. }) => {
                    listening.triggered.push(Triggered { workflow, program });
                }
                Ok(_) => {}
                Err(failure) if failure.code == Code::StoreUnavailable => return Err(failure),
                Err(failure) => listening.broken.push(failure),
            }
        }
        Ok(listening)
    }
}

/// A change of a company's workflows under way.
pub(crate) struct Changing<'a> {
    programs: &'a Programs,
    company: CompanyId,
    seen: bool,
}

impl Changing<'_> {
    /// The commit's answer has come.
    pub(crate) fn over(mut self) {
        self.seen = true;
    }
}

impl Drop for Changing<'_> {
    fn drop(&mut self) {
        let mut active = self.programs.inner.active();
        active.refreshed += 1;
        active.companies.remove(&self.company);
        if !self.seen {
            // A request that was given up: its unit may be committed after this.
            active.unseen.insert(self.company, Instant::now() + IN_FLIGHT);
        }
    }
}

impl Active {
    fn may_change_unseen(&mut self, company: CompanyId) -> bool {
        let now = Instant::now();
        self.unseen.retain(|_, until| now < *until);
        self.unseen.contains_key(&company)
    }
}

impl Inner {
    fn kept(&self) -> std::sync::MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn active(&self) -> std::sync::MutexGuard<'_, Active> {
        self.active.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Kept {
    fn take(&mut self, workflow: WorkflowId, version: u32) -> Option<Arc<Program>> {
        self.used += 1;
        let now = self.used;
        let (program, used) = self.programs.get_mut(&(workflow, version))?;
        *used = now;
        Some(program.clone())
    }

    fn put(&mut self, workflow: WorkflowId, version: u32, program: Arc<Program>) {
        self.used += 1;
        self.programs.insert((workflow, version), (program, self.used));
        if self.programs.len() > KEPT {
            let oldest = self.programs.iter().min_by_key(|(_, (_, used))| *used).map(|(key, _)| *key);
            oldest.and_then(|key| self.programs.remove(&key));
        }
    }
}

fn stale(workflow: WorkflowId, version: u32, found: &[workflows::Finding]) -> Failure {
    let first = found.first().map_or("no finding", |finding| finding.message.as_str());
    let text = format!(
        "Version {version} of {workflow} does not compile with this Bursar: {first}. Nothing was sent to Stripe. \
         Save the document again, or run the version of Bursar that took it."
    );
    Failure::new(Code::InternalError, text)
        .with_details(serde_json::json!({ "findings": found }))
        .retry(Retry::Ask)
}
