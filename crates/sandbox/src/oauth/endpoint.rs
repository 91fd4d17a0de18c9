//! The way of a request to a token endpoint: fault, form, client, exchange.
//!
//! Like the API's, it runs to its end under one lock and leaves as one record; unlike
//! it there are no versions and no idempotency keys.

use std::{sync::Arc, time::Duration};

use serde_json::{Map, Value, json};
use stripe::tables::{self, Operation};

use super::{
    Change, Exchange, Kind, deauthorize as giving_up,
    flat::{self, Flat},
    revoke,
    token::{self, Denied, text},
};
use crate::{
    core::{Core, Shared},
    faults::{self, Fault},
    journal::{JournalEntry, Ran},
    state::{Asking, Record, State, Tx},
    wire::{self, Incoming, Outgoing, Trip},
};

/// `POST /oauth/token` and `/v1/oauth/token`.
pub(super) async fn token(shared: &Arc<Shared>, incoming: &Incoming, kind: Kind) -> Outgoing {
    let way = Way::new(shared, incoming, "oauth.token");
    way.go(|way, core, form| way.exchange(core, kind, form)).await
}

/// `POST /oauth/deauthorize`.
pub(super) async fn deauthorize(shared: &Arc<Shared>, incoming: &Incoming) -> Outgoing {
    let way = Way::new(shared, incoming, "oauth.deauthorize");
    way.go(|way, core, form| way.give_up(core, form)).await
}

/// What came of a request.
struct Done {
    result: Result<Value, Flat>,
    record: Record,
    account: Option<String>,
}

impl Done {
    fn refused(why: Flat) -> Self {
        Self { result: Err(why), record: Record::default(), account: None }
    }
}

struct Way<'a> {
    shared: &'a Arc<Shared>,
    incoming: &'a Incoming,
    operation: Option<&'static Operation>,
    trip: Trip,
    fault: Option<Fault>,
}

impl<'a> Way<'a> {
    fn new(shared: &'a Arc<Shared>, incoming: &'a Incoming, operation: &str) -> Self {
        let operation = tables::operation(operation);
        Self { shared, incoming, operation, trip: Trip::default(), fault: None }
    }

    async fn go(mut self, does: impl FnOnce(&Self, &Core, &Map<String, Value>) -> Done) -> Outgoing {
        if let Some(turned) = self.meet_fault() {
            return turned;
        }
        if let Some(Fault::Slow { ms }) = self.fault {
            tokio::time::sleep(Duration::from_millis(ms)).await;
        }
        let (status, body, seq) = self.execute(does);
        if !self.shared.durable(seq).await {
            return self.leave(500, &flat::broken().body());
        }
        self.shared.wake.notify_one();
        self.leave(status, &body)
    }

    /// Uses up a fault; the kinds that come before execution end here.
    fn meet_fault(&mut self) -> Option<Outgoing> {
        let mut core = self.shared.core();
        self.shared.catch_up(&mut core);
        self.trip.request_id = Some(core.requests.object("req"));
        self.fault = faults::take(&mut core.faults, &self.incoming.method, &self.incoming.path);
        let (error, status) = match &self.fault {
            Some(Fault::Reset) => {
                self.note(&mut core, 0, Ran::Refused, None);
                return Some(Outgoing::Reset);
            }
            Some(Fault::RateLimited { .. } | Fault::LockTimeout) => ("rate_limited", 429),
            Some(Fault::Conflict409) => ("conflict", 409),
            Some(Fault::Stored500) => ("server_error", 500),
            _ => return None,
        };
        self.note(&mut core, status, Ran::Refused, None);
        let why = Flat::new(error, "Nothing was done. Repeat the request.").with_status(status);
        Some(self.leave(status, &why.body()))
    }

    fn execute(&self, does: impl FnOnce(&Self, &Core, &Map<String, Value>) -> Done) -> (u16, Value, u64) {
        let mut core = self.shared.core();
        let Done { result, record, account } = match self.form() {
            Ok(form) => match self.client(&core.state, &form) {
                Ok(()) => does(self, &core, &form),
                Err(why) => self.not_the_client(&form, why),
            },
            Err(why) => Done::refused(why),
        };
        let Ok(seq) = core.commit(record) else {
            return (500, flat::broken().body(), core.seq);
        };
        let (mut status, mut body) = match &result {
            Ok(body) => (200, body.clone()),
            Err(why) => (why.status, why.body()),
        };
        if self.fault == Some(Fault::Stored500AfterCommit) {
            (status, body) = (500, flat::broken().body());
        }
        let ran = if result.is_ok() { Ran::Executed } else { Ran::Refused };
        self.note(&mut core, status, ran, account);
        (status, body, seq)
    }

    fn form(&self) -> Result<Map<String, Value>, Flat> {
        let body = &self.incoming.body;
        if body.len() > wire::BODY_MAX {
            return Err(Flat::new("invalid_request", "The request body is too large.").with_status(413));
        }
        stripe::form::decode(body)
            .map_err(|why| Flat::new("invalid_request", format!("Invalid request: {why}")))
    }

    /// Checks that the client asks: its secret key in the header, or as `client_secret`.
    fn client(&self, state: &State, form: &Map<String, Value>) -> Result<(), Flat> {
        let sent = self.incoming.heads.authorization.as_deref().and_then(wire::key_of);
        let sent = sent.or_else(|| text(form, "client_secret").map(str::to_owned));
        match sent {
            Some(key) if key == state.secret_key => Ok(()),
            Some(_) => {
                Err(Flat::new("invalid_client", "The secret key provided is not that of this client."))
            }
            None => Err(Flat::new("invalid_client", "No secret key was provided.")),
        }
    }

    fn not_the_client(&self, form: &Map<String, Value>, why: Flat) -> Done {
        let mut done = Done::refused(why);
        if self.operation.is_some_and(|operation| operation.id == "oauth.token") {
            let kind = if self.incoming.path.starts_with("/v1/") { Kind::App } else { Kind::Connect };
            done.record.oauth.push(self.noted(kind, form, None, done.result.as_ref().err()));
        }
        done
    }

    fn exchange(&self, core: &Core, kind: Kind, form: &Map<String, Value>) -> Done {
        let now_ms = self.shared.clock.now_ms();
        let (account, result, mut record) = match token::plan(&core.state, kind, form, now_ms) {
            Ok(plan) => {
                let account = plan.grant.account.clone();
                let mut tx = self.tx(core, &account);
                let (answer, issued) = token::issue(&mut tx, plan, now_ms);
                (Some(account), Ok(answer), with(tx, issued))
            }
            Err(Denied::Reused(grant)) => {
                let mut tx = self.tx(core, &grant.account);
                let revoked = revoke(&mut tx, kind, vec![grant.code]);
                (Some(grant.account), Err(token::reused()), with(tx, revoked))
            }
            Err(Denied::Plain(why)) => (None, Err(why), Record::default()),
        };
        record.oauth.push(self.noted(kind, form, account.clone(), result.as_ref().err()));
        Done { result, record, account }
    }

    fn give_up(&self, core: &Core, form: &Map<String, Value>) -> Done {
        let given_up = match giving_up::read(&core.state, form) {
            Ok(given_up) => given_up,
            Err(why) => return Done::refused(why),
        };
        let (account, kind) = (given_up.account, given_up.kind);
        let mut tx = self.tx(core, &account);
        let revoked = revoke(&mut tx, kind, core.state.oauth.live(&account, kind));
        let record = with(tx, revoked);
        Done { result: Ok(json!({"stripe_user_id": account})), record, account: Some(account) }
    }

    fn tx<'c>(&'c self, core: &'c Core, account: &str) -> Tx<'c> {
        let asking = Asking { request: self.trip.request_id.clone(), key: None };
        Tx::new(&core.state, Some(account), self.shared.clock.now_ms(), asking, self.shared.base())
    }

    /// The exchange as it is listed.
    fn noted(
        &self,
        kind: Kind,
        form: &Map<String, Value>,
        account: Option<String>,
        refused: Option<&Flat>,
    ) -> Change {
        let grant_type = text(form, "grant_type").unwrap_or_default().chars().take(64).collect();
        let outcome = refused.map_or("granted", |why| why.error).to_owned();
        let at_ms = self.shared.clock.now_ms();
        Change::Exchanged(Exchange { kind, grant_type, account, outcome, at_ms })
    }

    fn note(&self, core: &mut Core, status: u16, ran: Ran, account: Option<String>) {
        core.note(JournalEntry {
            method: self.incoming.method.clone(),
            path: self.incoming.path.clone(),
            account,
            key: None,
            status,
            ran,
            fault: self.fault.as_ref().map(|fault| fault.name().to_owned()),
            request_id: self.trip.request_id.clone(),
            at_ms: self.shared.clock.now_ms(),
        });
    }

    fn leave(&self, status: u16, body: &Value) -> Outgoing {
        if let Some(checker) = &self.shared.checker {
            checker.flat(self.operation, status, body);
        }
        let lost = self.fault == Some(Fault::LostAnswer);
        let reply = self.trip.reply(status, wire::pretty(body), None);
        if lost { Outgoing::Dropped } else { Outgoing::Answer(reply) }
    }
}

fn with(tx: Tx, change: Change) -> Record {
    let mut record = tx.into_record();
    record.oauth.push(change);
    record
}
