//! A bad input is refused by the binary as HTTP refuses it, and nothing is sent: each
//! field that has to be there, each misspelt name and each wrong word at every depth of
//! each action's input, and a value of another type for each name at its top. Values of
//! other types below are tried in-process, in `tests/it`.

use actions::{Action, Catalog};
use bursar_it::bad_inputs::{self, BadInput, Wrong};
use futures_util::{StreamExt as _, stream};

use crate::server::Served;

/// How many processes run at a time.
const AT_ONCE: usize = 4;

/// What is wrong with an action's input; of types only the first of each name at the top.
fn of(action: &'static Action) -> Vec<BadInput> {
    let mut chosen: Vec<BadInput> = Vec::new();
    for bad in bad_inputs::of(action) {
        let again = |other: &BadInput| other.wrong == Wrong::Type && other.place == bad.place;
        if bad.wrong != Wrong::Type || at_the_top(&bad) && !chosen.iter().any(again) {
            chosen.push(bad);
        }
    }
    chosen
}

fn at_the_top(bad: &BadInput) -> bool {
    !bad.place.contains(['.', '['])
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
    let inputs: Vec<BadInput> = Catalog.all().iter().flat_map(|action| of(action)).collect();
    stream::iter(&inputs)
        .map(|bad| refused_alike(&served, bad))
        .buffer_unordered(AT_ONCE)
        .collect::<Vec<_>>()
        .await;
    assert_eq!(served.surfaces.app.sandbox.journal().len(), asked, "something was sent");
    let top = inputs.iter().filter(|bad| at_the_top(bad) && bad.wrong != Wrong::Misspelt);
    let mut names: Vec<_> = top.map(|bad| (bad.action.name, &bad.place)).collect();
    names.sort();
    names.dedup();
    let of_tables = |action: &&'static Action| -> usize {
        let operation = action.operation.resolve();
        operation.path_params().len() + operation.params.len() + bad_inputs::options(action).len()
    };
    println!("{} inputs for {} names", inputs.len(), names.len());
    assert_eq!(names.len(), Catalog.all().iter().map(of_tables).sum::<usize>());
}
