//! The benchmarks of `cargo xtask bench`: each against a baseline in the same run.
//!
//! Servers run in child processes of this same binary, so that their processor time
//! can be told from that of the load; the parent is the load and prints the tables.
//! Nothing here fails because it is slow: figures are read by people, and what they
//! should be stands in `docs/performance.md`. What does fail is a wrong answer, or an
//! accepted event that is not in the database afterwards.

mod action_call;
mod child;
mod customers;
mod deliveries;
mod disk;
mod file_receiver;
mod load;
mod measured;
mod other_stand_in;
mod over;
mod receiver;
mod sandbox;
mod stub;
mod table;
mod webhooks;

use std::{error::Error, path::PathBuf, process::ExitCode};

/// The allocator of the `bursar` binary.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// What a benchmark ends with when something is not as it has to be.
type Done<T = ()> = Result<T, Box<dyn Error + Send + Sync>>;

const USAGE: &str = "usage: bench [webhooks | action-call | sandbox]… [--folder DIR]

Without a name every benchmark runs. DIR is where databases and files are made and
removed again; it has to be on the disk that is to be measured (default: beside this
binary).";

fn main() -> ExitCode {
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let done = match words.as_slice() {
        ["child", kind, folder] => child::perform(kind, folder.as_ref()),
        words => plan(words).and_then(|plan| bench(&plan)),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            eprintln!("bench: {why}");
            ExitCode::FAILURE
        }
    }
}

struct Plan {
    webhooks: bool,
    action_call: bool,
    sandbox: bool,
    folder: PathBuf,
}

fn plan(words: &[&str]) -> Done<Plan> {
    let beside = std::env::current_exe()?.parent().map(PathBuf::from).unwrap_or_default();
    let mut plan = Plan { webhooks: false, action_call: false, sandbox: false, folder: beside };
    let mut words = words.iter();
    while let Some(word) = words.next() {
        match *word {
            "webhooks" => plan.webhooks = true,
            "action-call" => plan.action_call = true,
            "sandbox" => plan.sandbox = true,
            "--folder" => plan.folder = words.next().map(PathBuf::from).ok_or(USAGE)?,
            _ => return Err(USAGE.into()),
        }
    }
    if !plan.webhooks && !plan.action_call && !plan.sandbox {
        (plan.webhooks, plan.action_call, plan.sandbox) = (true, true, true);
    }
    Ok(plan)
}

fn bench(plan: &Plan) -> Done {
    // One thread: the load should leave the processors to what is measured.
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        table::machine(&disk::measure(&plan.folder)?);
        if plan.webhooks {
            webhooks::run(&plan.folder).await?;
        }
        if plan.action_call {
            action_call::run(&plan.folder).await?;
        }
        if plan.sandbox {
            sandbox::run(&plan.folder).await?;
        }
        Ok(())
    })
}
