//! Runs suites: streams their output, times them, stops those over budget, and sums up.

use std::{
    path::{Path, PathBuf},
    process::{Command, ExitCode, Stdio},
    time::Duration,
};

use crate::suites::{ALL, Step, Suite};

/// The repository's root: xtask stands one folder below it.
pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().map_or_else(|| PathBuf::from("."), Path::to_path_buf)
}

/// Runs the named suites, or all.
pub(crate) fn suites(names: &[&str]) -> ExitCode {
    if let Some(unknown) = names.iter().find(|name| ALL.iter().all(|suite| suite.name != **name)) {
        let known: Vec<_> = ALL.iter().map(|suite| suite.name).collect();
        eprintln!("there is no suite `{unknown}`; there are {}", known.join(", "));
        return ExitCode::from(2);
    }
    let chosen: Vec<&Suite> = ALL.iter().filter(|s| names.is_empty() || names.contains(&s.name)).collect();
    let mut results = Vec::new();
    for suite in chosen {
        println!("\n=== {}: {} (at most {} min)", suite.name, suite.about, suite.minutes);
        let begun = now();
        let outcome = run(suite);
        let took = now().duration_since(begun);
        if let Err(why) = &outcome {
            println!("=== {} FAILED: {why}", suite.name);
        }
        results.push((suite.name, took, outcome));
    }
    sum_up(&results)
}

#[expect(clippy::disallowed_methods, reason = "a task runner measures real time")]
fn now() -> std::time::Instant {
    std::time::Instant::now()
}

fn sum_up(results: &[(&str, Duration, Result<(), String>)]) -> ExitCode {
    println!("\n=== summary");
    for (name, took, outcome) in results {
        let verdict = match outcome {
            Ok(()) => "ok".to_owned(),
            Err(why) => format!("FAILED: {why}"),
        };
        println!("{name:<12} {:>7.1} s  {verdict}", took.as_secs_f64());
    }
    let failed = results.iter().filter(|(_, _, outcome)| outcome.is_err()).count();
    println!("{} passed, {failed} failed", results.len() - failed);
    if failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn run(suite: &Suite) -> Result<(), String> {
    let deadline = now() + Duration::from_secs(suite.minutes * 60);
    suite.steps.iter().try_for_each(|step| perform(step, deadline))
}

/// Runs one step until the deadline of its suite.
fn perform(step: &Step, deadline: std::time::Instant) -> Result<(), String> {
    if let ["cargo", "xtask-tool", tool, version] = step.command {
        return ensure_tool(tool, version);
    }
    let [program, arguments @ ..] = step.command else { return Err("an empty command".into()) };
    println!("$ {}", step.command.join(" "));
    let mut child = Command::new(program)
        .args(arguments)
        .envs(step.env.iter().copied())
        .current_dir(root().join(step.folder))
        .stdin(Stdio::null())
        .spawn()
        .map_err(|e| format!("`{program}` cannot be started: {e}; install it and run again"))?;
    loop {
        match child.try_wait().map_err(|e| e.to_string())? {
            Some(status) if status.success() => return Ok(()),
            Some(status) => return Err(format!("`{}` ended with {status}", step.command.join(" "))),
            None if now() > deadline => {
                let _ = child.kill();
                let _ = child.wait();
                return Err("stopped: over its budget of minutes".into());
            }
            None => pause(),
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "a task runner without an async runtime")]
fn pause() {
    std::thread::sleep(Duration::from_millis(50));
}

/// Installs a cargo tool when it is missing. Nothing is skipped because of a tool.
fn ensure_tool(tool: &str, version: &str) -> Result<(), String> {
    let there = Command::new(tool).arg("--version").output().is_ok_and(|o| o.status.success());
    if there {
        return Ok(());
    }
    println!("$ cargo install {tool} --version {version} --locked");
    let status = Command::new("cargo")
        .args(["install", tool, "--version", version, "--locked"])
        .status()
        .map_err(|e| e.to_string())?;
    if status.success() { Ok(()) } else { Err(format!("{tool} could not be installed")) }
}

/// Starts the stand-in for Nango and waits for it.
pub(crate) fn nango(arguments: &[&str]) -> ExitCode {
    let run = ["run", "--quiet", "--package", "bursar-nango", "--bin", "nango", "--"];
    match Command::new("cargo").args(run).args(arguments).current_dir(root()).status() {
        Ok(status) if status.success() => ExitCode::SUCCESS,
        Ok(_) => ExitCode::FAILURE,
        Err(why) => {
            eprintln!("`cargo` cannot be started: {why}");
            ExitCode::FAILURE
        }
    }
}

/// Runs the benchmarks.
pub(crate) fn bench() -> ExitCode {
    let step = Step {
        command: &["cargo", "run", "--release", "--package", "bursar-it", "--bin", "bench"],
        folder: ".",
        env: &[],
    };
    match perform(&step, now() + Duration::from_secs(3_600)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            eprintln!("{why}");
            ExitCode::FAILURE
        }
    }
}
