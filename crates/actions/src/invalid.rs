//! What is wrong with an input, for people and for programs.

use model::{Code, Failure};
use serde_json::{Value, json};

use crate::Entry;

/// One thing that is wrong with an input.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invalid {
    /// Where, in the input's own names: `items[0].price`, `metadata.a`. Empty for the
    /// input as a whole.
    pub field: String,
    /// What is wrong and what would be right; names the nearest known name or the
    /// allowed values.
    pub message: String,
    /// The nearest known name, for programs.
    pub nearest: Option<String>,
    /// The allowed values, for programs.
    pub allowed: Vec<&'static str>,
    /// Which kind of wrong, for programs.
    pub why: Why,
}

/// The ways in which an input can be wrong. A checker that has templates in place of
/// values keeps everything but [`Why::Value`] of those.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Why {
    /// There is no such field.
    Unknown,
    /// One parameter under two names.
    Twice,
    /// A field that has to be there is not.
    Missing,
    /// The field is right, its value is not.
    Value,
}

impl Why {
    /// The word in `details`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Unknown => "unknown",
            Self::Twice => "twice",
            Self::Missing => "missing",
            Self::Value => "value",
        }
    }
}

impl Invalid {
    pub(crate) fn new(why: Why, field: impl Into<String>, message: impl Into<String>) -> Self {
        Self { field: field.into(), message: message.into(), nearest: None, allowed: Vec::new(), why }
    }

    /// All findings as one `validation_error`: the first is the message, all are in
    /// `details.invalid`. Nothing was sent, and it says so. `prefix` goes before the
    /// fields, such as `config.`.
    pub fn to_failure(findings: &[Self], what: impl Into<Entry>, prefix: &str) -> Failure {
        let name = what.into().name();
        let first = findings.first().map_or("The input is not valid.", |first| first.message.as_str());
        let more = match findings.len() {
            0 | 1 => String::new(),
            2 => " One more problem is in `details.invalid`.".to_owned(),
            n => format!(" {} more problems are in `details.invalid`.", n - 1),
        };
        let message = format!(
            "{first}{more} Nothing was sent to Stripe. Correct the input and send it again; \
             `bursar actions show {name}` lists the fields."
        );
        let invalid: Vec<_> = findings.iter().map(|finding| finding.to_json(prefix)).collect();
        let failure = Failure::new(Code::ValidationError, message)
            .with_details(json!({ "action": name, "invalid": invalid }));
        match findings.first() {
            Some(first) => failure.at(first.placed(prefix)),
            None => failure,
        }
    }

    fn placed(&self, prefix: &str) -> String {
        if self.field.is_empty() {
            prefix.trim_end_matches('.').to_owned()
        } else {
            format!("{prefix}{}", self.field)
        }
    }

    fn to_json(&self, prefix: &str) -> Value {
        let mut shown = json!({
            "field": self.placed(prefix), "message": self.message, "why": self.why.as_str(),
        });
        if let Some(nearest) = &self.nearest {
            shown["nearest"] = json!(nearest);
        }
        if !self.allowed.is_empty() {
            shown["allowed"] = json!(self.allowed);
        }
        shown
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_says_that_nothing_was_sent_and_holds_every_finding() {
        let mut unknown = Invalid::new(Why::Unknown, "custmer", "`custmer` is not a field.");
        unknown.nearest = Some("customerId".into());
        let findings = [unknown, Invalid::new(Why::Missing, "amount", "`amount` is missing.")];
        let failure = Invalid::to_failure(&findings, &crate::invoices::create::ACTION, "config.");
        assert_eq!(failure.code, Code::ValidationError);
        assert_eq!(failure.field.as_deref(), Some("config.custmer"));
        assert!(failure.message.starts_with("`custmer` is not a field. One more problem"));
        assert!(failure.message.contains("Nothing was sent to Stripe."));
        let details = failure.details.unwrap();
        assert_eq!(details["invalid"][0]["nearest"], "customerId");
        assert_eq!(details["invalid"][1]["field"], "config.amount");
        assert_eq!(details["invalid"][1]["why"], "missing");
    }
}
