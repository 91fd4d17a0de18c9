//! The ways out of where a run stands, for people and programs: what can be said or
//! asked, by which command, and what it does.
//!
//! Every reason for which a run stops has at least one; the text of its failure names
//! them, so that nobody has to know them.

use model::{Code, Failure, Retry, RunId, StepPath};
use serde::Serialize;
use serde_json::json;
use store::Run;
use workflows::{Doubt, Phase, Undecided};

use crate::{decide::Word, session::Session};

/// One way out.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Way {
    /// `resolve`, `retry`, `cancel` or `abandon`.
    pub way: &'static str,
    /// Of `resolve`: the step.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub step: Option<StepPath>,
    /// Of `resolve`: `done`, `not_done` or `skip`.
    #[serde(rename = "as", skip_serializing_if = "Option::is_none")]
    pub word: Option<&'static str>,
    /// What to type.
    pub command: String,
    /// When it is the right one, and what it does.
    pub does: String,
}

impl Way {
    fn new(way: &'static str, command: String, does: impl Into<String>) -> Self {
        Self { way, step: None, word: None, command, does: does.into() }
    }

    fn retry(run: RunId, does: impl Into<String>) -> Self {
        Self::new("retry", format!("bursar runs retry {run}"), does)
    }

    fn cancel(run: RunId, does: &str) -> Self {
        Self::new("cancel", format!("bursar runs cancel {run}"), does)
    }

    fn resolve(run: RunId, path: &StepPath, word: Word, object: bool, does: String) -> Self {
        let said = match word {
            Word::Skip => "not_done --skip",
            other => other.as_str(),
        };
        let object = if object { " --object ID" } else { "" };
        let command = format!("bursar runs resolve {run} {path} --as {said}{object} --note TEXT");
        Self { step: Some(path.clone()), word: Some(word.as_str()), ..Self::new("resolve", command, does) }
    }
}

/// The ways out for a run that stands still; none for one that goes on or has completed.
pub(crate) fn of(run: &Run, session: &Session, undecided: Option<&Undecided>) -> Vec<Way> {
    if run.status.is_final() && session.state.phase() != Phase::Ended {
        // It was given up.
        return Vec::new();
    }
    if let Some(undecided) = undecided {
        return of_step(session, undecided);
    }
    let parked = run.status == model::RunStatus::Parked;
    if parked && session.state.phase() != Phase::Parked {
        return vec![
            Way::retry(run.id, "looks again and goes on where it was"),
            Way::cancel(run.id, "ends the run and makes up for what it completed"),
        ];
    }
    if run.status.is_final() {
        let again = session.state.may_retry(&session.program);
        return again
            .map(|()| Way::retry(run.id, "keeps what is done and goes on from there"))
            .into_iter()
            .collect();
    }
    Vec::new()
}

/// The ways out for a parked run that cannot be driven.
pub(crate) fn of_undrivable(run: RunId) -> Vec<Way> {
    let abandon = format!("bursar runs cancel {run} --abandon --note TEXT");
    vec![
        Way::retry(run, "looks again, once the cause is gone"),
        Way::new("abandon", abandon, "ends the run as it is; nothing is made up for"),
    ]
}

fn of_step(session: &Session, undecided: &Undecided) -> Vec<Way> {
    let (run, path) = (session.run.id, &undecided.path);
    let resolve = |word, object, does: &str| Way::resolve(run, path, word, object, does.to_owned());
    let skip =
        || resolve(Word::Skip, false, "leaves it undone: what it would have made up for stays at Stripe");
    let again = "if it had no effect: it is sent once more, under a new key";
    match (undecided.doubt, undecided.compensation) {
        (Doubt::Undone, _) => vec![
            Way::retry(run, "tries it once more, under a new key"),
            resolve(Word::Done, false, "if it was taken care of by hand: the run goes on"),
            skip(),
        ],
        (_, true) => vec![
            resolve(Word::Done, false, "if it took effect: the run goes on"),
            resolve(Word::NotDone, false, again),
            skip(),
        ],
        (_, false) => {
            let object = session.makes_what_is_asked_for(path);
            let not_done = if undecided.canceled {
                "if it had no effect: it is not sent again, and the run ends"
            } else {
                again
            };
            let done = if object {
                "if it took effect: the object of that id becomes the step's output, and the run goes on"
            } else {
                "if it took effect: the run goes on"
            };
            vec![resolve(Word::Done, object, done), resolve(Word::NotDone, false, not_done)]
        }
    }
}

/// Why a parked run stands still, with what to do about it.
pub(crate) fn explained(
    undecided: Option<&Undecided>,
    kept: Option<Failure>,
    ways: &[Way],
) -> Option<Failure> {
    let Some(undecided) = undecided else {
        let why = kept?;
        return Some(Failure { message: format!("{} {}", why.message, advice(ways)), ..why });
    };
    let (path, why) = (&undecided.path, &undecided.why.failure);
    let said = why.message.trim_end();
    let what = match (undecided.doubt, undecided.compensation) {
        (Doubt::Outcome, _) => said.to_owned(),
        (Doubt::LeftBehind, _) => format!("Stripe refused `{path}` and kept something of it: {said}"),
        (Doubt::Undone, _) => format!("`{path}` could not be made, and what it makes up for stands: {said}"),
    };
    let canceled = match undecided.canceled && !undecided.compensation {
        true => " The run is canceled: once this is decided, it makes up for what it completed and ends.",
        false => "",
    };
    let message = format!("{what}{canceled} {}", advice(ways));
    let details = json!({ "step": path, "cause": why.code, "known": why.details });
    let failure = Failure::new(Code::Parked, message).with_details(details).retry(Retry::Ask);
    Some(Failure { stripe: why.stripe.clone(), ..failure })
}

fn advice(ways: &[Way]) -> String {
    let each: Vec<_> = ways.iter().map(|way| format!("`{}` {}", way.command, way.does)).collect();
    if each.is_empty() { String::new() } else { format!("What you can do: {}.", each.join("; ")) }
}
