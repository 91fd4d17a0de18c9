//! A run's memory, made from what is stored.

use std::sync::Arc;

use connections::{Keyring, Vault};
use model::{Failure, Origin, StepPath, Timestamp};
use serde_json::Value;
use store::{JournalRow, Run, RunInput, Store};
use workflows::{Command, Decision, Happened, Input, Program, State, Told, advance, commands_hash};

use crate::{decide::Word, failures, inner::Inner, journal::Row, rows, trouble::Trouble};

/// The memory of one run: what its journal says, and what is still to be done.
pub(crate) struct Session {
    pub(crate) run: Run,
    pub(crate) program: Arc<Program>,
    pub(crate) keyring: Arc<Keyring>,
    /// Since when events count for the run's waits: from the event on that started
    /// it, which the run itself may have followed much later.
    pub(crate) since: Timestamp,
    pub(crate) state: State,
    /// Rows in the journal.
    pub(crate) seq: u64,
    /// Commands that are performed after the commit that they came from: pure
    /// results to feed back, and calls. All others are part of that commit.
    pub(crate) pending: Vec<Command>,
    /// What the start caused; it has no row.
    pub(crate) started: Vec<Command>,
    /// What people have decided, in order.
    pub(crate) decisions: Vec<Recorded>,
}

/// A decision in the journal.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Recorded {
    pub(crate) at: Timestamp,
    /// The step and what was said of it; `None` is a retry.
    pub(crate) resolved: Option<(StepPath, Word)>,
    pub(crate) decision: Decision,
}

impl Recorded {
    fn of(input: &Input) -> Option<Self> {
        let (resolved, decision) = match &input.what {
            Happened::Resolved { path, resolution, decision } => {
                (Some((path.clone(), Word::of(resolution))), decision)
            }
            Happened::Retried { decision } => (None, decision),
            _ => return None,
        };
        Some(Self { at: input.now, resolved, decision: decision.clone() })
    }
}

impl Session {
    /// Makes the memory of a run that has not ended.
    pub(crate) async fn load(inner: &Inner, run: Run) -> Result<Self, Trouble> {
        let parts = &inner.parts;
        let program = parts.programs.get(run.workflow, run.version).await?;
        let keyring = parts.vault.keyring(run.company).await?;
        let (input, since) = beginning(&parts.store, &parts.vault, &run).await?;
        let journal = parts.store.journal(run.id).await?;
        let session = Self::replay(run, program, keyring, input, &journal)?;
        Ok(Self { since, ..session })
    }

    /// Feeds the start and the journal to the core again. Evaluates and asks nothing.
    ///
    /// # Errors
    /// `parked`: a row cannot be read, or the core decides differently now.
    pub(crate) fn replay(
        run: Run,
        program: Arc<Program>,
        keyring: Arc<Keyring>,
        input: Value,
        journal: &[JournalRow],
    ) -> Result<Self, Failure> {
        let mut session = Self::begin(run, program, keyring, input);
        let started = commands_hash(&session.started);
        for row in journal {
            let seq = session.seq + 1;
            let row = Row::open(&session.keyring, session.run.id, seq, row)?;
            let caused = advance(&session.program, &mut session.state, &row.input);
            if !row.agrees(&started, &caused) {
                return Err(failures::history(session.run.id, seq));
            }
            track(&mut session.pending, &row.input.what, &caused);
            session.decisions.extend(Recorded::of(&row.input));
            session.seq = seq;
        }
        Ok(session)
    }

    fn begin(run: Run, program: Arc<Program>, keyring: Arc<Keyring>, input: Value) -> Self {
        let told =
            Told { id: run.id, workflow: run.key.to_string(), version: run.version, mode: run.binding.mode };
        let start = Input { now: rows::stored(run.created_at), what: Happened::Started { input, run: told } };
        let mut state = State::new(run.core);
        let started = advance(&program, &mut state, &start);
        let mut pending = Vec::new();
        track(&mut pending, &start.what, &started);
        Self {
            since: run.created_at,
            run,
            program,
            keyring,
            state,
            seq: 0,
            pending,
            started,
            decisions: Vec::new(),
        }
    }

    /// Whether the step at this path makes an object that the document asks for, so that
    /// only its id tells which it is.
    pub(crate) fn makes_what_is_asked_for(&self, path: &StepPath) -> bool {
        let steps = self.state.steps(&self.program);
        let kind = steps.into_iter().find(|step| step.path == *path).map(|step| step.kind);
        let changes = |kind: &str| {
            let action = actions::Catalog.get(kind).ok();
            action.is_some_and(|action| !action.operation.resolve().path_params().is_empty())
        };
        self.program.use_of_output(path).is_some() && !kind.is_some_and(|kind| changes(&kind))
    }

    /// What asks for this run's calls.
    pub(crate) fn origin(&self) -> Origin {
        Origin::Run { workflow: self.run.key.clone(), cause: self.run.cause.clone() }
    }
}

/// The run's input: the event that started it, or what the caller gave.
pub(crate) async fn input(store: &Store, vault: &Vault, run: &Run) -> Result<Value, Trouble> {
    beginning(store, vault, run).await.map(|(input, _)| input)
}

/// The run's input, and when that was received.
async fn beginning(store: &Store, vault: &Vault, run: &Run) -> Result<(Value, Timestamp), Trouble> {
    match &run.input {
        RunInput::Receipt(id) => {
            let receipt = store.receipt(*id).await?;
            let receipt = receipt.ok_or_else(|| failures::not_found("event", id))?;
            Ok((rows::open_event(vault, &receipt).await?, receipt.received_at))
        }
        RunInput::Given(sealed) => {
            let keyring = vault.keyring(run.company).await?;
            Ok((rows::open_json(&keyring, "runs", &rows::input_row(run.id), sealed)?, run.created_at))
        }
    }
}

/// Keeps account of what is still to be performed: an answer takes its command off,
/// and of the new commands those stay that outlive the commit.
pub(crate) fn track(pending: &mut Vec<Command>, told: &Happened, caused: &[Command]) {
    let answered = pending.iter().position(|command| match (command, told) {
        (Command::Evaluated { path, .. }, Happened::Evaluated { path: of, .. })
        | (Command::Call { path, .. }, Happened::Called { path: of, .. }) => path == of,
        _ => false,
    });
    answered.map(|place| pending.remove(place));
    let outlives = |command: &&Command| matches!(command, Command::Evaluated { .. } | Command::Call { .. });
    pending.extend(caused.iter().filter(outlives).cloned());
}

/// The calls among commands, with their generations.
pub(crate) fn calls(commands: &[Command]) -> Vec<(StepPath, u32)> {
    let call = |command: &Command| match command {
        Command::Call { path, generation, .. } => Some((path.clone(), *generation)),
        _ => None,
    };
    commands.iter().filter_map(call).collect()
}
