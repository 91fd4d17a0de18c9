//! The command's own options among the fields of what is called.
//!
//! Behind the name everything is a field to clap. So options that stand there are moved
//! before the name, where clap reads them like all others; which options there are is
//! asked of clap. What would surprise: an option that is also a field is refused.

use std::{collections::HashMap, ffi::OsString};

use clap::{Command, CommandFactory as _};
use model::{Code, Failure};

use crate::{arguments::Arguments, target::Target};

/// The options of the command line and of `call`, and whether each takes a value.
struct Options(HashMap<String, bool>);

/// The command line as clap can read it, when `call` is the command; any other as it is.
///
/// # Errors
/// `validation_error` for an option that has the name of a field: nothing is sent to a
/// place that was meant as a value.
pub(crate) fn arranged(words: Vec<OsString>) -> Result<Vec<OsString>, Failure> {
    let options = Options::all();
    let Some(behind) = options.behind_call(&words).map(<[OsString]>::to_vec) else { return Ok(words) };
    let Some(behind) =
        behind.into_iter().map(|word| word.into_string().ok()).collect::<Option<Vec<String>>>()
    else {
        return Ok(words);
    };
    let before = words.len() - behind.len();
    let mut arranged = words;
    arranged.truncate(before);
    let (own, called) = options.split(behind)?;
    arranged.extend(own.into_iter().chain(called).map(OsString::from));
    Ok(arranged)
}

/// The words behind `call`, when that is the command.
pub(crate) fn call_words(words: &[OsString]) -> Option<&[OsString]> {
    Options::all().behind_call(words)
}

impl Options {
    fn all() -> Self {
        let command = Arguments::command();
        let call = command.find_subcommand("call").map(Command::get_arguments).into_iter().flatten();
        let longs = command
            .get_arguments()
            .chain(call)
            .filter_map(|arg| Some((arg.get_long()?.to_owned(), arg.get_action().takes_values())));
        Self(longs.collect())
    }

    /// The name of the option that a word is, and whether its value is the next word.
    fn of<'w>(&self, word: &'w str) -> Option<(&'w str, bool)> {
        let long = word.strip_prefix("--")?;
        let (name, is_whole) = long.split_once('=').map_or((long, true), |(name, _)| (name, false));
        let valued = *self.0.get(name)?;
        Some((name, valued && is_whole))
    }

    /// `call` is the command when it is the first word that is no option, nor the value of one.
    fn behind_call<'w>(&self, words: &'w [OsString]) -> Option<&'w [OsString]> {
        let mut at = 1;
        while let Some(text) = words.get(at)?.to_str() {
            at += 1;
            match self.of(text) {
                Some((_, true)) => at += 1,
                Some(_) => {}
                None if text.starts_with('-') => {}
                None => return if text == "call" { words.get(at..) } else { None },
            }
        }
        None
    }

    /// Our own words, and the name with its fields. The first word that is no option is
    /// the name.
    fn split(&self, words: Vec<String>) -> Result<(Vec<String>, Vec<String>), Failure> {
        let (mut own, mut called) = (Vec::new(), Vec::<String>::new());
        let mut words = words.into_iter().peekable();
        while let Some(word) = words.next() {
            let Some((name, valued)) = self.of(&word) else {
                let is_flag = word.starts_with("--") && !word.contains('=') && !called.is_empty();
                called.push(word);
                // The value of a field may look like an option of one dash.
                if is_flag {
                    called.extend(words.next_if(|next| !next.starts_with("--")));
                }
                continue;
            };
            if let Some(target) = called.first() {
                unambiguous(target, name)?;
            }
            let is_json = name == "json";
            own.push(word);
            if valued {
                own.extend(words.next());
            } else if is_json && let Some(input) = words.next_if(|next| is_input(next)) {
                own.extend(["--input".to_owned(), input]);
            }
        }
        Ok((own, called))
    }
}

/// What behind `--json` can only be an input: `-`, `@FILE`, `{…}`. Clap knows `--json` as
/// a switch.
fn is_input(word: &str) -> bool {
    word == "-" || word.starts_with(['{', '@'])
}

/// An option and a field of one name: whichever was meant, guessing would be worse.
fn unambiguous(called: &str, option: &str) -> Result<(), Failure> {
    let Ok(target) = Target::named(called) else { return Ok(()) };
    let step = option.to_owned();
    if target.shape(stripe::PINNED, None).at(std::slice::from_ref(&step)).is_none() {
        return Ok(());
    }
    let container = if matches!(target, Target::Action(_)) { "extra" } else { "params" };
    Err(Failure::new(
        Code::ValidationError,
        format!(
            "`--{option}` is a field of {called} and an option of this command. Nothing was sent. Write \
             --{container}.{option} for the field; put the option before the name: bursar call --{option} … {called}."
        ),
    ))
}

#[cfg(test)]
mod tests {
    use clap::Parser as _;

    use super::*;
    use crate::arguments::{Call, Command};

    fn parsed(line: &str) -> Result<Arguments, Failure> {
        let words = line.split(' ').map(OsString::from).collect();
        Ok(Arguments::parse_from(arranged(words)?))
    }

    fn call(arguments: Arguments) -> Call {
        match arguments.command {
            Command::Call(call) => call,
            _ => panic!("a call"),
        }
    }

    #[test]
    fn options_may_stand_among_the_fields() {
        let line = "bursar call stripe.getCustomer --customer-id cus_1 --data here --json --key=k --expand x \
                    --stripe-read 5";
        let arguments = parsed(line).unwrap();
        assert!(arguments.json);
        assert_eq!(arguments.place.data.as_deref().unwrap().to_str(), Some("here"));
        assert_eq!(arguments.place.stripe.read, Some(5.0));
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
        let words: Vec<OsString> = ["bursar", "runs", "list", "--json", "-"].map(OsString::from).into();
        assert_eq!(arranged(words.clone()).unwrap(), words, "only `call` has an input");
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
        let line = "bursar call --url http://x stripe.createProduct --extra.url https://x.example";
        let before = parsed(line).unwrap();
        assert_eq!(before.place.url.as_deref(), Some("http://x"));
        assert_eq!(call(before).words[1..], ["--extra.url", "https://x.example"]);
    }

    #[test]
    fn every_option_is_known_behind_the_name_whoever_adds_it() {
        let options = Options::all();
        for long in ["json", "data", "url", "key", "connection", "input", "dry-run", "company"] {
            assert!(options.0.contains_key(long), "{long}");
        }
        assert!(!options.0["json"] && !options.0["dry-run"] && options.0["data"]);
    }

    #[test]
    fn a_line_without_a_name_is_left_to_clap() {
        for line in ["bursar call", "bursar call --json", "bursar", "bursar --data"] {
            let words: Vec<OsString> = line.split(' ').map(OsString::from).collect();
            assert_eq!(arranged(words.clone()).unwrap(), words);
        }
    }
}
