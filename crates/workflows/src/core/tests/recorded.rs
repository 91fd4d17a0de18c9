//! Journals of former releases, replayed: a core that decides otherwise than it did would
//! park every open run of whoever upgrades.
//!
//! `recorded/core-1.json` was written by the core of that version; once that is released
//! it is never written anew. `BURSAR_RECORD=FILE` writes the stories below as the present
//! core tells them.

use serde::{Deserialize, Serialize};

use super::examples::{invoice, sent};
use super::rules::TWO;
use super::*;

const CORE_1: &str = include_str!("recorded/core-1.json");

/// One run as it was driven: every input, and the hash of what it caused.
#[derive(Debug, Serialize, Deserialize)]
struct Story {
    name: String,
    core: u32,
    document: String,
    rows: Vec<(Input, String)>,
}

#[test]
fn the_journals_of_every_version_replay_as_they_were() {
    let stories: Vec<Story> = serde_json::from_str(CORE_1).unwrap();
    assert!(stories.len() >= 6);
    for story in stories {
        let program = program(&story.document);
        let mut state = State::new(story.core);
        for (n, (input, hash)) in story.rows.iter().enumerate() {
            let commands = advance(&program, &mut state, input);
            assert_eq!(&commands_hash(&commands), hash, "{}, row {n}: {commands:?}", story.name);
        }
        assert_eq!(state.phase(), Phase::Ended, "{}", story.name);
    }
}

#[test]
#[expect(clippy::disallowed_methods, reason = "whoever records says where to")]
fn the_present_core_tells_its_stories_as_they_were_recorded() {
    let told = serde_json::to_string_pretty(&stories()).unwrap() + "\n";
    if let Ok(file) = std::env::var("BURSAR_RECORD") {
        return std::fs::write(file, told).unwrap();
    }
    assert_eq!(CORE, 1, "a new version has a file of its own; record it and compare with that");
    assert!(told == CORE_1, "the core decides otherwise, or a row is written otherwise");
}

fn stories() -> Vec<Story> {
    let mut all = Vec::new();
    let mut tell = |name: &str, document: &str, play: fn(&mut Run<'_>)| {
        let program = program(document);
        let input = json!({ "email": "a@example.com", "amount": 1999, "currency": "usd" });
        let mut run = Run::start(&program, input);
        play(&mut run);
        let (name, document, rows) = (name.to_owned(), document.to_owned(), run.journal);
        all.push(Story { name, core: CORE, document, rows });
    };
    let plain = TWO.replace("    compensate: { action: stripe.updateCustomer, config: { customerId: '{{ steps.a.output.id }}' } }\n", "");
    tell("completed", TWO, |run| {
        run.answer("a", Err(declined()));
        run.fire("a", 2);
        run.answer("a", object("cus_1"));
        run.answer("b", object("in_1"));
    });
    tell("failed and made up for", TWO, |run| {
        run.answer("a", object("cus_1"));
        run.answer("b", Err(declined()));
        run.answer("a~compensate", object("cus_1"));
    });
    tell("canceled during a call", TWO, |run| {
        run.tell(Happened::Canceled);
        run.answer("a", object("cus_1"));
        run.answer("a~compensate", object("cus_1"));
    });
    tell("parked, taken over and sent once more", TWO, |run| {
        run.answer("a", Err(parked()));
        run.resolve("a", done("cus_1"));
        run.answer("b", Err(parked()));
        run.resolve("b", Resolution::NotDone);
        run.answer("b", object("in_1"));
    });
    tell("a refused compensation, repeated and left", TWO, |run| {
        run.answer("a", object("cus_1"));
        run.answer("b", Err(declined()));
        run.answer("a~compensate", Err(declined()));
        run.retry();
        run.answer("a~compensate", Err(declined()));
        run.resolve("a~compensate", Resolution::Skipped);
    });
    tell("failed and asked to go on", &plain, |run| {
        run.answer("a", object("cus_1"));
        run.answer("b", Err(left_behind()));
        run.resolve("b", Resolution::NotDone);
        run.answer("b", Err(declined()));
        run.retry();
        run.answer("b", object("in_1"));
    });
    let program = invoice();
    let mut run = sent(&program);
    let event = json!({ "type": "invoice.paid", "data": { "object": { "id": "in_1" } } });
    run.tell(Happened::Matched { path: path("paid"), event });
    let document = include_str!("../../../../../workflows/invoice-and-payment.yaml").to_owned();
    all.push(Story { name: "the example".into(), core: CORE, document, rows: run.journal });
    all
}
