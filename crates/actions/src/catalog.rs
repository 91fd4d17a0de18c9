//! All actions, one list you can read.

use model::{Code, Failure};
use serde_json::{Value, json};
use stripe::{
    Version,
    tables::{self, Operation},
};

use crate::{
    Action, Entry, Found, Invalid, Plan, account, balance, billing_portal, charges, checkout, coupons,
    credit_notes, customers, disputes, events, example,
    given::Given,
    invoices,
    names::{nearest, shown},
    payment_intents, payment_methods, plan, prices, products, refunds, request, schema, search,
    setup_intents, subscriptions, tax_rates, test_clocks,
};

/// Every action, in the order of the documentation.
static ALL: &[&Action] = &[
    &customers::get::ACTION,
    &customers::create::ACTION,
    &customers::update::ACTION,
    &customers::list::ACTION,
    &invoices::create::ACTION,
    &invoices::create_item::ACTION,
    &invoices::get::ACTION,
    &invoices::list::ACTION,
    &invoices::finalize::ACTION,
    &invoices::send::ACTION,
    &invoices::void::ACTION,
    &invoices::pay::ACTION,
    &invoices::update::ACTION,
    &invoices::delete::ACTION,
    &invoices::mark_uncollectible::ACTION,
    &invoices::preview::ACTION,
    &credit_notes::create::ACTION,
    &payment_intents::create::ACTION,
    &payment_intents::get::ACTION,
    &payment_intents::confirm::ACTION,
    &payment_intents::capture::ACTION,
    &payment_intents::cancel::ACTION,
    &payment_intents::list::ACTION,
    &payment_intents::update::ACTION,
    &setup_intents::create::ACTION,
    &subscriptions::create::ACTION,
    &subscriptions::get::ACTION,
    &subscriptions::update::ACTION,
    &subscriptions::cancel::ACTION,
    &subscriptions::list::ACTION,
    &subscriptions::pause::ACTION,
    &subscriptions::resume::ACTION,
    &checkout::create_session::ACTION,
    &billing_portal::create_session::ACTION,
    &products::create::ACTION,
    &prices::create::ACTION,
    &prices::list::ACTION,
    &coupons::create::ACTION,
    &tax_rates::create::ACTION,
    &refunds::create::ACTION,
    &refunds::get::ACTION,
    &refunds::list::ACTION,
    &charges::get::ACTION,
    &charges::list::ACTION,
    &disputes::list::ACTION,
    &payment_methods::attach::ACTION,
    &payment_methods::list::ACTION,
    &balance::get::ACTION,
    &balance::list_transactions::ACTION,
    &account::get::ACTION,
    &events::list::ACTION,
    &test_clocks::create::ACTION,
    &test_clocks::advance::ACTION,
];

/// What every name begins with, and callers may leave out.
const PREFIX: &str = "stripe.";

/// The catalog. It has no state: everything in it is static.
#[derive(Debug, Clone, Copy, Default)]
pub struct Catalog;

/// No such action, or no such operation.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("there is no {what} `{name}`{}", nearest.map(|n| format!("; did you mean `{n}`?")).unwrap_or_default())]
pub struct Unfound {
    /// `action` or `operation`.
    pub what: &'static str,
    /// What was asked for, cut at 100 characters.
    pub name: String,
    /// The nearest name there is.
    pub nearest: Option<&'static str>,
}

impl Unfound {
    /// As every surface shows it: `not_found`, with where to find the list.
    pub fn to_failure(&self) -> Failure {
        let guess = self.nearest.map_or_else(|| ".".to_owned(), |name| format!("; did you mean `{name}`?"));
        let list = match self.what {
            "action" => "`bursar actions` lists every action.",
            _ => "`bursar actions search WORD` finds operations.",
        };
        let message =
            format!("There is no {} `{}`{guess} Nothing was sent to Stripe. {list}", self.what, self.name);
        let failure = Failure::new(Code::NotFound, message);
        match self.nearest {
            Some(nearest) => failure.with_details(json!({ "nearest": nearest })),
            None => failure,
        }
    }
}

impl Catalog {
    /// Every action, in the order of the documentation.
    pub fn all(&self) -> &'static [&'static Action] {
        ALL
    }

    /// Everything that can be called by name: every action, and `stripe.request`.
    pub fn entries(&self) -> impl Iterator<Item = Entry> {
        ALL.iter().copied().map(Entry::Action).chain([Entry::Request])
    }

    /// The action that performs an operation, if there is one.
    pub fn action_for(&self, operation: &Operation) -> Option<&'static Action> {
        request::raw::curated(operation)
    }

    /// The action of this name, with or without the `stripe.` in front.
    ///
    /// # Errors
    /// When no action has this name; `stripe.request` is none.
    pub fn get(&self, name: &str) -> Result<&'static Action, Unfound> {
        match self.entry(name)? {
            Entry::Action(action) => Ok(action),
            Entry::Request => Err(Unfound { what: "action", name: shown(name), nearest: None }),
        }
    }

    /// What this name stands for: an action, or `stripe.request`; with or without the
    /// `stripe.` in front.
    ///
    /// # Errors
    /// When nothing has this name.
    pub fn entry(&self, name: &str) -> Result<Entry, Unfound> {
        let bare = |name: &'static str| name.strip_prefix(PREFIX).unwrap_or(name);
        let short = name.strip_prefix(PREFIX).unwrap_or(name);
        if let Some(entry) = self.entries().find(|entry| bare(entry.name()) == short) {
            return Ok(entry);
        }
        let near = nearest(short, self.entries().map(|entry| bare(entry.name())));
        let nearest = self.entries().map(Entry::name).find(|name| Some(bare(name)) == near);
        Err(Unfound { what: "action", name: shown(name), nearest })
    }

    /// The operation of this id under a version, as the action by which `stripe.request`
    /// performs it: without curated fields, named `stripe.request`.
    ///
    /// # Errors
    /// When the version has no such operation.
    pub fn operation(&self, id: &str, version: Version) -> Result<&'static Action, Unfound> {
        let found = tables::operation_in(id, version);
        found.map(request::raw::action).ok_or_else(|| {
            let nearest = nearest(id, tables::operation_ids_in(version));
            Unfound { what: "operation", name: shown(id), nearest }
        })
    }

    /// What performs an operation under a name: the action of that name, or the operation
    /// itself for `stripe.request`. For records, which know both.
    pub fn performing(&self, name: &str, operation: &Operation) -> Option<&'static Action> {
        match self.entry(name).ok()? {
            Entry::Action(action) => Some(action),
            Entry::Request => Some(request::raw::of(operation)),
        }
    }

    /// The action that an input of this entry performs; `None` when the input does not
    /// tell. The rest of the input is not looked at.
    pub fn performed(&self, entry: Entry, input: &Value, version: Version) -> Option<&'static Action> {
        match entry {
            Entry::Action(action) => Some(action),
            Entry::Request => request::performed(input, version),
        }
    }

    /// Operations that have every one of these words in their id, path, verb, parameter
    /// names or, where an action performs them, its name and title; the best first. No
    /// words find every operation of the pinned version. One row per operation.
    pub fn search(&self, words: &str) -> Vec<Found> {
        search::search(words)
    }

    /// Checks an input and makes the request of it. Takes camel case and Stripe's
    /// snake case (both at once for one parameter is an error), never inside maps;
    /// takes the call options `expand`, `stripeAccount`, `apiVersion` off; fills
    /// defaults; refuses what the operation's table does not have, naming the
    /// nearest name. `extra` is an object of more parameters, merged with the others.
    /// No input is the same as an empty one. All findings are returned, in one order.
    pub fn plan(
        &self,
        what: impl Into<Entry>,
        input: &Value,
        version: Version,
    ) -> Result<Plan, Vec<Invalid>> {
        match what.into() {
            Entry::Action(action) => plan::plan(action, Given::of_action(input, version)),
            Entry::Request => request::plan(input, version),
        }
    }

    /// The JSON Schema (2020-12) of an action's input: curated fields first, call
    /// options, and every other parameter of the operation under its camel-case name.
    /// Stripe's snake case is taken too, but not described.
    pub fn input_schema(&self, action: &Action) -> Value {
        schema::input(action, schema::Extent::Everything)
    }

    /// The same with the curated fields, the call options and one `extra` object: what
    /// forms and MCP tools show.
    pub fn curated_schema(&self, action: &Action) -> Value {
        schema::input(action, schema::Extent::Curated)
    }

    /// The JSON Schema of the input of `stripe.request`.
    pub fn request_schema(&self) -> Value {
        request::input_schema()
    }

    /// The JSON Schema of an operation's parameters under a version, ids of its path
    /// among them: what stands in `params` of `stripe.request`.
    pub fn operation_schema(&self, action: &Action, version: Version) -> Value {
        schema::params(action, version)
    }

    /// An input of `stripe.request` for an operation, with what Stripe requires; names in
    /// braces stand for values that only the caller knows.
    pub fn operation_example(&self, action: &Action, version: Version) -> Value {
        request::example(action.operation.resolve(), version)
    }

    /// The JSON Schema of what Stripe answers: its object with the fields of the tables,
    /// one level deep. Tolerant, because Stripe adds fields.
    pub fn output_schema(&self, action: &Action) -> Value {
        schema::output(action)
    }

    /// The action's example, each `{fixture}` in it replaced by what `fixtures` gives
    /// for the name between the braces.
    pub fn example_input(&self, action: &Action, fixtures: &dyn Fn(&str) -> String) -> Value {
        example::fill(action, fixtures)
    }
}
