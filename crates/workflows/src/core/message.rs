//! What the core is told and what it asks for.

use model::{RunId, StepPath, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Decision, Resolution};

/// What the core is told, and when.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Input {
    /// The `now` of everything that this input causes.
    pub now: Timestamp,
    /// What happened.
    pub what: Happened,
}

/// What happened. Journaled as it is: replay feeds the same inputs in the same order.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Happened {
    /// The run begins. Never journaled: it follows from the run's row.
    Started {
        /// The run's input, defaults filled in.
        input: Value,
        /// Its context for templates: `run.id`, `run.mode`.
        run: Told,
    },
    /// A pure step was evaluated; its output.
    Evaluated {
        /// The step.
        path: StepPath,
        /// Its output, or why it could not be evaluated.
        result: Result<Value, StepError>,
    },
    /// A call ended.
    Called {
        /// The step, or its compensation.
        path: StepPath,
        /// Stripe's object, or why not.
        result: Result<Value, StepError>,
        /// Stripe's id of the answer, for people.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        stripe_request_id: Option<String>,
    },
    /// A timer fired.
    Fired {
        /// The step.
        path: StepPath,
    },
    /// An event passed the wait's index. The core evaluates the filter; an event
    /// that fails it changes nothing and causes no command.
    Matched {
        /// The step.
        path: StepPath,
        /// The whole event.
        event: Value,
    },
    /// A person said what became of a step that waits for that. Of any other step it
    /// changes nothing.
    Resolved {
        /// The step, or its compensation.
        path: StepPath,
        /// What became of it.
        resolution: Resolution,
        /// Who says so.
        decision: Decision,
    },
    /// A person wants the run to go on from where it stopped. Changes nothing where
    /// [`State::may_retry`](super::State::may_retry) says no.
    Retried {
        /// Who wants it.
        decision: Decision,
    },
    /// Somebody canceled the run. In journals it keeps the spelling of the first ones.
    #[serde(rename = "cancelled")]
    Canceled,
}

/// What a run knows of itself, `run.*` in templates.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "named for what they hold")]
pub struct Told {
    pub id: RunId,
    pub workflow: String,
    pub version: u32,
    pub mode: model::Mode,
}

/// What the core asks for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Command {
    /// A pure step was evaluated: journal the output and feed it back as `Evaluated`.
    Evaluated {
        /// The step.
        path: StepPath,
        /// Its output, or why it could not be evaluated.
        result: Result<Value, StepError>,
    },
    /// Perform an action; feed back `Called`.
    Call {
        /// The step, or its compensation.
        path: StepPath,
        /// Which deliberate attempt, from 0.
        generation: u32,
        /// The action's name.
        action: String,
        /// Its input, templates filled in.
        config: Value,
        /// The connection that the step or the document names.
        connection: Option<String>,
    },
    /// Fire at this time; feed back `Fired`.
    Sleep {
        /// The step.
        path: StepPath,
        /// When.
        until: Timestamp,
    },
    /// Wait for an event; feed back `Matched`, or `Fired` at `until`.
    Wait {
        /// The step.
        path: StepPath,
        /// Event types, exact.
        kinds: Vec<String>,
        /// The object id that the index looks for.
        object: String,
        /// The end of patience.
        until: Timestamp,
    },
    /// The timer and the wait of this step are not needed any more.
    Forget {
        /// The step.
        path: StepPath,
    },
    /// Stop until a person decides.
    Park {
        /// The step.
        path: StepPath,
        /// Why.
        why: StepError,
    },
    /// The run has completed.
    Done {
        /// Its output.
        output: Value,
    },
    /// The run has failed, or was canceled, after its compensations.
    Fail {
        /// Why.
        error: RunError,
    },
}

/// Why a step failed: a failure as every surface shows it, and what the core has to know of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct StepError {
    /// As shown.
    pub failure: model::Failure,
    /// Stripe created something although it refused: never tried again by `retry.on`.
    #[serde(default)]
    pub left_behind: bool,
    /// The outcome cannot be found out: the step is parked, not failed.
    #[serde(default)]
    pub parked: bool,
}

/// Why a run ended without completing.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RunError {
    /// The step at fault, when one is.
    pub step: Option<StepPath>,
    /// As shown.
    pub failure: model::Failure,
    /// Whether somebody canceled it.
    // In journals and their hashes it keeps the spelling of the first ones.
    #[serde(default, rename = "cancelled")]
    pub canceled: bool,
}
