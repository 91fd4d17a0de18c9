//! What may come out of an expression.

use minijinja::value::{Value as Jinja, ValueKind};
use serde_json::{Map, Number, Value};

use super::TemplateError;
use crate::notation::DEPTH_MAX;

/// The longest text or the most values that one expression gives.
const RESULT_MAX: usize = 1 << 20;

/// Turns a result into JSON, or says why it is refused. `arithmetic` tells whether
/// the expression computes: a fraction out of a computation is refused.
pub(super) fn to_json(value: &Jinja, arithmetic: bool) -> Result<Value, String> {
    let mut left = RESULT_MAX;
    convert(value, arithmetic, 0, &mut left)
}

fn convert(value: &Jinja, arithmetic: bool, depth: usize, left: &mut usize) -> Result<Value, String> {
    let size = 1 + value.as_str().map_or(0, str::len);
    *left = left.checked_sub(size).ok_or("gives too large a value")?;
    if depth > DEPTH_MAX {
        return Err("gives a value that nests too deep".into());
    }
    let inner = |value: &Jinja, left: &mut usize| convert(value, arithmetic, depth + 1, left);
    if !super::absent::is_there(value) {
        return Err("reads something that is not there".into());
    }
    match value.kind() {
        ValueKind::Undefined => Err("reads something that is not there".into()),
        ValueKind::None => Ok(Value::Null),
        ValueKind::Bool => Ok(Value::Bool(value.is_true())),
        ValueKind::Number => number(value, arithmetic).map(Value::Number),
        ValueKind::String => Ok(Value::String(value.as_str().unwrap_or_default().to_owned())),
        ValueKind::Seq | ValueKind::Iterable => {
            let items = value.try_iter().map_err(|e| e.to_string())?;
            items.map(|item| inner(&item, left)).collect::<Result<_, _>>().map(Value::Array)
        }
        ValueKind::Map => {
            let mut map = Map::new();
            for key in value.try_iter().map_err(|e| e.to_string())? {
                let name = key.as_str().ok_or("gives a map whose keys are not texts")?.to_owned();
                let entry = value.get_item(&key).map_err(|e| e.to_string())?;
                map.insert(name, inner(&entry, left)?);
            }
            Ok(Value::Object(map))
        }
        _ => Err("gives something that is no JSON value".into()),
    }
}

fn number(value: &Jinja, arithmetic: bool) -> Result<Number, String> {
    if value.is_integer() {
        let exact = i64::try_from(value.clone()).map(Number::from);
        let exact = exact.or_else(|_| u64::try_from(value.clone()).map(Number::from));
        return exact.map_err(|_| "gives a whole number of more than 64 bits".to_owned());
    }
    let float = f64::try_from(value.clone()).map_err(|e| e.to_string())?;
    if arithmetic {
        return Err(format!(
            "computes the fraction {float}, and money has no fractions of its minor unit; \
             use `//`, or `round('half_up')` around it"
        ));
    }
    Number::from_f64(float).ok_or_else(|| "gives no finite number".to_owned())
}

/// Writes a value into a text: texts as they are, maps and lists as JSON.
pub(super) fn write_text(out: &mut String, value: &Value, code: &str) -> Result<(), TemplateError> {
    let shown = crate::notation::cut(code);
    match value {
        Value::Null => {
            return Err(TemplateError::new(format!(
                "`{{{{ {shown} }}}}` is null, which is no text; use `default('…', true)`"
            )));
        }
        Value::String(text) => out.push_str(text),
        other => out.push_str(&other.to_string()),
    }
    if out.len() > RESULT_MAX {
        return Err(TemplateError::new("the text becomes too large"));
    }
    Ok(())
}
