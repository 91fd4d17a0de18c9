//! What the command line prints: words for people on a terminal, JSON for programs.
//! Results go to standard output, everything else to standard error.

use std::{
    io::{IsTerminal as _, Write as _},
    sync::atomic::{AtomicBool, Ordering},
};

use model::Failure;
use serde_json::{Value, json};

use crate::{client::Success, layout::for_standard_error, settings::no_color, table};

/// Set when standard output could not be written.
static LOST: AtomicBool = AtomicBool::new(false);

/// How to print.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Output {
    /// JSON for programs.
    pub(crate) json: bool,
    color: bool,
    /// The same for standard error, which may go elsewhere.
    error_color: bool,
}

impl Output {
    pub(crate) fn new(json: bool) -> Self {
        let color = !json && !no_color();
        Self {
            json,
            color: color && std::io::stdout().is_terminal(),
            error_color: color && std::io::stderr().is_terminal(),
        }
    }

    /// What the API answered: its envelope on one line, or what `words` makes of the data.
    pub(crate) fn success(self, success: &Success, words: impl FnOnce(&Value) -> String) {
        if !self.json {
            self.line(words(&success.data).trim_end());
            return;
        }
        let mut envelope = json!({ "success": true, "data": success.data });
        if !success.meta.is_null() {
            envelope["meta"] = success.meta.clone();
        }
        self.line(&envelope.to_string());
    }

    /// A result that no API answered, in the same envelope.
    pub(crate) fn result(self, data: Value, words: impl FnOnce(&Value) -> String) {
        self.success(&Success { data, meta: Value::Null }, words);
    }

    /// A result of which only what is shown is made.
    pub(crate) fn either(self, data: impl FnOnce() -> Value, words: impl FnOnce() -> String) {
        if self.json { self.result(data(), |_| String::new()) } else { self.line(words().trim_end()) }
    }

    /// One of many lines, as things happen: an object with a `type`, or words.
    pub(crate) fn event(self, event: &Value, words: impl FnOnce(&Value) -> String) {
        if self.json { self.line(&event.to_string()) } else { self.line(words(event).trim_end()) }
    }

    /// One line on standard output. A reader that went away (`| head`) is fine; output
    /// that cannot be written for any other reason makes the command fail.
    pub(crate) fn line(self, text: &str) {
        self.written(writeln!(std::io::stdout().lock(), "{text}"));
    }

    fn written(self, result: std::io::Result<()>) -> bool {
        match &result {
            Err(e) if e.kind() != std::io::ErrorKind::BrokenPipe => {
                eprintln!("standard output cannot be written: {e}");
                LOST.store(true, Ordering::Relaxed);
            }
            _ => {}
        }
        result.is_ok()
    }

    /// One of many lines that a program reads as they come; `false` when it has gone
    /// away, or when it cannot be written to.
    pub(crate) fn row(self, line: &[u8]) -> bool {
        let mut out = std::io::stdout().lock();
        let written = out.write_all(line).and_then(|()| out.write_all(b"\n")).and_then(|()| out.flush());
        self.written(written)
    }

    /// Whether output was lost that somebody was to read.
    pub(crate) fn lost() -> bool {
        LOST.load(Ordering::Relaxed)
    }

    /// A remark for people, on standard error; programs do not get it.
    pub(crate) fn note(self, text: &str) {
        if !self.json {
            eprintln!("{text}");
        }
    }

    /// A failure: for programs the body of `error`, for people the message and what
    /// belongs to it.
    pub(crate) fn failure(self, failure: &Failure) {
        if self.json { self.line(&envelope(failure)) } else { self.words(failure) }
    }

    /// A failure after results: on standard error, so that nothing else stands among them.
    pub(crate) fn late_failure(self, failure: &Failure) {
        if self.json { eprintln!("{}", envelope(failure)) } else { self.words(failure) }
    }

    fn words(self, failure: &Failure) {
        let code = painted(self.error_color, "31;1", &format!("{}:", failure.code));
        eprintln!("{}", for_standard_error(&format!("{code} {}", failure.message)));
        if let Some(field) = &failure.field {
            eprintln!("  at {field}");
        }
        for finding in findings(failure) {
            eprintln!("{}", for_standard_error(&format!("  {finding}")));
        }
        eprintln!("  more: bursar docs {}", failure.code);
        if let Some(id) = &failure.request_id {
            eprintln!("  request id {id}");
        }
    }

    /// Text in a terminal color, if there is a terminal.
    pub(crate) fn paint(self, code: &str, text: &str) -> String {
        painted(self.color, code, text)
    }

    /// A table without lines, as wide as the terminal, if there is one.
    pub(crate) fn table(head: &[&str], rows: Vec<Vec<String>>) -> String {
        table::table(head, rows)
    }
}

fn painted(color: bool, code: &str, text: &str) -> String {
    if color { format!("\x1b[{code}m{text}\x1b[0m") } else { text.to_owned() }
}

/// A failure for programs.
fn envelope(failure: &Failure) -> String {
    json!({ "success": false, "error": failure.body() }).to_string()
}

/// The findings of a checked document or input, a line each.
fn findings(failure: &Failure) -> Vec<String> {
    let list =
        |name: &str| failure.details.as_ref().and_then(|d| d[name].as_array()).cloned().unwrap_or_default();
    let file = failure.details.as_ref().and_then(|d| d["file"].as_str()).map(|file| format!("{file}:"));
    let file = file.unwrap_or_default();
    let located = list("findings").into_iter().map(|f| format!("{file}{}", finding(&f)));
    let invalid = list("invalid").into_iter().skip(1).map(|i| {
        format!("{}: {}", i["field"].as_str().unwrap_or_default(), i["message"].as_str().unwrap_or_default())
    });
    located.chain(invalid).collect()
}

/// A finding of the checker as a line.
pub(crate) fn finding(f: &Value) -> String {
    let text = |name: &str| f[name].as_str().unwrap_or_default().to_owned();
    let said = |fix: &&str| !text("message").to_lowercase().contains(&fix.to_lowercase());
    let fix = f["fix"].as_str().filter(said).map(|fix| format!(" ({fix})")).unwrap_or_default();
    format!("{}:{} {} {}: {}{fix}", f["line"], f["column"], text("severity"), text("code"), text("message"))
}

/// A cell: text as it is, nothing for null, JSON for the rest.
pub(crate) fn cell(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Null => String::new(),
        other => other.to_string(),
    }
}
