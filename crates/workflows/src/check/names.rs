//! The nearest known name.

/// The known name that somebody may have meant, if one is near enough.
pub(crate) fn nearest<'a>(given: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let given: String = given.chars().take(100).collect();
    let folded = fold(&given);
    let distance = |name: &str| strsim::damerau_levenshtein(&folded, &fold(name));
    let (distance, name) = known.into_iter().map(|name| (distance(name), name)).min_by_key(|(d, _)| *d)?;
    (distance <= 1 + folded.len() / 4).then_some(name)
}

/// Case and separators rarely are what somebody got wrong about a name.
fn fold(name: &str) -> String {
    name.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect()
}

/// A fix that names it.
pub(crate) fn did_you_mean<'a>(given: &str, known: impl IntoIterator<Item = &'a str>) -> Option<String> {
    nearest(given, known).map(|near| format!("did you mean `{near}`?"))
}
