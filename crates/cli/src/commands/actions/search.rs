//! Actions and operations by words.

use ::actions::{Catalog, Found};
use serde_json::{Value, json};

use super::{data, word};
use crate::{layout::Page, output::Output};

pub(super) fn perform(words: &str, limit: usize, output: Output) {
    let found = Catalog.search(words);
    let shown = &found[..found.len().min(limit)];
    output.either(|| Value::Array(shown.iter().map(row).collect()), || page(shown, found.len(), output));
}

fn row(found: &Found) -> Value {
    json!({
        "operation": found.operation,
        "action": found.action.map(|action| action.name),
        "method": found.method.as_str(),
        "path": found.path,
        "effect": data::effect(Some(found.effect)),
    })
}

/// Two lines each: the name to call, and what it performs.
fn page(shown: &[Found], all: usize, output: Output) -> String {
    let mut page = Page::new(output);
    for found in shown {
        let name = found.action.map_or(found.operation, |action| action.name);
        let also = if found.action.is_some() { format!("  ({})", found.operation) } else { String::new() };
        page.verbatim(0, &output.paint("1", name));
        page.verbatim(
            4,
            &format!("{:<6} {} {}{also}", word(Some(found.effect)), found.method.as_str(), found.path),
        );
    }
    match all {
        0 => page.verbatim(0, "nothing has all of these words; try fewer, or bursar actions"),
        all if all > shown.len() => {
            page.verbatim(0, &format!("\n{} of {all}; --limit {all} shows all", shown.len()));
        }
        _ => {}
    }
    page.text()
}
