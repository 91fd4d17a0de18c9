//! The fields that step types share: `id`, `when`, `retry`, `onError`.

use model::Code;

use super::{OnError, Retry, When};
use crate::check::did_you_mean;
use crate::document::{Fields, templated};
use crate::duration::Span;
use crate::notation::{Findings, Kind, Node, cut};
use crate::template::{Template, Templated};

/// Reads `id`.
pub(super) fn id(fields: &Fields<'_>, node: &Node, found: &mut Findings<'_>) -> Option<String> {
    fields.required("id", "every step has an `id` by which others refer to it", found)?;
    let id = fields.text("id", found)?;
    let mut bytes = id.bytes();
    let fits = bytes.next().is_some_and(|b| b.is_ascii_alphabetic())
        && bytes.all(|b| b.is_ascii_alphanumeric() || b == b'_')
        && id.len() <= 100;
    if !fits {
        let message = format!("`{}` is no id: a letter, then letters, digits and `_`, 100 at most", cut(id));
        let fix: String =
            id.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }).take(100).collect();
        let fix = fix.starts_with(|c: char| c.is_ascii_alphabetic()).then(|| format!("`id: {fix}`"));
        found.error(node.place_of("id"), "not_allowed", fields.path("id"), message, fix);
        return None;
    }
    Some(id.to_owned())
}

/// Reads `when`: true, false, a template, or a bare expression.
pub(super) fn when(fields: &Fields<'_>, found: &mut Findings<'_>) -> Option<When> {
    let node = fields.get("when")?;
    match &node.kind {
        Kind::Bool(b) => Some(When::Literal(*b)),
        Kind::Text(text) => template(text, node, &fields.path("when"), found).map(When::Template),
        _ => {
            fields.wrong("when", node, "a condition such as `input.amount > 1000`", found);
            None
        }
    }
}

/// Compiles a text that is an expression, in braces or bare.
pub(super) fn template(text: &str, node: &Node, path: &str, found: &mut Findings<'_>) -> Option<Template> {
    match Template::expression(text, node, found.text(), path) {
        Ok(template) => Some(template),
        Err(e) => {
            found.error(e.at, e.code, path, e.message, e.fix);
            None
        }
    }
}

/// Reads `onError`.
pub(super) fn on_error(fields: &Fields<'_>, found: &mut Findings<'_>) -> OnError {
    let Some(node) = fields.get("onError") else { return OnError::Fail };
    let Some(inner) = Fields::of(node, &fields.path("onError"), "`onError`", found) else {
        return OnError::Fail;
    };
    inner.only(&["strategy", "fallback"], &[], found);
    inner.required("strategy", "`onError: { strategy: continue, fallback: null }`", found);
    let fallback = inner.get("fallback").map(|node| templated(node, &inner.path("fallback"), found));
    match inner.word("strategy", &["fail", "continue"], found) {
        Some("continue") => {
            OnError::Continue(fallback.unwrap_or(Templated::Literal(serde_json::Value::Null)))
        }
        _ => OnError::Fail,
    }
}

/// A duration, if the field is there.
pub(super) fn duration(fields: &Fields<'_>, name: &str, found: &mut Findings<'_>) -> Option<Span> {
    let node = fields.get(name)?;
    let Some(text) = node.text() else {
        fields.wrong(name, node, "a duration such as `10m`", found);
        return None;
    };
    match Span::parse(text) {
        Ok(span) => Some(span),
        Err(why) => {
            found.error(node.start, "not_allowed", fields.path(name), why, None);
            None
        }
    }
}

/// Reads `retry`.
pub(super) fn retry(fields: &Fields<'_>, found: &mut Findings<'_>) -> Retry {
    let default = Retry::default();
    let Some(node) = fields.get("retry") else { return default };
    let Some(inner) = Fields::of(node, &fields.path("retry"), "`retry`", found) else { return default };
    inner.only(&["maxAttempts", "initialDelay", "maxDelay", "multiplier", "on"], &[], found);
    let initial = duration(&inner, "initialDelay", found).unwrap_or(default.initial);
    let max = duration(&inner, "maxDelay", found).unwrap_or(Span { ms: default.max.ms.max(initial.ms) });
    if max.ms < initial.ms {
        let message = "`maxDelay` is shorter than `initialDelay`";
        found.error(node.place_of("maxDelay"), "not_allowed", inner.path("maxDelay"), message, None);
    }
    Retry {
        attempts_max: inner.whole("maxAttempts", 1, 20, found).unwrap_or(default.attempts_max),
        multiplier: inner.whole("multiplier", 1, 10, found).unwrap_or(default.multiplier),
        on: codes(&inner, found),
        initial,
        max,
    }
}

fn codes(fields: &Fields<'_>, found: &mut Findings<'_>) -> Vec<Code> {
    let Some(node) = fields.get("on") else { return Vec::new() };
    let Kind::List(items) = &node.kind else {
        fields.wrong("on", node, "a list of error codes", found);
        return Vec::new();
    };
    let mut codes = Vec::new();
    for item in items {
        let text = item.text().unwrap_or_default();
        match Code::ALL.iter().find(|code| code.as_str() == text) {
            Some(code) => codes.push(*code),
            None => {
                let message = format!("`{}` is no error code", cut(text));
                let fix = did_you_mean(text, Code::ALL.iter().map(|code| code.as_str()));
                found.error(item.start, "not_allowed", fields.path("on"), message, fix);
            }
        }
    }
    codes
}
