//! `api/actions.md`: what callers rely on, in a form whose difference can be read.

use ::actions::describe::{Description, Field};
use stripe::{PINNED, Version};

use super::{NOTICE, targets};
use crate::commands::effect_word;

pub(super) fn write() -> String {
    let mut text = format!(
        "{NOTICE}\n# Every action, its fields and their types\n\n\
         `!` marks what has to be there, `?` what `null` or the empty text clears; what stands behind `=` is sent \
         when a field is left out; braces hold the names inside. Stripe's API version is {PINNED}; `apiVersion` \
         takes {}.\n",
        Version::all().map(Version::as_str).collect::<Vec<_>>().join(", ")
    );
    for target in targets() {
        one(&mut text, &target.described(PINNED));
    }
    text
}

fn one(text: &mut String, described: &Description) {
    text.push_str(&format!("\n## {}\n\n```text\n", described.name));
    let performs = described.operation.map_or_else(
        || "whatever its input names".to_owned(),
        |operation| format!("{} {} ({})", operation.method.as_str(), operation.path, operation.id),
    );
    text.push_str(&format!("performs    {performs}\neffect      {}\n", effect_word(described.effect)));
    if let Some(permission) = described.permission {
        let names = permission
            .needs()
            .map(|needs| format!(" ({}, {}, {})", needs.restricted_key(), needs.connect(), needs.app()));
        text.push_str(&format!("permission  {permission}{}\n", names.unwrap_or_default()));
    }
    let gives = described.answer().is;
    if !gives.is_empty() {
        text.push_str(&format!("gives       {gives}\n"));
    }
    for (heading, fields) in
        [("fields", &described.fields), ("more", &described.more), ("options", &described.options)]
    {
        if !fields.is_empty() {
            text.push_str(&format!("\n{heading}\n"));
        }
        for field in fields {
            text.push_str(&format!("  {}\n", line(field)));
        }
    }
    text.push_str("```\n");
}

fn line(field: &Field) -> String {
    let mark = if field.required {
        "!"
    } else if field.clearable {
        "?"
    } else {
        ""
    };
    let mut line = format!("{}{mark}: {}", field.name, field.takes());
    if !field.allowed().is_empty() && field.stripe != "api_version" {
        line.push_str(&format!(" ({})", field.allowed().join(" | ")));
    }
    if let Some(default) = field.default {
        line.push_str(&format!(" = {default}"));
    }
    let inner = field.inner();
    if !inner.is_empty() {
        let names =
            inner.iter().map(|field| format!("{}{}", field.name, if field.required { "!" } else { "" }));
        line.push_str(&format!(" {{{}}}", names.collect::<Vec<_>>().join(", ")));
    }
    line
}
