//! Effects and reconcilers in sentences.

use crate::{Effect, Reconcile};

pub(super) fn repeating(effect: Option<Effect>) -> &'static str {
    let Some(effect) = effect else {
        return "That is up to the operation: GET changes nothing; POST and DELETE happen once per idempotency key.";
    };
    match effect {
        Effect::Read => "Changes nothing. Repeating it reads again.",
        Effect::KeyedWrite => {
            "Writes once per idempotency key: the same key with the same input gives the first result back, \
             another key writes again."
        }
        Effect::Delete => {
            "Removes once per idempotency key: the same key gives the first result back. What is gone stays gone."
        }
    }
}

pub(super) fn lost_answer(effect: Option<Effect>, reconcile: Reconcile) -> String {
    let Some(effect) = effect else {
        return "As that of the operation; `bursar actions show` with the operation's name tells.".to_owned();
    };
    if reconcile == Reconcile::NothingChanges {
        return "Nothing is changed by it, so the same bytes go out again under the same key.".to_owned();
    }
    let first = match effect {
        Effect::Read => return "Nothing was changed, so it is simply asked again.".to_owned(),
        Effect::Delete => {
            "Stripe keeps no keys for deletes, so before anything is sent again the object is read."
        }
        Effect::KeyedWrite => {
            "For 23 hours the same bytes go out again under the same key, and Stripe answers from its own \
             memory. After that, Stripe's events since the first attempt are searched for the key."
        }
    };
    format!("{first} {}", then(reconcile))
}

/// What is looked at when the events do not tell.
fn then(reconcile: Reconcile) -> String {
    match reconcile {
        Reconcile::NotNeeded | Reconcile::NothingChanges => String::new(),
        Reconcile::ByList { operation, by } => format!(
            "If they do not tell, {} is read since the first attempt, filtered by {}: none that fits means not \
             done; one that fits is shown to a person as probably done. Without {} in the input a person decides.",
            operation.0,
            list(by),
            list(by),
        ),
        Reconcile::ByState { operation, field, done, not_done } => {
            let told = |values: &[&str], means: &str| match values {
                [] => String::new(),
                values => format!(" {} means {means}.", list(values)),
            };
            format!(
                "If they do not tell, {} is read, and its {field} looked at:{}{} Anything else is shown to a \
                 person, who decides.",
                operation.0,
                told(done, "done"),
                told(not_done, "not done"),
            )
        }
        Reconcile::ByValues { operation } => format!(
            "If they do not tell, {} is read: an object that has every value of the input means done. \
             Otherwise a person decides.",
            operation.0
        ),
        Reconcile::ByAbsence { operation } => format!(
            "{}: an object that is not there, or is marked deleted, means done; one that is there means not \
             done, and the delete goes out again.",
            operation.0
        ),
        Reconcile::BySamePath => {
            "The very path is read: an object that Stripe knows no more means done. Otherwise the \
             call is parked and a person decides."
                .to_owned()
        }
        Reconcile::Park => "If that does not tell, the call is parked and a person decides.".to_owned(),
    }
}

fn list(words: &[&str]) -> String {
    let quoted: Vec<String> = words.iter().map(|word| format!("`{word}`")).collect();
    quoted.join(" or ")
}
