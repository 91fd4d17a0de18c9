//! Why a decision is not taken, and the words that decisions leave on record.

use model::{Code, Failure, Retry, RunId, StepPath};
use serde_json::{Value, json};
use store::{Intent, IntentState};
use workflows::{NoRetry, StepState};

use super::Person;
use crate::session::{Recorded, Session};

const NOTHING: &str = "Nothing was decided and nothing changed at Stripe.";

fn conflict(text: String) -> Failure {
    Failure::new(Code::Conflict, text)
}

fn invalid(field: &str, text: String) -> Failure {
    Failure::new(Code::ValidationError, text).at(field)
}

pub(super) fn stopping() -> Failure {
    let text = "The process is stopping, and whether the decision was stored is not known. Nothing new was sent to \
                Stripe. Say the same again once it is back; that is safe.";
    Failure::new(Code::StoreUnavailable, text).retry(Retry::SameKey)
}

pub(super) fn going(run: RunId) -> Failure {
    conflict(format!(
        "{run} goes on by itself, and nothing of it waits for a person. {NOTHING} Follow it with `bursar runs watch \
         {run}`."
    ))
}

pub(super) fn no_step(run: RunId, step: &str, steps: &[StepState]) -> Failure {
    let step: String = step.chars().take(64).collect();
    let known = steps.iter().map(|step| format!("`{}`", step.path)).collect::<Vec<_>>().join(", ");
    let text = format!("There is no step `{step}` in {run}. {NOTHING} Its steps are {known}.");
    Failure::new(Code::NotFound, text)
}

/// Stripe still shows what it showed when it refused.
pub(super) fn still_refused(path: &StepPath, object: &Value) -> Failure {
    let (kind, id) = (object["object"].as_str().unwrap_or("object"), object["id"].as_str().unwrap_or("?"));
    let status = object["status"].as_str().unwrap_or("unknown");
    conflict(format!(
        "Stripe refused `{path}`, and {kind} {id} is still {status}: it was not done. {NOTHING} See that it goes well at \
         Stripe and say so then, or say `--as not_done`."
    ))
}

/// A write that was refused is done only if an object shows it.
pub(super) fn object_to_hold(path: &StepPath) -> Failure {
    invalid(
        "objectId",
        format!(
            "Stripe refused `{path}`, and only an object at Stripe can show that it went well after all. {NOTHING} Name \
             it with `--object ID`."
        ),
    )
}

/// Nothing is to be said of this step; if another one waits for a word, it is named.
pub(super) fn not_parked(session: &Session, path: &StepPath) -> Failure {
    let run = session.run.id;
    let steps = session.state.steps(&session.program);
    let status = steps.iter().find(|step| step.path == *path).map_or("pending", |step| step.status.as_str());
    let advice = match session.state.undecided(&session.program) {
        Some(undecided) => format!("What waits for a word is `{}`.", undecided.path),
        None => format!("Look at it with `bursar runs show {run}`."),
    };
    conflict(format!(
        "The step `{path}` of {run} is {status}, and nothing about it is in doubt. {NOTHING} {advice}"
    ))
}

pub(super) fn decided_otherwise(path: &StepPath, recorded: &Recorded) -> Failure {
    let word = recorded.resolved.as_ref().map_or("retried", |(_, word)| word.as_str());
    conflict(format!(
        "What became of `{path}` was decided at {} by {}: {word} (\"{}\"). A decision stays. {NOTHING} Look at the run \
         for what followed.",
        recorded.at, recorded.decision.by, recorded.decision.note
    ))
}

pub(super) fn said_before(path: &StepPath, recorded: &Recorded) -> Failure {
    conflict(format!(
        "The very same was said of an earlier attempt of `{path}`, at {}. Since then it was sent again and is parked \
         again. {NOTHING} Look at the new attempt, then say so under an `Idempotency-Key` of its own or with \
         another note.",
        recorded.at
    ))
}

pub(super) fn other_request(recorded: &Recorded) -> Failure {
    let text = format!(
        "This idempotency key brought another decision, at {}. {NOTHING} Use a new key for a new decision, or repeat \
         the former one exactly.",
        recorded.at
    );
    conflict(text).at("Idempotency-Key")
}

pub(super) fn object_of_nothing() -> Failure {
    let text = format!(
        "`objectId` names what a write made, and here is none that was made. {NOTHING} Leave it out."
    );
    invalid("objectId", text)
}

pub(super) fn object_of_a_note() -> Failure {
    let text = format!(
        "Stripe has refused this compensation, so it has no object of its own. {NOTHING} Leave `objectId` out, and \
         say in the note how it was taken care of."
    );
    invalid("objectId", text)
}

pub(super) fn no_skip(path: &StepPath) -> Failure {
    let text = format!(
        "`{path}` is a step, and only a compensation can be skipped: later steps count on it. {NOTHING} To end the \
         run instead, cancel it first and then say `not_done`; it is not sent again then."
    );
    invalid("skip", text)
}

pub(super) fn object_missing(path: &StepPath, place: &str) -> Failure {
    let text = format!(
        "`{place}` asks for what `{path}` made. {NOTHING} Give the id of that object, as Stripe's dashboard shows it."
    );
    invalid("objectId", text)
}

/// What stands in the intent of a write of which a person says that it was not done.
pub(super) fn decided_not_done(path: &StepPath) -> Failure {
    let text = format!(
        "Nobody could find out by machine what became of `{path}`, and a person decided that it had no effect. It is \
         not sent again under this key. The run's decisions say who decided and why."
    );
    Failure::new(Code::Parked, text)
}

pub(super) fn no_retry(session: &Session, why: &NoRetry) -> Failure {
    let run = session.run.id;
    let text = match why {
        NoRetry::Completed => {
            format!(
                "{run} has completed; nothing of it is left to be done. {NOTHING} Start another run for another."
            )
        }
        NoRetry::Going => return going(run),
        NoRetry::Unknown(path) => format!(
            "Whether `{path}` took effect is not known, and sending it again could do it twice. {NOTHING} Say first \
             what became of it: `bursar runs resolve {run} {path} --as done` or `--as not_done`."
        ),
        NoRetry::LeftBehind(path) => format!(
            "Stripe refused `{path}` and kept something of it all the same, so it is not simply sent again. {NOTHING} \
             Look at what it kept, and say what became of it: `bursar runs resolve {run} {path} --as done` or \
             `--as not_done`."
        ),
        NoRetry::MadeUpFor(path) => format!(
            "What `{path}` did was made up for when {run} failed, and what is undone cannot be kept. {NOTHING} Start \
             another run, under a new key."
        ),
    };
    conflict(text)
}

pub(super) fn given_up(run: RunId) -> Failure {
    conflict(format!(
        "{run} was given up because it could not be driven, and stays ended. {NOTHING} Start another run for what it \
         left undone."
    ))
}

/// Why nothing can be decided about a run that cannot be driven, and the two ways out.
pub(crate) fn undrivable(run: RunId, why: &Failure) -> Failure {
    let text = format!(
        "{} Once the cause is gone, `bursar runs retry {run}` goes on. If it cannot be mended, `bursar runs cancel \
         {run} --abandon --note TEXT` ends the run as it is.",
        why.message
    );
    Failure { code: Code::Parked, message: text, retry: Retry::Ask, ..why.clone() }
}

pub(super) fn can_be_driven(run: RunId) -> Failure {
    conflict(format!(
        "{run} can be driven, so it is not given up: what it completed would not be made up for. {NOTHING} Use \
         `bursar runs cancel {run}`."
    ))
}

pub(super) fn not_settled(intent: &Intent, why: &str) -> Failure {
    let text = format!(
        "The run was not given up, because it has sent `{}` and the outcome is not known yet: {why}. It may have been \
         done, and is not done twice. Try again later.",
        intent.path
    );
    Failure::new(Code::OutcomeUnknown, text).retry(Retry::SameKey)
}

/// Why a given-up run ended: what kept it from being driven, who gave it up, and what
/// it leaves.
pub(super) fn abandoned(why: &Failure, person: &Person, left: &[Intent]) -> Failure {
    let unknown: Vec<_> =
        left.iter().filter(|intent| matches!(intent.state, IntentState::Parked(_))).map(describe).collect();
    let unknown = match unknown.as_slice() {
        [] => String::new(),
        some => format!(" Whether these took effect is not known: {}.", some.join(", ")),
    };
    let text = format!(
        "The run was given up by {} (\"{}\"), because it could not be driven: {} Nothing was made up for; what it had \
         done stays done at Stripe.{unknown} Its calls tell what it sent.",
        person.by, person.note, why.message
    );
    Failure::new(Code::WorkflowFailed, text).with_details(json!({ "by": person.by, "note": person.note }))
}

fn describe(intent: &Intent) -> String {
    format!("`{}` ({}, key {})", intent.path, intent.action, intent.key)
}
