//! Names: from Stripe's snake case to ours and back, and the nearest known one.
//!
//! Our spelling is always made from Stripe's, never the other way round where a table
//! is at hand: `line1` and `us_bank_account` survive that direction and no other.

/// `us_bank_account` as `usBankAccount`.
pub fn camel(stripe: &str) -> String {
    let mut name = String::with_capacity(stripe.len());
    for (nth, part) in stripe.split('_').filter(|part| !part.is_empty()).enumerate() {
        let mut chars = part.chars();
        match chars.next() {
            Some(first) if nth > 0 => name.push(first.to_ascii_uppercase()),
            Some(first) => name.push(first),
            None => {}
        }
        name.push_str(chars.as_str());
    }
    name
}

/// `customerId` as `customer_id`. Only for names of ours, which have no digits at word borders.
pub(crate) fn snake(ours: &str) -> String {
    let mut name = String::with_capacity(ours.len() + 4);
    for c in ours.chars() {
        if c.is_ascii_uppercase() {
            name.push('_');
        }
        name.push(c.to_ascii_lowercase());
    }
    name
}

/// How alike two names must be to suggest one for the other, of 1.
const ALIKE_MIN: f64 = 0.6;
/// Names longer than any there is are not compared.
const COMPARED_CHARS_MAX: usize = 64;

/// The known name that is most like the given one, if any is like it at all. Case,
/// underscores and hyphens do not count; the first of equals wins.
pub(crate) fn nearest<N: AsRef<str>>(given: &str, known: impl IntoIterator<Item = N>) -> Option<N> {
    nearest_of(given, known, 1).pop()
}

/// The known names that are most like the given one, the most alike first; at most so many.
pub(crate) fn nearest_of<N: AsRef<str>>(
    given: &str,
    known: impl IntoIterator<Item = N>,
    most: usize,
) -> Vec<N> {
    let given = folded(given);
    if given.is_empty() || given.chars().count() > COMPARED_CHARS_MAX {
        return Vec::new();
    }
    let scored = known.into_iter().map(|name| (alike(&given, &folded(name.as_ref())), name));
    let mut alike: Vec<(f64, N)> = scored.filter(|(score, _)| *score > ALIKE_MIN).collect();
    alike.sort_by(|(a, _), (b, _)| b.total_cmp(a));
    alike.into_iter().take(most).map(|(_, name)| name).collect()
}

/// A name that continues the other is a better guess than letters alone say: people
/// write `email` for `receiptEmail` rarely, but `dueDays` for `dueDate` often.
fn alike(given: &str, known: &str) -> f64 {
    let continues =
        given.len() >= 4 && known.len() >= 4 && (known.starts_with(given) || given.starts_with(known));
    let (shorter, longer) = (given.len().min(known.len()), given.len().max(known.len()));
    // Most names are too short or too long, which is known without looking at their letters.
    let letters = match of(shorter, longer) > ALIKE_MIN {
        true => 1.0 - of(strsim::osa_distance(given, known), longer),
        false => 0.0,
    };
    if continues { letters.max(0.7) } else { letters }
}

/// A share; names are far shorter than what a float holds.
#[expect(clippy::cast_precision_loss, reason = "lengths of names")]
fn of(part: usize, whole: usize) -> f64 {
    part as f64 / whole.max(1) as f64
}

fn folded(name: &str) -> String {
    name.chars().filter(|c| !matches!(c, '_' | '-' | ' ')).flat_map(char::to_lowercase).collect()
}

/// Text of a caller's, short enough for a message and without control characters.
pub(crate) fn shown(text: &str) -> String {
    let short: String = text.chars().take(100).map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect();
    if short.len() < text.len() { format!("{short}…") } else { short }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stripes_names_become_camel_case() {
        assert_eq!(camel("us_bank_account"), "usBankAccount");
        assert_eq!(camel("line1"), "line1");
        assert_eq!(camel("amount_tax_display"), "amountTaxDisplay");
        assert_eq!(snake("customerId"), "customer_id");
    }

    #[test]
    fn the_nearest_name_ignores_case_and_underscores() {
        let known = ["daysUntilDue", "dueDate", "description"];
        assert_eq!(nearest("Days_until_due", known), Some("daysUntilDue"));
        assert_eq!(nearest("desc", known), Some("description"));
        assert_eq!(nearest("lookback", known), None);
        assert_eq!(nearest("", known), None);
        assert_eq!(nearest(&"d".repeat(10_000), known), None);
    }

    #[test]
    fn shown_text_is_short_and_printable() {
        assert_eq!(shown("a\nb"), "a\u{fffd}b");
        assert_eq!(shown(&"x".repeat(200)).chars().count(), 101);
    }
}
