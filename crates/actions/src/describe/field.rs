//! A field as callers see it.

use std::sync::LazyLock;

use serde_json::{Map, Value};
use stripe::{
    Method, Version,
    tables::{Operation, Param, Type},
};

use super::kind;
use crate::names::{camel, snake};

static TEXT: Type = Type::String;
static FLAG: Type = Type::Boolean;
static VERSIONS: LazyLock<Type> =
    LazyLock::new(|| Type::Enum(Version::all().map(Version::as_str).collect::<Vec<_>>().leak()));

/// A field: of an action, of an operation, or below one of these.
#[derive(Debug, Clone)]
pub struct Field {
    /// Our camel-case name.
    pub name: String,
    /// Stripe's name, which is taken too.
    pub stripe: &'static str,
    /// What values it takes.
    pub kind: &'static Type,
    /// Whether it has to be there.
    pub required: bool,
    /// Whether `null` or the empty text clears it at Stripe.
    pub clearable: bool,
    /// What is sent when it is absent, as JSON.
    pub default: Option<&'static str>,
    /// What it means; empty where only Stripe's documentation says it.
    pub about: &'static str,
}

impl Field {
    fn plain(name: &'static str, kind: &'static Type) -> Self {
        Self {
            name: camel(name),
            stripe: name,
            kind,
            required: false,
            clearable: false,
            default: None,
            about: "",
        }
    }

    pub(super) fn curated(
        curated: &crate::Field,
        operation: &'static Operation,
        params: &'static [Param],
        version: Version,
    ) -> Self {
        let stripe = curated.stripe_among(params);
        let param = params.iter().find(|param| param.name == stripe);
        let mut field =
            param.map_or_else(|| Self::path(stripe), |param| Self::top(param, operation, version));
        curated.name.clone_into(&mut field.name);
        field.required |= curated.required;
        field.clearable &= !field.required;
        field.default = curated.default;
        field.about = curated.about;
        field
    }

    /// An id of the path.
    pub(super) fn path(name: &'static str) -> Self {
        Self { required: true, about: "Stands in the path.", ..Self::plain(name, &TEXT) }
    }

    /// A parameter at the top, where the table's own verdict on `null` is asked for: it
    /// lets free text be cleared although its types do not say so.
    pub(super) fn top(param: &'static Param, operation: &Operation, version: Version) -> Self {
        let null = Map::from_iter([(param.name.to_owned(), Value::Null)]);
        let refused = operation.check(&null, version).iter().any(|wrong| wrong.param == param.name);
        // What only reads has nothing to clear.
        let clearable = operation.method != Method::Get && !refused;
        Self { required: param.required, clearable, ..Self::plain(param.name, &param.kind) }
    }

    /// A property of a hash. Free text below the top can always be cleared.
    fn below(param: &'static Param) -> Self {
        let free_text = matches!(param.kind, Type::String) && !param.required;
        Self {
            required: param.required,
            clearable: param.unsettable || free_text,
            ..Self::plain(param.name, &param.kind)
        }
    }

    pub(super) fn expand(param: &'static Param) -> Self {
        let about =
            "Fields to return as whole objects instead of ids, in Stripe's names, such as `customer`.";
        Self { about, ..Self::plain("expand", &param.kind) }
    }

    /// What `stripe.request` takes beside its options.
    pub(super) fn of_request() -> Vec<Self> {
        static METHODS: Type = Type::Enum(&["GET", "POST", "DELETE"]);
        let field = |name, kind, about| Self { about, ..Self::plain(name, kind) };
        vec![
            field(
                "operation",
                &TEXT,
                "The operation by its name, such as `refunds.create`; or give `method` and `path`.",
            ),
            field("method", &METHODS, "The verb, with `path`."),
            field("path", &TEXT, "The path with its ids, such as `/v1/refunds/re_123`."),
            field(
                "params",
                &Type::Hash(&[]),
                "The operation's parameters by their names, the ids of its path among them.",
            ),
        ]
    }

    pub(super) fn expand_any() -> Self {
        static LIST: Type = Type::Array(&TEXT);
        let about =
            "Fields to return as whole objects instead of ids, in Stripe's names, such as `customer`.";
        Self { about, ..Self::plain("expand", &LIST) }
    }

    pub(super) fn all() -> Self {
        let about = "Every page, one after another, as a stream; `limit` is the size of a page then.";
        Self { about, ..Self::plain("all", &FLAG) }
    }

    pub(super) fn stripe_account() -> Self {
        Self { about: "The connected account to act as.", ..Self::plain("stripe_account", &TEXT) }
    }

    pub(super) fn api_version() -> Self {
        Self {
            about: "The Stripe API version of this call; the newest that Bursar knows when left out.",
            ..Self::plain("api_version", &VERSIONS)
        }
    }

    /// Whether callers may write it so: in camel, snake or kebab case, or by Stripe's name.
    pub fn is_spelled(&self, written: &str) -> bool {
        self.is_own_name(written) || written == camel(self.stripe) || written.replace('-', "_") == self.stripe
    }

    /// Whether this is our name for it, in camel, snake or kebab case.
    pub fn is_own_name(&self, written: &str) -> bool {
        written == self.name || written.replace('-', "_") == snake(&self.name)
    }

    /// What values it takes, in a few words: `list of object`.
    pub fn takes(&self) -> String {
        kind::words(self.kind)
    }

    /// The only values it takes, or that the items of its list have; empty when it is open.
    pub fn allowed(&self) -> &'static [&'static str] {
        kind::flat(self.kind).into_iter().find_map(kind::allowed).unwrap_or_default()
    }

    /// Whether it is a list.
    pub fn is_list(&self) -> bool {
        kind::flat(self.kind).iter().any(|kind| matches!(kind, Type::Array(_)))
    }

    /// The fields inside: of its hash, or of each item of its list.
    pub fn inner(&self) -> Vec<Self> {
        Self::inside(self.kind)
    }

    /// The fields inside a type: of a hash, or of each item of a list.
    pub fn inside(kind: &'static Type) -> Vec<Self> {
        let mut inner: Vec<Self> = Vec::new();
        for param in kind::flat(kind).into_iter().flat_map(kind::params) {
            // Alternatives of a union share names; the first stands for all.
            if inner.iter().all(|known| known.stripe != param.name) {
                inner.push(Self::below(param));
            }
        }
        inner
    }
}

/// The bounds of a range as properties, so that they are found like any other.
pub(super) fn bounds() -> &'static [Param] {
    static BOUNDS: LazyLock<Vec<Param>> = LazyLock::new(|| {
        let bound = |name| Param { name, kind: Type::Integer, required: false, unsettable: false };
        ["gt", "gte", "lt", "lte"].map(bound).into()
    });
    &BOUNDS
}
