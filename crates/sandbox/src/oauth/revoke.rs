//! Taking consents back, and telling of it.

use serde_json::{Value, json};

use super::{Change, Kind};
use crate::{
    core::{Closed, Shared},
    state::{Asking, State, Tx},
};

/// Takes consents of the transaction's account back. When none of this kind is left in
/// force, the account's event says so, once. Offered codes stop working too.
pub(crate) fn revoke(tx: &mut Tx, kind: Kind, grants: Vec<String>) -> Change {
    let (root, account) = (tx.root(), tx.account());
    let ends = root.oauth.is_active(account, kind, &[]) && !root.oauth.is_active(account, kind, &grants);
    if ends {
        tx.emit("account.application.deauthorized", &application(root, kind));
    }
    Change::Revoked { grants }
}

/// The client as its events show it.
pub(crate) fn application(root: &State, kind: Kind) -> Value {
    json!({"id": root.oauth.client_id(kind), "object": "application", "name": root.name})
}

/// Takes everything that an account consented to back, as its owner would. Returns what
/// that was.
///
/// # Errors
/// The log cannot be written; nothing was changed.
pub(crate) async fn revoke_all(shared: &Shared, account: &str) -> Result<Vec<Kind>, Closed> {
    let mut ended = Vec::new();
    for kind in [Kind::Connect, Kind::App] {
        let seq = {
            let mut core = shared.core();
            let grants = core.state.oauth.live(account, kind);
            if grants.is_empty() {
                continue;
            }
            let now_ms = shared.clock.now_ms();
            let mut tx = Tx::new(&core.state, Some(account), now_ms, Asking::default(), shared.base());
            let revoked = revoke(&mut tx, kind, grants);
            let mut record = tx.into_record();
            record.oauth.push(revoked);
            core.commit(record)?
        };
        if !shared.durable(seq).await {
            return Err(Closed);
        }
        ended.push(kind);
    }
    shared.wake.notify_one();
    Ok(ended)
}
