//! What falls due on the sandbox's clock, and doing it, earliest first.
//!
//! Each object says by itself when something is next due for it (`due_at`, a pure
//! function), so there is no list of jobs that could disagree with the objects, and a
//! restart finds the same things due. An act is one record like a request's, made at
//! the time it was due, however late it is noticed: before the next request, when a
//! delivery is looked for, or while the clock is moved.

use serde_json::Value;

use crate::{
    charges, checkout,
    core::{Closed, Core, Shared},
    customers, discounts, disputes, invoices, payment_intents, payouts, refunds,
    state::{Asking, Record, Tx},
    subscription_schedules, subscriptions, test_clocks, value,
};

/// Acts for one object at one moment before it counts as stuck.
const ACTS_MAX: u32 = 16;

/// When something is next due for this object, in Unix seconds.
pub(crate) fn due_at(object: &Value) -> Option<i64> {
    match value::text(object, "object") {
        Some("charge") => charges::due_at(object),
        Some("discount") => discounts::due_at(object),
        Some("invoice") => invoices::due_at(object),
        Some("dispute") => disputes::due_at(object),
        Some("payment_intent") => payment_intents::due_at(object),
        Some("payout") => payouts::due_at(object),
        Some("refund") => refunds::due_at(object),
        Some("tax_id") => customers::due_at(object),
        Some("subscription") => subscriptions::due_at(object),
        Some(checkout::KIND) => checkout::due_at(object),
        Some(subscription_schedules::KIND) => subscription_schedules::due_at(object),
        Some(test_clocks::KIND) => test_clocks::due_at(object),
        _ => None,
    }
}

fn perform(tx: &mut Tx, object: Value) {
    match value::text(&object, "object") {
        Some("charge") => charges::perform_due(tx, object),
        Some("discount") => discounts::perform_due(tx, &object),
        Some("invoice") => invoices::perform_due(tx, object),
        Some("dispute") => disputes::perform_due(tx, object),
        Some("payment_intent") => payment_intents::perform_due(tx, object),
        Some("payout") => payouts::perform_due(tx, object),
        Some("refund") => refunds::perform_due(tx, &object),
        Some("tax_id") => customers::perform_due(tx, &object),
        Some("subscription") => subscriptions::perform_due(tx, object),
        Some(checkout::KIND) => checkout::perform_due(tx, object),
        Some(subscription_schedules::KIND) => subscription_schedules::perform_due(tx, object),
        Some(test_clocks::KIND) => test_clocks::perform_due(tx, &object),
        _ => {}
    }
}

/// Does everything that is due until this moment. The clock's offset is moved along
/// to each act, but never beyond `offset_max`.
pub(crate) fn catch_up(
    shared: &Shared,
    core: &mut Core,
    until_ms: i64,
    offset_max: i64,
) -> Result<(), Closed> {
    let mut last = (0, String::new());
    let mut acts = 0;
    while let Some((at, account, id)) = core.state.next_due(until_ms.div_euclid(1000)) {
        let account = account.map(str::to_owned);
        let due = (at, id.to_owned());
        acts = if due == last { acts + 1 } else { 0 };
        last = due;
        if acts > ACTS_MAX {
            tracing::error!(object = %last.1, "nothing comes of what is due for this object; it is left alone");
            break;
        }
        let Some(object) = core.state.of(account.as_deref()).get(&last.1).map(|stored| stored.value.clone())
        else {
            break;
        };
        let at_ms = at.saturating_mul(1000);
        if test_clocks::target_of(&object).is_some() {
            advance_clock(shared, core, account.as_deref(), &last.1, at_ms)?;
            continue;
        }
        let mut tx = Tx::new(&core.state, account.as_deref(), at_ms, Asking::default(), shared.base());
        perform(&mut tx, object);
        let mut record = tx.into_record();
        let offset = shared.clock.offset_ms();
        let reached = offset + at.saturating_mul(1000).saturating_sub(shared.clock.now_ms());
        record.offset_ms = (reached > offset).then(|| reached.min(offset_max));
        core.commit(record)?;
        shared.clock.set_offset_ms(core.state.offset_ms);
    }
    Ok(())
}

/// Does everything that is due on a test clock until its target, each at its own time,
/// and lets the clock arrive. The sandbox's own time stands still.
fn advance_clock(
    shared: &Shared,
    core: &mut Core,
    account: Option<&str>,
    clock: &str,
    real_ms: i64,
) -> Result<(), Closed> {
    let target = {
        let stored = core.state.of(account).get(clock);
        stored.and_then(|stored| test_clocks::target_of(&stored.value)).unwrap_or_default()
    };
    let mut last = (0, String::new());
    let mut acts = 0;
    while let Some((at, id)) = core.state.of(account).index().next_due_on(clock, target) {
        let due = (at, id.to_owned());
        acts = if due == last { acts + 1 } else { 0 };
        last = due;
        let stored = core.state.of(account).get(&last.1);
        let Some(object) = stored.map(|stored| stored.value.clone()).filter(|_| acts <= ACTS_MAX) else {
            tracing::error!(object = %last.1, "nothing comes of what is due for this object; it is left alone");
            break;
        };
        let tx = Tx::new(&core.state, account, real_ms, Asking::default(), shared.base());
        let mut tx = tx.on_clock(Some((clock.to_owned(), at)));
        test_clocks::begin_act(&mut tx, clock, at);
        perform(&mut tx, object);
        let record = tx.into_record();
        core.commit(record)?;
    }
    let Some(arrived) = core.state.of(account).get(clock).map(|stored| stored.value.clone()) else {
        return Ok(());
    };
    let mut tx = Tx::new(&core.state, account, real_ms, Asking::default(), shared.base());
    test_clocks::ready(&mut tx, arrived);
    let record = tx.into_record();
    core.commit(record).map(drop)
}

/// Ten years, three leap days among them.
const AT_ONCE_MS: i64 = (10 * 365 + 3) * 86_400_000;

/// The first moment of the year 2200.
const LAST_MS: i64 = 7_258_118_400_000;

impl Shared {
    /// Does what has fallen due by now. A closed log leaves it for the next start.
    pub(crate) fn catch_up(&self, core: &mut Core) {
        let offset = self.clock.offset_ms();
        if catch_up(self, core, self.clock.now_ms(), offset).is_err() {
            tracing::debug!("the sandbox is closed; what is due waits");
        }
    }

    /// How far the clock may be moved now: ten years, and not beyond the year 2200. What a
    /// log says of times beyond what dates can tell could never be opened again.
    pub(crate) fn furthest_ms(&self) -> i64 {
        AT_ONCE_MS.min(LAST_MS.saturating_sub(self.clock.now_ms())).max(0)
    }

    /// Moves the sandbox's clock forward; what falls due on the way happens in order.
    pub(crate) async fn advance_ms(&self, ms: i64) -> Result<(), Closed> {
        let seq = {
            let mut core = self.core();
            let offset = self.clock.offset_ms().saturating_add(ms);
            catch_up(self, &mut core, self.clock.now_ms().saturating_add(ms), offset)?;
            let seq = core.commit(Record { offset_ms: Some(offset), ..Record::default() })?;
            self.clock.set_offset_ms(offset);
            seq
        };
        if !self.durable(seq).await {
            return Err(Closed);
        }
        self.wake.notify_one();
        Ok(())
    }
}
