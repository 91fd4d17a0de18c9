//! When periods end. A month later is the same day of the month, or its last day, and
//! always counted from the anchor: the 31st comes back after a February.

use jiff::{Span, Timestamp, tz::Offset};
use serde_json::Value;

use super::object;
use crate::{state::Tx, value};

const DAY: i64 = 86_400;

/// How long the whole period is that an item is in, even when the present one is shorter.
pub(super) fn whole_of(tx: &Tx, item: &Value) -> i64 {
    let price = object::price_of(tx, item);
    let (anchor, start) = (value::int(item, "_anchor"), value::int(item, "current_period_start"));
    end_after(anchor, &price, start) - start_before(anchor, &price, start)
}

/// The first end of a period of this price after a moment.
pub(crate) fn end_after(anchor: i64, price: &Value, moment: i64) -> i64 {
    let mut n = whole(anchor, price, moment);
    while nth(anchor, price, n) <= moment {
        n += 1;
    }
    nth(anchor, price, n)
}

/// The last boundary between two periods of this price at or before a moment.
pub(crate) fn start_before(anchor: i64, price: &Value, moment: i64) -> i64 {
    let mut n = whole(anchor, price, moment);
    while nth(anchor, price, n + 1) <= moment {
        n += 1;
    }
    nth(anchor, price, n)
}

/// So many periods have passed for certain; it may be a few more.
fn whole(anchor: i64, price: &Value, moment: i64) -> i64 {
    let longest = match interval(price) {
        "day" => DAY,
        "week" => 7 * DAY,
        "year" => 366 * DAY,
        _ => 31 * DAY,
    };
    let passed = moment.saturating_sub(anchor);
    // Before the anchor the shortest month counts, and two more are never too many.
    if passed < 0 {
        passed / (longest - 3 * DAY).max(DAY) / count(price) - 2
    } else {
        passed / longest / count(price)
    }
}

fn interval(price: &Value) -> &str {
    value::text(&price["recurring"], "interval").unwrap_or("month")
}

fn count(price: &Value) -> i64 {
    value::int(&price["recurring"], "interval_count").max(1)
}

/// The anchor and n periods.
fn nth(anchor: i64, price: &Value, n: i64) -> i64 {
    let n = n.saturating_mul(count(price));
    match interval(price) {
        "day" => anchor.saturating_add(n.saturating_mul(DAY)),
        "week" => anchor.saturating_add(n.saturating_mul(7 * DAY)),
        "year" => months(anchor, n.saturating_mul(12)),
        _ => months(anchor, n),
    }
}

/// So many months later. Beyond the calendar's end nothing is ever due.
fn months(anchor: i64, n: i64) -> i64 {
    let later = || {
        let day = Offset::UTC.to_datetime(Timestamp::from_second(anchor).ok()?);
        let later = day.checked_add(Span::new().try_months(n).ok()?).ok()?;
        Offset::UTC.to_timestamp(later).ok().map(Timestamp::as_second)
    };
    later().unwrap_or(if n < 0 { i64::MIN } else { i64::MAX })
}

/// The day of a moment, as lines name it: `22 Nov 2026`.
pub(crate) fn day(moment: i64) -> String {
    match Timestamp::from_second(moment) {
        Ok(at) => Offset::UTC.to_datetime(at).strftime("%d %b %Y").to_string(),
        Err(_) => moment.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn price(interval: &str, count: i64) -> Value {
        json!({"recurring": {"interval": interval, "interval_count": count}})
    }

    #[test]
    fn the_31st_comes_back_after_a_february() {
        let at = |text: &str| format!("{text}T12:00:00Z").parse::<Timestamp>().unwrap().as_second();
        let (monthly, anchor) = (price("month", 1), at("2027-01-31"));
        let mut end = anchor;
        for expected in ["2027-02-28", "2027-03-31", "2027-04-30", "2027-05-31"] {
            end = end_after(anchor, &monthly, end);
            assert_eq!(end, at(expected));
        }
        assert_eq!(end_after(at("2028-02-29"), &price("year", 1), at("2028-02-29")), at("2029-02-28"));
        assert_eq!(day(at("2027-01-31")), "31 Jan 2027");
    }

    proptest! {
        #[test]
        fn every_moment_lies_in_one_period(
            anchor in 1_500_000_000_i64..2_000_000_000,
            away in -200_000_000_i64..400_000_000,
            interval in prop::sample::select(vec!["day", "week", "month", "year"]),
            count in 1..4_i64,
        ) {
            let (price, moment) = (price(interval, count), anchor + away);
            let (start, end) = (start_before(anchor, &price, moment), end_after(anchor, &price, moment));
            prop_assert!(start <= moment && moment < end);
            prop_assert_eq!(end_after(anchor, &price, start), end);
            prop_assert_eq!(end_after(anchor, &price, end - 1), end);
        }
    }
}
