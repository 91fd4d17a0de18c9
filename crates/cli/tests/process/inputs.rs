//! A bad input is refused by the binary as HTTP refuses it, and nothing is sent: a value
//! of another type for each name at the top of each action's input, each wrong word, and
//! each field that has to be there. Misspelt flags are held to the API's refusal beside
//! the code that reads them, and the rest in-process, in `tests/it`.

use actions::{Action, Catalog};
use bursar_it::bad_inputs::{self, BadInput, Wrong};
use futures_util::{StreamExt as _, stream};

use crate::server::Served;

/// How many processes run at a time.
const AT_ONCE: usize = 4;

/// What is wrong at the top; of types only the first of each name.
fn at_the_top(action: &'static Action) -> Vec<BadInput> {
    let mut chosen: Vec<BadInput> = Vec::new();
    for bad in bad_inputs::of(action).into_iter().filter(|bad| !bad.place.contains(['.', '['])) {
        let again = |other: &BadInput| other.wrong == Wrong::Type && other.place == bad.place;
        if bad.wrong != Wrong::Misspelt && !chosen.iter().any(again) {
            chosen.push(bad);
        }
    }
    chosen
}

async fn refused_alike(served: &Served, bad: &BadInput) {
    let answer = served.surfaces.http(bad.action.name, "a key", &bad.input).await;
    let printed = served.run(&["call", bad.action.name, "--json", "--input", &bad.input.to_string()]).await;
    assert_eq!((answer.status, printed.exit), (400, 2), "{bad}: {printed:#?}");
    let mut said = [answer.body["error"].clone(), printed.json()["error"].clone()];
    for error in &mut said {
        error.as_object_mut().expect("an error is an object").shift_remove("requestId");
    }
    assert_eq!(said[0], said[1], "{bad}");
}

#[tokio::test]
async fn every_field_of_every_action_is_refused_by_the_binary_as_over_http() {
    let served = Served::start().await;
    let asked = served.surfaces.app.sandbox.journal().len();
    let inputs: Vec<BadInput> = Catalog.all().iter().flat_map(|action| at_the_top(action)).collect();
    stream::iter(&inputs)
        .map(|bad| refused_alike(&served, bad))
        .buffer_unordered(AT_ONCE)
        .collect::<Vec<_>>()
        .await;
    assert_eq!(served.surfaces.app.sandbox.journal().len(), asked, "something was sent");
    let mut names: Vec<_> = inputs.iter().map(|bad| (bad.action.name, &bad.place)).collect();
    names.sort();
    names.dedup();
    let of_tables = |action: &&'static Action| -> usize {
        let operation = action.operation.resolve();
        operation.path_params().len() + operation.params.len() + bad_inputs::options(action).len()
    };
    println!("{} inputs for {} names", inputs.len(), names.len());
    assert_eq!(names.len(), Catalog.all().iter().map(of_tables).sum::<usize>());
}
