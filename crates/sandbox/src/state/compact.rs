//! Makes a log shorter without changing what it tells.
//!
//! Records are edited where they stand, so whatever else is in one stays in its order:
//! an object's last value moves to the place where it first came, because that place
//! decides where lists show it; what is over (removed objects, finished deliveries,
//! answers whose key has expired, what a reset forgot) leaves.

use std::collections::HashMap;

use super::{KEY_LIFETIME_MS, Record};

/// An account, or the sandbox's own, and something of it.
type Of = (Option<String>, String);

/// The same records, shorter.
pub(crate) fn compacted(mut records: Vec<Record>, now_ms: i64) -> Vec<Record> {
    forget_before_reset(&mut records);
    merge_puts(&mut records);
    drop_finished(&mut records);
    drop_old_answers(&mut records, now_ms);
    keep_last_numbers(&mut records);
    records.retain(says_something);
    records
}

/// What the last reset forgot. Accounts, keys and ids stay, and so do the webhook
/// endpoints of connected accounts.
fn forget_before_reset(records: &mut [Record]) {
    let Some(at) = records.iter().rposition(|record| record.reset) else { return };
    for record in &mut records[..at] {
        let connected = record.account.is_some();
        record.puts.retain(|put| connected && put.id.starts_with("we_"));
        record.deliveries.clear();
        record.delivered.clear();
        record.kept = None;
        record.executed = None;
        record.offset_ms = None;
        record.settings = None;
        record.failing = None;
    }
    records[..=at].iter_mut().for_each(|record| record.reset = false);
}

/// Each object once, as it is now, where it first came.
fn merge_puts(records: &mut [Record]) {
    let mut first: HashMap<Of, (usize, usize)> = HashMap::new();
    for nth in 0..records.len() {
        let account = records[nth].account.clone();
        for put in std::mem::take(&mut records[nth].puts) {
            let of = (account.clone(), put.id.clone());
            let gone = put.value.is_none();
            let known = if gone { first.remove(&of) } else { first.get(&of).copied() };
            match known {
                Some((record, place)) => records[record].puts[place].value = put.value,
                None if gone => {}
                None => {
                    first.insert(of, (nth, records[nth].puts.len()));
                    records[nth].puts.push(put);
                }
            }
        }
    }
    records.iter_mut().for_each(|record| record.puts.retain(|put| put.value.is_some()));
}

/// Deliveries that are still open.
fn drop_finished(records: &mut [Record]) {
    let mut added: HashMap<u64, usize> = HashMap::new();
    for nth in 0..records.len() {
        added.extend(records[nth].deliveries.iter().map(|delivery| (delivery.id, nth)));
        for id in std::mem::take(&mut records[nth].delivered) {
            if let Some(record) = added.remove(&id) {
                records[record].deliveries.retain(|delivery| delivery.id != id);
            }
        }
    }
}

/// The last answer of each key, while the key lives.
fn drop_old_answers(records: &mut [Record], now_ms: i64) {
    let mut last: HashMap<Of, usize> = HashMap::new();
    for nth in 0..records.len() {
        let Some(kept) = &records[nth].kept else { continue };
        if let Some(replaced) = last.insert((records[nth].account.clone(), kept.key.clone()), nth) {
            records[replaced].kept = None;
        }
    }
    for record in records {
        record.kept.take_if(|kept| now_ms - kept.at_ms >= KEY_LIFETIME_MS);
    }
}

/// Numbers that only count as they were last.
fn keep_last_numbers(records: &mut [Record]) {
    let seeded = records.iter().position(|record| record.seed.is_some()).unwrap_or(0);
    records.iter_mut().skip(seeded + 1).for_each(|record| record.seed = None);
    let (mut boot, mut offset) = (false, false);
    let mut ids: Vec<Option<String>> = Vec::new();
    for record in records.iter_mut().rev() {
        if record.boot.is_some() && std::mem::replace(&mut boot, true) {
            record.boot = None;
        }
        if record.offset_ms.is_some() && std::mem::replace(&mut offset, true) {
            record.offset_ms = None;
        }
        if record.ids_next.is_some() {
            if ids.contains(&record.account) {
                record.ids_next = None;
            } else {
                ids.push(record.account.clone());
            }
        }
    }
}

/// Whether anything but an account's name is left, by what would be written.
fn says_something(record: &Record) -> bool {
    let written = serde_json::to_value(record);
    let fields = written.ok().and_then(|written| Some(written.as_object()?.len()));
    fields.is_none_or(|fields| fields > usize::from(record.account.is_some()))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Value, json};
    use stripe::PINNED;

    use super::*;
    use crate::{
        oauth,
        state::{Kept, NewDelivery, Put, State},
    };

    const NOW_MS: i64 = 10 * KEY_LIFETIME_MS;

    impl State {
        /// Everything that can be seen of it.
        fn seen(&self) -> Value {
            let mut objects: Vec<_> =
                self.objects.iter().map(|(id, stored)| (stored.at, id, &stored.value)).collect();
            objects.sort_by_key(|(at, ..)| *at);
            let objects: Vec<_> = objects.into_iter().map(|(_, id, value)| json!([id, value])).collect();
            let mut keys: Vec<_> =
                self.keys.values().filter(|k| self.kept(&k.key, NOW_MS).is_some()).collect();
            keys.sort_by_key(|kept| &kept.key);
            let open = self.deliveries.due(i64::MAX, None);
            let open: Vec<_> = open.iter().map(|id| format!("{id} {:?}", self.deliveries.get(*id))).collect();
            let executions: std::collections::BTreeMap<_, _> = self.executions.iter().collect();
            let connected: Vec<_> = self.connected.values().map(Self::seen).collect();
            json!([
                self.seed,
                self.boot,
                self.account,
                self.offset_ms,
                self.ids_next,
                objects,
                keys,
                open,
                executions,
                connected,
            ])
        }
    }

    fn told(records: &[Record]) -> Value {
        let mut state = State::new(7);
        records.iter().for_each(|record| state.apply(record.clone()));
        state.seen()
    }

    fn connected() -> String {
        State::new(7).opened("Shop".to_owned()).account
    }

    /// One record of few ids, so that they meet.
    fn record() -> impl Strategy<Value = Record> {
        let put = (0..6_u32, prop::option::of(0..9_u32)).prop_map(|(nth, value)| {
            let (kind, id) = if nth < 2 {
                ("webhook_endpoint", format!("we_{nth}"))
            } else {
                ("customer", format!("cus_{nth}"))
            };
            let value = value.map(|v| json!({"id": id, "object": kind, "name": v, "enabled_events": []}));
            Put { id, value }
        });
        let kept = (0..3_u32, 0..NOW_MS).prop_map(|(nth, at_ms)| Kept {
            key: format!("key {nth}"),
            print: at_ms.to_string(),
            status: 200,
            body: "{}".into(),
            version: PINNED,
            request: "req_1".into(),
            at_ms,
        });
        let numbers = (prop::option::of(0..99_u64), prop::option::of(0..99_i64), prop::option::of(1..9_u64));
        let rest =
            (prop::option::of(kept), prop::option::of("[ab]"), any::<bool>(), prop::bool::weighted(0.05));
        (prop::collection::vec(put, 0..4), numbers, rest, prop::collection::vec(1..9_u64, 0..2)).prop_map(
            |(puts, (ids_next, offset_ms, boot), (kept, executed, own, reset), delivered)| Record {
                account: (!own).then(connected),
                boot,
                seed: boot.map(|_| 7),
                // A reset sets the clock back, as the control surface does.
                offset_ms: if reset { Some(0) } else { offset_ms },
                ids_next,
                puts,
                kept,
                executed,
                delivered,
                reset,
                ..Record::default()
            },
        )
    }

    /// Numbers deliveries as the queue would.
    fn with_deliveries(mut records: Vec<Record>) -> Vec<Record> {
        let account = oauth::Change::Account { name: "Shop".to_owned() };
        records.insert(0, Record { oauth: vec![account], ..Record::default() });
        for (nth, record) in records.iter_mut().enumerate().skip(1).step_by(2) {
            let id = nth as u64;
            record.deliveries.push(NewDelivery {
                id,
                event: format!("evt_{id}"),
                endpoint: "we_1".into(),
                account: None,
                created_ms: 0,
                shift_ms: 0,
            });
        }
        records
    }

    proptest! {
        #[test]
        fn a_shorter_log_tells_the_same(records in prop::collection::vec(record(), 0..40)) {
            let records = with_deliveries(records);
            let shorter = compacted(records.clone(), NOW_MS);
            prop_assert!(shorter.len() <= records.len());
            prop_assert_eq!(told(&shorter), told(&records));
            let again = compacted(shorter.clone(), NOW_MS);
            prop_assert_eq!(serde_json::to_value(again).unwrap(), serde_json::to_value(shorter).unwrap());
        }
    }

    #[test]
    fn what_was_written_over_and_what_is_over_leaves() {
        let put = |id: &str, value| Put { id: id.into(), value };
        let customer = |name: &str| Some(json!({"id": "cus_1", "object": "customer", "name": name}));
        let write = |puts| Record { puts, ..Record::default() };
        let records = vec![
            write(vec![put("cus_1", customer("Ada"))]),
            write(vec![put("cus_2", customer("Bob"))]),
            write(vec![put("cus_1", customer("Eve")), put("cus_2", None)]),
        ];
        let shorter = compacted(records, NOW_MS);
        assert_eq!(
            serde_json::to_value(shorter).unwrap(),
            json!([{"puts": [{"id": "cus_1", "value": customer("Eve")}]}])
        );
    }
}
