//! Values of query parameters: text, read as what the parameter's type asks for. What
//! is wrong with one is said in our words, since a library's name neither the parameter
//! nor the fix.

use std::fmt::{self, Display};

use serde::{
    Deserializer,
    de::{self, DeserializeOwned, IntoDeserializer, Visitor, value::MapDeserializer},
    forward_to_deserialize_any,
};

use super::names::{listed, nearest};

/// What is wrong with a parameter.
#[derive(Debug)]
pub(super) struct Wrong {
    pub(super) name: Option<String>,
    /// What follows the parameter in a sentence, without its end.
    pub(super) what: String,
    pub(super) allowed: &'static [&'static str],
    pub(super) nearest: Option<&'static str>,
}

/// Reads parameters, each there once.
pub(super) fn read<T: DeserializeOwned>(pairs: Vec<(String, String)>) -> Result<T, Wrong> {
    let words = pairs.into_iter().map(|(name, text)| (name.clone(), Word { name, text }));
    T::deserialize(MapDeserializer::new(words))
}

/// The text of a parameter.
struct Word {
    name: String,
    text: String,
}

impl Word {
    fn wrong(self, what: String) -> Wrong {
        Wrong { name: Some(self.name), what, allowed: &[], nearest: None }
    }

    fn shown(&self) -> String {
        self.text.chars().take(64).collect()
    }

    fn number(self, most: u64) -> Result<u64, Wrong> {
        match self.text.parse() {
            Ok(number) if number <= most => Ok(number),
            _ => {
                let what =
                    format!("has to be a whole number from 0 to {most}, and `{}` is none", self.shown());
                Err(self.wrong(what))
            }
        }
    }

    fn not_one_of(self, allowed: &'static [&'static str]) -> Wrong {
        let what = format!("cannot be `{}`: it takes {}", self.shown(), listed(allowed));
        let nearest = nearest(&self.text, allowed);
        Wrong { name: Some(self.name), what, allowed, nearest }
    }
}

impl<'de> Deserializer<'de> for Word {
    type Error = Wrong;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Wrong> {
        let name = self.name;
        visitor.visit_string(self.text).map_err(|wrong: Wrong| Wrong { name: Some(name), ..wrong })
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Wrong> {
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Wrong> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Wrong> {
        match self.text.as_str() {
            "true" => visitor.visit_bool(true),
            "false" => visitor.visit_bool(false),
            _ => Err(self.not_one_of(&["true", "false"])),
        }
    }

    fn deserialize_u32<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Wrong> {
        visitor.visit_u64(self.number(u32::MAX.into())?)
    }

    fn deserialize_u64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Wrong> {
        visitor.visit_u64(self.number(u64::MAX)?)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Wrong> {
        if !variants.contains(&self.text.as_str()) {
            return Err(self.not_one_of(variants));
        }
        visitor.visit_enum(self.text.into_deserializer())
    }

    forward_to_deserialize_any! {
        i8 i16 i32 i64 i128 u8 u16 u128 f32 f64 char str string bytes byte_buf unit unit_struct seq tuple
        tuple_struct map struct identifier ignored_any
    }
}

impl IntoDeserializer<'_, Wrong> for Word {
    type Deserializer = Self;

    fn into_deserializer(self) -> Self {
        self
    }
}

impl Display for Wrong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.what)
    }
}

impl std::error::Error for Wrong {}

impl de::Error for Wrong {
    fn custom<T: Display>(why: T) -> Self {
        Self { name: None, what: format!("cannot be used ({why})"), allowed: &[], nearest: None }
    }

    fn missing_field(field: &'static str) -> Self {
        Self { name: Some(field.to_owned()), what: "is missing".to_owned(), allowed: &[], nearest: None }
    }
}
