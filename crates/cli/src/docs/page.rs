//! `docs/actions/{name}.md`: one action.

use ::actions::describe::{Description, Field};
use stripe::PINNED;

use super::{NOTICE, cell};
use crate::{commands::effect_word, forms::Forms, target::Target};

pub(super) fn write(target: Target) -> String {
    let described = target.described(PINNED);
    let mut text = format!("{NOTICE}\n# `{}`\n\n{}\n", described.name, described.about);
    facts(&mut text, &described);
    table(&mut text, "Fields", &described.fields);
    let renamed = described.fields.iter().filter(|field| ::actions::camel(field.stripe) != field.name);
    let renamed: Vec<String> =
        renamed.map(|field| format!("`{}` for `{}`", field.stripe, field.name)).collect();
    if !renamed.is_empty() {
        text.push_str(&format!(
            "\nStripe's own names are taken too, {}; never both at once.\n",
            renamed.join(", ")
        ));
    }
    table(&mut text, "More fields of Stripe's", &described.more);
    table(&mut text, "Options of the call", &described.options);
    example(&mut text, &Forms::example(target));
    text.push_str(&format!(
        "\n## Repeating it\n\n{}\n\n## If the answer is lost\n\n{}\n",
        described.repeating(),
        described.lost_answer()
    ));
    errors(&mut text, &described);
    hints(&mut text, &described);
    text.push_str(
        "\n## Trying it\n\n`bursar dev` has a stand-in for Stripe in which this does what it does at Stripe, as far \
         as [its page](../sandbox.md) says; `--dry-run` shows the request and sends nothing.\n",
    );
    text
}

fn facts(text: &mut String, described: &Description) {
    text.push_str("\n| | |\n|---|---|\n");
    let mut fact = |name: &str, says: String| text.push_str(&format!("| {name} | {} |\n", cell(&says)));
    match described.operation {
        Some(operation) => {
            fact(
                "performs",
                format!("`{} {}` (`{}`)", operation.method.as_str(), operation.path, operation.id),
            );
        }
        None => fact("performs", "whichever operation its input names".to_owned()),
    }
    fact("effect", effect_word(described.effect).to_owned());
    if let Some(permission) = described.permission {
        fact("permission", format!("`{permission}`"));
        if let Some(needs) = permission.needs() {
            let key = format!("{} on {} (`{}`)", needs.level(), needs.label, needs.restricted_key());
            fact("a restricted key needs", key);
            fact("a consent of Connect needs", format!("`{}`", needs.connect()));
            fact("a Stripe App needs", format!("`{}`", needs.app()));
        }
    }
    let answer = described.answer();
    if !answer.is.is_empty() {
        fact("gives", format!("{}, as Stripe sends it", answer.is));
    }
}

fn table(text: &mut String, heading: &str, fields: &[Field]) {
    if fields.is_empty() {
        return;
    }
    text.push_str(&format!("\n## {heading}\n\n| field | type | | |\n|---|---|---|---|\n"));
    for field in fields {
        text.push_str(&format!(
            "| `{}` | {} | {} | {} |\n",
            field.name,
            field.takes(),
            marks(field),
            cell(&says(field))
        ));
    }
}

fn marks(field: &Field) -> String {
    let mut marks = Vec::new();
    if field.required {
        marks.push("required".to_owned());
    }
    if let Some(default) = field.default {
        marks.push(format!("`{default}` when left out"));
    }
    if field.clearable {
        marks.push("can be cleared".to_owned());
    }
    marks.join(", ")
}

fn says(field: &Field) -> String {
    let quoted = |names: &mut dyn Iterator<Item = String>| {
        names.map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
    };
    let mut says: Vec<String> = Vec::new();
    if !field.about.is_empty() {
        says.push(field.about.to_owned());
    }
    if !field.allowed().is_empty() {
        says.push(format!(
            "One of {}.",
            quoted(&mut field.allowed().iter().map(|value| (*value).to_owned()))
        ));
    }
    let inner = field.inner();
    if !inner.is_empty() {
        says.push(format!("Inside: {}.", quoted(&mut inner.into_iter().map(|field| field.name))));
    }
    says.join(" ")
}

fn example(text: &mut String, forms: &Forms) {
    text.push_str("\n## Example\n\nThe same three times; the ids are made up.\n");
    for (language, form) in [("sh", &forms.command), ("sh", &forms.curl), ("yaml", &forms.step)] {
        text.push_str(&format!("\n```{language}\n{form}\n```\n"));
    }
}

fn errors(text: &mut String, described: &Description) {
    text.push_str("\n## Errors\n\nThe likely ones; [all of them](../errors) have a page.\n\n| code | when |\n|---|---|\n");
    for error in described.likely_errors() {
        text.push_str(&format!("| [`{0}`](../errors/{0}.md) | {1} |\n", error.code, cell(error.when)));
    }
}

fn hints(text: &mut String, described: &Description) {
    let instead = described.instead();
    if instead.is_empty() {
        return;
    }
    text.push_str("\n## What is not a field\n\n| | instead |\n|---|---|\n");
    for (names, says) in instead {
        text.push_str(&format!("| `{}` | {} |\n", names.join("`, `"), cell(says)));
    }
}
