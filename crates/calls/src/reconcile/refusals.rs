//! Why a person's word about a write is not taken: what Stripe shows instead, that
//! nothing was decided, and what to say.

use model::{Code, Failure};
use serde_json::Value;
use store::Intent;

use super::look::word;

const NOTHING: &str = "Nothing was decided and nothing changed at Stripe.";

fn at_object(text: String) -> Failure {
    Failure::new(Code::ValidationError, text).at("objectId")
}

pub(super) fn another(id: &str, named: &str) -> Failure {
    let named: String = named.chars().take(64).collect();
    at_object(format!(
        "The write was about {id}, not about {named}. {NOTHING} Leave `objectId` out, or give {id}."
    ))
}

pub(super) fn absent(id: &str) -> Failure {
    at_object(format!(
        "Stripe shows no {id} in the account and mode of the write. {NOTHING} Look for the right object in \
         Stripe's dashboard; if there is none, it was not done."
    ))
}

pub(super) fn unreadable(named: &str) -> Failure {
    let named: String = named.chars().take(64).collect();
    at_object(format!(
        "{named} is no id of an object at Stripe: those have letters, digits, `_` and `-`. {NOTHING} Give the id of \
         the object that the write made, or leave `objectId` out if the workflow does not need it."
    ))
}

pub(super) fn refused(id: &str, status: u16, said: &str) -> Failure {
    at_object(format!(
        "Stripe did not show {id} ({status}: {said}). {NOTHING} Check the id, and that the connection's key may \
         read it."
    ))
}

pub(super) fn of_another_kind(id: &str, kind: &str, wanted: &str) -> Failure {
    at_object(format!(
        "{id} is of the kind `{kind}`, and the write makes `{wanted}`. {NOTHING} Give the id of the {wanted} that \
         it made."
    ))
}

pub(super) fn older(id: &str) -> Failure {
    at_object(format!(
        "{id} was there before the write was first sent, so it is not what the write made. {NOTHING} Look for the \
         right object in Stripe's dashboard; if there is none, it was not done."
    ))
}

pub(super) fn was_done(intent: &Intent, object: &Value) -> Failure {
    let id = word(object, "id").unwrap_or("its object");
    let text = format!(
        "Stripe shows that {} was done: {id} is as it wanted it. {NOTHING} Say that it is done; to do it again \
         would do it twice.",
        intent.action
    );
    Failure::new(Code::Conflict, text).with_details(serde_json::json!({ "objectId": object.get("id") }))
}

pub(super) fn was_not_done(intent: &Intent, seen: &Value) -> Failure {
    let text = format!(
        "Stripe shows that {} was not done ({seen}). {NOTHING} Say that it is not done, and it is sent once more.",
        intent.action
    );
    Failure::new(Code::Conflict, text).with_details(serde_json::json!({ "seen": seen }))
}
