//! The flags of what is called, for as far as the words go.
//!
//! Only the levels that the words have reached are added: an invoice has hundreds of
//! fields at all depths, and a person completes one step at a time.

use std::{collections::HashSet, ffi::OsString};

use ::actions::describe::Field;
use clap::{Arg, ArgAction, Command, builder::PossibleValuesParser};
use clap_complete::engine::ArgValueCompleter;
use stripe::PINNED;

use super::{called, operations};
use crate::{
    commands::call_words,
    flags::{self, Shape, Slot},
    target::{OPERATION, Target},
};

/// The words behind `call`; `None` for any other command.
pub(super) fn words_after(words: &[OsString]) -> Option<Vec<String>> {
    let after = call_words(words)?;
    Some(after.iter().map(|word| word.to_string_lossy().into_owned()).collect())
}

/// `call` with the flags of the action that the words name.
pub(super) fn with_flags(call: Command, words: &[String], mut taken: Vec<String>) -> Command {
    taken.extend(call.get_arguments().filter_map(|arg| arg.get_long()).map(str::to_owned));
    let call = call.mut_arg("words", |words| {
        words
            .num_args(1)
            .trailing_var_arg(false)
            .allow_hyphen_values(false)
            .value_name("ACTION")
            .add(ArgValueCompleter::new(called))
    });
    let Some((at, target)) = target(words) else { return call };
    let words = &words[at + 1..];
    let shape = target.shape(PINNED, target.operation_of(words));
    let prefixes = prefixes(words);
    // Where a flag has led already, its fields say more than the step to them.
    taken.extend(prefixes.iter().cloned());
    let mut flags = Flags { args: Vec::new(), known: taken.into_iter().collect() };
    for prefix in &prefixes {
        flags.level(&shape, prefix);
    }
    for word in words {
        flags.written(&shape, word);
    }
    call.args(flags.args)
}

/// The first word that names something.
fn target(words: &[String]) -> Option<(usize, Target)> {
    words.iter().enumerate().find_map(|(at, word)| Some((at, Target::named(word).ok()?)))
}

/// The places whose fields may be named: the top, and wherever a flag has led.
fn prefixes(words: &[String]) -> Vec<String> {
    let mut prefixes = vec![String::new()];
    for flag in words.iter().filter_map(|word| word.strip_prefix("--")) {
        let flag = flag.split('=').next().unwrap_or(flag);
        for (at, _) in flag.match_indices('.') {
            let prefix = flag[..=at].to_owned();
            if !prefixes.contains(&prefix) {
                prefixes.push(prefix);
            }
        }
    }
    prefixes
}

struct Flags {
    args: Vec<Arg>,
    /// Longs that are there already, the options of the command first.
    known: HashSet<String>,
}

impl Flags {
    /// The fields of one place.
    fn level(&mut self, shape: &Shape, prefix: &str) {
        let fields = match prefix.strip_suffix('.') {
            None => shape.fields.clone(),
            Some(place) => flags::steps(place)
                .ok()
                .and_then(|steps| shape.at(&steps))
                .map_or_else(Vec::new, |slot| slot.fields()),
        };
        for slot in &fields {
            let Some(field) = &slot.field else { continue };
            self.field(&format!("{prefix}{}", flags::flag(&field.name)), slot, field);
        }
    }

    fn field(&mut self, long: &str, slot: &Slot, field: &Field) {
        if slot.leads_inside() {
            let position = if slot.is_list() { ".0" } else { "" };
            self.push(switch(&format!("{long}{position}."), field));
        }
        if slot.is_boolean() {
            self.push(switch(long, field));
            self.push(switch(&format!("no-{long}"), field).hide(true));
        } else if slot.takes_text() {
            self.push(valued(long, slot).help(field.about));
        }
    }

    /// A flag that stands there already, however it is spelled, so that its value is not
    /// taken for something else.
    fn written(&mut self, shape: &Shape, word: &str) {
        let Some(long) = word.strip_prefix("--").filter(|long| !long.is_empty() && !long.contains('='))
        else {
            return;
        };
        let slot = flags::steps(long).ok().and_then(|steps| shape.at(&steps));
        if let Some(slot) = slot.filter(|slot| !slot.is_boolean()) {
            self.push(valued(long, &slot).hide(true));
        }
    }

    fn push(&mut self, arg: Arg) {
        if let Some(long) = arg.get_long().map(str::to_owned)
            && self.known.insert(long)
        {
            self.args.push(arg);
        }
    }
}

fn arg(long: &str) -> Arg {
    Arg::new(format!("field:{long}")).long(long.to_owned())
}

fn switch(long: &str, field: &Field) -> Arg {
    arg(long).action(ArgAction::SetTrue).help(field.about)
}

fn valued(long: &str, slot: &Slot) -> Arg {
    let arg = arg(long).action(ArgAction::Append).allow_hyphen_values(true);
    match slot.allowed() {
        [] if long == OPERATION => arg.add(ArgValueCompleter::new(operations)),
        [] => arg,
        values => arg.value_parser(PossibleValuesParser::new(values)),
    }
}
