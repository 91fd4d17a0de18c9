//! Tables, and how a page writes a moment, an id and an amount.

use std::fmt::Write as _;

use model::{Amount, Currency};
use serde_json::Value;

use super::link;
use crate::{page::escaped, state::State, value};

/// Rows under headings; cells are HTML already. `none` is said when there are no rows.
pub(super) fn table(headings: &[&str], rows: &[Vec<String>], none: &str) -> String {
    if rows.is_empty() {
        return format!("<p>{none}</p>");
    }
    let mut out = String::from("<div class=\"scroll\"><table><thead><tr>");
    for heading in headings {
        let _ = write!(out, "<th scope=\"col\">{heading}</th>");
    }
    out.push_str("</tr></thead><tbody>");
    for row in rows {
        out.push_str("<tr>");
        for cell in row {
            let _ = write!(out, "<td>{cell}</td>");
        }
        out.push_str("</tr>");
    }
    out.push_str("</tbody></table></div>");
    out
}

/// A link to where the rows go on.
pub(super) fn older(address: Option<String>) -> String {
    address.map(|to| format!("<p><a href=\"{to}\" rel=\"next\">Older</a></p>")).unwrap_or_default()
}

/// A moment in milliseconds since 1970, to the second.
pub(super) fn moment(at_ms: i64) -> String {
    let second = model::Timestamp::from_second(at_ms.div_euclid(1000)).map(|at| at.to_string());
    second.map_or_else(
        |_| at_ms.to_string(),
        |at| format!("<time datetime=\"{at}\">{}</time>", at.replace('T', " ").trim_end_matches('Z')),
    )
}

/// When an object was made.
pub(super) fn created(object: &Value) -> String {
    object.get("created").and_then(Value::as_i64).map_or_else(String::new, |s| moment(s.saturating_mul(1000)))
}

/// An id, as a link where there is such an object.
pub(super) fn id(root: &State, state: &State, id: &str) -> String {
    let text = escaped(id);
    match state.get(id) {
        Some(_) => {
            format!(
                "<a href=\"{}\"><code>{text}</code></a>",
                link(root, state, &format!("/_sandbox/object/{text}"))
            )
        }
        None => format!("<code>{text}</code>"),
    }
}

const AMOUNTS: &[&str] = &["amount", "amount_due", "amount_total", "unit_amount", "net", "amount_off"];

/// The amount that an object is about, if any.
pub(super) fn amount(object: &Value) -> String {
    let minor = AMOUNTS.iter().find_map(|field| object.get(*field).and_then(Value::as_i64));
    let currency = value::text(object, "currency").and_then(|code| Currency::parse(code).ok());
    match (minor, currency) {
        (Some(minor), Some(currency)) => Amount { minor, currency }.to_string(),
        (Some(minor), None) => minor.to_string(),
        _ => String::new(),
    }
}

const WORDS: &[&str] = &["name", "email", "description", "nickname", "code", "url", "type", "display_name"];

/// What says most of an object in a few words.
pub(super) fn words(object: &Value) -> String {
    let text = WORDS.iter().find_map(|field| value::text(object, field).filter(|text| !text.is_empty()));
    let text = text.unwrap_or_default();
    let cut: String = text.chars().take(80).collect();
    escaped(&if cut.len() < text.len() { format!("{cut}…") } else { cut })
}
