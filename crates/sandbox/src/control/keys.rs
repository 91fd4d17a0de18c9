//! Steering keys: restricted ones, and a new secret one.

use serde_json::{Map, Value, json};

use super::closed;
use crate::{
    core::Shared,
    ids::{Ids, Stream},
    keys::{self, Change, Permissions, Restricted},
    state::Record,
    wire::{Refusal, refusal},
};

/// The most restricted keys at a time.
const KEYS_MAX: usize = 100;
/// How long the random part of a key is.
const LENGTH: usize = 99;

/// Every restricted key, without its text.
pub(super) fn list(shared: &Shared) -> Value {
    let core = shared.core();
    let shown = |one: &Restricted| {
        let last4 = one.key.get(one.key.len().saturating_sub(4)..);
        json!({"id": one.id, "last4": last4, "permissions": one.permissions, "created": one.created})
    };
    json!({"data": core.state.issued.all().map(shown).collect::<Vec<_>>(), "permissions": keys::names()})
}

/// Makes a restricted key; its text shows once.
pub(super) async fn make(shared: &Shared, body: &Map<String, Value>) -> Result<Value, Refusal> {
    let given = body.get("permissions").cloned().unwrap_or_default();
    let permissions: Permissions = serde_json::from_value(given).map_err(|e| {
        refusal::invalid(format!(
            "`permissions` must be an object such as {{\"customers\": \"write\", \"invoices\": \"read\"}}: {e}. Nothing was changed."
        ))
    })?;
    let made = restrict(shared, permissions).await?;
    Ok(json!({"id": made.id, "key": made.key, "permissions": made.permissions, "created": made.created}))
}

/// A new restricted key with these permissions.
///
/// # Errors
/// A permission that is none, or too many keys.
pub(crate) async fn restrict(shared: &Shared, permissions: Permissions) -> Result<Restricted, Refusal> {
    keys::check(&permissions)?;
    let (made, seq) = {
        let mut core = shared.core();
        if core.state.issued.all().count() >= KEYS_MAX {
            return Err(refusal::invalid(format!(
                "There are {KEYS_MAX} restricted keys, which is the most. Nothing was changed. Delete one first."
            )));
        }
        let mut ids = Ids::new(core.state.seed, Stream::Objects, core.state.ids_next);
        let (id, key) = (ids.object("key"), format!("rk_test_{}", ids.text(LENGTH)));
        let created = shared.clock.now_ms().div_euclid(1000);
        let made = Restricted { id, key, permissions, created };
        let issued = vec![Change::Made(made.clone())];
        let record = Record { ids_next: Some(ids.next), issued, ..Record::default() };
        (made, core.commit(record).map_err(|_| closed())?)
    };
    if shared.durable(seq).await { Ok(made) } else { Err(closed()) }
}

/// Deletes a restricted key, by its id.
pub(super) async fn delete(shared: &Shared, id: &str) -> Result<Value, Refusal> {
    if !shared.core().state.issued.all().any(|one| one.id == id) {
        return Err(refusal::missing("key", id, "id").with_status(404));
    }
    let issued = vec![Change::Deleted { id: id.to_owned() }];
    shared.commit(Record { issued, ..Record::default() }).await.map_err(|_| closed())?;
    Ok(json!({"id": id, "deleted": true}))
}

/// Gives the account a new secret key; the old one is over. Each call makes another.
///
/// # Errors
/// The log cannot be written.
pub(crate) async fn roll(shared: &Shared) -> Result<String, Refusal> {
    let (to, seq) = {
        let mut core = shared.core();
        let mut ids = Ids::new(core.state.seed, Stream::Objects, core.state.ids_next);
        let to = format!("sk_test_{}", ids.text(LENGTH));
        let issued = vec![Change::Rolled { to: to.clone() }];
        let record = Record { ids_next: Some(ids.next), issued, ..Record::default() };
        (to, core.commit(record).map_err(|_| closed())?)
    };
    if shared.durable(seq).await { Ok(to) } else { Err(closed()) }
}
