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
use workflows::Trigger;

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
