//! `POST /actions/{name}`: one use of an action.
//!
//! A writing action needs an `Idempotency-Key`: the same key with the same input gives
//! the same call, whatever happened to the first answer. Dropping the connection loses
//! nothing; the intent is finished in the background. With `all`, a list is a stream of
//! lines ([`super::pages`]).

use std::sync::Arc;

use ::actions::{Checked, Effect, Entry, Invalid, Plan};
use ::calls::{Call, CallError, Class, Ended, Settled, refuse_cards};
use ::connections::Wanted;
use axum::{Extension, extract::State, routing::post};
use model::{Binding, CallId, CallerKey, Code, Failure, Mode, Origin, Retry, StepPath};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use stripe::Version;

use super::{SCOPES, effect, pages, scope};
use crate::{
    Actor, App,
    answer::{Answer, Answered},
    api::{Route, Verb},
    failure::Refused,
    finish::RequestId,
    request::{Body, Id, Key},
};

pub(crate) const ROUTE: Route = Route::new(Verb::Post, "/actions/{name}", SCOPES, || post(call));

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Request {
    /// The action's fields and call options.
    #[serde(default)]
    config: Map<String, Value>,
    /// A connection by id or name; the default one unless given.
    connection_id: Option<String>,
    /// Shows the request and sends nothing.
    #[serde(default)]
    dry_run: bool,
}

async fn call(
    State(app): State<Arc<App>>,
    actor: Actor,
    name: Id,
    key: Key,
    Extension(id): Extension<RequestId>,
    Body(request): Body<Request>,
) -> Answered {
    let entry = app.catalog.entry(&name.0).map_err(|unfound| Refused::from(unfound.to_failure()))?;
    actor.require(&[scope(entry)])?;
    let wanted = request.connection_id.map_or(Wanted::Default, Wanted::Named);
    let chosen = app.connections.choose_with_version(actor.company, wanted).await;
    let config = Value::Object(request.config);
    // What is wrong with the input is said before what is wrong with the connection.
    let version = chosen.as_ref().map_or(stripe::PINNED, |(_, version)| *version);
    let asked = Asked { app: &app, actor: &actor, entry, config: &config };
    let plan = match asked.plan(version) {
        Ok(plan) => plan,
        Err(refused) => asked.plan_as_before(key.0.as_ref(), version).await?.ok_or(refused)?,
    };
    if request.dry_run {
        // Without a connection nothing is sent; what is published may be shown.
        let mode = chosen.as_ref().map_or(Mode::Local, |(binding, _)| binding.mode);
        refuse_cards(&plan.params, mode)?;
        return planned(&plan);
    }
    let key = match plan.effect {
        Effect::Read => key.or_fresh(&app)?,
        Effect::KeyedWrite | Effect::Delete => key.required(&app)?,
    };
    let call = to_call(plan, &key, chosen?.0);
    if call.plan.options.all {
        return pages::answer(&app, call, id).await;
    }
    let (effect, checked) = (call.plan.effect, call.plan.checked.clone());
    let mut made = app.caller.call(call.clone(), &mut |_, _| {}).await;
    if matches!(made, Err(CallError::Conflict(_)))
        && let Some(plan) = asked.plan_as_before(Some(&key), version).await?
    {
        made = app.caller.call(Call { plan, ..call }, &mut |_, _| {}).await;
    }
    match made {
        Ok(ended) => answer(entry, effect, &checked, &key, ended),
        Err(error) => Err(unfinished(&key, error)),
    }
}

fn to_call(plan: Plan, key: &CallerKey, binding: Binding) -> Call {
    Call {
        origin: Origin::Call { action: plan.action.to_owned(), key: key.clone() },
        run: None,
        path: StepPath::direct(),
        generation: 0,
        binding,
        plan,
        class: Class::Interactive,
        watch: None,
    }
}

/// What is asked for.
struct Asked<'a> {
    app: &'a App,
    actor: &'a Actor,
    entry: Entry,
    config: &'a Value,
}

impl Asked<'_> {
    fn plan(&self, version: Version) -> Result<Plan, Refused> {
        let plan = self.app.catalog.plan(self.entry, self.config, version);
        plan.map_err(|invalid| Refused::from(Invalid::to_failure(&invalid, self.entry, "config.")))
    }

    /// The request as the first attempt under this key made it, when the connection has
    /// another version by now: the same input is the same call, and asks what became of it.
    async fn plan_as_before(
        &self,
        key: Option<&CallerKey>,
        version: Version,
    ) -> Result<Option<Plan>, Refused> {
        let Some(key) = key else { return Ok(None) };
        let origin = Origin::Call { action: self.entry.name().to_owned(), key: key.clone() };
        let before = self.app.caller.version_of(self.actor.company, &origin).await?;
        Ok(before.filter(|before| *before != version).and_then(|before| self.plan(before).ok()))
    }
}

/// What would be sent: `params` as JSON, `body` byte for byte as it would go out, in a
/// POST's body, else in the query.
fn planned(plan: &Plan) -> Answered {
    Ok(Answer::ok(json!({
        "dryRun": true,
        "action": plan.action,
        "operation": plan.operation.is_listed().then_some(plan.operation.id),
        "effect": effect(plan.effect),
        "checked": plan.checked.why_not().is_none(),
        "notice": plan.checked.why_not(),
        "method": plan.operation.method.as_str(),
        "path": plan.path,
        "params": plan.params,
        "body": plan.form()?,
        "stripeVersion": plan.options.version.as_str(),
        "stripeAccount": plan.options.stripe_account,
    })))
}

/// Stripe's object as it came, or its refusal; and that nothing was checked, where that is so.
fn answer(entry: Entry, effect: Effect, checked: &Checked, key: &CallerKey, ended: Ended) -> Answered {
    let mut meta = json!({
        "idempotencyKey": (effect != Effect::Read).then_some(key),
        "callId": ended.call,
        "replayed": ended.replayed,
        "stripeRequestId": ended.settled.stripe_request_id(),
    });
    if let Some(why) = checked.why_not() {
        meta["checked"] = json!(false);
        meta["notice"] = json!(why);
    }
    match ended.settled.failure() {
        Some(failure) => Err(on_record(placed(entry, failure), meta)),
        None => match ended.settled {
            Settled::Done(answer) => Ok(Answer::ok(answer.body).meta(meta)),
            Settled::Rejected(_) | Settled::Parked(_) | Settled::NotDone(_) => Err(Failure::new(
                Code::InternalError,
                "A call that was not done has no reason on record. Look at it with `GET /api/v1/calls/{id}`.",
            )
            .into()),
        },
    }
}

/// Names the place in the input of the parameter that Stripe names.
fn placed(entry: Entry, mut failure: Failure) -> Failure {
    let param = failure.stripe.as_ref().and_then(|error| error.get("param")?.as_str());
    if let Some(param) = param.filter(|param| !param.is_empty()) {
        failure.field = entry.place_of(param).map(|place| format!("config.{place}"));
    }
    failure
}

/// No outcome to show.
fn unfinished(key: &CallerKey, error: CallError) -> Refused {
    let about = |call: Option<CallId>| json!({ "idempotencyKey": key, "callId": call });
    match error {
        CallError::Unfinished { failure, call } => on_record(*failure, about(call)),
        CallError::Conflict(failure) => on_record(*failure, about(None)),
        CallError::Store(error) => {
            let message = format!(
                "The outcome of the call could not be stored ({error}). Whether Stripe did it is not known here. \
                 Repeat the request with the same `Idempotency-Key`: that finds out, and does nothing twice."
            );
            on_record(Failure::new(Code::StoreUnavailable, message).retry(Retry::SameKey), about(None))
        }
    }
}

/// Adds to a failure where its call is on record.
fn on_record(mut failure: Failure, meta: Value) -> Refused {
    let mut details = match failure.details.take() {
        Some(Value::Object(details)) => details,
        Some(other) => Map::from_iter([("more".to_owned(), other)]),
        None => Map::new(),
    };
    if let Value::Object(meta) = meta {
        details.extend(meta.into_iter().filter(|(_, value)| !value.is_null()));
    }
    failure.with_details(Value::Object(details)).into()
}
