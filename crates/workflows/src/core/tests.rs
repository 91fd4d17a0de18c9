//! A tiny pure driver, and what must hold whatever it is told.

mod decisions;
mod examples;
mod properties;
mod recorded;
mod rules;
mod truth;

use model::{Code, Failure, Mode, Retry, StepPath, StepStatus, Timestamp};
use serde_json::{Value, json};

use super::{
    Command, Decision, Happened, Input, Phase, Resolution, State, StepError, Told, advance, commands_hash,
};
use crate::{CORE, Program, Source};

/// Compiles without a catalog: these tests are about the core.
pub(super) fn program(text: &str) -> Program {
    Program::compile_with(&Source::new("test", text), |_, _| {}).unwrap_or_else(|f| panic!("{f:#?}")).0
}

pub(super) fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_800_000_000 + second).unwrap()
}

pub(super) fn path(text: &str) -> StepPath {
    StepPath::parse(text).unwrap()
}

pub(super) fn refusal(code: Code, retry: Retry) -> StepError {
    let failure = Failure::new(code, format!("{code}")).retry(retry);
    StepError { failure, left_behind: false, parked: false }
}

pub(super) fn declined() -> StepError {
    refusal(Code::CardDeclined, Retry::Never)
}

pub(super) fn parked() -> StepError {
    StepError { parked: true, ..refusal(Code::OutcomeUnknown, Retry::Ask) }
}

pub(super) fn left_behind() -> StepError {
    StepError { left_behind: true, ..declined() }
}

pub(super) fn decision() -> Decision {
    Decision { by: "key_1".into(), note: "looked".into(), object: None, on_trust: false, key: None }
}

pub(super) fn done(id: &str) -> Resolution {
    Resolution::Done { output: json!({ "id": id }) }
}

/// A run, its journal, and the commands that are still open.
pub(super) struct Run<'p> {
    pub program: &'p Program,
    pub state: State,
    pub journal: Vec<(Input, String)>,
    pub open: Vec<Command>,
    pub all: Vec<Command>,
    pub second: i64,
}

impl<'p> Run<'p> {
    pub fn start(program: &'p Program, input: Value) -> Self {
        let (state, open) = (State::new(CORE), Vec::new());
        let mut run = Self { program, state, journal: Vec::new(), open, all: Vec::new(), second: 0 };
        run.tell(Happened::Started { input, run: told() });
        run
    }

    /// Gives one input and journals the pure results that it causes, as a driver does.
    pub fn tell(&mut self, what: Happened) -> Vec<Command> {
        let mut caused = Vec::new();
        let mut next = Some(what);
        while let Some(what) = next.take() {
            let input = Input { now: at(self.second), what };
            let commands = advance(self.program, &mut self.state, &input);
            self.journal.push((input, commands_hash(&commands)));
            for command in &commands {
                if let Command::Evaluated { path, result } = command {
                    next = Some(Happened::Evaluated { path: path.clone(), result: result.clone() });
                }
            }
            caused.extend(commands);
        }
        self.keep(&caused);
        caused
    }

    fn keep(&mut self, commands: &[Command]) {
        for command in commands {
            match command {
                Command::Forget { path } => self.open.retain(|c| path_of(c) != Some(path)),
                Command::Call { .. } | Command::Sleep { .. } | Command::Wait { .. } => {
                    self.open.push(command.clone())
                }
                _ => {}
            }
        }
        self.all.extend_from_slice(commands);
    }

    pub fn answer(&mut self, step: &str, result: Result<Value, StepError>) -> Vec<Command> {
        self.open.retain(|c| path_of(c) != Some(&path(step)));
        self.tell(Happened::Called { path: path(step), result, stripe_request_id: Some("req_1".into()) })
    }

    pub fn fire(&mut self, step: &str, second: i64) -> Vec<Command> {
        self.second = second;
        self.open.retain(|c| path_of(c) != Some(&path(step)));
        self.tell(Happened::Fired { path: path(step) })
    }

    /// A person says what became of a step.
    pub fn resolve(&mut self, step: &str, resolution: Resolution) -> Vec<Command> {
        self.tell(Happened::Resolved { path: path(step), resolution, decision: decision() })
    }

    /// A person wants the run to go on.
    pub fn retry(&mut self) -> Vec<Command> {
        self.tell(Happened::Retried { decision: decision() })
    }

    pub fn status(&self, step: &str) -> StepStatus {
        let found = self.state.steps(self.program).into_iter().find(|s| s.path.as_str() == step);
        found.unwrap_or_else(|| panic!("no step {step}")).status
    }

    /// Replays the journal and compares commands, hash by hash, and the final state.
    pub fn assert_replays(&self) {
        let mut state = State::new(CORE);
        for (i, (input, hash)) in self.journal.iter().enumerate() {
            let written = serde_json::to_string(input).unwrap();
            let read: Input = serde_json::from_str(&written).unwrap();
            let commands = advance(self.program, &mut state, &read);
            assert_eq!(&commands_hash(&commands), hash, "row {i}: {input:?}");
        }
        assert_eq!(state, self.state);
    }

    pub fn calls(&self) -> Vec<String> {
        let call = |c: &Command| match c {
            Command::Call { path, generation, .. } => Some(format!("{path}#{generation}")),
            _ => None,
        };
        self.all.iter().filter_map(call).collect()
    }
}

pub(super) fn told() -> Told {
    let id = "run_01900000000070008000000000000000";
    Told { id: id.parse().unwrap(), workflow: "w".into(), version: 1, mode: Mode::Local }
}

pub(super) fn path_of(command: &Command) -> Option<&StepPath> {
    match command {
        Command::Evaluated { path, .. }
        | Command::Call { path, .. }
        | Command::Sleep { path, .. }
        | Command::Wait { path, .. }
        | Command::Forget { path }
        | Command::Park { path, .. } => Some(path),
        Command::Done { .. } | Command::Fail { .. } => None,
    }
}

pub(super) fn config(commands: &[Command]) -> Value {
    match commands {
        [Command::Call { config, .. }] => config.clone(),
        other => panic!("not one call: {other:?}"),
    }
}

pub(super) fn object(id: &str) -> Result<Value, StepError> {
    Ok(json!({ "id": id }))
}

pub(super) fn phase(run: &Run<'_>) -> Phase {
    run.state.phase()
}
