//! Names that can be called, as completions.

use std::ffi::OsStr;

use ::actions::{Catalog, Entry};
use clap_complete::CompletionCandidate;
use stripe::tables;

/// Actions, and from the first letters on operations too. A name without `stripe.` is
/// completed without it.
pub(crate) fn called(current: &OsStr) -> Vec<CompletionCandidate> {
    let Some(current) = current.to_str() else { return Vec::new() };
    let mut found: Vec<CompletionCandidate> = Vec::new();
    let titled = Catalog.all().iter().map(|action| (action.name, action.title));
    for (name, title) in titled.chain([(Entry::Request.name(), Entry::Request.title())]) {
        let bare = name.trim_start_matches("stripe.");
        if name.starts_with(current) {
            found.push(CompletionCandidate::new(name).help(Some(title.into())));
        } else if bare.starts_with(current) {
            found.push(CompletionCandidate::new(bare).help(Some(title.into())));
        }
    }
    if !current.is_empty() {
        found.extend(operations(OsStr::new(current)));
    }
    found
}

/// Operations by their ids.
pub(crate) fn operations(current: &OsStr) -> Vec<CompletionCandidate> {
    let Some(current) = current.to_str() else { return Vec::new() };
    let ids = tables::operation_ids().filter(|id| id.starts_with(current));
    ids.map(CompletionCandidate::new).collect()
}
