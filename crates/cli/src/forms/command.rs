//! A use as a command line.

use serde_json::Value;
use stripe::PINNED;

use super::{WIDTH, fields};
use crate::{flags, target::Target};

/// `bursar call …`, broken between flags where a line would be too long.
pub(super) fn write(target: Target, config: &Value) -> String {
    let (name, config) = match target {
        Target::Action(action) => (action.name, fields(config)),
        Target::Request => (target.name(), fields(config)),
        // Called by its id, an operation has its parameters at the top.
        Target::Operation(operation) => (operation.id, fields(&config["params"])),
    };
    let operation = config.get("operation").and_then(Value::as_str).and_then(stripe::tables::operation);
    let words = flags::words(&target.shape(PINNED, operation), &config);
    let mut groups = vec![format!("bursar call {name}")];
    for word in words {
        let quoted = quoted(&word);
        match groups.last_mut() {
            Some(flag) if !word.starts_with("--") => {
                flag.push(' ');
                flag.push_str(&quoted);
            }
            _ => groups.push(quoted),
        }
    }
    broken(&groups)
}

/// Groups of words on lines of the shell.
pub(super) fn broken(groups: &[String]) -> String {
    let mut text = String::new();
    let mut column = 0;
    for group in groups {
        // Room for the backslash.
        if column > 0 && column + 1 + group.len() > WIDTH - 2 {
            text.push_str(" \\\n  ");
            column = 2;
        } else if column > 0 {
            text.push(' ');
            column += 1;
        }
        text.push_str(group);
        column += group.len();
    }
    text
}

/// A word as the shell reads it.
pub(super) fn quoted(word: &str) -> String {
    shlex::try_quote(word).map_or_else(|_| word.replace('\0', ""), std::borrow::Cow::into_owned)
}
