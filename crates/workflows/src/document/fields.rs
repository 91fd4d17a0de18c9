//! Reading the fields of one map: what is there, what is missing, what nobody knows.

use crate::check::did_you_mean;
use crate::notation::{Findings, Kind, Node, cut};

/// The fields of one map of the document.
pub(crate) struct Fields<'n> {
    node: &'n Node,
    path: String,
}

impl<'n> Fields<'n> {
    /// The fields of a map; a finding when the node is none.
    pub fn of(node: &'n Node, path: &str, what: &str, found: &mut Findings<'_>) -> Option<Self> {
        if node.is_map() {
            return Some(Self { node, path: path.to_owned() });
        }
        let message = format!("{what} is a map, not {}", node.describe());
        found.error(node.start, "wrong_type", path, message, None);
        None
    }

    /// The path of one of them.
    pub fn path(&self, name: &str) -> String {
        if self.path.is_empty() { name.to_owned() } else { format!("{}.{name}", self.path) }
    }

    /// Refuses fields that are not in `known`. `later` are those that the language
    /// has and this version does not run.
    pub fn only(&self, known: &[&str], later: &[&str], found: &mut Findings<'_>) {
        for (key, _) in self.node.entries() {
            let name = key.text.as_str();
            if known.contains(&name) {
                continue;
            }
            if later.contains(&name) {
                let message = format!("`{name}` is not supported yet in this version");
                let fix = format!("remove it; what is supported here: {}", known.join(", "));
                found.error(key.start, "not_supported", self.path(name), message, Some(fix));
                continue;
            }
            let fix = did_you_mean(name, known.iter().copied())
                .unwrap_or_else(|| format!("what is known here: {}", known.join(", ")));
            let message = format!("there is no field `{}` here", cut(name));
            found.error(key.start, "unknown_field", self.path(name), message, Some(fix));
        }
    }

    /// A field, if it is there.
    pub fn get(&self, name: &str) -> Option<&'n Node> {
        self.node.get(name)
    }

    /// A field that has to be there.
    pub fn required(&self, name: &str, fix: &str, found: &mut Findings<'_>) -> Option<&'n Node> {
        let node = self.get(name);
        if node.is_none() {
            let message = format!("`{name}` is missing");
            found.error(self.node.start, "missing_field", self.path(name), message, Some(fix.to_owned()));
        }
        node
    }

    /// A text, if the field is there.
    pub fn text(&self, name: &str, found: &mut Findings<'_>) -> Option<&'n str> {
        let node = self.get(name)?;
        let text = node.text();
        if text.is_none() {
            self.wrong(name, node, "a text", found);
        }
        text
    }

    /// A whole number within bounds, if the field is there.
    pub fn whole(&self, name: &str, min: u32, max: u32, found: &mut Findings<'_>) -> Option<u32> {
        let node = self.get(name)?;
        let number = match &node.kind {
            Kind::Number(n) => {
                n.as_u64().and_then(|n| u32::try_from(n).ok()).filter(|n| (min..=max).contains(n))
            }
            _ => None,
        };
        if number.is_none() {
            self.wrong(name, node, &format!("a whole number from {min} to {max}"), found);
        }
        number
    }

    /// One word of a list, if the field is there.
    pub fn word(&self, name: &str, words: &[&'static str], found: &mut Findings<'_>) -> Option<&'static str> {
        let node = self.get(name)?;
        let given = node.text().unwrap_or_default();
        let word = words.iter().copied().find(|word| *word == given);
        if word.is_none() {
            let message = format!("`{name}` is one of {}", words.join(", "));
            let fix = did_you_mean(given, words.iter().copied());
            found.error(node.start, "not_allowed", self.path(name), message, fix);
        }
        word
    }

    /// Says that a field has the wrong type.
    pub fn wrong(&self, name: &str, node: &Node, takes: &str, found: &mut Findings<'_>) {
        let message = format!("`{name}` is {takes}, not {}", node.describe());
        found.error(node.start, "wrong_type", self.path(name), message, None);
    }
}
