//! `docs/actions/README.md`: the list.

use ::actions::Catalog;

use super::{NOTICE, cell, file};

pub(super) fn write() -> String {
    let mut text = format!(
        "{NOTICE}\n# The actions\n\n\
         Each is one operation of Stripe's, with its fields explained, its effect and permission known, and a way \
         to find out what became of it when an answer is lost. Every other operation of Stripe's is called by \
         [`stripe.request`](request.md); `bursar actions search WORD` finds it.\n\n\
         On the command line `bursar actions show NAME` says what these pages say, and `bursar call NAME` calls \
         it. Over HTTP it is `POST /api/v1/actions/{{name}}`, in a workflow a step with `action: NAME`. The fields \
         are the same everywhere, in our camel case or Stripe's own names.\n"
    );
    let mut resource = "";
    for action in Catalog.all() {
        if action.permission.resource != resource {
            resource = action.permission.resource;
            text.push_str(&format!(
                "\n## {}\n\n| action | | performs | permission |\n|---|---|---|---|\n",
                heading(resource)
            ));
        }
        let operation = action.operation.resolve();
        text.push_str(&format!(
            "| [`{}`]({}) | {} | `{} {}` | `{}` |\n",
            action.name,
            file(action.name),
            cell(action.title),
            operation.method.as_str(),
            operation.path,
            action.permission,
        ));
    }
    text
}

/// `payment_methods` as a heading.
fn heading(resource: &str) -> String {
    let text = resource.replace('_', " ");
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}
