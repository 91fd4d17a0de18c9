//! Somebody decides on the consent page.

use url::Url;

use super::{
    Change, Grant, Kind, Status,
    asked::{Asked, Wrong, shortened},
    flat::{self, Flat},
    page,
};
use crate::{
    core::Shared,
    ids::{Ids, Stream},
    page::onward,
    state::{Record, State},
    value,
    wire::{BODY_MAX, Incoming, Reply},
};

/// The most accounts that can be connected.
const ACCOUNTS_MAX: usize = 1000;

/// Takes the form of the page and sends whoever decided back to the client.
pub(super) async fn decide(shared: &Shared, kind: Kind, incoming: &Incoming) -> Reply {
    match decided(shared, kind, incoming).await {
        Ok(back) => onward(back.as_str()),
        Err(wrong) => page::refused(&wrong),
    }
}

async fn decided(shared: &Shared, kind: Kind, incoming: &Incoming) -> Result<Url, Wrong> {
    let told = |why: &str| Wrong { why: Flat::new("invalid_request", why), back: None };
    if incoming.body.len() > BODY_MAX {
        return Err(told("The form is too large."));
    }
    let form = page::read(&incoming.body)?;
    let form = serde_json::Value::Object(form);
    let text = |name| value::text(&form, name).unwrap_or_default();
    let none = serde_json::Map::new();
    let asked = Asked::read(&shared.core().state, kind, form.as_object().unwrap_or(&none))?;
    match text("decision") {
        "connect" => {}
        "deny" => return Ok(asked.refused("access_denied", "The user denied your request")),
        _ => return Err(told("The form says neither connect nor deny.")),
    }
    let who = match text("account") {
        "" | "new" => Who::New(shortened(text("name"))),
        id => Who::Known(id.to_owned()),
    };
    let grant = consent(shared, kind, asked.scope, who).await.map_err(|why| Wrong { why, back: None })?;
    Ok(asked.consented(kind, &grant.code, &grant.account))
}

/// Which account consents.
pub(crate) enum Who {
    /// A new one, by its name; without one it gets one.
    New(String),
    Known(String),
}

/// Records a consent and the account that it is of if that is new. Repeating it gives
/// another code.
pub(crate) async fn consent(shared: &Shared, kind: Kind, scope: &str, who: Who) -> Result<Grant, Flat> {
    let (grant, seq) = {
        let mut core = shared.core();
        let mut record = Record::default();
        let account = account(&core.state, who, &mut record)?;
        let mut ids = Ids::new(core.state.seed, Stream::Objects, core.state.ids_next);
        let (code, scope) = (format!("ac_{}", ids.text(32)), scope.to_owned());
        record.ids_next = Some(ids.next);
        let at_ms = shared.clock.now_ms();
        let grant = Grant { code, kind, account, scope, at_ms, status: Status::Offered };
        record.oauth.push(Change::Consented(grant.clone()));
        (grant, core.commit(record).map_err(|_| flat::broken())?)
    };
    if shared.durable(seq).await { Ok(grant) } else { Err(flat::broken()) }
}

/// Opens an account that nobody consented for yet. Each call opens another.
pub(crate) async fn open(shared: &Shared, name: &str) -> Result<String, Flat> {
    let (account, seq) = {
        let mut core = shared.core();
        let mut record = Record::default();
        let account = account(&core.state, Who::New(shortened(name)), &mut record)?;
        (account, core.commit(record).map_err(|_| flat::broken())?)
    };
    if shared.durable(seq).await { Ok(account) } else { Err(flat::broken()) }
}

fn account(state: &State, who: Who, record: &mut Record) -> Result<String, Flat> {
    let name = match who {
        Who::Known(id) if state.is_connected(&id) => return Ok(id),
        Who::Known(_) => return Err(Flat::new("invalid_request", "There is no such account to connect.")),
        Who::New(name) => name,
    };
    let count = state.accounts().count();
    if count >= ACCOUNTS_MAX {
        let why =
            format!("This sandbox has {ACCOUNTS_MAX} connected accounts, which is the most. Choose one.");
        return Err(Flat::new("invalid_request", why));
    }
    let name = if name.is_empty() { format!("Connected account {}", count + 1) } else { name };
    record.oauth.push(Change::Account { name: name.clone() });
    Ok(state.opened(name).account)
}
