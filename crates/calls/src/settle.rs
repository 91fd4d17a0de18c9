//! The end of a call: its outcome and what follows from it, in one unit.

use std::time::Duration;

use connections::RowId;
use model::IdempotencyKey;
use store::{CommitError, Intent, IntentState, Refusal, Unit, Write};

use crate::{CallError, Class, Ended, Settle, Settled, begin::unit, caller::Caller, failures, stored};

/// How often a settling unit is committed when the store cannot say whether it was.
const COMMITS_MAX: u32 = 5;

/// Where the sealed parts of an intent rest: three places under one key, so that an
/// outcome cannot be passed off as a request.
pub(crate) struct RowOf(String);

impl RowOf {
    pub(crate) const REQUEST: &'static str = "request";
    pub(crate) const OUTCOME: &'static str = "outcome";
    pub(crate) const KNOWN: &'static str = "known";

    pub(crate) fn new(key: &IdempotencyKey, part: &'static str) -> Self {
        Self(format!("{key}/{part}"))
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

/// What became of a settling unit.
enum Kept {
    Ours,
    /// The intent had an outcome before, which stays.
    Anothers(Box<Intent>, CommitError),
}

impl Caller {
    /// Commits an outcome together with the caller's writes.
    pub(crate) async fn settle(
        &self,
        intent: &Intent,
        settled: Settled,
        class: Class,
        settle: Settle<'_>,
    ) -> Result<Ended, CallError> {
        let mut unit = unit(class, vec![self.settling(intent, &settled).await?]);
        settle(&settled, &mut unit);
        let kept = self.commit_settling(&intent.key, &unit).await?;
        if let Kept::Anothers(other, refused) = kept {
            // The caller's writes were not done, and it has to know.
            let ended = if unit.writes.len() == 1 { self.ended(&other).await? } else { None };
            return ended.ok_or(CallError::Store(refused));
        }
        Ok(Ended { settled, key: Some(intent.key.clone()), call: intent.call, replayed: false })
    }

    /// Commits the caller's writes of a read, if there are any.
    pub(crate) async fn settle_read(
        &self,
        settled: Settled,
        class: Class,
        settle: Settle<'_>,
    ) -> Result<Ended, CallError> {
        let mut unit = unit(class, Vec::new());
        settle(&settled, &mut unit);
        if !unit.writes.is_empty() {
            // Whether a unit of unknown result is there, only its author can read.
            self.parts.store.commit(unit).await?;
        }
        Ok(Ended { settled, key: None, call: self.new_call(), replayed: false })
    }

    pub(crate) async fn settling(&self, intent: &Intent, settled: &Settled) -> Result<Write, CallError> {
        let cannot = |failure| failures::unfinished(failure, Some(intent.call));
        let keyring = self.parts.vault.keyring(intent.binding.company).await.map_err(cannot)?;
        let bytes = stored::to_bytes(settled).map_err(cannot)?;
        let key = intent.key.clone();
        let seal = |part| {
            let row = RowOf::new(&key, part);
            keyring.seal(RowId { table: "intents", id: row.as_str() }, &bytes)
        };
        Ok(match settled {
            Settled::Parked(_) => Write::ParkIntent { known: seal(RowOf::KNOWN), key },
            Settled::Done(_) | Settled::Rejected(_) | Settled::NotDone(_) => Write::SettleIntent {
                outcome: seal(RowOf::OUTCOME),
                key,
                stripe_request_id: settled.stripe_request_id().map(str::to_owned),
                at: self.parts.clock.now(),
            },
        })
    }

    /// A unit is atomic, and its intent is ours alone while the flight lasts: found
    /// settled after a commit without an answer, the whole unit is there.
    async fn commit_settling(&self, key: &IdempotencyKey, unit: &Unit) -> Result<Kept, CallError> {
        let mut in_doubt = false;
        let mut tries = 0;
        loop {
            let error = match self.parts.store.commit(unit.clone()).await {
                Ok(_) => return Ok(Kept::Ours),
                Err(error) => error,
            };
            let settled_before = CommitError::Refused { write: 0, why: Refusal::AlreadySettled };
            match &error {
                CommitError::Unavailable(_) => in_doubt = true,
                CommitError::Full(_) => {}
                refused if *refused == settled_before => match self.read_ended(key).await {
                    Some(_) if in_doubt => return Ok(Kept::Ours),
                    Some(other) => return Ok(Kept::Anothers(other, error)),
                    None => {}
                },
                CommitError::Refused { .. } | CommitError::Fenced => return Err(error.into()),
            }
            tries += 1;
            if tries >= COMMITS_MAX {
                return Err(error.into());
            }
            tokio::time::sleep(Duration::from_millis(100 << tries)).await;
            if in_doubt && self.read_ended(key).await.is_some() {
                return Ok(Kept::Ours);
            }
        }
    }

    async fn read_ended(&self, key: &IdempotencyKey) -> Option<Box<Intent>> {
        let intent = self.parts.store.intent(key).await.ok()??;
        (intent.state != IntentState::Open).then(|| Box::new(intent))
    }
}
