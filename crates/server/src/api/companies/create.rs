//! `POST /companies`: makes a company. Its name is taken once.

use std::sync::Arc;

use axum::{extract::State, routing::post};
use http::StatusCode;
use model::{Code, CompanyId, Failure};
use serde::Deserialize;
use serde_json::json;
use store::{CommitError, Refusal, Unit, Write};

use super::{SCOPES, view};
use crate::{
    Actor, App,
    answer::{Answer, Answered},
    api::{Route, Verb},
    audit,
    failure::Refused,
    issue::new_company,
    request::Body,
};

pub(crate) const ROUTE: Route = Route::new(Verb::Post, "/companies", SCOPES, || post(create));

/// Longest name in bytes. It travels in a header, therefore printable ASCII.
const NAME_MAX: usize = 100;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Request {
    /// What people and requests call it; unique.
    name: String,
}

async fn create(State(app): State<Arc<App>>, actor: Actor, Body(request): Body<Request>) -> Answered {
    let name = request.name.trim();
    check(name)?;
    let company = new_company(&app, name);
    let details = json!({ "name": name });
    let entry = audit::entry(&app, &actor, actor.home, "company.created", &company.id.to_string(), &details);
    let unit = Unit::interactive(vec![Write::PutCompany(company.clone()), entry]);
    match app.store.commit(unit).await {
        Ok(_) => Ok(Answer::ok(view(&company)).status(StatusCode::CREATED)),
        Err(CommitError::Refused { why: Refusal::Conflict, .. }) => {
            let text = format!(
                "There is a company named `{name}` already. No company was made. Choose another name."
            );
            Err(Failure::new(Code::Conflict, text).at("name").into())
        }
        Err(error) => Err(error.into()),
    }
}

fn check(name: &str) -> Result<(), Refused> {
    let printable = name.bytes().all(|b| matches!(b, b' '..=b'~'));
    // A name that looks like an id would name another company one day.
    let id = name.parse::<CompanyId>().is_ok();
    if (1..=NAME_MAX).contains(&name.len()) && printable && !id {
        return Ok(());
    }
    let text =
        "A company's `name` has 1 to 100 printable ASCII characters and is not an id. No company was made.";
    Err(Failure::new(Code::ValidationError, text).at("name").into())
}
