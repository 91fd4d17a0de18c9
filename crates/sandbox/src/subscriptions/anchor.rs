//! From when the periods of a new subscription are counted, and from when they are
//! billed: a given time, a day of the month, or a start in the past.
//!
//! Until the anchor runs a period that is shorter than the others. It costs its part of a
//! whole one, or nothing when prorations are not wanted.

use jiff::{Timestamp, civil, tz::Offset};
use serde_json::Value;

use super::{items, object, periods};
use crate::{
    state::Tx,
    value,
    wire::{Call, Refusal, refusal},
};

/// Writes the anchor that a request asks for. The trial's end, if there is one, is known.
///
/// # Errors
/// Two ways of saying it, or a time outside the first period.
pub(super) fn begin(tx: &Tx, subscription: &mut Value, call: &Call, price: &Value) -> Result<(), Refusal> {
    if call.has("billing_cycle_anchor") && call.has("billing_cycle_anchor_config") {
        return Err(refusal::exclusive("billing_cycle_anchor", "billing_cycle_anchor_config"));
    }
    backdate(tx, subscription, call)?;
    let begins = subscription["trial_end"].as_i64().unwrap_or_else(|| tx.now());
    if let Some(at) = call.int("billing_cycle_anchor") {
        within_first_period(at, begins, price)?;
        value::set(subscription, "billing_cycle_anchor", at);
    } else if let Some(config) = call.params.get("billing_cycle_anchor_config").filter(|c| c.is_object()) {
        let base = base_of(config, begins, price)?;
        value::set(subscription, "_anchor", base);
        value::set(subscription, "billing_cycle_anchor", periods::end_after(base, price, begins));
        let shown = value::complete(config, &["day_of_month", "hour", "minute", "month", "second"]);
        value::set(subscription, "billing_cycle_anchor_config", shown);
    }
    let asks = call.has("billing_cycle_anchor") || call.has("billing_cycle_anchor_config");
    if asks && call.text("proration_behavior") == Some("none") {
        value::set(subscription, "_free_until", subscription["billing_cycle_anchor"].clone());
    }
    Ok(())
}

fn backdate(tx: &Tx, subscription: &mut Value, call: &Call) -> Result<(), Refusal> {
    let param = "backdate_start_date";
    let Some(start) = call.int(param) else { return Ok(()) };
    if start < 0 || start > tx.now() {
        return Err(
            refusal::invalid(format!("Invalid {param}: it must be a time in the past")).with_param(param)
        );
    }
    value::set(subscription, "start_date", start);
    if call.text("proration_behavior") != Some("none") {
        value::set(subscription, "_billed_from", start);
    }
    Ok(())
}

fn within_first_period(at: i64, begins: i64, price: &Value) -> Result<(), Refusal> {
    let natural = periods::end_after(begins, price, begins);
    if at < begins {
        return Err(refusal::invalid(
            "billing_cycle_anchor cannot be earlier than the time at which the subscription begins to be billed.",
        )
        .with_param("billing_cycle_anchor"));
    }
    if at > natural {
        return Err(refusal::invalid(format!(
            "billing_cycle_anchor cannot be later than next natural billing date ({natural}) for plan"
        ))
        .with_param("billing_cycle_anchor"));
    }
    Ok(())
}

/// A time long enough ago on the wanted day, in a month that has it, from which the
/// boundaries are counted.
fn base_of(config: &Value, begins: i64, price: &Value) -> Result<i64, Refusal> {
    let interval = value::text(&price["recurring"], "interval").unwrap_or_default();
    let place = |name: &str| format!("billing_cycle_anchor_config[{name}]");
    if !matches!(interval, "month" | "year") {
        return Err(refusal::invalid(
            "billing_cycle_anchor_config can only be used with prices that recur monthly or yearly.",
        )
        .with_param("billing_cycle_anchor_config"));
    }
    let now = Timestamp::from_second(begins).map(|at| Offset::UTC.to_datetime(at)).unwrap_or_default();
    let part =
        |name: &str, least: i64, most: i64, otherwise: i8| match config.get(name).and_then(Value::as_i64) {
            None => Ok(otherwise),
            Some(n) if (least..=most).contains(&n) => Ok(i8::try_from(n).unwrap_or(otherwise)),
            Some(n) => {
                Err(refusal::invalid(format!("Invalid {name}: {n}; it must be between {least} and {most}"))
                    .with_param(&place(name)))
            }
        };
    let day = part("day_of_month", 1, 31, 1)?;
    let month = part("month", 1, 12, now.month())?;
    if interval == "month" && config.get("month").is_some_and(|m| !m.is_null()) {
        return Err(refusal::invalid("`month` can only be given for prices that recur yearly.")
            .with_param(&place("month")));
    }
    let (hour, minute) = (part("hour", 0, 23, now.hour())?, part("minute", 0, 59, now.minute())?);
    let second = part("second", 0, 59, now.second())?;
    // January has every day; of a year the day is that of the month, as far as it has it.
    let month = if interval == "month" { 1 } else { month };
    let longest = civil::Date::new(now.year() - 1, month, 1).map_or(28, civil::Date::days_in_month);
    let at = civil::Date::new(now.year() - 1, month, day.min(longest))
        .map(|date| date.at(hour, minute, second, 0))
        .and_then(|at| Offset::UTC.to_timestamp(at));
    at.map(Timestamp::as_second).map_err(|_| {
        refusal::invalid("billing_cycle_anchor_config names no time.")
            .with_param("billing_cycle_anchor_config")
    })
}

/// What the items' periods are counted from.
pub(super) fn base(subscription: &Value) -> i64 {
    let counted = subscription.get("_anchor").and_then(Value::as_i64);
    counted.unwrap_or_else(|| value::int(subscription, "billing_cycle_anchor"))
}

/// Counts from a new time on.
pub(super) fn set(subscription: &mut Value, at: i64) {
    value::set(subscription, "billing_cycle_anchor", at);
    if let Value::Object(map) = subscription {
        map.shift_remove("_anchor");
        map.shift_remove("_free_until");
    }
    value::set(subscription, "billing_cycle_anchor_config", Value::Null);
}

/// The part of an amount for a whole period that an item's present one costs.
pub(super) fn part_of_period(tx: &Tx, subscription: &Value, item: &Value, amount: i64) -> i64 {
    let end = value::int(item, "current_period_end");
    if subscription.get("_free_until").and_then(Value::as_i64).is_some_and(|until| end <= until) {
        return 0;
    }
    let (start, whole) = (value::int(item, "current_period_start"), periods::whole_of(tx, item));
    super::proration::part(amount, end - start, whole)
}

/// Bills the time since a start in the past as one pending item for each item.
///
/// # Errors
/// More than an amount can be.
pub(super) fn bill_past(tx: &mut Tx, subscription: &Value) -> Result<(), Refusal> {
    let Some(from) = subscription.get("_billed_from").and_then(Value::as_i64) else { return Ok(()) };
    for item in object::items(tx, subscription) {
        let price = object::price_of(tx, &item);
        let whole = periods::end_after(from, &price, from) - from;
        let mut cost = items::cost(tx, &item)?;
        cost.amount = super::proration::part(cost.amount, tx.now() - from, whole);
        let description =
            format!("Time on {} from {}", super::billing::product_name(tx, &item), periods::day(from));
        crate::invoice_items::prorated(tx, subscription, &item, &cost, &description, (from, tx.now()));
    }
    Ok(())
}

/// Begins the period of every item anew, now, as `billing_cycle_anchor[type]=now` asks.
/// Returns what is to be billed.
///
/// # Errors
/// More than an amount can be.
pub(super) fn restart_all(
    tx: &mut Tx,
    id: &str,
    restarted: Vec<String>,
    prorates: bool,
) -> Result<Vec<String>, Refusal> {
    let mut subscription = tx.at_path("subscription", id)?;
    let mut begun = restarted;
    for mut item in object::items(tx, &subscription) {
        if begun.iter().any(|id| id == value::id(&item)) {
            continue;
        }
        if prorates && subscription["status"] != "trialing" {
            super::proration::credit(tx, &subscription, &item, tx.now())?;
        }
        super::update::restart(tx, &mut item)?;
        begun.push(value::id(&item).to_owned());
        tx.put(item);
    }
    set(&mut subscription, tx.now());
    object::note_period(tx, &mut subscription);
    tx.put(subscription);
    Ok(begun)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_day_of_the_month_is_found_again_after_a_short_month() {
        let monthly = json!({"recurring": {"interval": "month", "interval_count": 1}});
        let at = |text: &str| format!("{text}T12:00:00Z").parse::<Timestamp>().unwrap().as_second();
        let base = base_of(&json!({"day_of_month": 31}), at("2027-02-10"), &monthly).unwrap();
        let first = periods::end_after(base, &monthly, at("2027-02-10"));
        assert_eq!(first, at("2027-02-28"));
        assert_eq!(periods::end_after(base, &monthly, first), at("2027-03-31"));
        let config = json!({"day_of_month": 5, "month": 7, "hour": 0, "minute": 0, "second": 0});
        base_of(&config, at("2027-02-10"), &monthly).unwrap_err();
        let yearly = json!({"recurring": {"interval": "year", "interval_count": 1}});
        let base = base_of(&config, at("2027-02-10"), &yearly).unwrap();
        assert_eq!(periods::day(periods::end_after(base, &yearly, at("2027-02-10"))), "05 Jul 2027");
    }
}
