//! The way of a request, in Stripe's order: key, version, account, route, limits,
//! parameters, idempotency, execution.
//!
//! What turns a request away before execution is not stored under its key; what
//! happens during execution is, refusals included.

use std::{sync::Arc, time::Duration};

use serde_json::Map;
use stripe::{
    Method, PINNED, Version,
    tables::{self, Operation},
};

use super::{
    Call, Incoming, Outgoing, Refusal, Reply,
    answer::{Trip, pretty},
    auth, expand,
    idempotency::{self, Holding, Standing},
    params,
    perform::perform,
    refusal,
};
use crate::{
    checkout,
    core::{Core, Shared},
    faults::{self, Fault},
    journal::{JournalEntry, Ran},
    oauth,
    registry::{self, Row},
    state::{Asking, Kept, Record, Tx},
    test_clocks,
    versions::{self, Renamed},
};

/// A request that may execute.
struct Admitted {
    row: &'static Row,
    call: Call,
    /// Parameters that an older version names otherwise.
    renamed: Vec<Renamed>,
    print: String,
    /// Its key is free again when this goes.
    holding: Option<Holding>,
}

/// Why a request does not execute.
enum Turned {
    Refused(Refusal),
    Replayed(Kept),
    Reset,
}

impl From<Refusal> for Turned {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

/// Everything that is known of one request on its way.
struct Way<'a> {
    shared: &'a Arc<Shared>,
    incoming: &'a Incoming,
    trip: Trip,
    fault: Option<Fault>,
    /// The version that the answer has the shape of.
    version: Version,
    /// What is asked for, once that is known.
    operation: Option<&'static Operation>,
    /// The connected account that is worked on; none for the sandbox's own.
    account: Option<String>,
    /// Whether there is something new to deliver.
    tells: bool,
}

/// Takes one request all the way.
pub(crate) async fn handle(shared: &Arc<Shared>, incoming: Incoming) -> Outgoing {
    if let Some(outgoing) = oauth::handle(shared, &incoming).await {
        return outgoing;
    }
    if let Some(outgoing) = checkout::handle(shared, &incoming).await {
        return outgoing;
    }
    let mut way = Way {
        shared,
        incoming: &incoming,
        trip: Trip::default(),
        fault: None,
        version: PINNED,
        operation: None,
        account: None,
        tells: false,
    };
    let admitted = {
        let mut core = shared.core();
        shared.catch_up(&mut core);
        match way.admit(&mut core) {
            Ok(admitted) => admitted,
            Err(turned) => return way.turn_away(&mut core, turned),
        }
    };
    if let Some(Fault::Slow { ms }) = way.fault {
        tokio::time::sleep(Duration::from_millis(ms)).await;
    }
    let (reply, seq) = way.execute(&mut shared.core(), &admitted);
    let reply = if shared.durable(seq).await { reply } else { way.trip.refused(log_lost()) };
    drop(admitted.holding);
    if way.tells {
        shared.wake.notify_one();
    }
    way.leave(reply)
}

fn log_lost() -> Refusal {
    refusal::broken(
        "The sandbox cannot write its log, so this change may be lost. Free space in its folder and start it again.",
    )
}

impl Way<'_> {
    fn admit(&mut self, core: &mut Core) -> Result<Admitted, Turned> {
        let heads = &self.incoming.heads;
        let caller = auth::authenticate(heads, &core.state, self.shared.clock.now_ms())?;
        self.trip.request_id = Some(core.requests.object("req"));
        let version = params::version(heads, core.state.api_version())?;
        self.trip.version = Some(version.as_str());
        self.version = version;
        let caller = caller.acting_for(heads.account.as_deref(), &core.state)?;
        let (row, mut call) = self.route()?;
        self.operation = Some(call.operation);
        caller.may(call.operation, &core.state.account)?;
        self.account = caller.account;
        self.meet_fault(core)?;
        let form = params::form(self.incoming)?;
        if heads.version.is_none() {
            call.version = versions::that_takes(&call, &form, heads.user_agent.as_deref());
            self.version = call.version;
            self.trip.version = Some(call.version.as_str());
        }
        let version = call.version;
        let renamed = params::read(row, &mut call, form.clone())?;
        let paths = params::expands(&call);
        expand::check(&call.operation.response, &paths, version)?;
        let print = idempotency::print(&self.incoming.method, &self.incoming.path, &form);
        let holding = self.take_key(core, &print)?;
        Ok(Admitted { row, call, renamed, print, holding })
    }

    fn route(&self) -> Result<(&'static Row, Call), Refusal> {
        let Incoming { method, path, .. } = self.incoming;
        let found = Method::parse(method).and_then(|m| tables::route_in(m, path, self.version));
        let (operation, ids) = found.ok_or_else(|| refusal::unrecognized(method, path))?;
        let row = registry::find(operation.id)
            .ok_or_else(|| refusal::not_here(&format!("{method} {}", operation.path)))?;
        let (path, params, version) = (path.clone(), Map::new(), self.version);
        Ok((row, Call { operation, ids, path, params, version }))
    }

    /// Uses up a fault, or meets a limit; the kinds that come before execution end here.
    fn meet_fault(&mut self, core: &mut Core) -> Result<(), Turned> {
        if self.incoming.own {
            return Ok(());
        }
        self.fault = faults::take(&mut core.faults, &self.incoming.method, &self.incoming.path);
        let now_ms = self.shared.clock.sending_time().as_millisecond();
        let reads = self.incoming.method == "GET";
        if self.fault.is_none() && !core.limiter.passes(self.account.as_deref(), reads, now_ms) {
            self.fault = Some(Fault::RateLimited { reason: "global-rate".to_owned() });
        }
        match &self.fault {
            Some(Fault::Reset) => Err(Turned::Reset),
            Some(Fault::RateLimited { .. }) => Err(refusal::rate_limited().into()),
            Some(Fault::LockTimeout) => Err(refusal::lock_timeout().into()),
            Some(Fault::Conflict409) => Err(refusal::in_use().into()),
            _ => Ok(()),
        }
    }

    fn take_key(&mut self, core: &mut Core, print: &str) -> Result<Option<Holding>, Turned> {
        let Some(key) = self.incoming.heads.key.as_deref().filter(|_| self.incoming.method == "POST") else {
            return Ok(None);
        };
        self.trip.key = Some(key.to_owned());
        match idempotency::stand(core, self.shared, self.account.as_deref(), key, print)? {
            Standing::Free(holding) => Ok(Some(holding)),
            Standing::Done(kept) => Err(Turned::Replayed(kept)),
        }
    }

    fn turn_away(&mut self, core: &mut Core, turned: Turned) -> Outgoing {
        let (reply, ran) = match turned {
            Turned::Refused(refusal) => (self.trip.refused(refusal), Ran::Refused),
            Turned::Replayed(kept) => {
                self.version = kept.version;
                (self.trip.replayed(&kept), Ran::Replayed)
            }
            Turned::Reset => {
                self.note(core, 0, Ran::Refused);
                return Outgoing::Reset;
            }
        };
        let mut reply = reply;
        if let Some(Fault::RateLimited { reason }) = &self.fault
            && reply.status == 429
        {
            reply.headers.push(("stripe-rate-limited-reason", reason.clone()));
        }
        self.note(core, reply.status, ran);
        self.leave(reply)
    }

    /// Runs the operation and commits what follows from it. Returns the answer and
    /// the record that has to be durable before it may leave.
    fn execute(&mut self, core: &mut Core, admitted: &Admitted) -> (Reply, u64) {
        let now_ms = self.shared.clock.now_ms();
        let asking = Asking { request: self.trip.request_id.clone(), key: self.trip.key.clone() };
        let fails = self.fault == Some(Fault::Stored500);
        let account = self.account.as_deref();
        let clock = test_clocks::of_request(core.state.of(account), &admitted.call);
        let tx = Tx::new(&core.state, account, now_ms, asking, self.shared.base());
        let mut tx = tx.on_clock(clock);
        let result = if fails {
            Err(failed())
        } else {
            perform(&mut tx, admitted.row, &admitted.call, &admitted.renamed)
        };
        let (mut status, mut body, mut record) = match result {
            Ok(body) => (200, body, tx.into_record()),
            Err(refusal) => {
                let record = tx.into_record();
                let kept = if refusal.leaves { record } else { record.only_ids() };
                (refusal.status, refusal.body(), kept)
            }
        };
        if self.fault == Some(Fault::Stored500AfterCommit) {
            (status, body) = (500, failed().body());
        }
        let text = pretty(&body);
        let mut seq = core.seq;
        if self.incoming.method != "GET" {
            self.keep(&mut record, admitted, status, &text, now_ms);
            if !fails {
                record.executed.clone_from(&self.trip.key);
            }
            self.tells = !record.deliveries.is_empty();
            match core.commit(record) {
                Ok(committed) => seq = committed,
                Err(_) => return (self.trip.refused(log_lost()), seq),
            }
        }
        self.note(core, status, Ran::Executed);
        let first = self.trip.key.as_ref().and(self.trip.request_id.as_deref());
        (self.trip.reply(status, text, first), seq)
    }

    /// Stores the answer under the request's key.
    fn keep(&self, record: &mut Record, admitted: &Admitted, status: u16, body: &str, at_ms: i64) {
        let (Some(key), Some(request)) = (&self.trip.key, &self.trip.request_id) else { return };
        record.kept = Some(Kept {
            key: key.clone(),
            print: admitted.print.clone(),
            status,
            body: body.to_owned(),
            version: self.version,
            request: request.clone(),
            at_ms,
        });
    }

    fn note(&self, core: &mut Core, status: u16, ran: Ran) {
        core.note(JournalEntry {
            method: self.incoming.method.clone(),
            path: self.incoming.path.clone(),
            account: self.account.clone(),
            key: self.incoming.heads.key.clone(),
            status,
            ran,
            fault: self.fault.as_ref().map(|f| f.name().to_owned()),
            request_id: self.trip.request_id.clone(),
            at_ms: self.shared.clock.now_ms(),
        });
    }

    fn leave(&self, reply: Reply) -> Outgoing {
        let reply = match &self.shared.checker {
            Some(checker) => match checker.answer(self.operation, reply.status, &reply.body, self.version) {
                Ok(()) => reply,
                Err(deviates) => self.trip.refused(deviates),
            },
            None => reply,
        };
        if self.fault == Some(Fault::LostAnswer) { Outgoing::Dropped } else { Outgoing::Answer(reply) }
    }
}

fn failed() -> Refusal {
    refusal::broken("An unknown error occurred. What the request did or did not change is not known.")
}
