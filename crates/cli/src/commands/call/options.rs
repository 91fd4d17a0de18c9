//! The command's own options among the fields of what is called.

use std::ffi::OsString;

use model::{Code, Failure};

use crate::{
    arguments::{Arguments, Call, Command},
    target::Target,
};

/// Options that take a value, wherever they stand.
const VALUED: &[&str] =
    &["--key", "--connection", "--input", "--data", "--url", "--api-key-file", "--config"];
/// Options of the whole command line that take a value and may stand before the command;
/// so may Stripe's limits, `--stripe-…`.
const GLOBAL: &[&str] = &["--data", "--url", "--api-key-file", "--config"];

/// `--json` before a value that can only be an input is that input as well, when `call`
/// is the command: `--json -`, `--json @FILE`, `--json '{…}'`. Clap knows `--json` as a
/// switch only.
pub(crate) fn json_input(words: impl Iterator<Item = OsString>) -> Vec<OsString> {
    let words: Vec<OsString> = words.collect();
    if call_words(&words).is_none() {
        return words;
    }
    let mut read = Vec::with_capacity(words.len() + 1);
    for (nth, word) in words.iter().enumerate() {
        read.push(word.clone());
        let value = words.get(nth + 1).and_then(|next| next.to_str());
        if word == "--json" && value.is_some_and(|text| text == "-" || text.starts_with(['{', '@'])) {
            read.push("--input".into());
        }
    }
    read
}

/// The words behind `call` when that is the command: the first word that is no option,
/// nor the value of one.
pub(crate) fn call_words(words: &[OsString]) -> Option<&[OsString]> {
    let mut at = 1;
    while let Some(text) = words.get(at)?.to_str() {
        at += 1;
        if GLOBAL.contains(&text) || (text.starts_with("--stripe-") && !text.contains('=')) {
            at += 1;
        } else if !text.starts_with('-') {
            return if text == "call" { words.get(at..) } else { None };
        }
    }
    None
}

/// Moves the command's own options, which may stand anywhere among the fields, to where
/// clap would have put them.
///
/// # Errors
/// `validation_error` for an option without its value, and for one that has the name of
/// a field: nothing is sent to a place that was meant as a value.
pub(crate) fn take_options(arguments: &mut Arguments) -> Result<(), Failure> {
    let Command::Call(call) = &mut arguments.command else { return Ok(()) };
    let mut words = std::mem::take(&mut call.words).into_iter().peekable();
    let Some(called) = words.next() else { return Ok(()) };
    call.words.push(called.clone());
    while let Some(word) = words.next() {
        let (name, given) = match word.split_once('=') {
            Some((name, value)) => (name.to_owned(), Some(value.to_owned())),
            None => (word.clone(), None),
        };
        let valued = VALUED.contains(&name.as_str());
        if !valued && !matches!(name.as_str(), "--json" | "--dry-run" | "--print-config") {
            call.words.push(word);
            // The value of a field may look like an option.
            if given.is_none() && name.starts_with("--") {
                call.words.extend(words.next_if(|next| !next.starts_with("--")));
            }
            continue;
        }
        unambiguous(&called, &name)?;
        let value =
            if valued { Some(given.or_else(|| words.next()).ok_or_else(|| no_value(&name))?) } else { None };
        match (name.as_str(), value) {
            ("--json", _) => arguments.json = true,
            ("--print-config", _) => arguments.place.print_config = true,
            ("--data", Some(value)) => arguments.place.data = Some(value.into()),
            ("--url", Some(value)) => arguments.place.url = Some(value),
            ("--api-key-file", Some(value)) => arguments.place.api_key_file = Some(value.into()),
            ("--config", Some(value)) => arguments.place.config = Some(value.into()),
            (name, value) => take_own(call, name, value),
        }
    }
    Ok(())
}

fn take_own(call: &mut Call, name: &str, value: Option<String>) {
    match name {
        "--dry-run" => call.dry_run = true,
        "--key" => call.key = value,
        "--connection" => call.connection = value,
        _ => call.input = value,
    }
}

fn no_value(name: &str) -> Failure {
    Failure::new(Code::ValidationError, format!("`{name}` needs a value. Nothing was sent."))
}

/// An option and a field of one name: whichever was meant, guessing would be worse.
fn unambiguous(called: &str, option: &str) -> Result<(), Failure> {
    let Ok(target) = Target::named(called) else { return Ok(()) };
    let name = option.trim_start_matches('-').to_owned();
    if target.shape(stripe::PINNED, None).at(std::slice::from_ref(&name)).is_none() {
        return Ok(());
    }
    let container = if matches!(target, Target::Action(_)) { "extra" } else { "params" };
    Err(Failure::new(
        Code::ValidationError,
        format!(
            "`{option}` is a field of {called} and an option of this command. Nothing was sent. Write \
             --{container}.{name} for the field; put the option before the name: bursar call {option} … {called}."
        ),
    ))
}

#[cfg(test)]
mod tests {
    use clap::Parser as _;

    use super::*;

    fn parsed(line: &str) -> Result<Arguments, Failure> {
        let words = json_input(line.split(' ').map(OsString::from));
        let mut arguments = Arguments::parse_from(words);
        take_options(&mut arguments)?;
        Ok(arguments)
    }

    fn call(arguments: Arguments) -> Call {
        match arguments.command {
            Command::Call(call) => call,
            _ => panic!("a call"),
        }
    }

    #[test]
    fn options_may_stand_among_the_fields() {
        let line = "bursar call stripe.getCustomer --customer-id cus_1 --data here --json --key=k --expand x";
        let arguments = parsed(line).unwrap();
        assert!(arguments.json);
        assert_eq!(arguments.place.data.as_deref().unwrap().to_str(), Some("here"));
        let call = call(arguments);
        assert_eq!(call.key.as_deref(), Some("k"));
        assert_eq!(call.words, ["stripe.getCustomer", "--customer-id", "cus_1", "--expand", "x"]);
    }

    #[test]
    fn json_with_a_value_is_the_input_and_still_means_json() {
        for value in ["-", "@file.json", r#"{"email":"a@b.c"}"#] {
            for line in [
                format!("bursar call stripe.createCustomer --json {value} --name Ada"),
                format!("bursar call --json {value} stripe.createCustomer --name Ada"),
                format!("bursar --data x call stripe.createCustomer --name Ada --json {value}"),
            ] {
                let arguments = parsed(&line).unwrap();
                assert!(arguments.json, "{line}");
                let call = call(arguments);
                assert_eq!(call.input.as_deref(), Some(value), "{line}");
                assert_eq!(call.words, ["stripe.createCustomer", "--name", "Ada"], "{line}");
            }
        }
        let switch = parsed("bursar call --json stripe.getBalance").unwrap();
        assert!(switch.json && call(switch).input.is_none());
        let words = ["bursar", "runs", "list", "--json", "-"].map(OsString::from);
        assert_eq!(json_input(words.clone().into_iter()), words, "only `call` has an input");
    }

    #[test]
    fn a_value_that_looks_like_an_option_stays_a_value() {
        let call = call(parsed("bursar call createCustomer --description=--json --name -x").unwrap());
        assert_eq!(call.words[1..], ["--description=--json", "--name", "-x"]);
    }

    #[test]
    fn an_option_that_is_also_a_field_is_refused_behind_the_name() {
        for (line, container) in [
            ("bursar call stripe.createProduct --name Gold --url https://x.example", "--extra.url"),
            ("bursar call webhookEndpoints.create --url https://x.example", "--params.url"),
        ] {
            let failure = parsed(line).unwrap_err();
            assert!(failure.message.contains(container), "{}", failure.message);
            assert!(failure.message.contains("Nothing was sent."), "{}", failure.message);
        }
        let before =
            parsed("bursar call --url http://x stripe.createProduct --extra.url https://x.example").unwrap();
        assert_eq!(before.place.url.as_deref(), Some("http://x"));
        assert_eq!(call(before).words[1..], ["--extra.url", "https://x.example"]);
        assert!(parsed("bursar call stripe.getBalance --key").unwrap_err().message.contains("needs a value"));
    }
}
