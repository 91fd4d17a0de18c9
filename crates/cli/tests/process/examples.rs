//! The example of every action, over the command line, over HTTP and in a step of a
//! workflow: in three worlds made alike the three give the same object.

use actions::{Action, Catalog, Effect};
use bursar_it::{Fixtures, TestApp, surfaces::Surfaces};
use futures_util::{StreamExt as _, stream};
use model::RunStatus;
use sandbox::{Fault, JournalEntry, Ran};
use serde_json::{Value, json};

use crate::server::{Served, standing};

/// What asks, in every world.
const KEY: &str = "the example";

async fn world(action: &Action) -> (Surfaces, Value) {
    let surfaces = Surfaces::of(TestApp::under(standing()).await).await;
    let input = Fixtures::of(&surfaces.app.sandbox).fill(action).await;
    (surfaces, input)
}

async fn over_http(action: &Action) -> Value {
    let (surfaces, input) = world(action).await;
    let answer = surfaces.http(action.name, KEY, &input).await;
    assert_eq!(answer.status, 200, "{}: {:#}", action.name, answer.body);
    answer.body["data"].clone()
}

async fn in_a_step(action: &Action) -> Value {
    let (surfaces, input) = world(action).await;
    let run = surfaces.run_written(action, KEY, &input).await;
    assert_eq!(run.status, RunStatus::Completed, "{}: {run:#?}", action.name);
    run.steps[0].output.clone().expect("a completed step has an output")
}

async fn on_the_command_line(action: &Action) -> Value {
    let (surfaces, input) = world(action).await;
    let served = Served::of(surfaces).await;
    let input = input.to_string();
    let mut arguments = vec!["call", action.name, "--json", "--input", &input];
    if action.effect != Effect::Read {
        arguments.extend(["--key", KEY]);
    }
    let printed = served.run(&arguments).await;
    assert_eq!(printed.exit, 0, "{}: {printed:#?}", action.name);
    printed.json()["data"].clone()
}

/// What a step gives of an answer: of a list its rows and whether there are more.
fn of_a_step(answer: &Value) -> Value {
    match answer["object"].as_str() {
        Some("list") => json!({ "data": answer["data"], "has_more": answer["has_more"] }),
        _ => answer.clone(),
    }
}

/// How many worlds stand at a time.
const AT_ONCE: usize = 4;

#[tokio::test]
async fn every_example_gives_the_same_on_the_command_line_over_http_and_in_a_step() {
    let same = |action: &'static Action| async move {
        let (http, step) = (over_http(action).await, in_a_step(action).await);
        assert_eq!(on_the_command_line(action).await, http, "{}", action.name);
        assert_eq!(step, of_a_step(&http), "{}", action.name);
    };
    let actions = Catalog.all().iter().copied();
    stream::iter(actions).map(same).buffer_unordered(AT_ONCE).collect::<Vec<_>>().await;
}

/// The first answer is lost on its way from Stripe; what is repeated with the key is
/// what was done.
async fn is_done_once(action: &'static Action) {
    let (surfaces, input) = world(action).await;
    let served = Served::of(surfaces).await;
    let sandbox = &served.surfaces.app.sandbox;
    let input = input.to_string();
    let arguments = ["call", action.name, "--json", "--input", &input, "--key", KEY];
    let before = sandbox.journal().len();
    sandbox.fault(Fault::LostAnswer, 1);
    let first = served.run(&arguments).await;
    let asked = sandbox.journal().len();
    let again = served.run(&arguments).await;
    assert_eq!((first.exit, again.exit), (0, 0), "{}: {first:#?} {again:#?}", action.name);
    let journal = &sandbox.journal()[before..];
    assert_eq!(journal.len(), asked - before, "{}: the second command asked Stripe", action.name);
    let executed = |entry: &&JournalEntry| entry.method != "GET" && entry.ran == Ran::Executed;
    assert_eq!(journal.iter().filter(executed).count(), 1, "{}: {journal:#?}", action.name);
    assert!(journal.iter().any(|entry| entry.fault.is_some()), "{}: no answer was lost", action.name);
    let (first, again) = (first.json(), again.json());
    assert_eq!(first["data"], again["data"], "{}", action.name);
    assert_eq!(first["meta"]["callId"], again["meta"]["callId"], "{}", action.name);
    assert_eq!((&first["meta"]["replayed"], &again["meta"]["replayed"]), (&json!(false), &json!(true)));
}

#[tokio::test]
async fn a_write_repeated_with_its_key_on_the_command_line_is_done_once() {
    let writes = Catalog.all().iter().copied().filter(|action| action.effect != Effect::Read);
    stream::iter(writes).map(is_done_once).buffer_unordered(AT_ONCE).collect::<Vec<_>>().await;
}
