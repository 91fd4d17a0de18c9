//! What an input may hold, as flags see it.

use ::actions::describe::{Description, Field};
use stripe::tables::Type;

/// The fields at the top of an input.
#[derive(Debug, Clone)]
pub(crate) struct Shape {
    pub(crate) fields: Vec<Slot>,
}

/// A place in an input.
#[derive(Debug, Clone)]
pub(crate) struct Slot {
    /// The field; `None` for an item of a list, a value of a map, or a name that no table knows.
    pub(crate) field: Option<Field>,
    takes: Takes,
}

/// What may stand at a place.
#[derive(Debug, Clone)]
enum Takes {
    /// One of these types; none for a place that no table knows.
    Types(Vec<&'static Type>),
    /// An object of these fields.
    Object(Vec<Slot>),
}

impl Shape {
    /// The input of an action, or the parameters and options of an operation.
    pub(crate) fn of(description: &Description) -> Self {
        Self { fields: description.all().cloned().map(Slot::of).collect() }
    }

    /// The slot that a path leads to, if every step is known.
    pub(crate) fn at(&self, steps: &[String]) -> Option<Slot> {
        let (first, rest) = steps.split_first()?;
        let top = self.fields.iter().find(|slot| slot.is_spelled(first))?.clone();
        rest.iter().try_fold(top, |slot, step| slot.below(step))
    }

    /// The place of a name at the top; one that no table knows when there is none.
    pub(super) fn top(&self, step: &str) -> Slot {
        self.fields.iter().find(|slot| slot.is_spelled(step)).cloned().unwrap_or_else(Slot::unknown)
    }
}

impl Slot {
    /// The place of a field.
    pub(crate) fn of(field: Field) -> Self {
        Self { takes: Takes::Types(flat(field.kind)), field: Some(field) }
    }

    /// An object of these fields, under the name of `field`.
    pub(crate) fn object(field: Field, fields: Vec<Self>) -> Self {
        Self { field: Some(field), takes: Takes::Object(fields) }
    }

    fn inside(kinds: Vec<&'static Type>) -> Self {
        Self { field: None, takes: Takes::Types(kinds) }
    }

    pub(super) fn unknown() -> Self {
        Self::inside(Vec::new())
    }

    pub(crate) fn is_spelled(&self, step: &str) -> bool {
        self.field.as_ref().is_some_and(|field| field.is_spelled(step))
    }

    /// The types that may stand here.
    pub(super) fn types(&self) -> &[&'static Type] {
        match &self.takes {
            Takes::Types(types) => types,
            Takes::Object(_) => &[],
        }
    }

    fn has(&self, wanted: impl Fn(&Type) -> bool) -> bool {
        self.types().iter().any(|kind| wanted(kind))
    }

    pub(crate) fn is_boolean(&self) -> bool {
        self.has(|kind| matches!(kind, Type::Boolean))
    }

    pub(crate) fn is_list(&self) -> bool {
        self.has(|kind| matches!(kind, Type::Array(_)))
    }

    pub(super) fn is_metadata(&self) -> bool {
        self.has(|kind| matches!(kind, Type::Metadata))
    }

    /// Whether names may stand behind it: fields, or keys of a map.
    pub(crate) fn leads_inside(&self) -> bool {
        let map = |kind: &Type| matches!(kind, Type::Map(_) | Type::Metadata);
        let inside = if self.is_list() { self.item().fields() } else { self.fields() };
        !inside.is_empty() || self.has(map)
    }

    /// Whether a text by itself may be its value.
    pub(crate) fn takes_text(&self) -> bool {
        let text =
            |kind: &Type| !matches!(kind, Type::Hash(_) | Type::Map(_) | Type::Metadata | Type::Nothing);
        match self.is_list() {
            true => self.item().takes_text(),
            false => matches!(self.takes, Takes::Types(_)) && (self.types().is_empty() || self.has(text)),
        }
    }

    /// The values that are known; empty when it is open.
    pub(crate) fn allowed(&self) -> &'static [&'static str] {
        let of_items = if self.is_list() { self.item().allowed() } else { &[] };
        let values = self.types().iter().find_map(|kind| match kind {
            Type::Enum(values) => Some(*values),
            _ => None,
        });
        values.unwrap_or(of_items)
    }

    /// Whether text that is JSON is meant as JSON here.
    pub(super) fn is_structured(&self) -> bool {
        let structured = |kind: &Type| {
            matches!(kind, Type::Hash(_) | Type::Map(_) | Type::Metadata | Type::Range | Type::Any)
        };
        matches!(self.takes, Takes::Object(_)) || self.is_list() || self.has(structured)
    }

    /// What an item of the list may be.
    pub(super) fn item(&self) -> Self {
        let inner = self.types().iter().filter_map(|kind| match kind {
            Type::Array(inner) => Some(flat(inner)),
            _ => None,
        });
        Self::inside(inner.flatten().collect())
    }

    /// The fields inside, of a hash; the items of a list are asked for theirs.
    pub(crate) fn fields(&self) -> Vec<Self> {
        match &self.takes {
            Takes::Object(fields) => fields.clone(),
            Takes::Types(types) => {
                let hashes = types.iter().filter(|kind| matches!(kind, Type::Hash(_) | Type::Range));
                hashes.flat_map(|kind| Field::inside(kind)).map(Self::of).collect()
            }
        }
    }

    /// The place one step below, if it is known.
    pub(super) fn below(&self, step: &str) -> Option<Self> {
        if self.is_list() && (step.is_empty() || step.parse::<usize>().is_ok()) {
            return Some(self.item());
        }
        let named = self.fields().into_iter().find(|slot| slot.is_spelled(step));
        named.or_else(|| {
            let values = self.types().iter().find_map(|kind| match kind {
                Type::Map(inner) => Some(flat(inner)),
                Type::Metadata => Some(vec![&Type::String]),
                _ => None,
            });
            values.map(Self::inside)
        })
    }
}

/// A union's members, however deep.
fn flat(kind: &'static Type) -> Vec<&'static Type> {
    match kind {
        Type::Union(members) => members.iter().flat_map(flat).collect(),
        _ => vec![kind],
    }
}
