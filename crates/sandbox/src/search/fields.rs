//! The fields that a query can name, by resource (Stripe's docs, Search, Query fields).

use serde_json::Value;

/// What can be asked of a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Whether it is this, whatever the case.
    Token,
    /// The same, and whether it has this in it.
    Text,
    /// Whether it is this, or more, or less.
    Number,
}

#[derive(Debug)]
pub(super) struct Field {
    pub(super) name: &'static str,
    pub(super) kind: Kind,
    /// Where a stored object has it, when not under its name.
    place: Option<&'static str>,
}

#[derive(Debug)]
pub(super) struct Resource {
    /// The operation that searches it.
    pub(super) operation: &'static str,
    /// The objects' `object`.
    pub(super) kind: &'static str,
    pub(super) fields: &'static [Field],
}

const fn token(name: &'static str) -> Field {
    Field { name, kind: Kind::Token, place: None }
}

const fn text(name: &'static str) -> Field {
    Field { name, kind: Kind::Text, place: None }
}

const fn number(name: &'static str) -> Field {
    Field { name, kind: Kind::Number, place: None }
}

const fn at(field: Field, place: &'static str) -> Field {
    Field { place: Some(place), ..field }
}

static RESOURCES: &[Resource] = &[
    Resource {
        operation: "charges.search",
        kind: "charge",
        fields: &[
            number("amount"),
            token("billing_details.address.postal_code"),
            number("created"),
            token("currency"),
            token("customer"),
            token("disputed"),
            token("payment_method_details.card.brand"),
            number("payment_method_details.card.exp_month"),
            number("payment_method_details.card.exp_year"),
            token("payment_method_details.card.fingerprint"),
            token("payment_method_details.card.last4"),
            token("payment_method_details.type"),
            token("refunded"),
            token("status"),
        ],
    },
    Resource {
        operation: "customers.search",
        kind: "customer",
        fields: &[number("created"), text("email"), text("name"), text("phone")],
    },
    Resource {
        operation: "invoices.search",
        kind: "invoice",
        fields: &[
            number("created"),
            token("currency"),
            token("customer"),
            at(token("last_finalization_error_code"), "last_finalization_error.code"),
            at(token("last_finalization_error_type"), "last_finalization_error.type"),
            token("number"),
            token("receipt_number"),
            token("status"),
            at(token("subscription"), "_subscription"),
            number("total"),
        ],
    },
    Resource {
        operation: "paymentIntents.search",
        kind: "payment_intent",
        fields: &[number("amount"), number("created"), token("currency"), token("customer"), token("status")],
    },
    Resource {
        operation: "prices.search",
        kind: "price",
        fields: &[token("active"), token("currency"), token("lookup_key"), token("product"), token("type")],
    },
    Resource {
        operation: "products.search",
        kind: "product",
        fields: &[token("active"), text("description"), text("name"), token("shippable"), text("url")],
    },
    Resource {
        operation: "subscriptions.search",
        kind: "subscription",
        fields: &[number("canceled_at"), number("created"), token("status")],
    },
];

/// What an operation searches.
pub(super) fn of(operation: &str) -> Option<&'static Resource> {
    RESOURCES.iter().find(|resource| resource.operation == operation)
}

impl Resource {
    /// The field of this name.
    pub(super) fn field(&self, name: &str) -> Option<&'static Field> {
        self.fields.iter().find(|field| field.name == name)
    }

    /// The resource as its own part of the documentation calls it.
    pub(super) fn called(&self) -> String {
        format!("{}s", self.kind)
    }
}

impl Field {
    /// What a stored object has in it.
    pub(super) fn read<'a>(&self, object: &'a Value) -> Option<&'a Value> {
        let path = self.place.unwrap_or(self.name);
        let found = path.split('.').try_fold(object, |inner, step| inner.get(step));
        found.filter(|found| !found.is_null())
    }
}
