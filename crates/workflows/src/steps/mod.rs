//! Step types, one file each.

pub(crate) mod action;
mod common;
pub(crate) mod wait;

use model::StepPath;

use crate::document::Fields;
use crate::duration::Span;
use crate::notation::{Findings, Node, cut};
use crate::template::{Template, Templated};

pub(crate) use action::ActionStep;
pub(crate) use wait::WaitStep;

/// One step of a document.
#[derive(Debug, Clone)]
pub(crate) struct Step {
    /// Unique in the document; its path, since steps do not nest yet.
    pub id: String,
    pub path: StepPath,
    /// Where the document has it, `steps[0]`.
    pub place: String,
    /// Skip unless it holds.
    pub when: Option<When>,
    pub on_error: OnError,
    pub does: Does,
}

/// A condition.
#[derive(Debug, Clone)]
pub(crate) enum When {
    Literal(bool),
    Template(Template),
}

/// What a failed step does to its run.
#[derive(Debug, Clone)]
pub(crate) enum OnError {
    Fail,
    /// The run goes on with this as the step's output.
    Continue(Templated),
}

/// What a step does.
#[derive(Debug, Clone)]
#[expect(clippy::large_enum_variant, reason = "there is one of it at a time; a box would save nothing")]
pub(crate) enum Does {
    Action(ActionStep),
    Wait(WaitStep),
}

/// Step types of the language that this version does not run.
const LATER: &[&str] =
    &["condition", "switch", "transform", "approval", "loop", "parallel", "workflow", "http", "fail", "stop"];

impl Step {
    /// Its type or action, for people.
    pub fn kind(&self) -> &str {
        match &self.does {
            Does::Action(action) => &action.action,
            Does::Wait(_) => "wait",
        }
    }

    /// Every template of it but those of its compensation.
    pub fn templates(&self) -> Vec<&Template> {
        let mut all = Vec::new();
        if let Some(When::Template(template)) = &self.when {
            all.push(template);
        }
        match &self.does {
            Does::Action(action) => action.config.templates(&mut all),
            Does::Wait(WaitStep::Until(template)) => all.push(template),
            Does::Wait(WaitStep::Event(event)) => all.extend(&event.templates),
            Does::Wait(WaitStep::For(_)) => {}
        }
        if let OnError::Continue(fallback) = &self.on_error {
            fallback.templates(&mut all);
        }
        all
    }
}

/// When and how often a failed call is tried again.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Retry {
    pub attempts_max: u32,
    pub initial: Span,
    pub max: Span,
    pub multiplier: u32,
    /// Codes that are tried again although their own class says no.
    pub on: Vec<model::Code>,
}

impl Default for Retry {
    fn default() -> Self {
        Self {
            attempts_max: 3,
            initial: Span { ms: 1_000 },
            max: Span { ms: 30_000 },
            multiplier: 2,
            on: Vec::new(),
        }
    }
}

/// Reads a step.
pub(crate) fn read(node: &Node, path: &str, found: &mut Findings<'_>) -> Option<Step> {
    let fields = Fields::of(node, path, "a step", found)?;
    let id = common::id(&fields, node, found);
    let does = match kind(&fields, node, found)? {
        "action" => action::read(&fields, found).map(Does::Action),
        _ => wait::read(&fields, node, found).map(Does::Wait),
    };
    let when = common::when(&fields, found);
    let on_error = common::on_error(&fields, found);
    let id = id?;
    let step_path = StepPath::parse(id.clone()).ok()?;
    Some(Step { id, path: step_path, place: path.to_owned(), when, on_error, does: does? })
}

/// The type: `action` when it is left out and an action is given.
fn kind(fields: &Fields<'_>, node: &Node, found: &mut Findings<'_>) -> Option<&'static str> {
    const FIX: &str = "steps are `action: stripe.…` or `type: wait`";
    if fields.get("type").is_none() {
        if fields.get("action").is_some() {
            return Some("action");
        }
        let waits = ["for", "until", "event"].iter().any(|name| fields.get(name).is_some());
        let fix = if waits { "add `type: wait`" } else { FIX };
        let message = "the step says neither `action` nor `type`";
        found.error(node.start, "missing_field", fields.path("type"), message, Some(fix.into()));
        return None;
    }
    match fields.text("type", found)? {
        "action" => Some("action"),
        "wait" => Some("wait"),
        later if LATER.contains(&later) => {
            let message = format!("steps of type `{later}` are not supported yet in this version");
            found.error(
                node.place_of("type"),
                "not_supported",
                fields.path("type"),
                message,
                Some(FIX.into()),
            );
            None
        }
        other => {
            let message = format!("there is no step type `{}`", cut(other));
            let fix = crate::check::did_you_mean(other, ["action", "wait"]).unwrap_or_else(|| FIX.into());
            found.error(node.place_of("type"), "unknown_step_type", fields.path("type"), message, Some(fix));
            None
        }
    }
}
