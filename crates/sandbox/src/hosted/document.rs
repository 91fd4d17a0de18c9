//! The invoice and the credit note as PDFs, where the API's `invoice_pdf` and `pdf`
//! point.

use serde_json::Value;

use super::{
    money, object,
    pdf::{Line, pdf},
};
use crate::{core::Shared, value, wire::Reply};

/// The document of an invoice or credit note; none for a draft, whose API object names
/// no address either.
pub(super) fn download(shared: &Shared, kind: &str, id: &str) -> Option<Reply> {
    let about = object(shared, id, kind)?;
    if value::text(&about, "status") == Some("draft") {
        return None;
    }
    let number = value::text(&about, "number").unwrap_or(id);
    let name: String = number.chars().filter(|c| c.is_ascii_alphanumeric() || *c == '-').collect();
    let headers = vec![
        ("content-type", "application/pdf".to_owned()),
        ("content-disposition", format!("attachment; filename=\"{kind}-{name}.pdf\"")),
        ("cache-control", "no-store".to_owned()),
        ("x-content-type-options", "nosniff".to_owned()),
    ];
    Some(Reply { status: 200, headers, body: pdf(&lines(&about, kind, number)) })
}

fn lines(about: &Value, kind: &str, number: &str) -> Vec<Line> {
    let title = if kind == "invoice" { "Invoice" } else { "Credit note" };
    let mut all = vec![
        Line { left: title.to_owned(), is_title: true, ..Line::default() },
        Line::default(),
        said("Number", number),
    ];
    let facts = [
        ("Status", value::text(about, "status")),
        ("From", value::text(about, "account_name")),
        ("To", value::text(about, "customer_name").or_else(|| value::text(about, "customer_email"))),
        ("Invoice", value::text(about, "invoice")),
        ("Memo", value::text(about, "memo").or_else(|| value::text(about, "description"))),
    ];
    all.extend(facts.iter().filter_map(|(name, text)| text.map(|text| said(name, text))));
    all.extend(dated(about));
    all.push(Line::default());
    all.extend(items(about));
    all.push(Line::default());
    all.extend(sums(about));
    all.extend([Line::default(), said("A Stripe stand-in made this in test mode; nobody owes anything", "")]);
    all
}

fn said(name: &str, text: &str) -> Line {
    let left = if text.is_empty() { format!("{name}.") } else { format!("{name}: {text}") };
    Line { left, ..Line::default() }
}

fn dated(about: &Value) -> impl Iterator<Item = Line> {
    let day = |field: &str| {
        let second = about.get(field).and_then(Value::as_i64)?;
        let at = model::Timestamp::from_second(second).ok()?.to_string();
        at.split('T').next().map(str::to_owned)
    };
    let days = [("Date", day("created")), ("Due", day("due_date"))];
    days.into_iter().filter_map(|(name, day)| day.map(|day| said(name, &day)))
}

fn items(about: &Value) -> Vec<Line> {
    let data = about.pointer("/lines/data").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let item = |one: &Value| {
        let what = value::text(one, "description").unwrap_or("Item");
        let quantity = one.get("quantity").and_then(Value::as_i64).filter(|n| *n != 1);
        let left = quantity.map_or_else(|| what.to_owned(), |n| format!("{n} x {what}"));
        let mut priced = one.clone();
        if priced.get("currency").is_none() {
            value::set(&mut priced, "currency", about["currency"].clone());
        }
        Line { left, right: money(&priced, "amount"), is_title: false }
    };
    let mut all: Vec<Line> = data.iter().map(item).collect();
    if about.pointer("/lines/has_more").and_then(Value::as_bool) == Some(true) {
        all.push(said("More lines are listed by the API", ""));
    }
    all
}

const SUMS: &[(&str, &str)] = &[
    ("subtotal", "Subtotal"),
    ("total", "Total"),
    ("amount_paid", "Amount paid"),
    ("amount_due", "Amount due"),
];

fn sums(about: &Value) -> impl Iterator<Item = Line> {
    SUMS.iter().filter(|(field, _)| about.get(*field).is_some_and(Value::is_i64)).map(|(field, name)| Line {
        left: (*name).to_owned(),
        right: money(about, field),
        is_title: false,
    })
}
