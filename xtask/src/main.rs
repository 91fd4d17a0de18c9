//! `cargo xtask`: the tasks of this repository, in Rust, so that nothing but Rust is
//! needed to start them.
//!
//! | command | what it does |
//! |---|---|
//! | `cargo xtask test [SUITE…]` | every suite, or the named ones; what CI runs |
//! | `cargo xtask suites` | the suites and their budgets |
//! | `cargo xtask bench` | the benchmarks, each against a baseline in the same run |
//! | `cargo xtask nango [--help]` | a stand-in for Nango, to connect to by hand |
//! | `cargo xtask ensure chromium` | Debian's browser, installed if there is none |
//! | `cargo xtask generate stripe [--check]` | the tables of `crates/stripe/data`, or whether they are current |
//! | `cargo xtask generate docs [--check]` | the pages of the actions, or whether they are current |

mod ensure;
mod generate;
mod run;
mod suites;

use std::process::ExitCode;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["test", names @ ..] => run::suites(names),
        ["suites"] => {
            for suite in suites::ALL {
                println!("{:<12} {:>3} min  {}", suite.name, suite.minutes, suite.about);
            }
            ExitCode::SUCCESS
        }
        ["bench"] => run::bench(),
        ["nango", arguments @ ..] => run::nango(arguments),
        ["ensure", "chromium"] => ensure::chromium(),
        ["generate", "stripe"] => generate::stripe(false),
        ["generate", "stripe", "--check"] => generate::stripe(true),
        ["generate", "docs"] => generate::docs(false),
        ["generate", "docs", "--check"] => generate::docs(true),
        other => {
            if !matches!(other, [] | ["help" | "--help" | "-h"]) {
                eprintln!("unknown: cargo xtask {}", other.join(" "));
            }
            eprintln!(
                "usage: cargo xtask test [SUITE…] | suites | bench | nango | ensure chromium | generate stripe|docs [--check]"
            );
            ExitCode::from(2)
        }
    }
}
