//! Durations as documents write them: `45d`, `10m`, `1h30m`, `500ms`.
//!
//! A day is 24 hours and a week 7 days: a wait is a length of time, not a place in
//! somebody's calendar. There are no fractions, because `1.5d` invites the question.

use model::Timestamp;

/// The longest duration a document can ask for: ten years of 365 days.
pub(crate) const DURATION_MAX_MS: i64 = 3_650 * 86_400_000;

const UNITS: &[(&str, i64)] =
    &[("ms", 1), ("s", 1_000), ("m", 60_000), ("h", 3_600_000), ("d", 86_400_000), ("w", 7 * 86_400_000)];

/// A checked duration, in milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    /// Its length, from 0 to ten years.
    pub ms: i64,
}

impl Span {
    /// Reads `45d` or `1h30m`.
    ///
    /// # Errors
    /// What would be right, when the text is no duration or a longer one than ten years.
    pub fn parse(text: &str) -> Result<Self, String> {
        let wrong =
            || format!("`{}` is not a duration; write `45d`, `12h`, `10m`, `30s` or `500ms`", cut(text));
        let mut rest = text.trim();
        let mut total: i64 = 0;
        if rest.is_empty() {
            return Err(wrong());
        }
        while !rest.is_empty() {
            let digits = rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_digit()).len();
            let after = &rest[digits..];
            let letters = after.len() - after.trim_start_matches(|c: char| c.is_ascii_alphabetic()).len();
            let (_, unit) = UNITS.iter().find(|(name, _)| *name == &after[..letters]).ok_or_else(wrong)?;
            let part = rest[..digits].parse::<i64>().ok().and_then(|n| n.checked_mul(*unit));
            total = match part.and_then(|part| total.checked_add(part)) {
                Some(sum) if sum <= DURATION_MAX_MS => sum,
                _ if digits == 0 => return Err(wrong()),
                _ => return Err(format!("`{}` is longer than ten years (3650d)", cut(text))),
            };
            rest = &after[letters..];
        }
        Ok(Self { ms: total })
    }

    /// The moment this long after another; clamped to the end of the calendar.
    pub fn after(self, at: Timestamp) -> Timestamp {
        later(at, self.ms)
    }
}

/// A moment some milliseconds after another; clamped to the ends of the calendar.
pub(crate) fn later(at: Timestamp, ms: i64) -> Timestamp {
    model::from_micros(model::micros(at).saturating_add(ms.saturating_mul(1_000)))
}

fn cut(text: &str) -> String {
    text.chars().take(40).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_duration_is_digits_and_units() {
        let ms = |text| Span::parse(text).map(|span| span.ms);
        assert_eq!(ms("45d"), Ok(45 * 86_400_000));
        assert_eq!(ms("1h30m"), Ok(5_400_000));
        assert_eq!(ms("500ms"), Ok(500));
        assert_eq!(ms("0s"), Ok(0));
        assert_eq!(ms("2w"), Ok(14 * 86_400_000));
    }

    #[test]
    fn what_is_no_duration_is_refused_with_an_example() {
        for text in ["", "d", "45", "1.5d", "-1d", "3 d", "5y", "d5"] {
            assert!(Span::parse(text).unwrap_err().contains("45d"), "{text}");
        }
    }

    #[test]
    fn a_duration_beyond_ten_years_is_refused_and_never_overflows() {
        for text in ["3651d", "99999999999999999999d", "9223372036854775807w", "3650d1ms"] {
            assert!(Span::parse(text).unwrap_err().contains("ten years"), "{text}");
        }
        assert_eq!(Span { ms: i64::MAX }.after(Timestamp::MAX), Timestamp::MAX);
    }
}
