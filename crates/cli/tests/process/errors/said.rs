//! What every error says, whatever it is about.

use model::Code;
use serde_json::Value;

use super::scene::Told;

/// The sentences that say what did or did not change, one of which stands in every
/// message, neither first nor last.
const CHANGED: &[&str] = &[
    "Nothing changed at Stripe",
    "Nothing was sent",
    "Nothing was done",
    "Nothing was started",
    "Nothing was stored",
    "Nothing was changed",
    "No money moved",
    "A read changes nothing at Stripe",
    "It may have been done",
    "What was asked for was not done",
    "A write that had begun goes on in the background",
    "what was sent before is not known",
    "it was not done twice",
    "the rest stands",
];

/// What happened; what did or did not change; what to do.
pub(super) fn in_three_parts(code: Code, message: &str) {
    let (at, changed) = CHANGED
        .iter()
        .filter_map(|said| Some((message.find(said)?, *said)))
        .min()
        .unwrap_or_else(|| panic!("{code} does not say what changed: {message}"));
    assert!(at > 0, "{code} does not say first what happened: {message}");
    let to_do = message[at + changed.len()..].split_once(['.', ';']).map_or("", |(_, rest)| rest.trim());
    assert!(to_do.len() > 10, "{code} does not say what to do: {message}");
    assert!(message.ends_with(['.', '?']), "{code} does not end: {message}");
    let begins = message.starts_with("stripe.") || !message.starts_with(|c: char| c.is_lowercase());
    assert!(begins, "{code} begins like the rest of something: {message}");
    for odd in ["..", "  ", "in this company", " ,", "None", "Some("] {
        assert!(!message.contains(odd), "{code} has `{odd}`: {message}");
    }
}

/// Holds what a scene came to against everything that is promised of errors.
pub(super) fn hold(code: Code, told: &Told) {
    let error = &told.http.body["error"];
    assert_eq!(
        (told.http.body["success"].as_bool(), error["code"].as_str()),
        (Some(false), Some(code.as_str())),
        "{error:#}"
    );
    let message = error["message"].as_str().expect("a message");
    in_three_parts(code, message);
    on_its_page(code, told.http.status, error);
    assert!(error["requestId"].as_str().is_some_and(|id| id.starts_with("req_")), "{code}: {error:#}");
    same_on_the_command_line(code, told, error);
    // Byte for byte as JSON, the order of the fields included.
    if from_stripe(code) || !error["stripe"].is_null() {
        let said = told.stripe.as_ref().map(Value::to_string);
        assert_eq!(Some(error["stripe"].to_string()), said, "{code}: Stripe's own words are changed");
    }
    for text in [&told.http.body.to_string(), &told.json.stdout, &told.json.stderr, &told.words.stderr] {
        for secret in &told.secrets {
            assert!(!text.contains(secret.as_str()), "{code} shows a secret: {text}");
        }
    }
}

/// The command line prints the same error, without a request of its own to name; and
/// for people its words.
fn same_on_the_command_line(code: Code, told: &Told, error: &Value) {
    let mut printed = told.json.json()["error"].clone();
    let mut wanted = error.clone();
    for one in [&mut printed, &mut wanted] {
        one.as_object_mut().expect("an error is an object").shift_remove("requestId");
    }
    assert_eq!(printed, wanted, "{code}: the command line says something else");
    assert_eq!(told.json.exit, told.words.exit, "{code}");
    let message = error["message"].as_str().unwrap_or_default();
    assert!(told.words.stderr.contains(&format!("{code}: {message}")), "{code}: {:#?}", told.words);
    assert!(told.words.stdout.is_empty(), "{code}: an error is no result: {:#?}", told.words);
    assert!(
        exits(code).contains(&told.json.exit),
        "{code} ends with {}, against docs/cli.md",
        told.json.exit
    );
}

/// The page says the status, and the retry kinds that the code comes with.
fn on_its_page(code: Code, status: u16, error: &Value) {
    assert_eq!(error["docs"], format!("/docs/errors/{code}"), "{code}");
    let page = page(code);
    assert!(page.contains(&format!("HTTP status {status}")), "{code}: {status} is not on its page");
    let kind = error["retry"]["kind"].as_str().expect("a retry");
    let programs = page.split("## For programs").nth(1).expect("a section for programs");
    let programs = programs.split("## ").next().unwrap_or_default();
    assert!(programs.contains(&format!("`{kind}`")), "{code}: `retry.kind` {kind} is not on its page");
}

/// The page's example is what is said, whatever the ids and numbers in it.
pub(super) fn as_on_its_page(code: Code, error: &Value) {
    let page = page(code);
    let example =
        page.split("```json\n").nth(1).and_then(|rest| rest.split("```").next()).expect("an example");
    let example: Value = serde_json::from_str(example).expect("the example is JSON");
    let example = &example["error"];
    let said = |error: &Value| plain(error["message"].as_str().unwrap_or_default());
    assert_eq!(said(error), said(example), "{code}: the example on its page says something else");
    assert_eq!(
        (&error["field"], &error["retry"]["kind"]),
        (&example["field"], &example["retry"]["kind"]),
        "{code}"
    );
    let names = |error: &Value| {
        error["details"].as_object().map(|details| details.keys().cloned().collect::<Vec<_>>())
    };
    assert_eq!(names(error), names(example), "{code}: the details of the example on its page");
}

/// A message with its ids cut behind their prefixes, and its numbers without their values.
fn plain(message: &str) -> String {
    let is_word = |c: char| c.is_alphanumeric() || c == '_';
    let mut plain = String::new();
    let mut rest = message;
    while let Some(first) = rest.chars().next() {
        let end = rest.find(|c| is_word(c) != is_word(first)).unwrap_or(rest.len());
        let (word, after) = rest.split_at(end);
        match (word.split_once('_'), word.contains(|c: char| c.is_ascii_digit())) {
            (Some((prefix, _)), true) => plain.push_str(&format!("{prefix}_…")),
            (None, true) => plain.push('9'),
            _ => plain.push_str(word),
        }
        rest = after;
    }
    plain
}

pub(super) fn page(code: Code) -> String {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/errors/");
    std::fs::read_to_string(format!("{folder}{code}.md")).expect("every code has a page")
}

/// The exit codes at which docs/cli.md lists the error code.
pub(super) fn exits(code: Code) -> Vec<i32> {
    let text = include_str!("../../../../../docs/cli.md");
    let rows = text.lines().filter(|line| line.contains(&format!("`{code}`")) && line.starts_with("| "));
    rows.filter_map(|row| row.split('|').nth(1)?.trim().parse().ok()).collect()
}

/// Whether Stripe said it, so that its own words stand beside ours.
fn from_stripe(code: Code) -> bool {
    let first = Code::ALL.iter().position(|one| *one == Code::CardDeclined).expect("a code");
    Code::ALL.iter().position(|one| *one == code).expect("a code") >= first
}
