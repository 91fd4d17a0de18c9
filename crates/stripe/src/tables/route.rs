//! From a verb and a path to the operation, and back.
//!
//! Segments match by position: the names in braces differ between releases of the
//! SDK, the positions do not. A fixed segment wins over braces, leftmost first, so
//! `/v1/customers/search` is not a customer called `search`.

use std::{collections::HashMap, sync::OnceLock};

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

use super::{
    Operation,
    data::{self, Entry},
};
use crate::{Method, PINNED, Version};

/// Everything but what the official SDKs leave alone in a path.
pub(crate) const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~')
    .remove(b'!')
    .remove(b'*')
    .remove(b'\'')
    .remove(b'(')
    .remove(b')');

/// The operation with this verb and path template or concrete path, and the values
/// of its path parameters, percent-decoded, in order.
pub fn route(method: Method, path: &str) -> Option<(&'static Operation, Vec<String>)> {
    route_in(method, path, PINNED)
}

/// The same under a version: what only its release has is found too, and comes before
/// braces. `GET /v1/invoices/upcoming` is an operation of its own under acacia, and an
/// invoice called `upcoming` ever since.
pub fn route_in(method: Method, path: &str, version: Version) -> Option<(&'static Operation, Vec<String>)> {
    let segments: Vec<&str> = path.strip_prefix('/')?.split('/').collect();
    let candidates = index().get(&(method, segments.len()))?;
    let fit = |entry: &&&Entry| entry.releases.usable_in(version) && fits(entry.path, &segments);
    let entry = candidates.iter().find(fit)?;
    let values = template(entry.path).zip(&segments).filter(|(part, _)| placeholder(part).is_some());
    let values = values.map(|(_, text)| Some(percent_decode_str(text).decode_utf8().ok()?.into_owned()));
    Some((entry.operation()?, values.collect::<Option<Vec<_>>>()?))
}

/// The name in `{name}`.
pub(super) fn placeholder(segment: &str) -> Option<&str> {
    segment.strip_prefix('{')?.strip_suffix('}')
}

/// The template with its braces filled.
pub(super) fn fill(path: &str, values: &[&str]) -> Option<String> {
    let mut values = values.iter();
    let mut filled = String::with_capacity(path.len() + 32);
    for part in template(path) {
        filled.push('/');
        if placeholder(part).is_none() {
            filled.push_str(part);
            continue;
        }
        let value = *values.next()?;
        if matches!(value, "" | "." | "..") {
            return None;
        }
        filled.extend(utf8_percent_encode(value, SEGMENT));
    }
    values.next().is_none().then_some(filled)
}

fn template(path: &str) -> impl Iterator<Item = &str> {
    path.trim_start_matches('/').split('/')
}

fn fits(path: &str, segments: &[&str]) -> bool {
    template(path).zip(segments).all(|(part, text)| match placeholder(part) {
        Some(_) => !text.is_empty(),
        None => part == *text,
    })
}

type Index = HashMap<(Method, usize), Vec<&'static Entry>>;

/// Entries by verb and number of segments; those with fixed segments further left first.
fn index() -> &'static Index {
    static INDEX: OnceLock<Index> = OnceLock::new();
    INDEX.get_or_init(|| {
        let mut index = Index::new();
        for entry in data::entries() {
            index.entry((entry.method, template(entry.path).count())).or_default().push(entry);
        }
        for list in index.values_mut() {
            list.sort_by_key(|entry| {
                template(entry.path).map(|part| placeholder(part).is_some()).collect::<Vec<_>>()
            });
        }
        index
    })
}
