//! From an action to its bad inputs.

use actions::Action;
use serde_json::{Map, Value, json};
use stripe::{
    Version,
    tables::{Param, Type},
};

use super::{
    BadInput, Wrong,
    samples::{camel, example, misspelt, required, sample},
    wrong,
};

/// Everything that can be wrong once with an action's input.
pub fn of(action: &'static Action) -> Vec<BadInput> {
    let mut walk = Walk { action, found: Vec::new() };
    walk.top();
    walk.found
}

/// Puts a value to its place in an input that is fine otherwise.
type Whole<'a> = &'a dyn Fn(Value) -> Value;

struct Walk {
    action: &'static Action,
    found: Vec<BadInput>,
}

/// A name at the top of an input.
struct Top {
    name: String,
    required: bool,
    kind: Option<&'static Type>,
}

impl Walk {
    fn top(&mut self) {
        let base = example(self.action);
        let tops = tops(self.action);
        for top in &tops {
            let whole = |value: Value| with(&base, &top.name, value);
            if top.required {
                let mut input = base.clone();
                assert!(input.shift_remove(&top.name).is_some(), "the example lacks `{}`", top.name);
                self.add(Wrong::Missing, "nothing", input.into(), &top.name);
            }
            self.misspelt("", &top.name, &|name| with(&base, &name, json!("text")));
            match top.kind {
                Some(kind) => self.value(&top.name, &stripes(self.action, &top.name), kind, &whole),
                None => self.id(&top.name, &whole),
            }
        }
        self.options(&base);
    }

    /// The id of an object in the path.
    fn id(&mut self, name: &str, whole: Whole<'_>) {
        for (what, value) in wrong::types(&Type::String).chain([("an empty id", json!(""))]) {
            self.add(Wrong::Type, what, whole(value), name);
        }
    }

    /// What every action takes beside its operation's parameters.
    fn options(&mut self, base: &Map<String, Value>) {
        let versions: Vec<&str> = Version::all().map(Version::as_str).collect();
        for (name, kind) in options(self.action) {
            self.misspelt("", name, &|name| with(base, &name, json!("text")));
            let words = if name == "apiVersion" { versions.clone() } else { Vec::new() };
            for (what, value) in wrong::types(&kind) {
                self.add(Wrong::Type, what, with(base, name, value), name);
                self.expect(None, words.clone());
            }
        }
        let newest = stripe::PINNED.as_str();
        let wrong = with(base, "apiVersion", json!(format!("{newest}x")));
        self.add(Wrong::NotAllowed, "a wrong word", wrong, "apiVersion");
        self.expect(Some(newest), versions);
    }

    /// A value at a place, and everything below it.
    fn value(&mut self, place: &str, name: &str, kind: &'static Type, whole: Whole<'_>) {
        for (what, value) in wrong::types(kind) {
            self.add(Wrong::Type, what, whole(value), place);
            self.expect(None, wrong::words(kind));
        }
        if let Some((word, nearest)) = wrong::word(kind) {
            self.add(Wrong::NotAllowed, "a wrong word", whole(json!(word)), place);
            self.expect(nearest, wrong::words(kind));
        }
        self.below(place, name, kind, whole);
    }

    fn below(&mut self, place: &str, name: &str, kind: &'static Type, whole: Whole<'_>) {
        match kind {
            Type::Hash(props) => self.hash(place, props, whole),
            Type::Array(inner) => {
                self.value(&format!("{place}[0]"), name, inner, &|value| whole(json!([value])));
            }
            Type::Map(inner) => {
                let inside = |value| whole(json!({ "some_key": value }));
                self.value(&format!("{place}.some_key"), name, inner, &inside);
            }
            Type::Metadata => {
                for (what, value) in [("an object", json!({})), ("a list", json!([]))] {
                    self.add(Wrong::Type, what, whole(json!({ "key": value })), &format!("{place}.key"));
                }
            }
            Type::Range => {
                for bound in ["gt", "gte", "lt", "lte"] {
                    self.misspelt(place, bound, &|name| whole(json!({ name: 1 })));
                    for (what, value) in wrong::types(&Type::Integer) {
                        self.add(
                            Wrong::Type,
                            what,
                            whole(json!({ bound: value })),
                            &format!("{place}.{bound}"),
                        );
                    }
                }
            }
            Type::Union(kinds) => kinds.iter().for_each(|kind| self.below(place, name, kind, whole)),
            _ => {}
        }
    }

    fn hash(&mut self, place: &str, props: &'static [Param], whole: Whole<'_>) {
        let base = required(props);
        for prop in props {
            let name = camel(prop.name);
            let at = format!("{place}.{name}");
            if prop.required {
                let mut lacking = base.clone();
                lacking.shift_remove(&name);
                self.add(Wrong::Missing, "nothing", whole(lacking.into()), &at);
            }
            self.misspelt(place, &name, &|wrong| whole(with(&base, &wrong, sample(prop.name, &prop.kind))));
            self.value(&at, prop.name, &prop.kind, &|value| whole(with(&base, &name, value)));
        }
    }

    fn misspelt(&mut self, place: &str, name: &str, whole: &dyn Fn(String) -> Value) {
        let wrong = misspelt(name);
        let at = if place.is_empty() { wrong.clone() } else { format!("{place}.{wrong}") };
        self.add(Wrong::Misspelt, "a misspelt name", whole(wrong), &at);
        self.expect(Some(name), Vec::new());
    }

    fn add(&mut self, wrong: Wrong, what: &str, input: Value, place: &str) {
        let (place, what) = (place.to_owned(), what.to_owned());
        let action = self.action;
        self.found.push(BadInput { action, input, place, wrong, what, nearest: None, allowed: Vec::new() });
    }

    /// What has to be offered for the one added last.
    fn expect(&mut self, nearest: Option<&str>, allowed: Vec<&'static str>) {
        if let Some(last) = self.found.last_mut() {
            last.nearest = nearest.map(str::to_owned);
            last.allowed = allowed;
        }
    }
}

/// The names that an action takes beside its operation's parameters.
pub fn options(action: &Action) -> Vec<(&'static str, Type)> {
    let mut options =
        vec![("stripeAccount", Type::String), ("apiVersion", Type::String), ("extra", Type::Metadata)];
    let lists = matches!(action.operation.resolve().response, Type::List(_) | Type::SearchResult(_));
    options.extend(lists.then_some(("all", Type::Boolean)));
    options
}

fn with(base: &Map<String, Value>, name: &str, value: Value) -> Value {
    let mut whole = base.clone();
    whole.insert(name.to_owned(), value);
    whole.into()
}

/// The names at the top: those of the path, and the operation's parameters.
fn tops(action: &'static Action) -> Vec<Top> {
    let operation = action.operation.resolve();
    let curated = |stripe: &str| action.fields.iter().find(|field| field.stripe == stripe);
    let named = |stripe: &str| curated(stripe).map_or_else(|| camel(stripe), |field| field.name.to_owned());
    let ids =
        operation.path_params().into_iter().map(|id| Top { name: named(id), required: true, kind: None });
    let params = operation.params.iter().map(|param| {
        let field = curated(param.name);
        let has_default = field.is_some_and(|field| field.default.is_some());
        let required = (param.required || field.is_some_and(|field| field.required)) && !has_default;
        Top { name: named(param.name), required, kind: Some(&param.kind) }
    });
    ids.chain(params).collect()
}

/// Stripe's name of a name at the top.
fn stripes(action: &Action, name: &str) -> String {
    let operation = action.operation.resolve();
    let field = action.fields.iter().find(|field| field.name == name);
    let param = operation.params.iter().find(|param| camel(param.name) == name);
    field.map(|field| field.stripe).or(param.map(|param| param.name)).unwrap_or(name).to_owned()
}
