//! From inputs of the core to one unit of the store.
//!
//! A batch works on a copy of the run's memory. Its writes are committed as one
//! unit, and only then the copy becomes the memory: a unit that was not committed
//! leaves nothing behind.

use std::collections::HashMap;

use connections::{Keyring, RowId};
use model::{Code, RunStatus, StepPath, StepStatus, Timestamp};
use store::{Effected, Epoch, WaitKey, Write};
use workflows::{Command, Happened, Input, Phase, RunError, State, advance, commands_hash};

use crate::{
    Progress,
    inner::Inner,
    journal::Row,
    rows::{self, Ending},
    session::{Session, track},
};

/// Most journal rows of one unit; a longer row of pure steps takes several.
const ROWS: u64 = 64;

/// What the memory is to be once the writes are committed.
pub(crate) struct Batch<'a> {
    session: &'a Session,
    epoch: Epoch,
    state: State,
    seq: u64,
    pending: Vec<Command>,
    writes: Vec<Write>,
    timers: Vec<Timestamp>,
    ending: Option<(RunStatus, Ending)>,
    waits: bool,
}

/// A batch whose writes are on their way.
pub(crate) struct After {
    state: State,
    seq: u64,
    pending: Vec<Command>,
    status: RunStatus,
    timers: Vec<Timestamp>,
    /// Whether an event may have been found looking back.
    pub(crate) waits: bool,
}

impl<'a> Batch<'a> {
    pub(crate) fn of(session: &'a Session, epoch: Epoch) -> Self {
        Self {
            session,
            epoch,
            state: session.state.clone(),
            seq: session.seq,
            pending: session.pending.clone(),
            writes: Vec::new(),
            timers: Vec::new(),
            ending: None,
            waits: false,
        }
    }

    /// The unit with which a run begins: whatever the start asks for.
    pub(crate) fn begin(session: &'a Session, epoch: Epoch) -> Self {
        let mut batch = Self::of(session, epoch);
        batch.perform(&session.started);
        batch
    }

    /// Tells the core something and writes down what follows. Says whether anything
    /// did: a late timer and an event that the wait does not want leave no row.
    pub(crate) fn feed(&mut self, now: Timestamp, what: Happened) -> bool {
        let input = Input { now, what };
        let caused = advance(&self.session.program, &mut self.state, &input);
        let may_be_idle = matches!(input.what, Happened::Matched { .. } | Happened::Fired { .. });
        if may_be_idle && caused.is_empty() {
            return false;
        }
        track(&mut self.pending, &input.what, &caused);
        self.seq += 1;
        let started = (self.seq == 1).then(|| commands_hash(&self.session.started));
        let (run, epoch) = (self.session.run.id, self.epoch);
        let row = Row::new(input, &caused, started).seal(&self.session.keyring, run, self.seq);
        self.writes.push(Write::Journal { run, seq: self.seq, row, epoch });
        self.perform(&caused);
        true
    }

    /// Feeds pure results back, one row each, as long as there are any.
    pub(crate) fn feed_pure(&mut self, now: Timestamp) {
        while self.seq < self.session.seq + ROWS {
            let next = self.pending.iter().find_map(|command| match command {
                Command::Evaluated { path, result } => {
                    Some(Happened::Evaluated { path: path.clone(), result: result.clone() })
                }
                _ => None,
            });
            let Some(what) = next else { return };
            self.feed(now, what);
        }
    }

    /// Writes that come before whatever the core is told next.
    pub(crate) fn put(&mut self, writes: Vec<Write>) {
        self.writes.extend(writes);
    }

    pub(crate) fn consume(&mut self, n: u64) {
        self.writes.push(Write::ConsumeInput { run: self.session.run.id, n, epoch: self.epoch });
    }

    pub(crate) fn clear_timer(&mut self, path: StepPath) {
        self.writes.push(Write::ClearTimer { run: self.session.run.id, path, epoch: self.epoch });
    }

    /// The writes, ending with where the run stands, and what it will remember.
    pub(crate) fn finish(mut self, now: Timestamp) -> (Vec<Write>, After) {
        let run = &self.session.run;
        let status = match &self.ending {
            Some((status, _)) => *status,
            None => standing(self.state.phase(), run.status),
        };
        if let Some((status, ending)) = self.ending.take() {
            let result = seal_ending(&self.session.keyring, run.id, &ending);
            let ended_at = status.is_final().then_some(now);
            self.writes.push(Write::SetRun {
                run: run.id,
                status,
                result: Some(result),
                ended_at,
                epoch: self.epoch,
            });
        } else if status != run.status {
            self.writes.push(Write::SetRun {
                run: run.id,
                status,
                result: None,
                ended_at: None,
                epoch: self.epoch,
            });
        }
        let Self { state, seq, pending, timers, waits, writes, .. } = self;
        (writes, After { state, seq, pending, status, timers, waits })
    }

    /// The commands that are part of the commit.
    fn perform(&mut self, caused: &[Command]) {
        let (run, epoch) = (self.session.run.id, self.epoch);
        for command in caused {
            match command {
                Command::Evaluated { .. } | Command::Call { .. } => {}
                Command::Sleep { path, until } => self.set_timer(path, *until),
                Command::Wait { path, kinds, object, until } => {
                    let (on, since) = (self.wait_key(kinds, object), self.session.since);
                    self.waits = true;
                    self.writes.push(Write::BeginWait { run, path: path.clone(), on, since, epoch });
                    self.set_timer(path, *until);
                }
                Command::Forget { path } => {
                    self.writes.push(Write::EndWait { run, path: path.clone(), epoch });
                    self.writes.push(Write::ClearTimer { run, path: path.clone(), epoch });
                }
                Command::Park { path, why } => {
                    let error =
                        RunError { step: Some(path.clone()), failure: why.failure.clone(), canceled: false };
                    self.ending = Some((RunStatus::Parked, Ending::Error(error)));
                }
                Command::Done { output } => {
                    self.ending = Some((RunStatus::Completed, Ending::Output(output.clone())));
                }
                Command::Fail { error } => {
                    self.ending = Some((failed(error), Ending::Error(error.clone())));
                }
            }
        }
    }

    fn set_timer(&mut self, path: &StepPath, until: Timestamp) {
        let at = rows::stored_up(until);
        self.timers.push(at);
        self.writes.push(Write::SetTimer {
            run: self.session.run.id,
            path: path.clone(),
            at,
            epoch: self.epoch,
        });
    }

    fn wait_key(&self, kinds: &[String], object: &str) -> WaitKey {
        let binding = &self.session.run.binding;
        WaitKey {
            company: binding.company,
            account: binding.account.clone(),
            mode: binding.mode,
            kinds: kinds.to_vec(),
            object: object.to_owned(),
        }
    }
}

/// How a run's result is sealed.
pub(crate) fn seal_ending(keyring: &Keyring, run: model::RunId, ending: &Ending) -> model::Sealed {
    let bytes = serde_json::to_vec(ending).unwrap_or_default();
    keyring.seal(RowId { table: "runs", id: &rows::result_row(run) }, &bytes)
}

fn standing(phase: Phase, before: RunStatus) -> RunStatus {
    match phase {
        Phase::Running => RunStatus::Running,
        Phase::Suspended => RunStatus::Suspended,
        Phase::Compensating => RunStatus::Compensating,
        Phase::Parked => RunStatus::Parked,
        // The command that ended it has said how.
        Phase::Ended => before,
    }
}

fn failed(error: &RunError) -> RunStatus {
    if error.canceled {
        RunStatus::Canceled
    } else if error.step.is_none() && error.failure.code == Code::Timeout {
        RunStatus::TimedOut
    } else {
        RunStatus::Failed
    }
}

impl After {
    /// The commit is done: what it said becomes the memory, and listeners are told.
    pub(crate) fn install(self, inner: &Inner, session: &mut Session) {
        for at in &self.timers {
            inner.timers.add(*at, session.run.id);
        }
        let moved = self.status != session.run.status;
        let mut before = std::mem::replace(&mut session.state, self.state);
        if session.run.status == RunStatus::Pending {
            // Nobody has been told yet what the start did.
            before = State::new(session.run.core);
        }
        session.seq = self.seq;
        session.pending = self.pending;
        session.run.status = self.status;
        let begins = self.status == RunStatus::Running;
        if moved && begins {
            inner.tell_run(session, self.status);
        }
        if !inner.unheard() {
            tell_steps(inner, session, &before);
        }
        if moved && !begins {
            inner.tell_run(session, self.status);
        }
    }

    /// Whether a unit with these effects may have left inputs for the run.
    pub(crate) fn found(&self, effected: &[Effected]) -> bool {
        effected.iter().any(|effect| matches!(effect, Effected::Waiting { found } if *found > 0))
    }
}

/// Tells what has changed between two states, in the order of the program.
fn tell_steps(inner: &Inner, session: &Session, before: &State) {
    let known: HashMap<StepPath, (StepStatus, u32)> =
        before.steps(&session.program).into_iter().map(|s| (s.path, (s.status, s.attempts))).collect();
    for step in session.state.steps(&session.program) {
        let now = (step.status, step.attempts);
        let was = known.get(&step.path).copied().unwrap_or((StepStatus::Pending, 0));
        if now.0 == was.0 && (now.1 == was.1 || step.status != StepStatus::Retrying) {
            continue;
        }
        inner.tell(Progress::Step {
            company: session.run.company,
            run: session.run.id,
            workflow: session.run.key.to_string(),
            step: step.path,
            status: step.status,
            at: inner.now(),
            stripe_request_id: step.stripe_request_id,
            why: step.error.map(|error| error.failure.message),
        });
    }
}
