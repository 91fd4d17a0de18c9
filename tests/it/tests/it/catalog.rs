//! Rules that hold for every action on its whole way: a new action is covered the day
//! it is listed, by its example, and fails here when that names a fixture that nobody
//! knows how to put in place.

use std::time::Duration;

use actions::{Action, Catalog, Effect, Reconcile};
use bursar_it::{Fixtures, TestApp, UNTOLD};
use calls::{Call, Class, Ended, Settled};
use connections::Wanted;
use model::{CallerKey, IdempotencyKey, Origin, StepPath};
use sandbox::{Fault, Ran};
use stripe::{
    PINNED,
    tables::{self, Type},
};

/// An application, and the call of an action's example on objects that are there.
struct Made {
    app: TestApp,
    action: &'static Action,
    call: Call,
    key: IdempotencyKey,
}

impl Made {
    async fn new(action: &'static Action) -> Self {
        let app = TestApp::new().await;
        let input = Fixtures::of(&app.sandbox).fill(action).await;
        let plan = Catalog.plan(action, &input, PINNED);
        let plan = plan.unwrap_or_else(|found| panic!("{} {input}: {found:#?}", action.name));
        let binding = app.app.connections.choose(app.setup.company, Wanted::Default).await.unwrap();
        let origin = Origin::Call { action: action.name.into(), key: CallerKey::parse("the call").unwrap() };
        let path = StepPath::direct();
        let key = IdempotencyKey::derive(&app.setup.company, &origin, &path, 0);
        let class = Class::Background;
        let call = Call { origin, run: None, path, generation: 0, binding, plan, class, watch: None };
        Self { app, action, call, key }
    }

    async fn make(&self) -> Ended {
        let made = self.app.app.caller.call(self.call.clone(), &mut |_, _| {}).await;
        made.unwrap_or_else(|error| panic!("{}: {error}", self.action.name))
    }

    /// The next request of this operation meets a fault.
    fn meets(&self, fault: Fault) {
        let operation = self.action.operation.resolve();
        self.app.sandbox.fault_at(fault, 1, Some(operation.method.as_str()), Some(&self.call.plan.path));
    }

    /// Sends the call, and stops waiting before anything can be found out.
    async fn make_and_leave(&self) {
        self.app.sandbox.fault_at(Fault::Reset, 1, Some("GET"), None);
        let mut nothing = |_: &Settled, _: &mut store::Unit| {};
        let call = self.app.app.caller.call(self.call.clone(), &mut nothing);
        let cut = tokio::time::timeout(Duration::from_millis(50), call).await;
        assert!(cut.is_err(), "{}: it is over already: {cut:?}", self.action.name);
    }

    /// Finishes what was left.
    async fn finish(&self) -> Settled {
        let ended = self.app.app.caller.finish_open(&self.key, &mut |_, _| {}).await;
        ended.unwrap_or_else(|error| panic!("{}: {error}", self.action.name)).settled
    }

    /// How often Stripe executed the call. Deletes have no key at Stripe, but only one
    /// request goes to their path with that verb.
    fn executed(&self) -> usize {
        if self.action.effect != Effect::Delete {
            return self.app.sandbox.executions(&self.key) as usize;
        }
        let journal = self.app.sandbox.journal();
        let ours = |entry: &&sandbox::JournalEntry| {
            entry.method == "DELETE" && entry.path == self.call.plan.path && entry.ran == Ran::Executed
        };
        journal.iter().filter(ours).filter(|entry| entry.status == 200 || entry.fault.is_some()).count()
    }

    fn is_done(&self, settled: &Settled) {
        let Settled::Done(answer) = settled else { panic!("{}: {settled:?}", self.action.name) };
        let operation = self.action.operation.resolve();
        let literal = match operation.response {
            Type::List(_) => Some("list"),
            Type::Object(name) => tables::object(name).and_then(|object| object.object),
            _ => None,
        };
        if let Some(literal) = literal {
            assert_eq!(answer.body["object"], literal, "{}", self.action.name);
        }
    }
}

fn writes() -> impl Iterator<Item = &'static Action> {
    Catalog.all().iter().copied().filter(|action| action.effect != Effect::Read)
}

/// Whether a write was done, or a person is shown the one object that it probably made:
/// of these no event of Stripe's tells who made them.
fn is_done_or_shown(made: &Made, settled: &Settled) {
    match settled {
        Settled::Parked(known) if UNTOLD.contains(&made.action.name) => {
            assert!(known.failure.message.contains("probably done"), "{}", known.failure.message);
        }
        settled => made.is_done(settled),
    }
}

/// Those that leave something at Stripe: a preview may be asked for as often as one likes.
fn lasting() -> impl Iterator<Item = &'static Action> {
    writes().filter(|action| action.reconcile != Reconcile::NothingChanges)
}

#[tokio::test(start_paused = true)]
async fn every_example_is_accepted() {
    for action in Catalog.all() {
        let made = Made::new(action).await;
        let ended = made.make().await;
        made.is_done(&ended.settled);
        assert_eq!(ended.key.is_some(), action.effect != Effect::Read, "{}", action.name);
    }
}

#[tokio::test(start_paused = true)]
async fn a_lost_answer_to_any_write_is_repeated_under_its_key_and_done_once() {
    for action in lasting() {
        for fault in [Fault::LostAnswer, Fault::Reset, Fault::Stored500AfterCommit, Fault::LockTimeout] {
            let made = Made::new(action).await;
            let name = fault.name();
            made.meets(fault);
            let ended = made.make().await;
            is_done_or_shown(&made, &ended.settled);
            assert_eq!(made.executed(), 1, "{} {name}", action.name);
            let journal = made.app.sandbox.journal();
            let met = journal.iter().filter(|entry| entry.fault.is_some()).count();
            assert_eq!(met, 1, "{}: no request met {name}", action.name);
            let asked = journal.len();
            let again = made.make().await;
            assert!(again.replayed && made.app.sandbox.journal().len() == asked, "{} {name}", action.name);
            is_done_or_shown(&made, &again.settled);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_write_that_was_done_is_found_a_day_later_and_not_done_again() {
    for action in lasting() {
        let made = Made::new(action).await;
        made.meets(Fault::LostAnswer);
        made.make_and_leave().await;
        tokio::time::sleep(Duration::from_secs(25 * 3600)).await;
        is_done_or_shown(&made, &made.finish().await);
        assert_eq!(made.executed(), 1, "{}", action.name);
    }
}

#[tokio::test(start_paused = true)]
async fn what_changes_nothing_is_asked_again_whatever_answer_was_lost_and_never_parked() {
    let previews = || writes().filter(|action| action.reconcile == Reconcile::NothingChanges);
    assert!(previews().count() > 0);
    for action in previews() {
        for fault in [Fault::LostAnswer, Fault::Reset, Fault::LockTimeout] {
            let made = Made::new(action).await;
            made.meets(fault);
            made.is_done(&made.make().await.settled);
        }
        let made = Made::new(action).await;
        made.meets(Fault::LostAnswer);
        made.make_and_leave().await;
        tokio::time::sleep(Duration::from_secs(25 * 3600)).await;
        made.is_done(&made.finish().await);
        // Stripe keeps its own failure under the key.
        let made = Made::new(action).await;
        made.meets(Fault::Stored500AfterCommit);
        let settled = made.make().await.settled;
        assert!(matches!(&settled, Settled::NotDone(_)), "{}: {settled:?}", action.name);
    }
}

#[tokio::test(start_paused = true)]
async fn a_write_that_was_not_done_is_never_taken_for_done() {
    for action in writes() {
        let made = Made::new(action).await;
        made.meets(Fault::Stored500);
        let settled = made.make().await.settled;
        match settled {
            // Nothing is kept of a delete, so it went out again.
            Settled::Done(_) => assert_eq!(action.effect, Effect::Delete, "{}", action.name),
            Settled::NotDone(failure) => {
                assert!(failure.message.contains("Nothing changed at Stripe."), "{}", action.name);
            }
            Settled::Rejected(error) => panic!("{}: Stripe did not say no: {error:?}", action.name),
            Settled::Parked(known) => {
                assert!(known.failure.message.contains("Nobody can find out"), "{}", action.name);
            }
        }
    }
}
