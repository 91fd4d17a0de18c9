//! Picking a few values out of JSON whose shape may surprise.
//!
//! Everything that is not looked for is skipped without being built, so that a deep
//! or huge body costs its length and nothing more; a value of another type than
//! expected counts as absent.

use std::{borrow::Cow, fmt};

use serde::{
    Deserialize, Deserializer,
    de::{IgnoredAny, MapAccess, SeqAccess, Visitor},
};

/// The longest text that is looked at; Stripe's ids are shorter.
const LONGEST: usize = 255;

/// What is looked for in the event itself.
#[derive(Debug, Default)]
pub(crate) struct Top {
    pub(crate) id: Scalar,
    pub(crate) kind: Scalar,
    pub(crate) created: Scalar,
    pub(crate) livemode: Scalar,
    pub(crate) account: Scalar,
    pub(crate) context: Scalar,
    pub(crate) object: Object,
    /// Of a thin event.
    pub(crate) related: Object,
}

/// What is looked for in the event's object.
#[derive(Debug, Default)]
pub(crate) struct Object {
    pub(crate) id: Scalar,
    pub(crate) customer: Scalar,
    pub(crate) invoice: Scalar,
    pub(crate) payment_intent: Scalar,
    pub(crate) charge: Scalar,
    pub(crate) subscription: Scalar,
    /// `parent.subscription_details.subscription`, where invoices have it since basil.
    pub(crate) parent_subscription: Scalar,
}

/// A short text, a number or a truth; of an object its `id`, as where Stripe expands.
#[derive(Debug, Default, Clone, PartialEq)]
pub(crate) enum Scalar {
    #[default]
    Absent,
    Text(String),
    Number(i64),
    Truth(bool),
}

impl Scalar {
    pub(crate) fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) if !text.is_empty() => Some(text),
            _ => None,
        }
    }
}

impl<'de> Deserialize<'de> for Scalar {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        d.deserialize_any(ScalarVisitor { into_objects: true })
    }
}

struct ScalarVisitor {
    into_objects: bool,
}

impl<'de> Visitor<'de> for ScalarVisitor {
    type Value = Scalar;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("anything")
    }

    fn visit_str<E>(self, text: &str) -> Result<Scalar, E> {
        Ok(if text.len() <= LONGEST { Scalar::Text(text.to_owned()) } else { Scalar::Absent })
    }

    fn visit_i64<E>(self, number: i64) -> Result<Scalar, E> {
        Ok(Scalar::Number(number))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Scalar, E> {
        Ok(i64::try_from(number).map_or(Scalar::Absent, Scalar::Number))
    }

    fn visit_f64<E>(self, _: f64) -> Result<Scalar, E> {
        Ok(Scalar::Absent)
    }

    fn visit_bool<E>(self, truth: bool) -> Result<Scalar, E> {
        Ok(Scalar::Truth(truth))
    }

    fn visit_unit<E>(self) -> Result<Scalar, E> {
        Ok(Scalar::Absent)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Scalar, A::Error> {
        while seq.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Scalar::Absent)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Scalar, A::Error> {
        let mut found = Scalar::Absent;
        while let Some(key) = map.next_key::<Key<'_>>()? {
            match key.0.as_ref() {
                "id" if self.into_objects => found = map.next_value::<Flat>()?.0,
                _ => drop(map.next_value::<IgnoredAny>()?),
            }
        }
        Ok(found)
    }
}

/// A scalar, where an object means nothing: ids of ids of ids are not followed.
struct Flat(Scalar);

impl<'de> Deserialize<'de> for Flat {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        d.deserialize_any(ScalarVisitor { into_objects: false }).map(Flat)
    }
}

/// A member's name.
#[derive(Deserialize)]
struct Key<'a>(#[serde(borrow)] Cow<'a, str>);

/// Objects are read member by member; the last of equal names counts, as in most readers.
macro_rules! members {
    ($type:ty, $visitor:ident, |$out:ident, $key:ident, $map:ident| $body:block) => {
        impl<'de> Deserialize<'de> for $type {
            fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
                d.deserialize_any($visitor)
            }
        }

        struct $visitor;

        impl<'de> Visitor<'de> for $visitor {
            type Value = $type;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("anything")
            }
            fn visit_str<E>(self, _: &str) -> Result<$type, E> {
                Ok(<$type>::default())
            }
            fn visit_i64<E>(self, _: i64) -> Result<$type, E> {
                Ok(<$type>::default())
            }
            fn visit_u64<E>(self, _: u64) -> Result<$type, E> {
                Ok(<$type>::default())
            }
            fn visit_f64<E>(self, _: f64) -> Result<$type, E> {
                Ok(<$type>::default())
            }
            fn visit_bool<E>(self, _: bool) -> Result<$type, E> {
                Ok(<$type>::default())
            }
            fn visit_unit<E>(self) -> Result<$type, E> {
                Ok(<$type>::default())
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<$type, A::Error> {
                while seq.next_element::<IgnoredAny>()?.is_some() {}
                Ok(<$type>::default())
            }
            fn visit_map<A: MapAccess<'de>>(self, mut $map: A) -> Result<$type, A::Error> {
                let mut $out = <$type>::default();
                while let Some($key) = $map.next_key::<Key<'_>>()? {
                    $body
                }
                Ok($out)
            }
        }
    };
}

members!(Top, TopVisitor, |top, key, map| {
    match key.0.as_ref() {
        "id" => top.id = map.next_value()?,
        "type" => top.kind = map.next_value()?,
        "created" => top.created = map.next_value()?,
        "livemode" => top.livemode = map.next_value()?,
        "account" => top.account = map.next_value()?,
        "context" => top.context = map.next_value()?,
        "data" => top.object = map.next_value::<Data>()?.0,
        "related_object" => top.related = map.next_value()?,
        _ => drop(map.next_value::<IgnoredAny>()?),
    }
});

#[derive(Default)]
struct Data(Object);

members!(Data, DataVisitor, |data, key, map| {
    match key.0.as_ref() {
        "object" => data.0 = map.next_value()?,
        _ => drop(map.next_value::<IgnoredAny>()?),
    }
});

members!(Object, ObjectVisitor, |object, key, map| {
    match key.0.as_ref() {
        "id" => object.id = map.next_value()?,
        "customer" => object.customer = map.next_value()?,
        "invoice" => object.invoice = map.next_value()?,
        "payment_intent" => object.payment_intent = map.next_value()?,
        "charge" => object.charge = map.next_value()?,
        "subscription" => object.subscription = map.next_value()?,
        "parent" => object.parent_subscription = map.next_value::<Parent>()?.0,
        _ => drop(map.next_value::<IgnoredAny>()?),
    }
});

#[derive(Default)]
struct Parent(Scalar);

members!(Parent, ParentVisitor, |parent, key, map| {
    match key.0.as_ref() {
        "subscription_details" => parent.0 = map.next_value::<Details>()?.0,
        _ => drop(map.next_value::<IgnoredAny>()?),
    }
});

#[derive(Default)]
struct Details(Scalar);

members!(Details, DetailsVisitor, |details, key, map| {
    match key.0.as_ref() {
        "subscription" => details.0 = map.next_value()?,
        _ => drop(map.next_value::<IgnoredAny>()?),
    }
});
