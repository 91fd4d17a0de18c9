//! An action on a page for people.

use ::actions::{
    Catalog, Permission,
    describe::{Answer, Description, Field},
};
use stripe::PINNED;

use super::word;
use crate::{flags, forms::Forms, layout::Page, output::Output, target::Target};

/// The whole page.
pub(super) fn whole(target: Target, verbose: bool, output: Output) -> String {
    let described = target.described(PINNED);
    let mut page = Page::new(output);
    head(&mut page, target, &described);
    fields(&mut page, "Fields", &described.fields, verbose);
    if verbose {
        fields(&mut page, "More fields of Stripe's", &described.more, true);
    } else {
        more(&mut page, &described);
    }
    fields(&mut page, "Options of the call", &described.options, false);
    page.heading("Repeating it");
    page.paragraph(2, described.repeating());
    page.heading("If the answer is lost");
    page.paragraph(2, &described.lost_answer());
    answer(&mut page, &described.answer(), verbose);
    hints(&mut page, &described);
    forms(&mut page, &Forms::example(target));
    page.text()
}

fn head(page: &mut Page, target: Target, described: &Description) {
    page.heading(&format!("{}: {}", described.name, described.title));
    page.paragraph(0, described.about);
    let mut facts = Vec::new();
    if let (Target::Action(_), Some(operation)) = (target, described.operation) {
        let performs = format!("{} {} ({})", operation.method.as_str(), operation.path, operation.id);
        facts.push(("performs".to_owned(), vec![performs]));
    }
    facts.push(("effect".to_owned(), vec![word(described.effect).to_owned()]));
    let permission =
        described.permission.map_or_else(|| "that of the operation".to_owned(), |p| p.to_string());
    facts.push(("permission".to_owned(), vec![permission]));
    if let Some(permission) = described.permission {
        facts.push(("needs".to_owned(), needs(permission)));
    }
    if let Target::Operation(operation) = target
        && let Some(action) = Catalog.all().iter().find(|action| action.operation.0 == operation.id)
    {
        facts.push(("action".to_owned(), vec![format!("{} does this, with fields explained", action.name)]));
    }
    if !described.about.is_empty() {
        page.gap();
    }
    page.definitions(&facts);
}

/// One line for each of Stripe's systems.
fn needs(permission: Permission) -> Vec<String> {
    match permission.needs() {
        Some(needs) => vec![
            format!("restricted key: {} on {} ({})", needs.level(), needs.label, needs.restricted_key()),
            format!("Connect: {}", needs.connect()),
            format!("Stripe App: {}", needs.app()),
        ],
        None => vec!["Stripe has a permission for it whose name is not known here".to_owned()],
    }
}

fn fields(page: &mut Page, heading: &str, fields: &[Field], deep: bool) {
    if fields.is_empty() {
        return;
    }
    page.heading(heading);
    let mut rows = Vec::new();
    for field in fields {
        row(&mut rows, "", field, deep);
    }
    page.definitions(&rows);
}

/// A field and, where all is asked for, those inside it.
fn row(rows: &mut Vec<(String, Vec<String>)>, inside: &str, field: &Field, deep: bool) {
    let name = format!("{inside}{}", field.name);
    let inner = field.inner();
    let mut says = vec![kind(field), field.about.to_owned(), allowed(field)];
    if !deep {
        says.push(names("Inside: ", &inner));
    }
    let below = format!("{name}{}.", if field.is_list() { ".0" } else { "" });
    rows.push((name, says));
    if deep {
        for field in &inner {
            row(rows, &below, field, true);
        }
    }
}

/// `string, required`.
fn kind(field: &Field) -> String {
    let mut kind = field.takes();
    if field.required {
        kind.push_str(", required");
    }
    if let Some(default) = field.default {
        kind.push_str(&format!(", {default} when left out"));
    }
    if field.clearable {
        kind.push_str(", can be cleared");
    }
    kind
}

fn allowed(field: &Field) -> String {
    match field.allowed() {
        [] => String::new(),
        values => format!("One of {}.", values.join(", ")),
    }
}

fn names(before: &str, fields: &[Field]) -> String {
    match fields {
        [] => String::new(),
        fields => {
            format!("{before}{}.", fields.iter().map(|f| f.name.as_str()).collect::<Vec<_>>().join(", "))
        }
    }
}

/// The other parameters by name: `{}` marks those with fields inside, `[]` lists.
fn more(page: &mut Page, described: &Description) {
    if described.more.is_empty() {
        return;
    }
    page.heading("More fields of Stripe's");
    let marked = described.more.iter().map(|field| {
        let mark = if field.is_list() {
            "[]"
        } else if field.inner().is_empty() {
            ""
        } else {
            "{}"
        };
        format!("{}{mark}{}", field.name, if field.required { " (required)" } else { "" })
    });
    page.paragraph(2, &marked.collect::<Vec<_>>().join(", "));
    page.paragraph(2, "--field NAME shows one of them, such as --field a.b; --verbose all.");
}

fn answer(page: &mut Page, answer: &Answer, verbose: bool) {
    if answer.is.is_empty() {
        return;
    }
    page.heading(&format!("What comes back: {}", answer.is));
    let is = |field: &::actions::describe::AnswerField| {
        format!("{}{}", field.is, if field.nullable { " or null" } else { "" })
    };
    if verbose {
        let rows = answer.fields.iter().map(|field| {
            let values = match field.values {
                [] => String::new(),
                values => format!("Such as {}.", values.join(", ")),
            };
            (field.name.to_owned(), vec![is(field), values])
        });
        page.definitions(&rows.collect::<Vec<_>>());
        return;
    }
    let fields = answer.fields.iter().map(|field| format!("{} ({})", field.name, is(field)));
    page.paragraph(2, &fields.collect::<Vec<_>>().join(", "));
}

fn hints(page: &mut Page, described: &Description) {
    let instead = described.instead();
    if !instead.is_empty() {
        page.heading("What is not a field");
        let rows = instead.iter().map(|(names, says)| (names.join(", "), vec![(*says).to_owned()]));
        page.definitions(&rows.collect::<Vec<_>>());
    }
}

fn forms(page: &mut Page, forms: &Forms) {
    page.heading("As a command");
    page.verbatim(2, &forms.command);
    page.heading("Over HTTP");
    page.verbatim(2, &forms.curl);
    page.heading("As a step of a workflow");
    page.verbatim(2, &forms.step);
}

/// One field and what is inside it.
pub(super) fn field(described: &Description, place: &str, field: &Field, output: Output) -> String {
    let mut page = Page::new(output);
    page.heading(&format!("{place} of {}", described.name));
    let mut rows = vec![("type".to_owned(), vec![kind(field)])];
    rows.push(("Stripe's name".to_owned(), vec![field.stripe.to_owned()]));
    rows.push(("as a flag".to_owned(), vec![as_flag(described, place)]));
    rows.push(("meaning".to_owned(), vec![field.about.to_owned(), allowed(field)]));
    rows.retain(|(_, says)| says.iter().any(|say| !say.is_empty()));
    page.definitions(&rows);
    let inner = field.inner();
    if !inner.is_empty() {
        fields(&mut page, if field.is_list() { "Inside each item" } else { "Inside" }, &inner, false);
    }
    page.text()
}

/// The flag of a place, with the position that a list needs.
fn as_flag(described: &Description, place: &str) -> String {
    let mut flag = "-".to_owned();
    let mut so_far = String::new();
    for step in place.split(['.', '[', ']']).filter(|step| !step.is_empty() && step.parse::<usize>().is_err())
    {
        let inside_list = described.at(&so_far).is_ok_and(|field| field.is_list());
        flag.push_str(if so_far.is_empty() {
            "-"
        } else if inside_list {
            ".0."
        } else {
            "."
        });
        flag.push_str(&flags::flag(step));
        so_far.push_str(if so_far.is_empty() { "" } else { "." });
        so_far.push_str(step);
    }
    flag
}
