//! Making a call of what the core asks for: the request from the catalog, secrets
//! filled in, and the connection that it goes out by.

use std::sync::Arc;

use actions::{Invalid, Plan};
use calls::{Call, Class, Watch};
use connections::Wanted;
use model::{Binding, Code, Failure, IdempotencyKey, StepPath, StepStatus};
use store::Intent;
use workflows::StepError;

use crate::{Progress, failures, inner::Inner, perform::Asked, rows, session::Session, trouble::Trouble};

/// What becomes of a call that cannot be prepared.
pub(crate) enum Unprepared {
    /// Nothing was sent: the step fails with this.
    Failed(Box<StepError>),
    /// It was sent before: whatever keeps it from being prepared now, its outcome
    /// has to be found out first.
    Begun(IdempotencyKey),
}

/// What a call that cannot be prepared means for its step.
pub(crate) async fn unprepared(
    inner: &Inner,
    session: &Session,
    asked: &Asked,
    failure: Failure,
) -> Result<Unprepared, Trouble> {
    match failure.code {
        Code::StoreUnavailable => return Err(Trouble::Again(failure)),
        // Ours to mend: no reason to fail the step and make up for others.
        Code::InternalError | Code::VaultKeyMissing => return Err(Trouble::Park(failure)),
        _ => {}
    }
    let key = IdempotencyKey::derive(&session.run.company, &session.origin(), &asked.path, asked.generation);
    Ok(match inner.parts.store.intent(&key).await? {
        Some(_) => Unprepared::Begun(key),
        None => Unprepared::Failed(Box::new(StepError { failure, left_behind: false, parked: false })),
    })
}

/// The call, checked and bound, ready to be made.
///
/// # Errors
/// Why it cannot be made; whether it was begun before is another question, which
/// [`unprepared`] answers.
pub(crate) async fn prepare(inner: &Arc<Inner>, session: &Session, asked: &Asked) -> Result<Call, Failure> {
    let binding = binding(inner, session, asked).await?;
    let plan = plan(inner, session, asked, &binding).await?;
    Ok(Call {
        origin: session.origin(),
        run: Some(session.run.id),
        path: asked.path.clone(),
        generation: asked.generation,
        binding,
        plan,
        class: Class::Background,
        watch: Some(watch(inner, session, &asked.path)),
    })
}

/// The request, under the version of the connection unless the step names one. Of a step
/// that was begun before, the stored bytes go out, whatever the connection says by now.
async fn plan(inner: &Inner, session: &Session, asked: &Asked, binding: &Binding) -> Result<Plan, Failure> {
    let (parts, run) = (&inner.parts, &session.run);
    let version = parts.connections.version(binding).await?;
    let names = session.program.secrets();
    let secrets = rows::open_secrets(&parts.store, &session.keyring, run.company, names).await?;
    let mut config = asked.config.clone();
    workflows::fill_secrets(&mut config, &mut |name| secrets.get(name).cloned())
        .map_err(|name| failures::secret_missing(&name))?;
    let entry = parts.catalog.entry(&asked.action).map_err(|unfound| unfound.to_failure())?;
    let prefix = format!("steps.{}.config.", asked.path);
    let plan = parts.catalog.plan(entry, &config, version).map_err(|found| {
        if names.is_empty() {
            return Invalid::to_failure(&found, entry, &prefix);
        }
        // Findings repeat values. They are told of the placeholders, never of what fills them.
        match parts.catalog.plan(entry, &asked.config, version) {
            Err(found) => Invalid::to_failure(&found, entry, &prefix),
            Ok(_) => failures::secret_does_not_fit(entry.name(), names),
        }
    })?;
    match plan.options.all {
        true => Err(failures::whole_listing(entry.name(), &prefix)),
        false => Ok(plan),
    }
}

/// The run's own connection, unless the step names another. What the document names
/// for all its steps was decided when the run was made; what a step names, when it was
/// first sent: a name can be given to another connection since.
async fn binding(inner: &Inner, session: &Session, asked: &Asked) -> Result<Binding, Failure> {
    let (parts, run) = (&inner.parts, &session.run);
    let name = match asked.connection.as_deref() {
        None => return Ok(run.binding.clone()),
        named if named == session.program.connection() => return Ok(run.binding.clone()),
        Some(name) => name,
    };
    let intents = parts.store.intents_of_run(run.id).await.map_err(|e| failures::read(&e))?;
    let Some(bound) = bound_before(&intents, &asked.path) else {
        return parts.connections.choose(run.company, Wanted::Named(name.to_owned())).await;
    };
    let there = parts.store.connection(run.company, bound.connection).await;
    match there.map_err(|e| failures::read(&e))? {
        Some(_) => Ok(bound.clone()),
        None => Err(failures::connection_gone(&asked.path, name, bound)),
    }
}

/// What a step is bound to by its first attempt, and a compensation by the step that it
/// makes up for: money goes back where it came from.
fn bound_before<'i>(intents: &'i [Intent], path: &StepPath) -> Option<&'i Binding> {
    let made_up_for = |intent: &&Intent| intent.path.compensation() == *path;
    let own = |intent: &&Intent| intent.path == *path;
    let last = intents.iter().filter(made_up_for).max_by_key(|intent| intent.generation);
    let found = last.or_else(|| intents.iter().filter(own).min_by_key(|intent| intent.generation));
    found.map(|intent| &intent.binding)
}

fn watch(inner: &Arc<Inner>, session: &Session, path: &StepPath) -> Watch {
    let (inner, path) = (Arc::downgrade(inner), path.clone());
    let (company, run, workflow) = (session.run.company, session.run.id, session.run.key.to_string());
    Arc::new(move |why: &Failure| {
        let Some(inner) = inner.upgrade() else { return };
        inner.tell(Progress::Step {
            company,
            run,
            workflow: workflow.clone(),
            step: path.clone(),
            status: StepStatus::Retrying,
            at: inner.now(),
            stripe_request_id: None,
            why: Some(why.message.clone()),
        });
    })
}
