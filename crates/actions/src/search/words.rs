//! The words of names and of questions.

/// Longer words are in no name.
const WORD_CHARS_MAX: usize = 40;

/// Words that say nothing about an operation: the version in every path, and small ones.
const EMPTY: &[&str] = &["v1", "stripe", "a", "an", "the", "of", "for", "to", "by", "with"];

/// What people say, and what Stripe calls it.
const SAID_OTHERWISE: &[(&[&str], &[&str])] = &[
    (&["get", "fetch", "read", "show", "view", "find", "look"], &["retrieve", "get"]),
    (&["delete", "remove", "del"], &["del", "delete"]),
    (&["make", "new", "add"], &["create"]),
    (&["change", "edit", "modify", "set"], &["update"]),
    (&["all"], &["list"]),
];

/// The words of a text, lower case and singular: `paymentIntents.create` has three.
pub(super) fn words(text: &str) -> impl Iterator<Item = String> + '_ {
    let parts = text.split(|c: char| !c.is_alphanumeric()).filter(|part| !part.is_empty());
    let words = parts.flat_map(camel_words).filter(|word| !EMPTY.contains(&word.as_str()));
    words.filter(|word| word.chars().count() <= WORD_CHARS_MAX).map(singular)
}

/// A name as one word: its letters and digits, lower case.
pub(super) fn joined(name: &str) -> String {
    let letters = name.chars().take(100).filter(|c| c.is_alphanumeric());
    let joined: String = letters.flat_map(char::to_lowercase).collect();
    joined.strip_prefix("stripe").map(str::to_owned).unwrap_or(joined)
}

/// A word and whatever stands for it in Stripe's names.
pub(super) fn alternatives(word: &str) -> impl Iterator<Item = &str> {
    let said = SAID_OTHERWISE.iter().find(|(said, _)| said.contains(&word));
    std::iter::once(word).chain(said.into_iter().flat_map(|(_, others)| others.iter().copied()))
}

fn camel_words(part: &str) -> Vec<String> {
    let borders = part.char_indices().filter(|(_, c)| c.is_uppercase()).map(|(at, _)| at);
    let mut cuts: Vec<usize> = std::iter::once(0).chain(borders).chain([part.len()]).collect();
    cuts.dedup();
    // What is written in capitals is one word.
    if part.chars().all(|c| !c.is_lowercase()) {
        cuts = vec![0, part.len()];
    }
    cuts.windows(2).map(|pair| part[pair[0]..pair[1]].to_lowercase()).collect()
}

/// Near enough for finding: both sides are made so.
fn singular(word: String) -> String {
    if let Some(stem) = word.strip_suffix("ies").filter(|stem| stem.len() > 2) {
        return format!("{stem}y");
    }
    match word.strip_suffix('s') {
        Some(stem) if stem.len() > 2 && !stem.ends_with('s') => stem.to_owned(),
        _ => word,
    }
}
