//! What can be said of an action or an operation, as data.
//!
//! Help, generated documentation and completion all read this, so they cannot tell
//! different stories. It knows no surface: how a field is written as a flag, in JSON
//! or in YAML is the surface's business. Nothing here is parsed before it is asked for.

mod answer;
mod effect;
mod errors;
mod field;
mod kind;
#[cfg(test)]
mod tests;

use stripe::{
    Version,
    tables::{Operation, Param},
};

use crate::{
    Action, Effect, Hint, Permission, Reconcile,
    names::{nearest, shown},
    paging, request,
};

pub use answer::{Answer, AnswerField};
pub use errors::LikelyError;
pub use field::Field;

/// An action or a bare operation of Stripe's, described.
#[derive(Debug, Clone)]
pub struct Description {
    /// `stripe.createInvoice`, or the operation's id.
    pub name: &'static str,
    /// What people read: "Create invoice". An operation has its verb and path.
    pub title: String,
    /// One sentence or two; empty for an operation.
    pub about: &'static str,
    /// Stripe's operation; `stripe.request` has one only when its input names it.
    pub operation: Option<&'static Operation>,
    /// What it does to the world; of `stripe.request` what its operation does.
    pub effect: Option<Effect>,
    /// What a restricted key needs; of `stripe.request` what its operation needs.
    pub permission: Option<Permission>,
    /// The curated fields; of an operation, what has to be there.
    pub fields: Vec<Field>,
    /// Every other parameter of the operation.
    pub more: Vec<Field>,
    /// The call options.
    pub options: Vec<Field>,
    /// Names that people try in vain.
    pub hints: &'static [Hint],
    reconcile: Reconcile,
}

impl Description {
    /// Describes an action as it is under a version.
    pub fn of_action(action: &'static Action, version: Version) -> Self {
        let operation = action.operation.resolve();
        let params = operation.params_in(version);
        Self {
            name: action.name,
            title: action.title.to_owned(),
            about: action.about,
            operation: Some(operation),
            effect: Some(action.effect),
            permission: Some(action.permission),
            fields: action
                .fields
                .iter()
                .map(|curated| Field::curated(curated, operation, params, version))
                .collect(),
            more: others(operation, params, version, &|param| {
                action.fields.iter().all(|curated| curated.stripe_among(params) != param.name)
            }),
            options: options(operation, params),
            hints: action.hints,
            reconcile: action.reconcile,
        }
    }

    /// Describes an operation that is called by its id, as it is under a version.
    pub fn of_operation(operation: &'static Operation, version: Version) -> Self {
        let params = operation.params_in(version);
        let mut described = Self::of_action(request::raw::action(operation), version);
        // Nobody has curated them: what has to be there comes first.
        let (required, more) = described.more.into_iter().partition(|field| field.required);
        described.fields.extend::<Vec<Field>>(required);
        described.more = more;
        described.name = operation.id;
        described.title = format!("{} {}", operation.method.as_str(), operation.path);
        described.about = "";
        // A parameter of the operation's own is nearer than an option of its name.
        described.options.retain(|option| {
            option.stripe == "expand" || params.iter().all(|param| param.name != option.stripe)
        });
        described
    }

    /// Describes `stripe.request`, whatever it is to perform.
    pub fn of_request() -> Self {
        Self {
            name: request::NAME,
            title: request::TITLE.to_owned(),
            about: request::ABOUT,
            operation: None,
            effect: None,
            permission: None,
            fields: Field::of_request(),
            more: Vec::new(),
            options: vec![Field::all(), Field::expand_any(), Field::stripe_account(), Field::api_version()],
            hints: &[],
            reconcile: Reconcile::Park,
        }
    }

    /// Every name that an input may have at its top, the curated fields first.
    pub fn all(&self) -> impl Iterator<Item = &Field> {
        self.fields.iter().chain(&self.more).chain(&self.options)
    }

    /// Whether a field is an id of the path.
    pub fn stands_in_path(&self, field: &Field) -> bool {
        self.operation.is_some_and(|operation| operation.path_params().contains(&field.stripe))
    }

    /// What goes into the parameters of an operation: everything but the options, and
    /// `expand`, which Stripe counts among them.
    pub fn parameters(&self) -> impl Iterator<Item = &Field> {
        let expand = self.options.iter().filter(|option| option.stripe == "expand");
        self.fields.iter().chain(&self.more).chain(expand)
    }

    /// The field at a place such as `items.price` or `shipping.address`; list
    /// positions may be written (`items.0.price`) or left out. Every spelling is taken.
    ///
    /// # Errors
    /// The name that nothing has, where it stands, and the nearest that is there.
    pub fn at(&self, place: &str) -> Result<Field, Unplaced> {
        let mut found: Option<Field> = None;
        let names = place.split(['.', '[', ']']).filter(|name| !name.is_empty());
        for name in names.filter(|name| !name.bytes().all(|b| b.is_ascii_digit())) {
            let known = match &found {
                Some(field) => field.inner(),
                None => self.all().cloned().collect(),
            };
            let field = known.iter().find(|field| field.is_spelled(name)).cloned();
            found = Some(field.ok_or_else(|| Unplaced::new(name, found.as_ref(), &known))?);
        }
        found.ok_or_else(|| Unplaced::new(place, None, &[]))
    }

    /// What is tried in vain, grouped by what to do instead.
    pub fn instead(&self) -> Vec<(Vec<&'static str>, &'static str)> {
        let mut grouped: Vec<(Vec<&str>, &str)> = Vec::new();
        for hint in self.hints {
            match grouped.iter_mut().find(|(_, says)| *says == hint.says) {
                Some((names, _)) => names.push(hint.field),
                None => grouped.push((vec![hint.field], hint.says)),
            }
        }
        grouped
    }

    /// What Stripe answers; empty for `stripe.request`.
    pub fn answer(&self) -> Answer {
        self.operation.map(|operation| Answer::of(&operation.response)).unwrap_or_default()
    }

    /// What repeating it does, in a sentence or two.
    pub fn repeating(&self) -> &'static str {
        effect::repeating(self.effect)
    }

    /// How an answer that was lost is found out, in sentences.
    pub fn lost_answer(&self) -> String {
        effect::lost_answer(self.effect, self.reconcile)
    }

    /// The errors that a caller is likely to meet, the most likely first.
    pub fn likely_errors(&self) -> Vec<LikelyError> {
        errors::likely(self)
    }
}

/// There is no field at a place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unplaced {
    /// The name that nothing has.
    pub name: String,
    /// The field in which it was looked for; `None` at the top.
    pub inside: Option<String>,
    /// The nearest name that is there.
    pub nearest: Option<String>,
}

impl Unplaced {
    fn new(name: &str, inside: Option<&Field>, known: &[Field]) -> Self {
        Self {
            name: shown(name),
            inside: inside.map(|field| field.name.clone()),
            nearest: nearest(name, known.iter().map(|field| field.name.clone())),
        }
    }
}

fn others(
    operation: &'static Operation,
    params: &'static [Param],
    version: Version,
    wanted: &dyn Fn(&Param) -> bool,
) -> Vec<Field> {
    let others = params.iter().filter(|param| param.name != "expand" && wanted(param));
    others.map(|param| Field::top(param, operation, version)).collect()
}

fn options(operation: &Operation, params: &'static [Param]) -> Vec<Field> {
    let all = paging::is_list(operation).then(Field::all);
    let expand = params.iter().find(|param| param.name == "expand").map(Field::expand);
    all.into_iter().chain(expand).chain([Field::stripe_account(), Field::api_version()]).collect()
}
