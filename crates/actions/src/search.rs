//! Finding operations and actions by words.
//!
//! Words are those inside ids, paths, titles and, with less weight, parameter names; a
//! result has every word that was asked for. Surprising: an operation and the action that
//! performs it are one result, because they do the same.

use std::sync::OnceLock;

use stripe::{
    Method,
    tables::{self, Operation},
};

use crate::{Action, Effect, request::raw::curated};

/// Words of a query beyond these are left aside.
const WORDS_MAX: usize = 12;
/// Longer words are in no name.
const WORD_CHARS_MAX: usize = 40;

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

/// What may be found, with its words.
struct Row {
    found: Found,
    /// Each word and its weight.
    words: Vec<(String, u32)>,
}

/// See [`Catalog::search`].
pub(crate) fn search(words: &str) -> Vec<Found> {
    let asked: Vec<String> =
        split(words).filter(|word| word.chars().count() <= WORD_CHARS_MAX).take(WORDS_MAX).collect();
    let mut all: Vec<Found> = rows().iter().filter_map(|row| row.fits(&asked)).collect();
    all.sort_by(|a, b| b.score.cmp(&a.score).then_with(|| a.operation.cmp(b.operation)));
    all
}

fn rows() -> &'static [Row] {
    static ROWS: OnceLock<Vec<Row>> = OnceLock::new();
    ROWS.get_or_init(|| tables::operation_ids().filter_map(tables::operation).map(Row::of).collect())
}

impl Row {
    fn of(operation: &'static Operation) -> Self {
        let action = curated(operation);
        let found = Found {
            operation: operation.id,
            method: operation.method,
            path: operation.path,
            effect: Effect::of(operation.method),
            action,
            score: 0,
        };
        let mut words = Vec::new();
        let mut add = |text: &str, weight| words.extend(split(text).map(|word| (word, weight)));
        add(operation.id, 10);
        add(operation.path, 6);
        add(operation.method.as_str(), 4);
        if let Some(action) = action {
            add(action.name, 12);
            add(action.title, 10);
        }
        operation.params.iter().for_each(|param| add(param.name, 2));
        Self { found, words }
    }

    /// The row with its score, if it has every word.
    fn fits(&self, asked: &[String]) -> Option<Found> {
        let scores = asked.iter().map(|word| self.score(word));
        let score = scores.sum::<Option<u32>>()?;
        Some(Found { score, ..self.found })
    }

    fn score(&self, asked: &str) -> Option<u32> {
        let one = |(word, weight): &(String, u32)| match word.strip_prefix(asked) {
            Some("") => Some(2 * weight),
            Some(_) => Some(*weight),
            None => None,
        };
        self.words.iter().filter_map(one).max()
    }
}

/// The words of a text, lower case: `paymentIntents.create` has three.
fn split(text: &str) -> impl Iterator<Item = String> + '_ {
    let parts = text.split(|c: char| !c.is_alphanumeric()).filter(|part| !part.is_empty());
    parts.flat_map(|part| {
        let borders = part.char_indices().filter(|(_, c)| c.is_uppercase()).map(|(at, _)| at);
        let mut cuts: Vec<usize> = std::iter::once(0).chain(borders).chain([part.len()]).collect();
        cuts.dedup();
        cuts.windows(2).map(|pair| part[pair[0]..pair[1]].to_lowercase()).collect::<Vec<_>>()
    })
}
