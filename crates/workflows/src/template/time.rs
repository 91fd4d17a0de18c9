//! Moments in expressions: text as ISO writes it, or whole seconds as Stripe does.

use minijinja::value::Value as Jinja;
use minijinja::{Error, ErrorKind};
use model::Timestamp;

use crate::duration::Span;

/// Reads a moment: `2026-11-22T10:00:00Z`, or Unix seconds.
pub(crate) fn moment(value: &serde_json::Value) -> Option<Timestamp> {
    match value {
        serde_json::Value::String(text) => text.parse().ok(),
        serde_json::Value::Number(n) => n.as_i64().and_then(|s| Timestamp::from_second(s).ok()),
        _ => None,
    }
}

fn of(value: &Jinja) -> Result<Timestamp, Error> {
    let json = match value.as_str() {
        Some(text) => serde_json::Value::from(text),
        None if value.is_integer() => {
            i64::try_from(value.clone()).map_or(serde_json::Value::Null, Into::into)
        }
        None => serde_json::Value::Null,
    };
    moment(&json).ok_or_else(|| {
        let detail = format!("`{value}` is no moment; it is `2026-11-22T10:00:00Z` or Unix seconds");
        Error::new(ErrorKind::InvalidOperation, detail)
    })
}

/// `iso`: a moment as text.
pub(super) fn iso(value: &Jinja) -> Result<Jinja, Error> {
    Ok(Jinja::from(of(value)?.to_string()))
}

/// `unix`: a moment as whole seconds, rounded down.
pub(super) fn unix(value: &Jinja) -> Result<Jinja, Error> {
    Ok(Jinja::from(model::micros(of(value)?).div_euclid(1_000_000)))
}

/// `add('30d')`: a later moment, in the notation of the moment given.
pub(super) fn add(value: &Jinja, duration: &str) -> Result<Jinja, Error> {
    let span = Span::parse(duration).map_err(|why| Error::new(ErrorKind::InvalidOperation, why))?;
    let later = Jinja::from(span.after(of(value)?).to_string());
    if value.is_integer() { unix(&later) } else { Ok(later) }
}
