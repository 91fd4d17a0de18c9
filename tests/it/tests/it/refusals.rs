//! A bad input is refused alike wherever it comes in, and nothing is sent.
//!
//! Every parameter of every action, at every depth, is left out, misspelt, given
//! another word and another type. What may differ between the surfaces is where the
//! place begins: `config.` in a call, `steps.it.config.` in a run, `steps[0].config.` in
//! a document. The command line sends what HTTP takes, and shows what HTTP answers; its
//! process is held to that in the tests of the binary.

use std::collections::BTreeSet;

use actions::{Action, Catalog};
use bursar_it::{
    TestApp,
    bad_inputs::{self, BadInput, Wrong},
    http::Answer,
    surfaces::{STEP, Surfaces},
};
use model::RunStatus;
use serde_json::{Value, json};
use stripe::tables::{Param, Type};

/// Refuses every bad input of this kind on every surface; at how many places there was one.
async fn refused_everywhere(wrong: Wrong) -> usize {
    let (mut tried, mut places) = (0, BTreeSet::new());
    for action in Catalog.all() {
        let surfaces = Surfaces::of(TestApp::new().await).await;
        let asked = surfaces.app.sandbox.journal().len();
        for bad in bad_inputs::of(action).iter().filter(|bad| bad.wrong == wrong) {
            let answer = surfaces.http(action.name, "a key", &bad.input).await;
            let invalid = refused(bad, &answer);
            in_a_document(&surfaces, bad, &invalid).await;
            if bad.reaches_a_run() {
                in_a_run(&surfaces, bad, &answer.body["error"]).await;
            }
            tried += 1;
            places.insert(format!("{} {}", action.name, bad.place));
        }
        let sent = &surfaces.app.sandbox.journal()[asked..];
        assert!(sent.is_empty(), "{}: something was sent: {sent:#?}", action.name);
    }
    println!("{wrong:?}: {tried} inputs at {} places", places.len());
    places.len()
}

/// Holds a refusal to what it has to say; gives what it says of the place.
fn refused(bad: &BadInput, answer: &Answer) -> Value {
    let error = &answer.body["error"];
    assert_eq!((answer.status, answer.code()), (400, "validation_error"), "{bad}: {error:#}");
    assert_eq!(error["retry"], json!({ "kind": "never" }), "{bad}");
    assert_eq!(error["details"]["action"], bad.action.name, "{bad}");
    assert_eq!(error["field"], format!("config.{}", bad.place), "{bad}: {error:#}");
    let found = error["details"]["invalid"].as_array().expect("findings");
    assert_eq!(found.len(), 1, "{bad}: one thing is wrong, {found:#?}");
    let said = found[0]["message"].as_str().expect("a message");
    let whole = format!(
        "{said} Nothing was sent to Stripe. Correct the input and send it again; `bursar actions show {}` lists the \
         fields.",
        bad.action.name
    );
    assert_eq!(answer.message(), whole, "{bad}");
    about(bad, said, &found[0]);
    found[0].clone()
}

/// What is said of a place names it, and what would be right.
fn about(bad: &BadInput, said: &str, found: &Value) {
    let why = match bad.wrong {
        Wrong::Missing => "missing",
        Wrong::Misspelt => "unknown",
        Wrong::NotAllowed | Wrong::Type => "value",
    };
    assert_eq!(
        (&found["why"], &found["field"]),
        (&json!(why), &json!(format!("config.{}", bad.place))),
        "{bad}"
    );
    assert!(said.starts_with(&format!("`{}`", bad.place)), "{bad}: {said}");
    assert!(said.ends_with(['.', '?']), "{bad}: {said}");
    assert_eq!(found["nearest"], json!(bad.nearest), "{bad}: {said}");
    if let Some(nearest) = &bad.nearest {
        assert!(said.contains(&format!("did you mean `{nearest}`?")), "{bad}: {said}");
    }
    assert_eq!(found["allowed"].as_array().map_or(0, Vec::len), bad.allowed.len(), "{bad}: {found:#}");
    for word in &bad.allowed {
        assert!(said.contains(word), "{bad}: {said} lacks `{word}`");
    }
    if !bad.allowed.is_empty() {
        assert_eq!(found["allowed"], json!(bad.allowed), "{bad}");
    }
}

/// The checker says the same of a step, and of nothing else.
async fn in_a_document(surfaces: &Surfaces, bad: &BadInput, invalid: &Value) {
    let found = surfaces.check(bad.action, &bad.input).await;
    let is_error = |one: &&Value| one["severity"] == "error" && one["code"] != "all_pages";
    let errors: Vec<_> = found.iter().filter(is_error).collect();
    assert_eq!(errors.len(), 1, "{bad}: {found:#?}");
    assert_eq!(errors[0]["path"], format!("steps[0].config.{}", bad.place), "{bad}");
    for said in ["message", "nearest", "allowed"] {
        assert_eq!(errors[0][said], invalid[said], "{bad}: {said}");
    }
}

/// A run that gets there fails with the same.
async fn in_a_run(surfaces: &Surfaces, bad: &BadInput, error: &Value) {
    let config = bad.input.as_object().expect("an input is an object");
    let run = surfaces.run(bad.action, &format!("{} {}", bad.place, bad.what), config).await;
    assert_eq!(run.status, RunStatus::Failed, "{bad}");
    for failure in [run.error, run.steps[0].error.clone()] {
        let said = failure.expect("a failed run says why").body();
        let from = format!("steps.{STEP}.config.");
        for same in ["code", "message", "retry", "docs"] {
            assert_eq!(said[same], error[same], "{bad}: {same}");
        }
        assert_eq!(said["field"], json!(format!("{from}{}", bad.place)), "{bad}");
        let mut details = said["details"].clone();
        for one in details["invalid"].as_array_mut().into_iter().flatten() {
            let field = one["field"].as_str().and_then(|field| field.strip_prefix(&from));
            one["field"] = json!(format!("config.{}", field.expect("the place in the run")));
        }
        assert_eq!(details, error["details"], "{bad}");
    }
}

/// What the tables have, counted by a walk of its own.
#[derive(Debug, Default)]
struct Table {
    names: usize,
    required: usize,
    /// Enums where no other text is taken.
    closed: usize,
    /// Values: of names, of elements of lists, in maps.
    values: usize,
}

impl Table {
    fn of_catalog() -> Self {
        let mut table = Self::default();
        for action in Catalog.all() {
            table.action(action);
        }
        table
    }

    fn action(&mut self, action: &Action) {
        let operation = action.operation.resolve();
        let ids = operation.path_params().len();
        let options = bad_inputs::options(action).len();
        self.names += ids + options;
        self.values += ids + options;
        self.required += ids;
        // The API version is one.
        self.closed += 1;
        for param in operation.params {
            let field = action.fields.iter().find(|field| field.stripe == param.name);
            let insisted = param.required || field.is_some_and(|field| field.required);
            self.required += usize::from(insisted && field.is_none_or(|field| field.default.is_none()));
            self.names += 1;
            self.kind(&param.kind);
        }
    }

    fn hash(&mut self, params: &[Param]) {
        for param in params {
            self.names += 1;
            self.required += usize::from(param.required);
            self.kind(&param.kind);
        }
    }

    fn kind(&mut self, kind: &Type) {
        let members = match kind {
            Type::Union(kinds) => kinds,
            one => std::slice::from_ref(one),
        };
        let open = members.iter().any(|kind| matches!(kind, Type::String));
        let words = members.iter().any(|kind| matches!(kind, Type::Enum(_)));
        self.closed += usize::from(words && !open);
        self.values += 1;
        for member in members {
            match member {
                Type::Hash(params) => self.hash(params),
                Type::Array(inner) | Type::Map(inner) => self.kind(inner),
                Type::Range => (self.names, self.values) = (self.names + 4, self.values + 4),
                Type::Metadata => self.values += 1,
                _ => {}
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn what_is_missing_is_asked_for_by_name_everywhere() {
    assert_eq!(refused_everywhere(Wrong::Missing).await, Table::of_catalog().required);
}

#[tokio::test(start_paused = true)]
async fn a_misspelt_name_is_answered_with_the_nearest_everywhere() {
    assert_eq!(refused_everywhere(Wrong::Misspelt).await, Table::of_catalog().names);
}

#[tokio::test(start_paused = true)]
async fn a_word_that_an_enum_does_not_have_is_answered_with_all_that_it_has_everywhere() {
    assert_eq!(refused_everywhere(Wrong::NotAllowed).await, Table::of_catalog().closed);
}

#[tokio::test(start_paused = true)]
async fn a_value_of_another_type_is_refused_everywhere() {
    assert_eq!(refused_everywhere(Wrong::Type).await, Table::of_catalog().values);
}
