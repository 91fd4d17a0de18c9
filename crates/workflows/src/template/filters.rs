//! Filters beyond minijinja's: `money`, `minor`, `round`, `iso`, `unix`, `add`, `json`.
//!
//! `first` is minijinja's own. `round` replaces minijinja's, which gives a float.
//! `default` and `is defined` know what is absent.

use minijinja::value::Value as Jinja;
use minijinja::{Environment, Error, ErrorKind};

use super::absent::is_there;
use super::{money, time, value};

/// Adds them to the environment.
pub(super) fn install(engine: &mut Environment<'static>) {
    engine.add_filter("money", |value: &Jinja, code: &str| money::money(value, code));
    engine.add_filter("minor", |value: &Jinja, code: &str| money::minor(value, code));
    engine.add_filter("round", |value: &Jinja, mode: Option<&str>| money::round(value, mode));
    engine.add_filter("iso", |value: &Jinja| time::iso(value));
    engine.add_filter("unix", |value: &Jinja| time::unix(value));
    engine.add_filter("add", |value: &Jinja, duration: &str| time::add(value, duration));
    engine.add_filter("json", |value: &Jinja| json(value));
    for name in ["default", "d"] {
        engine.add_filter(name, |value: &Jinja, other: Option<Jinja>, or_false: Option<bool>| {
            let keep = is_there(value) && (value.is_true() || !or_false.unwrap_or(false));
            if keep { value.clone() } else { other.unwrap_or_else(|| Jinja::from("")) }
        });
    }
    engine.add_test("defined", |value: &Jinja| is_there(value));
    engine.add_test("undefined", |value: &Jinja| !is_there(value));
}

/// `json`: any value as JSON text.
fn json(value: &Jinja) -> Result<Jinja, Error> {
    let plain = value::to_json(value, false).map_err(|why| Error::new(ErrorKind::InvalidOperation, why))?;
    Ok(Jinja::from(plain.to_string()))
}
