//! The person who decides about runs that stand still, knowing the truth: Stripe's own
//! events say which keys took effect, and on which object.
//!
//! It tells the truth of every write and is else as people are: it names a wrong object
//! now and then, says things twice, and repeats itself until it has an answer.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::Duration,
};

use engine::{Decided, Known, Person, RunView, Say, StepView, Word};
use model::{Code, Failure, RunId, RunStatus};
use sandbox::Sandbox;
use serde_json::Value;
use store::{Page, RunFilter};

use super::{
    auditor::text,
    planted::Planted,
    world::{Incarnation, World},
};

/// How often a failed run is asked to go on, at most.
const RETRIES: u32 = 20;

/// Looks every few seconds, for ever.
pub(super) async fn watch_over(world: Arc<World>) {
    let mut rng = fastrand::Rng::with_seed(world.plan.seed ^ 0x9e12_50f1);
    let mut retries: BTreeMap<RunId, u32> = BTreeMap::new();
    loop {
        tokio::time::sleep(Duration::from_millis(rng.u64(500..=4_000))).await;
        let bursar = world.up().await;
        for run in standing(&world, &bursar).await {
            let Some(Ok(view)) = bursar.ask(bursar.app.driver.show(world.setup.company, run)).await else {
                continue;
            };
            let desk = Desk { world: &world, bursar: &bursar, run };
            let again = retries.entry(run).or_default();
            desk.decide(&view, &mut rng, again).await;
        }
    }
}

/// Runs that do not go on by themselves.
async fn standing(world: &World, bursar: &Incarnation) -> Vec<RunId> {
    let page = Page { limit: 100, after: None };
    let asked = bursar.ask(bursar.app.store.runs(world.setup.company, RunFilter::default(), page)).await;
    let Some(Ok(runs)) = asked else { return Vec::new() };
    let stands = |status| matches!(status, RunStatus::Parked | RunStatus::Failed);
    runs.rows.into_iter().filter(|run| stands(run.status)).map(|run| run.id).collect()
}

/// One run on the person's desk.
struct Desk<'a> {
    world: &'a World,
    bursar: &'a Incarnation,
    run: RunId,
}

impl Desk<'_> {
    async fn decide(&self, view: &RunView, rng: &mut fastrand::Rng, retries: &mut u32) {
        if let Some(step) = view.steps.iter().find(|step| step.known.is_some()) {
            self.about(step, rng).await;
        } else if view.ways.iter().any(|way| way.way == "retry") && *retries < RETRIES {
            *retries += 1;
            self.retry(&format!("again-{retries}")).await;
        }
    }

    async fn about(&self, step: &StepView, rng: &mut fastrand::Rng) {
        let Some(known) = &step.known else { return };
        if known.doubt == "undone" {
            return self.about_compensation(step, rng).await;
        }
        let effect = known.call.as_ref().and_then(|call| effect(&self.world.sandbox, &call.idempotency_key));
        let effect = effect.filter(|_| self.world.planted != Planted::LyingPerson);
        let say = match effect {
            None => Say { word: Word::NotDone, object: None },
            Some(object) => {
                let named = made(known) || rng.bool();
                if named && rng.u32(..4) == 0 {
                    self.name_a_wrong_one(step).await;
                }
                Say { word: Word::Done, object: named.then_some(object) }
            }
        };
        let note = note(step);
        let said = self.say(step, &say, &note).await;
        if rng.u32(..3) == 0 && matches!(said, Some(Ok(_))) {
            self.say_again(step, &say, &note).await;
        }
    }

    /// Stripe refuses to void a paid invoice: that is how it stays, or it was refunded.
    async fn about_compensation(&self, step: &StepView, rng: &mut fastrand::Rng) {
        let request = step.known.as_ref().and_then(|known| known.request.clone()).unwrap_or_default();
        let invoice = text(&request, "path").split('/').nth(3).unwrap_or_default();
        let status = self.world.sandbox.object(invoice).unwrap_or_default();
        if text(&status, "status") != "paid" {
            return self.retry(&note(step)).await;
        }
        let word = if rng.bool() { Word::Skip } else { Word::Done };
        self.say(step, &Say { word, object: None }, &note(step)).await;
    }

    async fn name_a_wrong_one(&self, step: &StepView) {
        let say = Say { word: Word::Done, object: Some("cus_wrong".into()) };
        match self.ask(step, &say, "a slip").await {
            Some(Ok(_)) => self.world.record.trouble(format!("{}: a wrong object was taken", self.run)),
            Some(Err(failure)) => self.world.record.decision(match failure.code {
                Code::ValidationError => "wrong object refused",
                _ => "not heard",
            }),
            None => {}
        }
    }

    async fn say(&self, step: &StepView, say: &Say, note: &str) -> Option<Result<Decided, Failure>> {
        let said = self.ask(step, say, note).await;
        match &said {
            Some(Ok(_)) => self.world.record.decision(say.word.as_str()),
            Some(Err(failure)) => self.unheard(failure),
            None => self.world.record.decision("not heard"),
        }
        if say.word == Word::NotDone {
            self.world.record.allow_another_key();
        }
        said
    }

    /// A copy of what was said, which must not count for anything else.
    async fn say_again(&self, step: &StepView, say: &Say, note: &str) {
        match self.ask(step, say, note).await {
            Some(Ok(decided)) if decided.repeated => self.world.record.decision("said twice"),
            Some(Ok(_)) => self.world.record.trouble(format!("{}: a copy was taken for new", self.run)),
            // Parked again meanwhile, or not to be heard.
            Some(Err(_)) | None => {}
        }
    }

    async fn retry(&self, key: &str) {
        let asked = self.bursar.app.driver.retry(self.world.setup.company, self.run, person("", Some(key)));
        self.world.record.allow_another_key();
        match self.bursar.ask(asked).await {
            Some(Ok(_)) => self.world.record.decision("retry"),
            Some(Err(failure)) => self.unheard(&failure),
            None => self.world.record.decision("not heard"),
        }
    }

    async fn ask(&self, step: &StepView, say: &Say, note: &str) -> Option<Result<Decided, Failure>> {
        let (company, path) = (self.world.setup.company, step.step.as_str());
        let driver = &self.bursar.app.driver;
        let asked = driver.resolve(company, self.run, path, say.clone(), person(note, None));
        self.bursar.ask(asked).await
    }

    /// Stripe could not be read, or something went on meanwhile: looked at again later.
    fn unheard(&self, failure: &Failure) {
        // What Stripe shows otherwise is not believed.
        let lies = self.world.planted == Planted::LyingPerson && failure.code == Code::Conflict;
        let harmless = lies
            || matches!(
                failure.code,
                Code::StoreUnavailable | Code::ConnectionUnreachable | Code::ApiError | Code::RateLimitError
            );
        if !harmless {
            self.world.record.trouble(format!("{} could not be decided: {failure:?}", self.run));
        }
        self.world.record.decision("not heard");
    }
}

/// Whose key decides.
pub(super) fn somebody() -> model::KeyId {
    "key_01900000000070008000000000000001".parse().expect("an id")
}

fn person(note: &str, key: Option<&str>) -> Person {
    Person { by: somebody(), note: note.into(), request_key: key.map(Into::into) }
}

/// Tells apart what is said of different attempts.
fn note(step: &StepView) -> String {
    let call = step.known.as_ref().and_then(|known| known.call.as_ref());
    format!("looked at attempt {}", call.map_or(0, |call| call.generation))
}

/// Whether the write makes an object, which then has to be named.
fn made(known: &Known) -> bool {
    let path = known.request.as_ref().map(|request| text(request, "path").to_owned()).unwrap_or_default();
    path.split('/').count() == 3
}

/// The object on which a key took effect, by Stripe's own record.
pub(super) fn effect(sandbox: &Sandbox, key: &str) -> Option<String> {
    let caused = |event: &Value| event["request"]["idempotency_key"] == key;
    let event = sandbox.events().into_iter().find(caused)?;
    event["data"]["object"]["id"].as_str().map(str::to_owned)
}

/// The keys that took effect.
pub(super) fn effective(sandbox: &Sandbox) -> BTreeSet<String> {
    let key = |event: Value| event["request"]["idempotency_key"].as_str().map(str::to_owned);
    sandbox.events().into_iter().filter_map(key).collect()
}
