//! The field names that a type takes, asked of the type itself, so that a refusal can
//! name the nearest one without a list that somebody has to keep.

use serde::{
    Deserialize, Deserializer,
    de::{self, Visitor},
    forward_to_deserialize_any,
};

/// The names of the fields of `T`, a struct that derives `Deserialize`.
pub(crate) fn fields_of<T: for<'de> Deserialize<'de>>() -> &'static [&'static str] {
    let mut names: &'static [&'static str] = &[];
    // Always an error: the spy leaves as soon as it has heard the names.
    let _ = T::deserialize(Spy(&mut names)).is_ok();
    names
}

/// The known name nearest to this one, if one is near.
pub(crate) fn nearest(given: &str, known: &[&'static str]) -> Option<&'static str> {
    let distance = |name: &str| strsim::damerau_levenshtein(&given.to_lowercase(), &name.to_lowercase());
    let near = known.iter().map(|name| (distance(name), *name)).min()?;
    (near.0 <= 2.max(near.1.len() / 3)).then_some(near.1)
}

/// `a, b, c` in code quotes.
pub(crate) fn listed(names: &[&str]) -> String {
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}

struct Spy<'a>(&'a mut &'static [&'static str]);

impl<'de> Deserializer<'de> for Spy<'_> {
    type Error = de::value::Error;

    fn deserialize_any<V: Visitor<'de>>(self, _: V) -> Result<V::Value, Self::Error> {
        Err(de::Error::custom("heard enough"))
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        fields: &'static [&'static str],
        _: V,
    ) -> Result<V::Value, Self::Error> {
        *self.0 = fields;
        Err(de::Error::custom("heard enough"))
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit
        unit_struct newtype_struct seq tuple tuple_struct map enum identifier ignored_any
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase", deny_unknown_fields)]
    #[expect(dead_code, reason = "only its names are read")]
    struct Example {
        connection_id: Option<String>,
        config: Option<String>,
    }

    #[test]
    fn a_type_tells_its_names_and_the_nearest_is_found() {
        assert_eq!(fields_of::<Example>(), ["connectionId", "config"]);
        assert_eq!(nearest("conifg", fields_of::<Example>()), Some("config"));
        assert_eq!(nearest("connection_id", fields_of::<Example>()), Some("connectionId"));
        assert_eq!(nearest("zzz", fields_of::<Example>()), None);
    }
}
