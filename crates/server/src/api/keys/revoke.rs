//! `DELETE /keys/{id}`: revokes an API key, by its id or name. The next request with it is
//! refused; one that is under way is finished.

use std::sync::Arc;

use axum::{extract::State, routing::delete};
use model::{Code, Failure};
use serde_json::json;
use store::{Unit, Write};

use super::{SCOPES, find, view};
use crate::{
    Actor, App,
    answer::{Answer, Answered},
    api::{Route, Verb},
    audit,
    auth::INSTALLATION,
    request::Id,
};

pub(crate) const ROUTE: Route = Route::new(Verb::Delete, "/keys/{id}", SCOPES, || delete(revoke));

async fn revoke(State(app): State<Arc<App>>, actor: Actor, id: Id) -> Answered {
    let key = find(&app, &actor, &id).await?;
    if key.scopes.iter().any(|scope| scope == INSTALLATION) && !actor.may(INSTALLATION) {
        let text = format!(
            "{} is an installation key, and the API key {} is not. Nothing was revoked. Use an installation key.",
            key.id, actor.key
        );
        return Err(Failure::new(Code::Forbidden, text).into());
    }
    if key.id == actor.key {
        let text = format!(
            "{} is the key that asks, and revoking it would lock whoever uses it out. Nothing was revoked. Revoke it \
             with another key.",
            key.id
        );
        return Err(Failure::new(Code::Conflict, text).into());
    }
    let details = json!({ "name": key.name });
    let entry = audit::entry(&app, &actor, key.company, "key.revoked", &key.id.to_string(), &details);
    app.store.commit(Unit::interactive(vec![Write::RemoveApiKey(key.id), entry])).await?;
    let mut data = view(&key);
    data["revoked"] = json!(true);
    Ok(Answer::ok(data))
}
