//! The table's verdict, in the caller's own words and names.

use stripe::tables::{self, Operation, Problem};

use crate::{
    Action, Invalid, Why,
    input::{Read, suggest},
    names::{camel, nearest, shown},
};

/// Checks what was read against the operation's table and the fields insisted on.
/// One finding per place: what the names already told is not told again.
pub(crate) fn check(action: &Action, operation: &Operation, read: &mut Read) {
    for field in action.fields.iter().filter(|field| field.required) {
        // A field that has to be there cannot be cleared: `null` is no value.
        if read.params.get(field.stripe).is_some_and(serde_json::Value::is_null) {
            read.params.remove(field.stripe);
            read.spelled.remove(field.stripe);
        }
        if !read.spelled.contains_key(field.stripe) {
            let place = format!("{}{}", read.under, field.name);
            let message = format!("`{place}` is missing. {}", field.about);
            read.found.push(Invalid::new(Why::Missing, place, message.trim_end()));
        }
    }
    for field in action.fields.iter().filter(|field| field.required) {
        // What has to be there is not there as the empty string, whatever the table takes.
        if read.params.get(field.stripe).is_some_and(|value| value.as_str() == Some("")) {
            let place = format!("{}{}", read.under, field.name);
            let message = format!("`{place}` is empty; it needs a value.");
            read.found.push(Invalid::new(Why::Value, place, message));
        }
    }
    for wrong in operation.check(&read.params, read.options.version) {
        let place = place(action, read, &wrong.param);
        if read.found.iter().all(|found| found.field != place) {
            read.found.push(worded(&wrong, place));
        }
    }
}

/// Said only when the path refuses an id that reading let pass.
pub(crate) fn bad_path(action: &Action) -> Invalid {
    let field = action.fields.first().map_or("", |field| field.name);
    Invalid::new(Why::Value, field, format!("`{field}` cannot stand in a path; give the id alone."))
}

fn worded(wrong: &tables::Invalid, place: String) -> Invalid {
    let name = last_name(&wrong.param);
    let (why, message) = match &wrong.problem {
        Problem::Unknown { nearest } => return unknown(place, nearest.as_deref().map(camel)),
        Problem::Missing => (Why::Missing, format!("`{place}` is missing.")),
        Problem::WrongType { expected, allowed, nearest } => {
            let what = format!("`{place}` has to be {expected}");
            let mut invalid = suggest(Invalid::new(Why::Value, place, what), nearest.map(str::to_owned));
            invalid.message.push_str(money(name));
            invalid.allowed.clone_from(allowed);
            return invalid;
        }
        Problem::Empty => (Why::Value, format!("`{place}` cannot be cleared; leave it out or give a value.")),
        Problem::NotInteger { given } => {
            (Why::Value, format!("`{place}` has to be a whole number, not {}.{}", shown(given), money(name)))
        }
        Problem::Metadata { why } => {
            let limits = "Stripe takes 50 keys of at most 40 characters without brackets, and text values of at most 500.";
            (Why::Value, format!("`{place}` has {why}. {limits}"))
        }
        Problem::NotAllowed { given, allowed } => return not_allowed(&place, given, allowed),
    };
    Invalid::new(why, place, message)
}

fn unknown(place: String, nearest: Option<String>) -> Invalid {
    let what = format!("`{place}` is not known here");
    suggest(Invalid::new(Why::Unknown, place, what), nearest)
}

/// A word that is none of those allowed.
pub(crate) fn not_allowed(place: &str, given: &str, allowed: &[&'static str]) -> Invalid {
    let nearest = nearest(given, allowed.iter().copied());
    let what = format!("`{place}` cannot be `{}`", shown(given));
    let mut invalid = suggest(Invalid::new(Why::Value, place, what), nearest.map(str::to_owned));
    invalid.message.push_str(&format!(" It takes {}.", allowed.join(", ")));
    invalid.allowed = allowed.to_vec();
    invalid
}

/// What to add about a parameter that is money.
fn money(name: &str) -> &'static str {
    let is_money = (name.contains("amount") || name == "balance") && !name.ends_with("_decimal");
    match is_money {
        true => " An amount is an integer in minor units: 19.99 USD is 1999.",
        false => "",
    }
}

/// `unit_amount` of `price_data[unit_amount]`, whatever the index behind it.
fn last_name(param: &str) -> &str {
    let named = |part: &&str| part.bytes().any(|b| !b.is_ascii_digit()) && !part.is_empty();
    param.split(['[', ']']).rfind(named).unwrap_or(param)
}

/// The place in the input of a place in Stripe's form: as the caller wrote it, and
/// below that in our spelling.
fn place(action: &Action, read: &Read, param: &str) -> String {
    if let Some(place) = read.spelled.get(param) {
        return place.clone();
    }
    match param.strip_suffix(']').and_then(|rest| rest.rsplit_once('[')) {
        Some((parent, index)) if !index.is_empty() && index.bytes().all(|b| b.is_ascii_digit()) => {
            format!("{}[{index}]", place(action, read, parent))
        }
        Some((parent, name)) => format!("{}.{}", place(action, read, parent), camel(name)),
        None => {
            let curated = action.fields.iter().find(|field| field.stripe == param);
            let name = curated.map_or_else(|| camel(param), |field| field.name.to_owned());
            format!("{}{name}", read.under)
        }
    }
}
