//! Saying what became of a step.

use std::sync::Arc;

use calls::Witness;
use model::{CompanyId, Failure, IdempotencyKey, RunId, StepPath};
use serde_json::Value;
use store::{Intent, IntentState, Write};
use workflows::{Decision, Doubt, Happened, Phase, Resolution, Undecided};

use super::{Decided, Person, Say, Word, commit, decision, load, of_request, refusals, says, visit};
use crate::{failures, inner::Inner, session::Session};

pub(super) async fn perform(
    inner: &Arc<Inner>,
    company: CompanyId,
    run: RunId,
    step: &str,
    say: Say,
    person: Person,
) -> Result<Decided, Failure> {
    let session = load(inner, visit::row(inner, company, run).await?).await?;
    let path = path(&session, step)?;
    // A run that has gone on is not waited for: a repetition reads what it said.
    if let Some(decided) = on_record(&session, &path, &say, &person)? {
        return Ok(decided);
    }
    let visit = visit::Visit::enter(inner, run).await;
    let mut session = load(inner, visit::row(inner, company, run).await?).await?;
    if let Some(decided) = on_record(&session, &path, &say, &person)? {
        return Ok(decided);
    }
    // Who came first may have said the same.
    let _visit = visit?;
    if session.run.status.is_final() && session.state.phase() != Phase::Ended {
        return Err(refusals::given_up(run));
    }
    let undecided = session.state.undecided(&session.program).filter(|undecided| undecided.path == path);
    let undecided = undecided.ok_or_else(|| refusals::not_parked(&session, &path))?;
    fits(&undecided, &say)?;
    let (resolution, settle, on_trust) = review(inner, &session, &undecided, &say).await?;
    let mut before = Vec::new();
    if session.run.status.is_final() {
        before.push(Write::Reopen { run, epoch: inner.epoch });
    }
    before.extend(settle);
    let decision = Decision { on_trust, ..decision(&person, say.object.as_ref()) };
    commit(inner, &mut session, before, &person, Happened::Resolved { path, resolution, decision }).await
}

/// The step of that name.
fn path(session: &Session, step: &str) -> Result<StepPath, Failure> {
    let steps = session.state.steps(&session.program);
    let known = steps.iter().find(|known| known.path.as_str() == step).map(|known| known.path.clone());
    known.ok_or_else(|| refusals::no_step(session.run.id, step, &steps))
}

/// What the same request, or the same words, led to before.
fn on_record(
    session: &Session,
    path: &StepPath,
    say: &Say,
    person: &Person,
) -> Result<Option<Decided>, Failure> {
    let same = |recorded: &crate::session::Recorded| says(recorded, path, say, &person.note);
    let found = |recorded: &crate::session::Recorded| {
        Ok(Some(Decided { run: session.run.clone(), at: recorded.at, repeated: true }))
    };
    if let Some(recorded) = of_request(session, person, same)? {
        return found(recorded);
    }
    let of_step =
        |recorded: &&crate::session::Recorded| recorded.resolved.as_ref().is_some_and(|(of, _)| of == path);
    let undecided = session.state.undecided(&session.program).is_some_and(|it| it.path == *path);
    let mut latest_first = session.decisions.iter().rev();
    if undecided {
        // Words without a key that were said of an earlier attempt may be a late copy.
        return match latest_first.find(|recorded| same(recorded)) {
            Some(recorded) if person.request_key.is_none() => Err(refusals::said_before(path, recorded)),
            _ => Ok(None),
        };
    }
    if let Some(recorded) = latest_first.find(|recorded| same(recorded)) {
        return found(recorded);
    }
    match session.decisions.iter().rev().find(of_step) {
        Some(recorded) => Err(refusals::decided_otherwise(path, recorded)),
        None => Err(refusals::not_parked(session, path)),
    }
}

/// Whether this can be said of such a step at all.
fn fits(undecided: &Undecided, say: &Say) -> Result<(), Failure> {
    match (say.word, &say.object) {
        (Word::NotDone | Word::Skip, Some(_)) => Err(refusals::object_of_nothing()),
        (Word::Skip, None) if !undecided.compensation => Err(refusals::no_skip(&undecided.path)),
        (Word::Done, Some(_)) if undecided.doubt == Doubt::Undone => Err(refusals::object_of_a_note()),
        _ => Ok(()),
    }
}

/// Holds what is said against Stripe: what the core is told, the write that settles the
/// intent in question, and whether the output is a person's word alone.
async fn review(
    inner: &Inner,
    session: &Session,
    undecided: &Undecided,
    say: &Say,
) -> Result<(Resolution, Option<Write>, bool), Failure> {
    if undecided.doubt == Doubt::Undone {
        let resolution = match say.word {
            Word::Done => Resolution::Done { output: Value::Null },
            Word::NotDone => Resolution::NotDone,
            Word::Skip => Resolution::Skipped,
        };
        return Ok((resolution, None, false));
    }
    let intent = intent(inner, session, undecided).await?;
    let (resolution, outcome, on_trust) = match say.word {
        Word::Done => {
            let (output, on_trust) =
                output(inner, session, undecided, intent.as_ref(), say.object.as_deref()).await?;
            (Resolution::Done { output: output.clone() }, Ok(output), on_trust)
        }
        Word::NotDone | Word::Skip => {
            if let Some(intent) = &intent {
                inner.parts.caller.review_not_done(intent).await?;
            }
            let resolution = if say.word == Word::Skip { Resolution::Skipped } else { Resolution::NotDone };
            (resolution, Err(refusals::decided_not_done(&undecided.path)), false)
        }
    };
    let settle = match intent {
        Some(intent) if !matches!(intent.state, IntentState::Settled(_)) => {
            Some(inner.parts.caller.settle_as_decided(&intent, outcome).await?)
        }
        _ => None,
    };
    Ok((resolution, settle, on_trust))
}

/// The step's output, which is Stripe's object unless nothing asks for it, and whether
/// it is a person's word alone.
async fn output(
    inner: &Inner,
    session: &Session,
    undecided: &Undecided,
    intent: Option<&Intent>,
    object: Option<&str>,
) -> Result<(Value, bool), Failure> {
    let review = async |object| match intent {
        Some(intent) => inner.parts.caller.review_done(intent, object).await,
        None => Ok(Witness::Nameless),
    };
    let kept = object.is_none().then(|| left_behind(undecided)).flatten();
    let shown = match (review(object).await?, kept) {
        // What Stripe kept of a refused write is named in its refusal.
        (Witness::Nameless, Some(kept)) => review(Some(kept)).await?,
        (shown, _) => shown,
    };
    if undecided.doubt == Doubt::LeftBehind {
        match &shown {
            Witness::Shown(object) if unfinished(object) => {
                return Err(refusals::still_refused(&undecided.path, object));
            }
            Witness::Nameless => return Err(refusals::object_to_hold(&undecided.path)),
            Witness::Shown(_) | Witness::Person(_) => {}
        }
    }
    match (shown, object) {
        (Witness::Shown(output), _) => Ok((output, false)),
        (Witness::Person(output), _) => Ok((output, true)),
        (Witness::Nameless, Some(_)) => Err(refusals::object_of_nothing()),
        (Witness::Nameless, None) if undecided.compensation => Ok((Value::Null, false)),
        (Witness::Nameless, None) => match session.program.use_of_output(&undecided.path) {
            Some(place) => Err(refusals::object_missing(&undecided.path, place)),
            None => Ok((Value::Null, false)),
        },
    }
}

/// The id of what Stripe kept of a write that it refused.
fn left_behind(undecided: &Undecided) -> Option<&str> {
    let stripe = undecided.why.failure.stripe.as_ref().filter(|_| undecided.doubt == Doubt::LeftBehind)?;
    ["payment_intent", "setup_intent", "subscription"].iter().find_map(|kind| stripe[kind]["id"].as_str())
}

/// Whether an object stands where a refusal leaves it: then nobody made up for that by
/// hand, and the step did not do what it is for (Stripe's API, PaymentIntent, Invoice,
/// Subscription, Charge: statuses).
fn unfinished(object: &Value) -> bool {
    let status = object["status"].as_str().unwrap_or_default();
    match object["object"].as_str() {
        Some("payment_intent" | "setup_intent") => {
            !matches!(status, "succeeded" | "processing" | "requires_capture")
        }
        Some("invoice") => status != "paid",
        Some("subscription") => matches!(status, "incomplete" | "incomplete_expired" | "canceled"),
        Some("charge" | "refund") => matches!(status, "failed" | "canceled"),
        _ => false,
    }
}

/// The record of the write in question.
async fn intent(inner: &Inner, session: &Session, undecided: &Undecided) -> Result<Option<Intent>, Failure> {
    let store = &inner.parts.store;
    if let Some(asked) = &undecided.asked {
        let (company, origin) = (&session.run.company, session.origin());
        let key = IdempotencyKey::derive(company, &origin, &undecided.path, asked.generation);
        return store.intent(&key).await.map_err(|e| failures::read(&e));
    }
    let intents = store.intents_of_run(session.run.id).await.map_err(|e| failures::read(&e))?;
    let of_step = intents.into_iter().filter(|intent| intent.path == undecided.path);
    Ok(of_step.max_by_key(|intent| intent.generation))
}
