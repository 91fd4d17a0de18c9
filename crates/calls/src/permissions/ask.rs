//! Asking Stripe what a connection may do.
//!
//! One question for each permission and none for each action, a few at once, behind every
//! other call, in one attempt each. What would surprise: a question about writing goes
//! out as a POST without an intent. It is no write: see [`actions::Probe`].

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use actions::{Catalog, Nobody, Permission, Probe, Verdict};
use futures_util::{StreamExt as _, stream};
use model::{Binding, Code, Failure, IdempotencyKey, Retry};
use serde_json::Value;
use store::Connection;
use stripe::{Answer, Attempt, StripeError, Version, tables};

use super::report::Report;
use crate::{Class, caller::Caller, drive::Hindrance, limiter::Rank};

/// Questions under way at once.
pub const ASKED_AT_ONCE: usize = 4;

/// How long all questions together may take; what is not answered by then stays unknown.
pub const ASKING: Duration = Duration::from_secs(20);

/// What came of a question.
pub(super) struct Asked {
    pub(super) probe: Probe,
    pub(super) verdict: Verdict,
    /// Stripe's error unchanged, when it answered with one.
    pub(super) stripe: Option<Value>,
    /// Whether the answer says that it is of live mode.
    pub(super) livemode: Option<bool>,
}

impl Caller {
    /// Finds out what a connection may do of all that actions and events need. Changes
    /// nothing at Stripe, whatever it answers; safe to repeat.
    ///
    /// # Errors
    /// Why the connection cannot be asked at all: it is not authorized, its credential is
    /// refused, Stripe cannot be reached, or it reaches another account than it should.
    pub async fn test_connection(&self, row: &Connection) -> Result<Report, Failure> {
        let of = self.parts.connections.bound(row)?;
        let version = self.parts.connections.version_of(row)?;
        let wanted = wanted();
        let mut probes = Probe::of(&wanted, version);
        let patience = self.patience_of_asking();
        let own = probes.remove(&OWN_ACCOUNT);
        let mut asked = Vec::new();
        if let Some(own) = own {
            let (attempt, first) = self.ask(&of, own, version, &patience).await?;
            reaches(&of, &attempt)?;
            asked.push(first);
        }
        let rest = stream::iter(probes.into_values())
            .map(async |probe| {
                let permission = probe.permission;
                let asked = self.ask(&of, probe, version, &patience).await;
                asked.map_or_else(|failure| (permission, Err(failure)), |(_, asked)| (permission, Ok(asked)))
            })
            .buffer_unordered(ASKED_AT_ONCE);
        let rest: Vec<(Permission, Result<Asked, Failure>)> = rest.collect().await;
        let mut unasked = BTreeMap::new();
        for (permission, result) in rest {
            match result {
                Ok(one) => asked.push(one),
                Err(failure) => {
                    unasked.insert(permission, failure.message);
                }
            }
        }
        // What the questions changed of the row, its last use above all, is not of interest.
        Ok(Report::of(row, version, &wanted, asked, &unasked))
    }

    fn patience_of_asking(&self) -> crate::patience::Patience {
        let mut patience = self.patience(Class::Interactive, None).until(ASKING);
        patience.rank = Rank::Background;
        patience
    }

    /// One question, one attempt.
    async fn ask(
        &self,
        of: &Binding,
        probe: Probe,
        version: Version,
        patience: &crate::patience::Patience,
    ) -> Result<(Attempt, Asked), Failure> {
        let rng = &*self.parts.rng;
        let key =
            IdempotencyKey::from_text(format!("permission-{:016x}{:016x}", rng.next_u64(), rng.next_u64()));
        let request =
            probe.request(&Nobody::new(rng), version, key).ok_or_else(|| unaskable(probe.permission))?;
        let sent = self.send(of, &request, &[], patience).await;
        let attempt = sent.map_err(|Hindrance { failure, .. }| failure)?;
        let (verdict, stripe, livemode) = match &attempt {
            Attempt::Answered(answer) => {
                (probe.verdict(answer), answer.body.get("error").cloned(), livemode(answer))
            }
            Attempt::NeverSent(why) => (unreached(why), None, None),
            Attempt::Broken(why) => (unreached(why), None, None),
        };
        Ok((attempt, Asked { probe, verdict, stripe, livemode }))
    }
}

/// What tells whose the credential is, and whether it is accepted at all.
const OWN_ACCOUNT: Permission = Permission::read("account");

/// Everything that an action or an event needs.
fn wanted() -> BTreeSet<Permission> {
    let of_actions = Catalog.all().iter().map(|action| action.permission);
    let of_events = tables::event_types().iter().flat_map(|kind| Permission::of_event(kind));
    of_actions.chain(of_events).chain([OWN_ACCOUNT]).collect()
}

/// Whether the first answer leaves any sense in asking on.
fn reaches(of: &Binding, attempt: &Attempt) -> Result<(), Failure> {
    let answer = match attempt {
        Attempt::Answered(answer) => answer,
        Attempt::NeverSent(why) | Attempt::Broken(why) => return Err(unreachable(why)),
    };
    let other = answer.body["id"].as_str().filter(|id| answer.status == 200 && *id != of.account.as_str());
    let gone = answer.status == 403 && answer.body["error"]["code"] == "account_invalid";
    match (answer.status, other) {
        (200, Some(other)) => Err(another(of, other)),
        (401, _) => Err(refused(answer)),
        _ if gone => Err(refused(answer)),
        _ => Ok(()),
    }
}

fn refused(answer: &Answer) -> Failure {
    StripeError::new(answer.status, answer.headers.clone(), answer.body.clone()).to_failure()
}

fn livemode(answer: &Answer) -> Option<bool> {
    let own = answer.body["livemode"].as_bool();
    own.or_else(|| answer.body["data"][0]["livemode"].as_bool())
}

fn unreached(why: &str) -> Verdict {
    Verdict::Unknown(format!("Stripe could not be reached ({})", why.trim_end_matches('.')))
}

fn unreachable(why: &str) -> Failure {
    let text = format!(
        "Stripe could not be asked what the connection may do ({}). Nothing changed at Stripe. Check the way from \
         this machine to Stripe, and try again.",
        why.trim_end_matches('.')
    );
    Failure::new(Code::ConnectionUnreachable, text).retry(Retry::SameKey)
}

fn another(of: &Binding, other: &str) -> Failure {
    let text = format!(
        "The connection's credential reaches the account {other}, and the connection is of {}. Nothing changed at \
         Stripe. Give it a credential of that account again, or make another connection for the other.",
        of.account
    );
    Failure::new(Code::Conflict, text)
}

fn unaskable(permission: Permission) -> Failure {
    Failure::new(Code::InternalError, format!("{permission} cannot be asked about. Please report this."))
}
