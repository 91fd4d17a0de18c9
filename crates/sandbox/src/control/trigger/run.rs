//! A chain on its way: one request after the other, and what each made by its name.

use std::{collections::BTreeMap, sync::Arc};

use serde_json::{Map, Value, json};
use stripe::{PINNED, form};

use super::{
    chains::Chain,
    steps::{Does, Step},
};
use crate::{
    checkout::{Entered, complete},
    control::{Outcome, act, act_as_bank, shown},
    core::Shared,
    value,
    wire::{self, Heads, Incoming, Outgoing, Refusal, refusal},
};

/// What has been done so far.
pub(super) struct Run<'a> {
    shared: &'a Arc<Shared>,
    /// The event that was the newest when it began.
    before: Option<String>,
    made: BTreeMap<&'static str, Value>,
    /// Names that somebody gave an object for; nothing is made for them.
    given: Vec<&'static str>,
    /// The second by which `$now` counts.
    now: i64,
    /// In order, as `POST /v1/customers`.
    pub(super) requests: Vec<String>,
}

impl Step {
    /// The parameters as the table has them.
    pub(super) fn params(&self) -> Result<Map<String, Value>, Refusal> {
        serde_json::from_str(self.params)
            .map_err(|e| refusal::broken(&format!("The table's parameters of {} are no JSON: {e}.", self.at)))
    }
}

impl<'a> Run<'a> {
    pub(super) fn new(shared: &'a Arc<Shared>) -> Self {
        let before = {
            let core = shared.core();
            core.state.of_kind("event").next_back().map(|event| value::id(event).to_owned())
        };
        let (made, given, requests) = (BTreeMap::new(), Vec::new(), Vec::new());
        Self { shared, before, made, given, now: shared.clock.now_ms() / 1000, requests }
    }

    pub(super) fn now(&self) -> i64 {
        self.now
    }

    /// Takes the objects that were named in place of those that the chain would make.
    ///
    /// # Errors
    /// There is no such object.
    pub(super) fn take(&mut self, chain: &Chain, main: &Map<String, Value>) -> Result<(), Refusal> {
        let step = chain.steps.iter().find(|step| step.name == chain.main);
        let Some(step) = step else { return Ok(()) };
        let mut named = Vec::new();
        differing(&Value::Object(step.params()?), &Value::Object(main.clone()), &mut named);
        for (name, id) in named {
            let Some(maker) = chain.steps.iter().find(|step| step.name == name) else { continue };
            let object = shown(self.shared, &id);
            // Stripe's test payment methods are there without having been made.
            let object = object.or_else(|| id.starts_with("pm_card_").then(|| json!({ "id": id })));
            let object = object.ok_or_else(|| no_such(maker.name, &id))?;
            self.made.insert(maker.name, object);
            self.given.push(maker.name);
        }
        Ok(())
    }

    /// Does one step; the main one with its own parameters.
    ///
    /// # Errors
    /// Stripe's error, naming the request. What came before it stays.
    pub(super) async fn perform(
        &mut self,
        step: &Step,
        main: Option<&Map<String, Value>>,
    ) -> Result<(), Refusal> {
        if self.given.contains(&step.name) {
            return Ok(());
        }
        let at: Vec<String> = step.at.split('/').map(|segment| self.text(segment)).collect();
        let at = at.join("/");
        let answer = match step.does {
            Does::Post | Does::Declined => {
                let mut params = Value::Object(main.cloned().map_or_else(|| step.params(), Ok)?);
                self.fill(&mut params);
                self.ask("POST", &at, &params, step.does == Does::Declined).await
            }
            Does::Delete => self.ask("DELETE", &at, &Value::Null, false).await,
            Does::Complete => self.complete(&at).await,
            Does::Dispute => self.bank("dispute", &at, Outcome::Disputed("fraudulent")).await,
            Does::FailRefund => self.bank("fail", &at, Outcome::RefundFailed).await,
            Does::FailPayout => self.bank("fail", &at, Outcome::PayoutFailed).await,
        };
        let answer = answer.map_err(|refused| self.stopped(refused))?;
        if !step.name.is_empty() {
            self.made.insert(step.name, answer);
        }
        Ok(())
    }

    /// One request under the sandbox's own key, all the way.
    async fn ask(
        &mut self,
        method: &str,
        path: &str,
        params: &Value,
        declined: bool,
    ) -> Result<Value, Refusal> {
        self.requests.push(format!("{method} {path}"));
        let form = params.as_object().map(form::encode).transpose();
        let form = form.map_err(|e| refusal::invalid(e.to_string()))?.unwrap_or_default();
        let key = self.shared.core().state.secret_key.clone();
        let heads = Heads {
            authorization: Some(format!("Bearer {key}")),
            version: Some(PINNED.as_str().to_owned()),
            ..Heads::default()
        };
        let incoming = Incoming {
            method: method.to_owned(),
            path: path.to_owned(),
            body: form.into(),
            heads,
            own: true,
            ..Incoming::default()
        };
        let Outgoing::Answer(reply) = wire::handle(self.shared, incoming).await else {
            return Err(refusal::broken("A fault took the answer."));
        };
        let mut body: Value = serde_json::from_str(&reply.body).unwrap_or_default();
        match reply.status {
            200 => Ok(body),
            402 if declined => Ok(left_behind(&body["error"])),
            status => {
                let error = body["error"].as_object_mut().map(std::mem::take).unwrap_or_default();
                Err(Refusal { status, error, leaves: false })
            }
        }
    }

    /// The customer completes a checkout session.
    async fn complete(&mut self, session: &str) -> Result<Value, Refusal> {
        self.requests.push(format!("complete {session}"));
        let entered = Entered {
            payment_method: "pm_card_visa".to_owned(),
            email: Some("ada@example.com".to_owned()),
            name: Some("Ada Lovelace".to_owned()),
        };
        act(self.shared, session, |tx| complete(tx, session, &entered)).await
    }

    async fn bank(&mut self, verb: &str, id: &str, outcome: Outcome<'_>) -> Result<Value, Refusal> {
        self.requests.push(format!("{verb} {id}"));
        act_as_bank(self.shared, id, outcome).await
    }

    /// A refusal on the way: which request, and what is left of those before it.
    fn stopped(&self, refused: Refusal) -> Refusal {
        let said = refused.error.get("message").and_then(Value::as_str).unwrap_or("refused");
        let (last, before) =
            self.requests.split_last().map_or(("", 0), |(last, all)| (last.as_str(), all.len()));
        let left = match before {
            0 => "Nothing was changed.".to_owned(),
            1 => "What the request before it made stays.".to_owned(),
            more => format!("What the {more} requests before it made stays."),
        };
        let text = format!("{last}: {said} {left}");
        refused.with("message", text)
    }

    /// Writes what references stand for.
    fn fill(&self, params: &mut Value) {
        match params {
            Value::String(text) if text.starts_with("$now") => at_second(params, self.now),
            Value::String(text) => *text = self.text(text),
            Value::Array(all) => all.iter_mut().for_each(|one| self.fill(one)),
            Value::Object(fields) => fields.values_mut().for_each(|one| self.fill(one)),
            _ => {}
        }
    }

    /// What `$name` or `$name.field` stands for; any other text is itself.
    fn text(&self, text: &str) -> String {
        let Some(reference) = text.strip_prefix('$') else { return text.to_owned() };
        let (name, field) = reference.split_once('.').unwrap_or((reference, "id"));
        let found = self.made.get(name).and_then(|object| object[field].as_str());
        found.unwrap_or(text).to_owned()
    }

    /// The newest event of this type that is about what was made here.
    pub(super) fn told(&self, kind: &str) -> Option<Value> {
        let found = {
            let core = self.shared.core();
            let new = core.state.of_kind("event").rev();
            let mut new = new.take_while(|event| Some(value::id(event)) != self.before.as_deref());
            new.find(|event| event["type"] == kind && self.is_about(event))
                .map(|event| value::id(event).to_owned())
        };
        shown(self.shared, &found?)
    }

    fn is_about(&self, event: &Value) -> bool {
        let text = event["data"].to_string();
        self.made.values().any(|object| value::text(object, "id").is_some_and(|id| text.contains(id)))
    }
}

/// Writes the seconds that `$now+60` stands for.
pub(super) fn at_second(params: &mut Value, now: i64) {
    match params {
        Value::String(text) => {
            if let Some(later) = text.strip_prefix("$now+").and_then(|more| more.parse::<i64>().ok()) {
                *params = json!(now + later);
            }
        }
        Value::Array(all) => all.iter_mut().for_each(|one| at_second(one, now)),
        Value::Object(fields) => fields.values_mut().for_each(|one| at_second(one, now)),
        _ => {}
    }
}

/// The references of the table in whose place an id was given.
fn differing(table: &Value, given: &Value, named: &mut Vec<(String, String)>) {
    match (table, given) {
        (Value::String(table), Value::String(given)) if table != given => {
            if let Some(name) = table.strip_prefix('$') {
                named.push((name.to_owned(), given.clone()));
            }
        }
        (Value::Object(table), Value::Object(given)) => {
            let both = table.iter().filter_map(|(name, one)| Some((one, given.get(name)?)));
            both.for_each(|(one, other)| differing(one, other, named));
        }
        (Value::Array(table), Value::Array(given)) => {
            table.iter().zip(given).for_each(|(one, other)| differing(one, other, named));
        }
        _ => {}
    }
}

/// The object that a declined write leaves.
fn left_behind(error: &Value) -> Value {
    let left = ["payment_intent", "setup_intent"].into_iter().map(|name| &error[name]);
    left.into_iter().find(|object| object.is_object()).cloned().unwrap_or_default()
}

fn no_such(name: &str, id: &str) -> Refusal {
    let kind = match name {
        "card" => "payment_method",
        "payment" => "payment_intent",
        other => other,
    };
    let refused = refusal::missing(kind, id, kind);
    let said = refused.error.get("message").and_then(Value::as_str).unwrap_or_default();
    let text = format!("{said}. Nothing was changed.");
    refused.with("message", text)
}
