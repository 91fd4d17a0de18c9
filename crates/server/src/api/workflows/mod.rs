//! `/workflows`: documents, their life, and starting runs.

pub(crate) mod activate;
pub(crate) mod archive;
pub(crate) mod check;
pub(crate) mod create;
pub(crate) mod list;
pub(crate) mod pause;
pub(crate) mod replace;
pub(crate) mod run;
pub(crate) mod show;
pub(crate) mod versions;

use engine::Pushed;
use model::WorkflowKey;
use serde_json::{Value, json};
use store::Workflow;
use workflows::{Program, Source, Trigger};

use crate::{
    Actor, App,
    answer::Answer,
    failure::{Refused, not_found},
    request::Id,
};

/// The workflow of an id or a key.
pub(super) async fn find(app: &App, actor: &Actor, id: &Id) -> Result<Workflow, Refused> {
    let found = match (id.0.parse(), WorkflowKey::parse(id.0.clone())) {
        (Ok(by_id), _) => app.store.workflow(actor.company, by_id).await?,
        (Err(_), Ok(key)) => app.store.workflow_by_key(actor.company, &key).await?,
        (Err(_), Err(_)) => None,
    };
    found.ok_or_else(|| not_found("workflow", &id.0))
}

/// Saves a document as the key of the caller allows: its runs act without anybody's
/// key, so whoever saves a step that can do everything needs the scope for that.
async fn push(app: &App, actor: &Actor, source: Source) -> Result<Pushed, Refused> {
    // A document that does not compile is refused by the push, with its findings.
    if let Ok((program, _)) = Program::compile(&source, &app.catalog)
        && program.actions().contains(&ANY_OPERATION)
    {
        actor.require(&["actions:raw"])?;
    }
    Ok(app.lifecycle.audited(actor.key).push(actor.company, source).await?)
}

/// The action with a scope of its own.
const ANY_OPERATION: &str = "stripe.request";

/// A workflow without its text.
fn view(workflow: &Workflow) -> Value {
    json!({
        "id": workflow.id,
        "key": workflow.key,
        "name": workflow.name,
        "status": workflow.status,
        "version": workflow.version,
        "activatedAt": workflow.activated_at,
        "createdAt": workflow.created_at,
        "updatedAt": workflow.updated_at,
    })
}

/// What starts a workflow, for people.
fn trigger(trigger: &Trigger) -> Value {
    match trigger {
        Trigger::Api => json!({ "type": "api" }),
        Trigger::Webhook { events, filter } => {
            json!({ "type": "webhook", "provider": "stripe", "events": events, "filtered": filter.is_some() })
        }
    }
}

/// What a push did: the workflow, and beside it what the checker says.
fn pushed(pushed: &Pushed) -> Answer {
    Answer::ok(view(&pushed.workflow)).meta(json!({
        "created": pushed.created,
        "changed": pushed.changed,
        "findings": pushed.findings,
    }))
}
