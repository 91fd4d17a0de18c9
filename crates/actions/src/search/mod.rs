//! Finding operations and actions by words.
//!
//! Words are those inside ids, paths, titles and, with less weight, parameter names; a
//! result has every word that was asked for, as it is, as its beginning, or as another
//! word for it. Surprising: an operation and the action that performs it are one result,
//! because they do the same.

#[cfg(test)]
mod tests;
mod words;

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::OnceLock,
};

use stripe::{
    Method,
    tables::{self, Operation},
};

use crate::{Action, Effect, names::nearest, request::raw::curated};
use words::{alternatives, joined, words};

/// Words of a query beyond these are left aside.
const WORDS_MAX: usize = 12;
/// What a whole name is worth beside its words.
const EXACT: u32 = 100;

/// An operation that was found.
#[derive(Debug, Clone, Copy)]
pub struct Found {
    /// Its id in the tables, `refunds.create`.
    pub operation: &'static str,
    /// The verb.
    pub method: Method,
    /// `/v1/refunds/{refund}`.
    pub path: &'static str,
    /// What repeating does.
    pub effect: Effect,
    /// The action that performs it, if there is one.
    pub action: Option<&'static Action>,
    /// How well it fits; more is better, and means nothing across searches.
    pub score: u32,
}

/// What may be found, with its words and their weights.
struct Row {
    found: Found,
    words: BTreeMap<String, u32>,
    /// Its whole names.
    names: Vec<String>,
}

/// See [`crate::Catalog::search`].
pub(crate) fn search(text: &str) -> Vec<Found> {
    let asked: Vec<String> = words(text).take(WORDS_MAX).map(meant).collect();
    let whole = joined(text);
    let mut all: Vec<Found> = rows().iter().filter_map(|row| row.fits(&asked, &whole)).collect();
    let parts = |found: &Found| found.operation.matches('.').count();
    all.sort_by(|a, b| {
        let by_score = b.score.cmp(&a.score);
        by_score.then_with(|| parts(a).cmp(&parts(b))).then_with(|| a.operation.cmp(b.operation))
    });
    all
}

/// Made by the first search, which reads all operations of the tables for it.
fn rows() -> &'static [Row] {
    static ROWS: OnceLock<Vec<Row>> = OnceLock::new();
    ROWS.get_or_init(|| tables::operation_ids().filter_map(tables::operation).map(Row::of).collect())
}

/// Every word of every row.
fn known() -> &'static BTreeSet<&'static str> {
    static KNOWN: OnceLock<BTreeSet<&'static str>> = OnceLock::new();
    KNOWN.get_or_init(|| rows().iter().flat_map(|row| row.words.keys()).map(String::as_str).collect())
}

/// The word, or the known one that it was meant to be.
fn meant(word: String) -> String {
    let is_known = |word: &str| known().range(word..).next().is_some_and(|known| known.starts_with(word));
    if alternatives(&word).any(is_known) {
        return word;
    }
    nearest(&word, known()).map_or(word, |known| (*known).to_owned())
}

impl Row {
    fn of(operation: &'static Operation) -> Self {
        let action = curated(operation);
        let mut all = BTreeMap::new();
        let mut add = |text: &str, weight: u32| {
            for word in words(text) {
                let known = all.entry(word).or_insert(weight);
                *known = weight.max(*known);
            }
        };
        if let Some(action) = action {
            add(action.name, 12);
            add(action.title, 12);
        }
        for part in operation.id.split('.') {
            add(part, 10);
            // `paymentlink` is a word too.
            add(&part.to_lowercase(), 10);
        }
        add(operation.path, 6);
        add(operation.method.as_str(), 4);
        operation.params.iter().for_each(|param| add(param.name, 2));
        let found = Found {
            operation: operation.id,
            method: operation.method,
            path: operation.path,
            effect: Effect::of(operation.method),
            action,
            score: 0,
        };
        let named = action.into_iter().flat_map(|action| [action.name, action.title]);
        let names = named.chain([operation.id]).map(joined).collect();
        Self { found, words: all, names }
    }

    /// The row with its score, if it has every word; `whole` is all that was asked for.
    fn fits(&self, asked: &[String], whole: &str) -> Option<Found> {
        let scores = asked.iter().map(|word| alternatives(word).filter_map(|word| self.score(word)).max());
        let exact = if self.names.iter().any(|name| name == whole) { EXACT } else { 0 };
        let score = scores.sum::<Option<u32>>()? + exact;
        Some(Found { score, ..self.found })
    }

    /// Whole words count twice.
    fn score(&self, asked: &str) -> Option<u32> {
        let begins = self.words.range(asked.to_owned()..).take_while(|(word, _)| word.starts_with(asked));
        begins.map(|(word, weight)| if word == asked { 2 * weight } else { *weight }).max()
    }
}
