//! Putting a flag's value where it belongs.

use model::Failure;
use serde_json::{Map, Value};

use super::{
    Flag, Shape, Slot,
    given::{Given, Place},
    text, usage,
};

/// Puts a flag's value into the config. `given` holds what flags have filled.
pub(super) fn put(
    config: &mut Map<String, Value>,
    shape: &Shape,
    flag: &Flag<'_>,
    given: &mut Given,
) -> Result<(), Failure> {
    let Some((first, rest)) = flag.steps.split_first() else { return Ok(()) };
    let slot = shape.top(first);
    let key = key(&slot, first);
    let place = config.entry(key.clone()).or_insert(Value::Null);
    Putting { flag, given }.put(place, &slot, rest, Place::default().field(&key))
}

struct Putting<'a> {
    flag: &'a Flag<'a>,
    given: &'a mut Given,
}

impl Putting<'_> {
    /// `at` is the place in the config's own names.
    fn put(&mut self, place: &mut Value, slot: &Slot, steps: &[String], at: Place) -> Result<(), Failure> {
        let Some((step, rest)) = steps.split_first() else { return self.assign(place, slot, at) };
        if slot.is_list() && !place.is_object() {
            return self.item(place, slot, step, rest, at);
        }
        let object = match place {
            Value::Object(object) => object,
            Value::Null if !self.given.has_within(&at) => {
                *place = Value::Object(Map::new());
                return self.put(place, slot, steps, at);
            }
            _ => return Err(self.refused(&format!("goes into `{at}`, which has a value already"))),
        };
        if slot.is_metadata() {
            // Metadata has no depth: dots belong to the key.
            let key = steps.join(".");
            let at = at.field(&key);
            let below = slot.below(&key).unwrap_or_else(Slot::unknown);
            return self.assign(object.entry(key).or_insert(Value::Null), &below, at);
        }
        let (key, below) = match slot.below(step) {
            // The key of a map is data.
            Some(below) if below.field.is_none() => (step.clone(), below),
            Some(below) => (key(&below, step), below),
            None => (key(&Slot::unknown(), step), Slot::unknown()),
        };
        let at = at.field(&key);
        self.put(object.entry(key).or_insert(Value::Null), &below, rest, at)
    }

    /// An item of a list, by its position; an empty step appends.
    fn item(
        &mut self,
        place: &mut Value,
        slot: &Slot,
        step: &str,
        rest: &[String],
        at: Place,
    ) -> Result<(), Failure> {
        if place.is_null() {
            *place = Value::Array(Vec::new());
        }
        let Value::Array(items) = place else {
            return Err(self.refused(&format!("goes into `{at}`, which has a value already")));
        };
        let position = match step.parse::<usize>() {
            Ok(position) => position,
            Err(_) if step.is_empty() && rest.is_empty() => items.len(),
            Err(_) => {
                let name = self.flag.written.split(['.', '[']).next().unwrap_or_default();
                return Err(self.refused(&format!(
                    "leads into a list, whose items have numbers: write --{name}.0.{step} for the first"
                )));
            }
        };
        if position > items.len() {
            return Err(self.refused(&format!(
                "leaves a gap: `{at}` has {} items so far; give them in order, from 0",
                items.len()
            )));
        }
        if position == items.len() {
            items.push(Value::Null);
        }
        self.put(&mut items[position], &slot.item(), rest, at.item(position))
    }

    fn assign(&mut self, place: &mut Value, slot: &Slot, at: Place) -> Result<(), Failure> {
        let value = self.value(slot)?;
        if let (Value::Array(items), Value::Array(more)) = (&mut *place, &value) {
            // Once more for a list is one more item.
            for item in more {
                self.note(&at.item(items.len()), item)?;
                items.push(item.clone());
            }
            return Ok(());
        }
        let mixed = self.given.has_within(&at);
        self.note(&at, &value)?;
        match (place, value) {
            // Other flags have filled other fields of it.
            (place @ Value::Object(_), more @ Value::Object(_)) if mixed => merge(place, more),
            (place, value) => *place = value,
        }
        Ok(())
    }

    /// Refuses what another flag has filled.
    fn note(&mut self, at: &Place, value: &Value) -> Result<(), Failure> {
        self.given.note(at, value, self.flag.written).map_err(|(at, by)| {
            let by = if by == self.flag.written { String::new() } else { format!(", by `--{by}` too") };
            self.refused(&format!("is given twice (`{at}`{by})"))
        })
    }

    fn value(&self, slot: &Slot) -> Result<Value, Failure> {
        if self.flag.turned_off {
            return match &self.flag.text {
                None => Ok(Value::Bool(false)),
                Some(_) => Err(self.refused("takes no value: it turns the field off")),
            };
        }
        match &self.flag.text {
            Some(text) => Ok(text::typed(slot, text)),
            None if slot.is_boolean() => Ok(Value::Bool(true)),
            // A name that nothing has: the catalog says which is nearest.
            None if slot.field.is_none() && slot.types().is_empty() => Ok(Value::Bool(true)),
            None => Err(self.refused(&format!("needs a value; --{}= clears it", self.flag.written))),
        }
    }

    fn refused(&self, why: &str) -> Failure {
        usage(format!("`--{}` {why}.", self.flag.written))
    }
}

/// Puts the fields of an object into another, at every depth.
fn merge(place: &mut Value, more: Value) {
    match (place, more) {
        (Value::Object(fields), Value::Object(more)) => {
            for (name, value) in more {
                merge(fields.entry(name).or_insert(Value::Null), value);
            }
        }
        (place, value) => *place = value,
    }
}

/// The name in the config. One with hyphens is nobody's but the command line's, so it
/// becomes ours or Stripe's; every other stays as it is, for the catalog to judge.
fn key(slot: &Slot, step: &str) -> String {
    match &slot.field {
        _ if !step.contains('-') => step.to_owned(),
        Some(field) if field.is_own_name(step) => field.name.clone(),
        Some(field) => field.stripe.to_owned(),
        None => ::actions::camel(&step.replace('-', "_")),
    }
}
