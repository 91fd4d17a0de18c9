//! What people decide about runs: what became of a step, that a run go on, that one be
//! given up.
//!
//! A decision is made by whoever asks, not by the run's task, but in the run's place: as
//! long as it is being made nothing else moves the run. It is one unit: the settled
//! intent, the journal row that says who decided, and what follows. Before that unit
//! nothing has changed, and after it a repetition finds the row.

mod abandon;
mod refusals;
mod resolve;
mod retry;
mod visit;

use std::sync::Arc;

use model::{CompanyId, Failure, KeyId, RunId, StepPath, Timestamp};
use serde_json::{Value, json};
use store::{Audited, Run, Unit, Write};
use workflows::{Decision, Happened, Resolution};

use crate::{
    batch::Batch,
    driver::Driver,
    failures,
    inner::Inner,
    session::{Recorded, Session},
    trouble::Trouble,
};

pub(crate) use refusals::undrivable;

/// What a person says of a step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Say {
    /// What became of it.
    pub word: Word,
    /// Stripe's object that it made.
    pub object: Option<String>,
}

/// What became of a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Word {
    /// It is done.
    Done,
    /// It had no effect: it is sent once more, under a new key.
    NotDone,
    /// Of a compensation: it had no effect and shall have none.
    Skip,
}

impl Word {
    /// As surfaces write it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::NotDone => "not_done",
            Self::Skip => "skip",
        }
    }

    pub(crate) fn of(resolution: &Resolution) -> Self {
        match resolution {
            Resolution::Done { .. } => Self::Done,
            Resolution::NotDone => Self::NotDone,
            Resolution::Skipped => Self::Skip,
        }
    }
}

/// Who decides, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// The API key.
    pub by: KeyId,
    /// In their own words.
    pub note: String,
    /// The key of the request, if it has one: the same key is the same decision.
    pub request_key: Option<String>,
}

/// A decision on record.
#[derive(Debug, Clone, PartialEq)]
pub struct Decided {
    /// The run as it stands right after.
    pub run: Run,
    /// When it was decided.
    pub at: Timestamp,
    /// Whether it was on record before: nothing was done now.
    pub repeated: bool,
}

impl Driver {
    /// Says what became of a step that waits for that. The named object is read at
    /// Stripe and becomes the step's output; what Stripe shows otherwise is refused.
    /// Saying the same again is safe and gives the same answer.
    ///
    /// # Errors
    /// `not_found`; `validation_error` when the object cannot be it or is missing;
    /// `conflict` when nothing is to be said of the step, Stripe shows the opposite, or
    /// something else was said before; what keeps Stripe from being read;
    /// `store_unavailable`. Nothing was decided, but with the last it may have been.
    pub async fn resolve(
        &self,
        company: CompanyId,
        run: RunId,
        step: &str,
        say: Say,
        person: Person,
    ) -> Result<Decided, Failure> {
        let (inner, step) = (self.inner.clone(), step.to_owned());
        self.undisturbed(async move { resolve::perform(&inner, company, run, &step, say, person).await })
            .await
    }

    /// Lets a run go on that failed, was canceled or is parked: what is done is kept, and
    /// the step at which it stopped is begun anew under a new key, if it is known to have
    /// had no effect. Repeating it is safe under one request key.
    ///
    /// # Errors
    /// `not_found`; `conflict` with what has to be done instead; `store_unavailable`.
    pub async fn retry(&self, company: CompanyId, run: RunId, person: Person) -> Result<Decided, Failure> {
        let inner = self.inner.clone();
        self.undisturbed(async move { retry::perform(&inner, company, run, person).await }).await
    }

    /// Ends a run that cannot be driven any more, as it is: nothing is made up for, and
    /// what was done stays. Writes that were begun are settled first. An ended run stays
    /// as it is.
    ///
    /// # Errors
    /// `not_found`; `conflict` when the run can be driven; what keeps a begun write from
    /// being settled; `store_unavailable`.
    pub async fn abandon(&self, company: CompanyId, run: RunId, person: Person) -> Result<Run, Failure> {
        let inner = self.inner.clone();
        self.undisturbed(async move { abandon::perform(&inner, company, run, person).await }).await
    }

    /// Goes on although whoever asked has left; ends with the driver.
    async fn undisturbed<T: Send + 'static>(
        &self,
        deciding: impl Future<Output = Result<T, Failure>> + Send + 'static,
    ) -> Result<T, Failure> {
        let stop = self.inner.stop.clone();
        let task = self.inner.tracker.spawn(async move {
            tokio::select! {
                decided = deciding => decided,
                () = stop.cancelled() => Err(refusals::stopping()),
            }
        });
        task.await.unwrap_or_else(|_| Err(refusals::stopping()))
    }
}

/// A run's memory, for a decision about it.
async fn load(inner: &Inner, run: Run) -> Result<Session, Failure> {
    let id = run.id;
    let parked = run.status == model::RunStatus::Parked;
    Session::load(inner, run).await.map_err(|trouble| match trouble {
        Trouble::Park(why) if parked => undrivable(id, &why),
        Trouble::Park(why) | Trouble::Again(why) => why,
        Trouble::Fenced | Trouble::Stopped => failures::commit(&store::CommitError::Fenced),
    })
}

/// Commits a decision, its entry in the audit log and what follows from it in one unit.
async fn commit(
    inner: &Arc<Inner>,
    session: &mut Session,
    mut before: Vec<Write>,
    person: &Person,
    what: Happened,
) -> Result<Decided, Failure> {
    before.push(match &what {
        Happened::Resolved { path, resolution, decision } => {
            let said =
                json!({ "step": path, "as": Word::of(resolution).as_str(), "objectId": decision.object });
            audited(inner, &session.run, person, "run.resolved", said)
        }
        _ => audited(inner, &session.run, person, "run.retried", json!({})),
    });
    let at = inner.now();
    // Without a row the run may have been parked before its first unit, which is
    // repeated: its timers and waits are where they were.
    let mut batch =
        if session.seq == 0 { Batch::begin(session, inner.epoch) } else { Batch::of(session, inner.epoch) };
    batch.put(before);
    batch.feed(at, what);
    batch.feed_pure(at);
    let (writes, after) = batch.finish(at);
    inner.parts.store.commit(Unit::interactive(writes)).await.map_err(|e| failures::commit(&e))?;
    after.install(inner, session);
    Ok(Decided { run: session.run.clone(), at, repeated: false })
}

/// A decision's entry in the audit log.
fn audited(inner: &Inner, run: &Run, person: &Person, what: &str, mut details: Value) -> Write {
    details["note"] = json!(person.note);
    entry(inner, run, person.by, what, &details)
}

/// The entry of a cancel.
pub(crate) fn asked_to_stop(inner: &Inner, run: &Run, by: KeyId) -> Write {
    entry(inner, run, by, "run.canceled", &json!({}))
}

fn entry(inner: &Inner, run: &Run, by: KeyId, what: &str, details: &Value) -> Write {
    let moment = (inner.parts.clock.as_ref(), inner.parts.rng.as_ref());
    Audited::entry(moment, run.company, Some(by), what, (run.id.to_string(), details.to_string()))
}

/// What is put in the journal of who decided.
fn decision(person: &Person, object: Option<&String>) -> Decision {
    Decision {
        by: person.by.to_string(),
        note: person.note.clone(),
        object: object.cloned(),
        on_trust: false,
        key: person.request_key.clone(),
    }
}

/// The decision of this request, if it is on record. A key that brought another one is
/// refused.
fn of_request<'s>(
    session: &'s Session,
    person: &Person,
    same: impl Fn(&Recorded) -> bool,
) -> Result<Option<&'s Recorded>, Failure> {
    let Some(key) = &person.request_key else { return Ok(None) };
    match session.decisions.iter().find(|recorded| recorded.decision.key.as_ref() == Some(key)) {
        Some(recorded) if !same(recorded) => Err(refusals::other_request(recorded)),
        found => Ok(found),
    }
}

/// Whether a decision says this of this step.
fn says(recorded: &Recorded, step: &StepPath, say: &Say, note: &str) -> bool {
    let on_record = recorded.resolved.as_ref();
    on_record.is_some_and(|(path, word)| path == step && *word == say.word)
        && recorded.decision.object == say.object
        && recorded.decision.note == note
}
