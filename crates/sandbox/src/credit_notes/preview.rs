//! `GET /v1/credit_notes/preview` and its lines: what the note would be. Nothing is kept.

use serde_json::{Value, json};

use super::{create, lines, object, split};
use crate::{
    state::Tx,
    value,
    wire::{Call, Refusal},
};

pub(super) fn run(tx: &mut Tx, call: &Call) -> Result<Value, Refusal> {
    let (mut note, lines) = note(tx, call)?;
    object::with_lines(&mut note, lines);
    value::set(&mut note, "pdf", format!("{}/_sandbox/credit_notes/preview/pdf", tx.base()));
    // What is no stored kind is answered as it is.
    Ok(note)
}

/// The lines alone.
pub(super) fn lines(tx: &mut Tx, call: &Call) -> Result<Value, Refusal> {
    let (_, lines) = note(tx, call)?;
    let most = usize::try_from(call.int("limit").unwrap_or(10).clamp(1, 100)).unwrap_or(10);
    let after = call.text("starting_after");
    let begin = after.and_then(|id| lines.iter().position(|line| line["id"] == id)).map_or(0, |at| at + 1);
    let rest = lines.len() - begin;
    let data: Vec<Value> = lines.into_iter().skip(begin).take(most).collect();
    Ok(json!({"object": "list", "data": data, "has_more": rest > most, "url": call.path}))
}

fn note(tx: &mut Tx, call: &Call) -> Result<(Value, Vec<Value>), Refusal> {
    let invoice = create::invoice(tx, call)?;
    let credited = lines::credited(tx, call, &invoice)?;
    let split = split::split(tx, call, &invoice, credited.total)?;
    let mut note = object::fresh(tx, call, &invoice, &credited);
    let post = split.post();
    value::set(&mut note, "pre_payment_amount", split.pre);
    value::set(&mut note, "post_payment_amount", post);
    value::set(&mut note, "type", if post > 0 { "post_payment" } else { "pre_payment" });
    Ok((note, credited.lines))
}
