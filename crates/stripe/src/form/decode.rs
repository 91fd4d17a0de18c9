//! A form to JSON of texts, whoever wrote it: SDKs, curl, the Stripe CLI.

use serde_json::{Map, Value};

use super::{ARRAY_MAX, DEPTH_MAX, DecodeError, PAIRS_MAX, PATH_CHARS};

/// Decodes into nested objects and arrays of strings. Arrays come as `a[0]=`
/// (any order) or `a[]=` (`items[][p]=` opens a new element when a key repeats).
/// An all-numeric bracket key is read as an index;
/// [`crate::tables::Operation::coerce`] makes a map of it where the operation says so.
/// Indices with gaps stay an object with the indices as keys, since `metadata[7]=`
/// must not lose its key; `coerce` makes a list of it where the operation says so.
/// A scalar that repeats has its last value.
///
/// # Errors
/// Malformed percent-encoding or UTF-8, a scalar and a list or hash under one key,
/// and whatever exceeds a limit of this module.
pub fn decode(form: &[u8]) -> Result<Map<String, Value>, DecodeError> {
    let mut root = Map::new();
    for (count, pair) in form.split(|b| *b == b'&').filter(|pair| !pair.is_empty()).enumerate() {
        if count >= PAIRS_MAX {
            return Err(refuse("", "it has too many pairs"));
        }
        let (key, value) = match pair.iter().position(|b| *b == b'=') {
            Some(at) => (&pair[..at], &pair[at + 1..]),
            None => (pair, &b""[..]),
        };
        let key = unescape(key).map_err(|why| refuse(&String::from_utf8_lossy(key), why))?;
        let value = unescape(value).map_err(|why| refuse(&key, why))?;
        let segments = split(&key).map_err(|why| refuse(&key, why))?;
        place(&mut root, segments[0], &segments[1..], value).map_err(|why| refuse(&key, why))?;
    }
    for (key, value) in &mut root {
        settle(value).map_err(|why| refuse(key, why))?;
    }
    Ok(root)
}

fn refuse(path: &str, why: &'static str) -> DecodeError {
    DecodeError { path: path.chars().take(PATH_CHARS).collect(), why }
}

fn unescape(text: &[u8]) -> Result<String, &'static str> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.iter();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'+' => b' ',
            b'%' => {
                let mut digit = || rest.next().and_then(|d| char::from(*d).to_digit(16));
                let (Some(high), Some(low)) = (digit(), digit()) else {
                    return Err("a % is not followed by two hexadecimal digits");
                };
                (high * 16 + low) as u8
            }
            other => *other,
        });
    }
    String::from_utf8(bytes).map_err(|_| "it is not UTF-8")
}

/// `a[b][]` to `a`, `b` and the empty segment.
fn split(key: &str) -> Result<Vec<&str>, &'static str> {
    const MALFORMED: &str = "its brackets do not match";
    let (name, mut rest) = key.split_at(key.find('[').unwrap_or(key.len()));
    if name.is_empty() {
        return Err("it has an empty key");
    }
    if name.contains(']') {
        return Err(MALFORMED);
    }
    let mut segments = vec![name];
    while !rest.is_empty() {
        let (segment, after) = rest.strip_prefix('[').and_then(|r| r.split_once(']')).ok_or(MALFORMED)?;
        if segment.contains('[') {
            return Err(MALFORMED);
        }
        segments.push(segment);
        if segments.len() > DEPTH_MAX {
            return Err("it is nested too deeply");
        }
        rest = after;
    }
    Ok(segments)
}

const MIXED: &str = "a scalar, a list and a hash cannot share one key";

/// Until `settle`, an array is what `[]` made and an object what names and indices made.
fn place(
    parent: &mut Map<String, Value>,
    key: &str,
    rest: &[&str],
    text: String,
) -> Result<(), &'static str> {
    let Some((next, after)) = rest.split_first() else {
        return match parent.get_mut(key) {
            None => {
                parent.insert(key.to_owned(), Value::String(text));
                Ok(())
            }
            Some(Value::String(last)) => {
                *last = text;
                Ok(())
            }
            Some(_) => Err(MIXED),
        };
    };
    if next.is_empty() {
        match parent.entry(key).or_insert_with(|| Value::Array(Vec::new())) {
            Value::Array(list) => push(list, after, text),
            _ => Err(MIXED),
        }
    } else {
        match parent.entry(key).or_insert_with(|| Value::Object(Map::new())) {
            Value::Object(hash) => place(hash, next, after, text),
            _ => Err(MIXED),
        }
    }
}

fn push(list: &mut Vec<Value>, rest: &[&str], text: String) -> Result<(), &'static str> {
    match (rest.split_first(), list.last_mut()) {
        (None, Some(Value::Object(_))) | (Some(_), Some(Value::String(_))) => return Err(MIXED),
        (Some((&"", _)), _) => return Err("a list without indices holds another one"),
        (Some((next, after)), Some(Value::Object(open))) if !repeats(open, next, after) => {
            return place(open, next, after, text);
        }
        _ => {}
    }
    if list.len() >= ARRAY_MAX {
        return Err("it has too many elements");
    }
    let element = match rest.split_first() {
        None => Value::String(text),
        Some((next, after)) => {
            let mut opened = Map::new();
            place(&mut opened, next, after, text)?;
            Value::Object(opened)
        }
    };
    list.push(element);
    Ok(())
}

/// Whether the open element has this very key already. A list in it only grows.
fn repeats(open: &Map<String, Value>, key: &str, rest: &[&str]) -> bool {
    match (open.get(key), rest.split_first()) {
        (None, _) => false,
        (Some(_), None) => true,
        (Some(_), Some((&"", _))) => false,
        (Some(Value::Object(inner)), Some((next, after))) => repeats(inner, next, after),
        (Some(_), Some(_)) => false,
    }
}

/// Makes lists of the objects whose keys are 0, 1, 2… without a gap, in any order.
fn settle(value: &mut Value) -> Result<(), &'static str> {
    match value {
        Value::Array(list) => list.iter_mut().try_for_each(settle),
        Value::Object(hash) => {
            hash.values_mut().try_for_each(settle)?;
            if let Some(mut order) = indices(hash) {
                if order.len() > ARRAY_MAX {
                    return Err("it has too many elements");
                }
                order.sort_unstable();
                let mut elements: Vec<(u64, Value)> = std::mem::take(hash)
                    .into_iter()
                    .map(|(key, element)| (key.parse().unwrap_or(u64::MAX), element))
                    .collect();
                elements.sort_by_key(|(index, _)| *index);
                let gapless = order.iter().zip(0u64..).all(|(index, n)| *index == n);
                *value = if gapless {
                    Value::Array(elements.into_iter().map(|(_, element)| element).collect())
                } else {
                    Value::Object(elements.into_iter().map(|(i, element)| (i.to_string(), element)).collect())
                };
            }
            Ok(())
        }
        _ => Ok(()),
    }
}

/// The keys as numbers when every one is an index, written without leading zeros.
fn indices(hash: &Map<String, Value>) -> Option<Vec<u64>> {
    let index = |key: &String| key.parse::<u64>().ok().filter(|n| n.to_string() == *key);
    hash.keys().map(index).collect()
}
