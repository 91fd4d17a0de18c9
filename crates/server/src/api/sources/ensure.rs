//! `POST /sources/ensure`: makes the webhook endpoint at Stripe that points here, and notes
//! its secret. One that points here already and is in force is left as it is.
//!
//! The endpoint is made by a call as any other, under a key of its address, so that a lost
//! answer makes no second one. Stripe shows a secret once, and it may have been rolled
//! since. What would surprise: one that was made here and is not noted any more, because of a
//! crash in between or because its source was removed, is removed at Stripe and made anew.

use std::sync::Arc;

use ::actions::Invalid;
use ::calls::{Call, CallError, Class, Settled};
use ::connections::Wanted;
use ::events::NewSource;
use axum::{extract::State, routing::post};
use http::StatusCode;
use model::{Binding, CallerKey, Code, CompanyId, Failure, Mode, Origin, StepPath};
use serde::Deserialize;
use serde_json::{Value, json};
use store::Source;
use stripe::{Version, signature::Secret};

use super::{address, entry, view};
use crate::{
    Actor, App,
    answer::{Answer, Answered},
    api::{Route, Verb},
    auth::{INSTALLATION, hash},
    failure::Refused,
    request::Body,
};

pub(crate) const ROUTE: Route =
    Route::new(Verb::Post, "/sources/ensure", &["connections:write"], || post(ensure));

/// Where Stripe keeps endpoints.
const PATH: &str = "/v1/webhook_endpoints";
/// How many endpoints of one address may have been made before.
const MADE_MAX: u32 = 20;
/// How an endpoint is described that is made here; whoever makes one by hand describes it
/// otherwise.
const DESCRIPTION: &str = "Bursar";

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Request {
    /// The connection of the account whose endpoint it is, by name or id; the default one.
    connection: Option<String>,
    /// For all accounts that are connected to this one, a platform's: the source is the
    /// installation's.
    #[serde(default)]
    installation: bool,
}

/// Whose endpoint it is to be.
struct Wish<'a> {
    app: &'a App,
    actor: &'a Actor,
    of: Option<CompanyId>,
    binding: Binding,
    version: Version,
    url: String,
}

async fn ensure(State(app): State<Arc<App>>, actor: Actor, Body(request): Body<Request>) -> Answered {
    if request.installation {
        actor.require(&[INSTALLATION])?;
    }
    let of = (!request.installation).then_some(actor.company);
    let wanted = request.connection.map_or(Wanted::Default, Wanted::Named);
    let (binding, version) = app.connections.choose_with_version(actor.company, wanted).await?;
    let url = address(&app, of);
    if !reachable(&url, binding.mode) {
        return Err(unreachable(&url));
    }
    let wish = Wish { app: &app, actor: &actor, of, binding, version, url };
    // Of two at once the second finds what the first has noted.
    let _turn = app.sources.turn(of).await;
    if let Some(source) = wish.known().await? {
        return Ok(Answer::ok(view(&source)).meta(json!({ "made": false })));
    }
    let source = wish.make().await?;
    Ok(Answer::ok(view(&source)).status(StatusCode::CREATED).meta(json!({ "made": true })))
}

impl Wish<'_> {
    /// The source that points here, if its endpoint is in force.
    async fn known(&self) -> Result<Option<Source>, Refused> {
        let of = (&self.binding.account, self.binding.mode, &self.url);
        for source in self.app.sources.list(self.of).await? {
            let same = (&source.account, source.mode, &source.url) == of && source.expires_at.is_none();
            if same && self.is_in_force(&source.endpoint).await? {
                return Ok(Some(source));
            }
        }
        Ok(None)
    }

    async fn make(&self) -> Result<Source, Refused> {
        for leftover in self.leftovers().await? {
            self.take_away(&leftover).await?;
        }
        for nth in 0..MADE_MAX {
            let (body, replayed) = self.create(nth).await?;
            let endpoint = body["id"].as_str().unwrap_or_default().to_owned();
            // Found again by looking, it has no secret.
            let secret = body["secret"].as_str().and_then(Secret::new).filter(|_| !replayed);
            let Some(secret) = secret else {
                self.take_away(&endpoint).await?;
                continue;
            };
            let Binding { account, mode, .. } = self.binding.clone();
            let new = NewSource { account, mode, endpoint, url: self.url.clone(), secret };
            let entry = |source: &Source| Some(entry(self.app, self.actor, self.of, "source.added", source));
            return Ok(self.app.sources.rotate(self.of, new, ::events::OLD_SECRET, entry).await?);
        }
        Err(too_many(&self.url).into())
    }

    /// The endpoints at Stripe that were made here for this address, whichever company
    /// asked, and whose secret nobody has.
    async fn leftovers(&self) -> Result<Vec<String>, Refused> {
        let noted = self.app.sources.list(self.of).await?;
        let asked = json!({ "method": "GET", "path": PATH, "params": { "limit": 100 } });
        let listed = self.done(self.call(asked, "look").await?.0)?;
        let rows = listed["data"].as_array().into_iter().flatten();
        let ours =
            rows.filter(|row| row["url"] == json!(self.url) && row["description"] == json!(DESCRIPTION));
        let ids = ours.filter_map(|row| row["id"].as_str());
        Ok(ids.filter(|id| noted.iter().all(|source| source.endpoint != *id)).map(str::to_owned).collect())
    }

    /// Removes an endpoint at Stripe; one that is gone already is as good.
    async fn take_away(&self, endpoint: &str) -> Result<(), Refused> {
        let asked = json!({ "method": "DELETE", "path": format!("{PATH}/{endpoint}") });
        match self.call(asked, &format!("source-gone-{endpoint}")).await?.0 {
            Settled::Rejected(error) if error.status == 404 => Ok(()),
            other => self.done(other).map(drop),
        }
    }

    /// What Stripe answered, if it did what was asked.
    fn done(&self, settled: Settled) -> Result<Value, Refused> {
        match settled {
            Settled::Done(answer) => Ok(answer.body),
            other => Err(other.failure().unwrap_or_else(|| too_many(&self.url)).into()),
        }
    }

    /// Has the endpoint made, the nth of this address; says whether that was done before.
    async fn create(&self, nth: u32) -> Result<(Value, bool), Refused> {
        let connect = self.of.is_none();
        let mut params = json!({
            "url": self.url, "enabled_events": ["*"], "api_version": self.version.as_str(),
            "description": DESCRIPTION,
        });
        if connect {
            params["connect"] = json!(true);
        }
        let Binding { account, mode, .. } = &self.binding;
        // Everything that the request depends on: a key is of one request.
        let about = format!("{account} {mode} {connect} {nth} {} {}", self.version.as_str(), self.url);
        let key = format!("source-{}", hex::encode(hash(&about)));
        let (settled, replayed) =
            self.call(json!({ "method": "POST", "path": PATH, "params": params }), &key).await?;
        Ok((self.done(settled)?, replayed))
    }

    /// Whether Stripe delivers to an endpoint.
    async fn is_in_force(&self, endpoint: &str) -> Result<bool, Refused> {
        let asked = json!({ "method": "GET", "path": format!("{PATH}/{endpoint}") });
        match self.call(asked, "look").await?.0 {
            Settled::Rejected(error) if error.status == 404 => Ok(false),
            other => {
                let body = self.done(other)?;
                Ok(body["deleted"] != json!(true) && body["status"] != json!("disabled"))
            }
        }
    }

    /// One request to Stripe, on the path of every call.
    async fn call(&self, config: Value, key: &str) -> Result<(Settled, bool), Refused> {
        let entry = self.app.catalog.entry("stripe.request").map_err(|unfound| unfound.to_failure())?;
        let plan = self.app.catalog.plan(entry, &config, self.version);
        let plan = plan.map_err(|invalid| Invalid::to_failure(&invalid, entry, ""))?;
        let key = CallerKey::parse(key).map_err(|_| too_many(&self.url))?;
        let call = Call {
            origin: Origin::Call { action: plan.action.to_owned(), key },
            run: None,
            path: StepPath::direct(),
            generation: 0,
            binding: self.binding.clone(),
            plan,
            class: Class::Interactive,
            watch: None,
        };
        match self.app.caller.call(call, &mut |_, _| {}).await {
            Ok(ended) => Ok((ended.settled, ended.replayed)),
            Err(CallError::Unfinished { failure, .. } | CallError::Conflict(failure)) => {
                Err((*failure).into())
            }
            Err(CallError::Store(error)) => Err(error.into()),
        }
    }
}

/// Stripe posts to `https` addresses; the sandbox posts to any.
fn reachable(url: &str, mode: Mode) -> bool {
    url.starts_with("https://") || (mode == Mode::Local && url.starts_with("http"))
}

fn unreachable(url: &str) -> Refused {
    let text = format!(
        "Stripe posts to an https address that it can reach, and this server is known by `{url}`. Nothing was sent to \
         Stripe. Start it with `--public-url https://…`, or make the endpoint yourself and note it with `bursar \
         sources add`."
    );
    Failure::new(Code::ValidationError, text).at("publicUrl").into()
}

fn too_many(url: &str) -> Failure {
    let text = format!(
        "An endpoint for {url} could not be made under any key of its own. Make it in Stripe's dashboard, and note it \
         with `bursar sources add`."
    );
    Failure::new(Code::Conflict, text)
}
