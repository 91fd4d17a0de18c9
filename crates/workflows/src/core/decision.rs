//! What people decide about a run that does not go on by itself.
//!
//! A decision is an input like any other: journaled with who made it, and replayed.
//! What would surprise: the core believes it. Whether a decision fits what Stripe shows
//! is found out before the core is told.

use model::StepPath;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::StepError;

/// What a person says became of a step, or of a compensation.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Resolution {
    /// It is done.
    Done {
        /// Stripe's object, or null where nothing in the workflow asks for it.
        output: Value,
    },
    /// It surely had no effect: it is asked for once more, under the next key.
    NotDone,
    /// Of a compensation: it is not done and shall not be. What it would have made up
    /// for stays.
    Skipped,
}

/// Who decided, and why. Kept in the journal, for people.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decision {
    /// The API key, by id.
    pub by: String,
    /// In the person's own words; empty where none are asked for.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub note: String,
    /// The object that was named.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub object: Option<String>,
    /// Stripe has no way to show that object: the output is the person's word.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub on_trust: bool,
    /// The key of the request that brought it, by which a repetition is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
}

/// A step, or a compensation, of which a person has to say how it goes on.
#[derive(Debug, Clone, PartialEq)]
pub struct Undecided {
    /// Its path.
    pub path: StepPath,
    /// Whether it makes up for a step.
    pub compensation: bool,
    /// What is in doubt.
    pub doubt: Doubt,
    /// Why it stopped.
    pub why: StepError,
    /// What was asked for last; nothing when it could not be put together.
    pub asked: Option<Asked>,
    /// Whether the run was canceled and ends once this is decided.
    pub canceled: bool,
}

/// What is in doubt about a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Doubt {
    /// Whether it took effect.
    Outcome,
    /// Stripe refused it and kept something of it all the same.
    LeftBehind,
    /// Nothing: it had no effect. Of a compensation, which is owed all the same.
    Undone,
}

/// A call as the core asked for it, secrets as placeholders.
#[derive(Debug, Clone, PartialEq)]
pub struct Asked {
    /// Which deliberate attempt, from 0.
    pub generation: u32,
    /// The action's name.
    pub action: String,
    /// Its input.
    pub config: Value,
}

/// Why a run cannot be asked to go on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NoRetry {
    /// It has completed.
    Completed,
    /// It is going on as it is.
    Going,
    /// Whether this step took effect is not known; that has to be said first.
    Unknown(StepPath),
    /// Stripe kept something of this step; what became of it has to be said first.
    LeftBehind(StepPath),
    /// What this step did was made up for and cannot be kept.
    MadeUpFor(StepPath),
}
