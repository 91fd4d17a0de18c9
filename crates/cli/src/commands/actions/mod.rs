//! `bursar actions`: the catalog. Needs no data, so it opens no door and starts nothing.

mod data;
mod list;
mod page;
mod search;

use ::actions::Effect;
use model::{Code, Failure};
use serde_json::json;
use stripe::PINNED;

use crate::{
    arguments::{Actions, ActionsCommand},
    exit::Exit,
    output::Output,
    target::Target,
};

pub(crate) fn perform(arguments: Actions, output: Output) -> Result<Exit, Failure> {
    match arguments.command {
        None => list::perform(output),
        Some(ActionsCommand::Search { words, limit }) => search::perform(&words.join(" "), limit, output),
        Some(ActionsCommand::Show { action, field, verbose }) => {
            return show(&action, field.as_deref(), verbose, output);
        }
    }
    Ok(Exit::Done)
}

/// Shows an action or an operation, or one of its fields.
///
/// # Errors
/// `not_found` and `validation_error` with the nearest name.
pub(crate) fn show(name: &str, field: Option<&str>, verbose: bool, output: Output) -> Result<Exit, Failure> {
    let target = Target::named(name)?;
    match field {
        None => output.either(|| data::shown(target), || page::whole(target, verbose, output)),
        Some(place) => {
            let described = target.described(PINNED);
            let field = described.at(place).map_err(|unplaced| no_field(described.name, &unplaced))?;
            output.either(|| data::field(&field, true), || page::field(&described, place, &field, output));
        }
    }
    Ok(Exit::Done)
}

fn no_field(of: &str, unplaced: &::actions::describe::Unplaced) -> Failure {
    let inside = unplaced.inside.as_ref().map_or_else(|| of.to_owned(), |inside| format!("`{inside}`"));
    let guess =
        unplaced.nearest.as_ref().map_or_else(|| ".".to_owned(), |near| format!("; did you mean `{near}`?"));
    Failure::new(Code::ValidationError, format!("There is no field `{}` in {inside}{guess}", unplaced.name))
        .at("field")
        .with_details(json!({ "nearest": unplaced.nearest }))
}

/// An effect in one word for people.
pub(crate) fn word(effect: Option<Effect>) -> &'static str {
    match effect {
        Some(Effect::Read) => "read",
        Some(Effect::KeyedWrite) => "write",
        Some(Effect::Delete) => "delete",
        None => "any",
    }
}
