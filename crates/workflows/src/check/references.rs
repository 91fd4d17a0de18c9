//! What expressions read: whether it exists, and whether it will be there.

use actions::Catalog;
use model::Mode;
use serde_json::Value;

use super::shapes::{self, Miss, Walk};
use super::sites::{Site, sites};
use super::{did_you_mean, inputs, requests};
use crate::Trigger;
use crate::document::Document;
use crate::notation::{Findings, Kind, Node};
use crate::steps::{Does, OnError, Step, WaitStep, When};
use crate::template::syntax::{self, Reference, Segment};
use crate::template::{Code, FILTERS, TESTS, Templated};

/// Names that an expression can begin with. `range` is minijinja's function.
const ROOTS: &[&str] = &["input", "event", "steps", "variables", "run", "now", "secrets"];
const RUN: &[&str] = &["id", "startedAt", "workflow", "version", "mode"];

/// Checks every expression of a document.
pub(super) fn check(document: &Document, catalog: &Catalog, found: &mut Findings<'_>) {
    for site in sites(document) {
        for code in site.template.codes() {
            Checker { document, catalog, site: &site, code, found }.expression();
        }
    }
}

struct Checker<'c, 'd> {
    document: &'c Document,
    catalog: &'c Catalog,
    site: &'c Site<'c>,
    code: &'c Code,
    found: &'c mut Findings<'d>,
}

impl Checker<'_, '_> {
    fn expression(&mut self) {
        let facts = syntax::facts(&self.code.text);
        for (kind, known, names) in [("filter", FILTERS, &facts.filters), ("test", TESTS, &facts.tests)] {
            for (name, at) in names.iter().filter(|(name, _)| !known.contains(&name.as_str())) {
                let fix = did_you_mean(name, known.iter().copied());
                self.error(*at, "template_syntax", format!("there is no {kind} `{name}`"), fix);
            }
        }
        if let Some(at) = facts.inexact {
            let message = format!(
                "`{}` makes a fraction, and money has no fractions of its minor unit",
                crate::notation::cut(&self.code.text)
            );
            let fix = "use `//`, or `( … ) | round('half_up')`; to show an amount, `| money('usd')`";
            self.error(at, "inexact_money", message, Some(fix.into()));
        }
        for reference in &facts.references {
            self.reference(reference);
        }
    }

    fn error(&mut self, at: usize, code: &'static str, message: impl Into<String>, fix: Option<String>) {
        self.found.error(self.code.at + at, code, self.site.template.path.clone(), message, fix);
    }

    fn warning(&mut self, at: usize, code: &'static str, message: impl Into<String>, fix: Option<String>) {
        self.found.warning(self.code.at + at, code, self.site.template.path.clone(), message, fix);
    }

    fn nothing(&mut self, reference: &Reference, miss: Miss) {
        self.error(reference.at, "unknown_reference", miss.message, miss.fix);
    }

    fn reference(&mut self, reference: &Reference) {
        match reference.root.as_str() {
            "steps" => self.step(reference),
            "input" => self.input(reference),
            "event" => self.event(reference),
            "variables" => self.variable(reference),
            "secrets" => self.secret(reference),
            "run" => self.run(reference),
            "now" | "range" => {}
            other => {
                let known = format!("a template can read {}", ROOTS.join(", "));
                let fix = did_you_mean(other, ROOTS.iter().copied()).unwrap_or(known);
                let message = format!("there is nothing named `{other}`");
                self.error(reference.at, "unknown_reference", message, Some(fix));
            }
        }
    }

    fn input(&mut self, reference: &Reference) {
        if matches!(self.document.trigger, Trigger::Webhook { .. }) {
            return self.event(reference);
        }
        let Some(schema) = &self.document.input_schema else { return };
        match inputs::follow(schema, &reference.path) {
            Ok(inputs::Known::MaybeMissing(name)) if !reference.guarded => {
                let message = format!("`input.{name}` may be left out, and then this fails");
                let fix = format!("add `{name}` to `required`, give it a default, or use `| default(…)`");
                self.warning(reference.at, "maybe_missing", message, Some(fix));
            }
            Ok(_) => {}
            Err(miss) => self.nothing(reference, miss),
        }
    }

    fn event(&mut self, reference: &Reference) {
        let Trigger::Webhook { events, .. } = &self.document.trigger else {
            let message = "there is no `event`: somebody starts this workflow, no event does";
            let fix = Some("use `input`, or `trigger: { type: webhook, … }`".into());
            return self.error(reference.at, "unknown_reference", message, fix);
        };
        if let Err(miss) = shapes::event(events, &reference.path) {
            self.nothing(reference, miss);
        }
    }

    fn run(&mut self, reference: &Reference) {
        let Some(Segment::Name(name)) = reference.path.first() else { return };
        if !RUN.contains(&name.as_str()) {
            let fix = did_you_mean(name, RUN.iter().copied())
                .or_else(|| Some(format!("`run` has {}", RUN.join(", "))));
            self.error(reference.at, "unknown_reference", format!("`run` has no `{name}`"), fix);
        }
    }

    fn variable(&mut self, reference: &Reference) {
        let Some(Segment::Name(name)) = reference.path.first() else { return };
        if self.document.variables.contains_key(name) {
            return;
        }
        let by_mode = &self.document.variables_by_mode;
        if by_mode.values().any(|variables| variables.contains_key(name)) {
            let has = |mode: &Mode| by_mode.get(mode).is_some_and(|variables| variables.contains_key(name));
            let without: Vec<_> = [Mode::Live, Mode::Test, Mode::Local]
                .iter()
                .filter(|m| !has(m))
                .map(|m| m.as_str())
                .collect();
            if !without.is_empty() && !reference.guarded {
                let message = format!("`variables.{name}` has no value for mode {}", without.join(" and "));
                let fix = Some(format!("add it to `variablesByMode.{}`, or to `variables`", without[0]));
                self.warning(reference.at, "missing_mode_value", message, fix);
            }
            return;
        }
        let known = self.document.variables.keys().chain(by_mode.values().flat_map(|v| v.keys()));
        let fix = did_you_mean(name, known.map(String::as_str));
        self.error(reference.at, "unknown_reference", format!("there is no variable `{name}`"), fix);
    }

    fn secret(&mut self, reference: &Reference) {
        let fits =
            |name: &str| !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
        let problem = match reference.path.as_slice() {
            _ if !self.site.sends => "a secret can only stand in `config`",
            [Segment::Name(name)] if !fits(name) => "a secret's name has letters, digits and `_`",
            [Segment::Name(_)] if reference.changed => {
                "a secret is only filled in when it is sent; nothing can be done with it before"
            }
            [Segment::Name(_)] => return,
            _ => "a secret is named: `secrets.NAME`",
        };
        let fix = Some("`\"Bearer {{ secrets.NAME }}\"` in a step's config".into());
        self.error(reference.at, "secret", problem, fix);
    }

    fn step(&mut self, reference: &Reference) {
        let Some(Segment::Name(id)) = reference.path.first() else { return };
        let steps = &self.document.steps;
        let Some(index) = steps.iter().position(|step| step.id == *id) else {
            let fix = did_you_mean(id, steps.iter().map(|step| step.id.as_str()));
            return self.error(reference.at, "unknown_reference", format!("there is no step `{id}`"), fix);
        };
        if index >= self.site.before {
            let message = format!("step `{id}` has not run yet here");
            let fix = Some("steps run from top to bottom; move it up".into());
            return self.error(reference.at, "unknown_reference", message, fix);
        }
        let step = &steps[index];
        let rest = match &reference.path[1..] {
            [] => return,
            [Segment::Name(name), rest @ ..] if name == "output" => rest,
            [Segment::Name(name), ..] if name == "status" => return,
            [Segment::Name(name), ..] => {
                let message = format!("a step has `output` and `status`, not `{name}`");
                let fix = Some(format!("`steps.{id}.output.{name}`"));
                return self.error(reference.at, "unknown_reference", message, fix);
            }
            _ => return,
        };
        self.may_be_missing(reference, step, rest);
        if let Err(miss) = self.output(step, rest) {
            self.nothing(reference, miss);
        }
    }

    /// A step that may have been left out, or may have failed, has no output to rely on.
    fn may_be_missing(&mut self, reference: &Reference, step: &Step, rest: &[Segment]) {
        let surely = reference.surely.contains(&step.id) || self.site.surely.contains(&step.id);
        if reference.guarded || surely {
            return;
        }
        let id = &step.id;
        let fix = Some(format!(
            "`… if steps.{id}.status == 'completed' else …`, `| default(…)`, or `when: steps.{id}.status == 'completed'`"
        ));
        let conditional = matches!(step.when, Some(When::Template(_) | When::Literal(false)));
        if conditional {
            let message = format!("step `{id}` may have been skipped, and then it has no output");
            return self.error(reference.at, "maybe_missing", message, fix);
        }
        if let (OnError::Continue(fallback), Some(Segment::Name(first))) = (&step.on_error, rest.first()) {
            let given =
                matches!(fallback, Templated::Map(entries) if entries.iter().any(|(k, _)| k == first));
            if !given {
                let message = format!("step `{id}` may have failed, and its fallback has no `{first}`");
                self.error(reference.at, "maybe_missing", message, fix);
            }
        }
    }

    fn output(&self, step: &Step, path: &[Segment]) -> Result<(), Miss> {
        let only = |fields: &[&str]| match path.first() {
            Some(Segment::Name(name)) if !fields.contains(&name.as_str()) => Err(Miss {
                message: format!("a wait's output has no `{name}`"),
                fix: Some(format!("it has {}", fields.join(" and "))),
            }),
            _ => Ok(()),
        };
        match &step.does {
            Does::Wait(WaitStep::Event(wait)) => match path {
                [Segment::Name(name), rest @ ..] if name == "event" => shapes::event(&wait.kinds, rest),
                _ => only(&["event", "timedOut"]),
            },
            Does::Wait(_) => only(&["waitedMs"]),
            Does::Action(call) => {
                let Ok(entry) = self.catalog.entry(&call.action) else { return Ok(()) };
                let written = call.written.as_ref();
                let input = written.map_or(Value::Null, Node::to_json);
                let Some(action) = requests::performed(self.catalog, entry, &input) else { return Ok(()) };
                // Another version has other fields, and the tables hold the pinned one.
                if ["apiVersion", "api_version"].iter().any(|n| written.is_some_and(|w| w.get(n).is_some())) {
                    return Ok(());
                }
                let expand = expand(written);
                let walk = Walk { expand: &expand, so_far: String::new() };
                shapes::follow(&action.operation.resolve().response, path, &walk)
            }
        }
    }
}

/// What a config asks Stripe to expand, as literal texts: in the config itself, or among
/// the parameters of a request.
fn expand(config: Option<&Node>) -> Vec<String> {
    let params = config.and_then(|config| config.get("params"));
    let lists = [config, params].into_iter().flatten().filter_map(|node| node.get("expand"));
    let items = lists.flat_map(|list| match &list.kind {
        Kind::List(items) => items.as_slice(),
        _ => &[],
    });
    items.filter_map(|item| item.text().map(str::to_owned)).collect()
}
