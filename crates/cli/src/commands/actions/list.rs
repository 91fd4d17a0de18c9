//! Every action, by resource.

use ::actions::{Catalog, Entry};
use serde_json::Value;

use super::{data, word};
use crate::{layout::Page, output::Output, target::Target};

pub(super) fn perform(output: Output) {
    let actions = Catalog.all().iter().map(|action| Target::Action(action));
    let all = actions.chain([Target::Request]);
    output.either(|| Value::Array(all.map(data::brief).collect()), || words(output));
}

fn words(output: Output) -> String {
    let mut page = Page::new(output);
    let longest = Catalog.all().iter().map(|action| action.name.len()).max().unwrap_or(0);
    let mut resource = "";
    for action in Catalog.all() {
        if action.permission.resource != resource {
            resource = action.permission.resource;
            page.heading(&resource.replace('_', " "));
        }
        let (name, effect) = (action.name, word(Some(action.effect)));
        page.verbatim(2, &format!("{name:<longest$}  {effect:<6}  {}", action.permission));
    }
    page.heading("everything else");
    let request = Entry::Request;
    page.verbatim(
        2,
        &format!("{:<longest$}  {:<6}  that of the operation", request.name(), word(request.effect())),
    );
    page.verbatim(
        0,
        "\nbursar actions show NAME     fields, permission and examples of one\n\
         bursar actions search WORD   actions and every other operation of Stripe's\n\
         bursar call NAME --field …   calls it",
    );
    page.text()
}
