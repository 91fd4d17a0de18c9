//! Which flag filled which place, so that none is filled by two: `--metadata.a 1` and
//! `--metadata '{"a":2}'` name one place in two ways, and whichever won would be wrong.

use serde_json::Value;

/// A place in the config: the names and positions that lead to it. Not a text: the keys of
/// metadata may hold dots.
#[derive(Debug, Clone, Default)]
pub(super) struct Place {
    steps: Vec<String>,
    text: String,
}

impl Place {
    /// The field of this name inside.
    pub(super) fn field(&self, name: &str) -> Self {
        let text = if self.text.is_empty() { name.to_owned() } else { format!("{}.{name}", self.text) };
        self.then(name, text)
    }

    /// The item at this position inside.
    pub(super) fn item(&self, position: usize) -> Self {
        self.then(&position.to_string(), format!("{}[{position}]", self.text))
    }

    fn then(&self, step: &str, text: String) -> Self {
        let steps = self.steps.iter().cloned().chain([step.to_owned()]).collect();
        Self { steps, text }
    }

    fn is_within(&self, other: &Self) -> bool {
        self.steps.starts_with(&other.steps)
    }
}

impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.text)
    }
}

/// The places that flags have filled, and the flags as they were written.
#[derive(Debug, Default)]
pub(super) struct Given(Vec<(Place, String)>);

impl Given {
    /// Notes what a flag puts at a place.
    ///
    /// # Errors
    /// The place that another flag has filled already, and that flag.
    pub(super) fn note(&mut self, at: &Place, value: &Value, written: &str) -> Result<(), (Place, String)> {
        let mut filled = Vec::new();
        leaves(at, value, &mut filled);
        for place in &filled {
            let clash = |(known, _): &&(Place, String)| known.is_within(place) || place.is_within(known);
            if let Some((known, by)) = self.0.iter().find(clash) {
                let at = if known.steps.len() > place.steps.len() { known } else { place };
                return Err((at.clone(), by.clone()));
            }
        }
        self.0.extend(filled.into_iter().map(|place| (place, written.to_owned())));
        Ok(())
    }

    /// Whether flags have filled anything in there.
    pub(super) fn has_within(&self, at: &Place) -> bool {
        self.0.iter().any(|(known, _)| known.is_within(at))
    }
}

fn leaves(at: &Place, value: &Value, into: &mut Vec<Place>) {
    match value {
        Value::Object(fields) if !fields.is_empty() => {
            fields.iter().for_each(|(name, value)| leaves(&at.field(name), value, into));
        }
        Value::Array(items) if !items.is_empty() => {
            items.iter().enumerate().for_each(|(nth, item)| leaves(&at.item(nth), item, into));
        }
        _ => into.push(at.clone()),
    }
}
