//! `POST /runs/{id}/steps/{step}/resolve`: says what became of a step that nobody can
//! find out about by machine. Saying the same again gives the same answer; the answer is
//! the run as it stands, not as it will.

use std::sync::Arc;

use axum::{extract::State, routing::post};
use engine::{Say, Word};
use model::{Code, Failure};
use serde::Deserialize;
use serde_json::json;

use super::{person, row};
use crate::{
    Actor, App,
    answer::{Answer, Answered},
    api::{Route, Verb},
    failure::Refused,
    request::{Body, Ids, Key},
};

pub(crate) const ROUTE: Route =
    Route::new(Verb::Post, "/runs/{id}/steps/{step}/resolve", &["workflows:execute"], || post(resolve));

/// Longest id of an object that is looked for.
const OBJECT_MAX: usize = 255;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Request {
    #[serde(rename = "as")]
    word: As,
    /// Stripe's object that the step made.
    object_id: Option<String>,
    /// How one knows; kept for good.
    note: String,
    /// With `not_done`, of a compensation: it shall stay undone.
    #[serde(default)]
    skip: bool,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
enum As {
    Done,
    NotDone,
}

async fn resolve(
    State(app): State<Arc<App>>,
    actor: Actor,
    Ids(run, step): Ids,
    key: Key,
    Body(request): Body<Request>,
) -> Answered {
    let run = run.parse("run")?;
    let say = Say { word: word(&request)?, object: object(request.object_id)? };
    let person = person(&actor, key, Some(request.note))?;
    if person.note.is_empty() {
        return Err(invalid("note", "A decision needs a `note` that says how one knows."));
    }
    let decided = app.driver.resolve(actor.company, run, &step.0, say.clone(), person).await?;
    let mut data = row(&decided.run);
    data["step"] = json!(step.0);
    data["as"] = json!(say.word.as_str());
    data["decidedAt"] = json!(decided.at);
    Ok(Answer::ok(data).meta(json!({ "replayed": decided.repeated })))
}

fn word(request: &Request) -> Result<Word, Refused> {
    match (request.word, request.skip) {
        (As::Done, false) => Ok(Word::Done),
        (As::NotDone, false) => Ok(Word::NotDone),
        (As::NotDone, true) => Ok(Word::Skip),
        (As::Done, true) => Err(invalid("skip", "`skip` goes with `not_done`.")),
    }
}

fn object(given: Option<String>) -> Result<Option<String>, Refused> {
    match given {
        Some(id) if id.is_empty() || id.len() > OBJECT_MAX => {
            Err(invalid("objectId", "`objectId` is the id of an object at Stripe, such as in_…."))
        }
        given => Ok(given),
    }
}

fn invalid(field: &str, why: &str) -> Refused {
    let text = format!("{why} Nothing was decided. Correct it and send it again.");
    Failure::new(Code::ValidationError, text).at(field).into()
}
