//! What a suite needs that neither Rust nor npm brings. Nothing is skipped because it is
//! missing: it is installed, or the suite fails and says what to do.

use std::{
    path::Path,
    process::{Command, ExitCode},
};

/// Where a browser may be; the same places as in `tests/browser/browser.js`.
const BROWSERS: [&str; 3] = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

/// Installs Chromium with `apt-get` unless there is one, or `CHROMIUM` names one.
#[expect(clippy::disallowed_methods, reason = "which browser to take is a matter of the machine")]
pub(crate) fn chromium() -> ExitCode {
    let named = std::env::var("CHROMIUM").ok();
    let places = named.as_deref().map_or(BROWSERS.to_vec(), |place| vec![place]);
    if let Some(there) = places.into_iter().find(|place| Path::new(place).exists()) {
        println!("Chromium is at {there}");
        return ExitCode::SUCCESS;
    }
    let done = match &named {
        Some(place) => Err(format!("CHROMIUM names {place}, and nothing is there")),
        None => apt(&["update"]).and_then(|()| apt(&["install", "-y", "chromium"])),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            eprintln!(
                "There is no Chromium, and it could not be installed: {why}. Install it yourself (on Debian, as root: \
                 `apt-get install chromium`), or let CHROMIUM name one, and run this again."
            );
            ExitCode::FAILURE
        }
    }
}

fn apt(arguments: &[&str]) -> Result<(), String> {
    println!("$ apt-get {}", arguments.join(" "));
    let status = Command::new("apt-get").args(arguments).env("DEBIAN_FRONTEND", "noninteractive").status();
    match status {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(format!("`apt-get {}` ended with {status}", arguments.join(" "))),
        Err(why) => Err(format!("`apt-get` cannot be started: {why}")),
    }
}
