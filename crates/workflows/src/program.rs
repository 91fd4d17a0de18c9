//! A checked document, ready to run.

use std::collections::BTreeSet;

use actions::Catalog;
use aws_lc_rs::digest;
use model::{Failure, StepPath, WorkflowKey};
use serde_json::Value;

use crate::document::Document;
use crate::input::InputSchema;
use crate::notation::{self, Findings};
use crate::steps::Does;
use crate::template::{Template, syntax};
use crate::{Finding, Source, Trigger, check, document};

/// A checked document. Cheap to share; compiled once per version.
#[derive(Debug)]
pub struct Program {
    pub(crate) document: Document,
    model_hash: String,
    secrets: Vec<String>,
    input: InputSchema,
}

impl Program {
    /// Parses and checks. `Ok` carries warnings; `Err` has at least one error.
    ///
    /// # Errors
    /// Every finding, in the order of the text.
    pub fn compile(source: &Source, catalog: &Catalog) -> Result<(Self, Vec<Finding>), Vec<Finding>> {
        Self::compile_with(source, |program, found| check::check(program, catalog, found))
    }

    /// Parses, and checks with what is given.
    pub(crate) fn compile_with(
        source: &Source,
        check: impl FnOnce(&Document, &mut Findings<'_>),
    ) -> Result<(Self, Vec<Finding>), Vec<Finding>> {
        let root = notation::parse(source).map_err(|finding| vec![finding])?;
        let mut found = Findings::new(&source.text);
        let document = document::read(&root, &mut found);
        let schema_at = root.place_of("inputSchema");
        let schema = root.get("inputSchema").map(notation::Node::to_json);
        let input = InputSchema::compile(schema).unwrap_or_else(|(path, why)| {
            let at = root.get("inputSchema").map_or(schema_at, |node| node.place_of(&path));
            found.error(at, "input_schema", "inputSchema", why, None);
            InputSchema::default()
        });
        if let Some(document) = &document {
            check(document, &mut found);
        }
        match document {
            Some(document) if !found.has_errors() => {
                let secrets = secrets(&document);
                let model_hash = model_hash(&root.to_json());
                Ok((Self { document, model_hash, secrets, input }, found.into_sorted()))
            }
            _ => Err(found.into_sorted()),
        }
    }

    /// What people call it.
    pub fn name(&self) -> &str {
        &self.document.name
    }

    /// Its identity.
    pub fn key(&self) -> &WorkflowKey {
        &self.document.key
    }

    /// What it is for, if the document says.
    pub fn description(&self) -> Option<&str> {
        self.document.description.as_deref()
    }

    /// What starts it.
    pub fn trigger(&self) -> &Trigger {
        &self.document.trigger
    }

    /// The connection that the document names for its steps.
    pub fn connection(&self) -> Option<&str> {
        self.document.connection.as_deref()
    }

    /// Every connection that the document or one of its steps names, sorted.
    pub fn connections(&self) -> Vec<&str> {
        let of_steps = self.document.steps.iter().filter_map(|step| match &step.does {
            Does::Action(action) => action.connection.as_deref(),
            Does::Wait(_) => None,
        });
        of_steps.chain(self.connection()).collect::<BTreeSet<_>>().into_iter().collect()
    }

    /// Every action that a step or a compensation of the document performs, sorted.
    pub fn actions(&self) -> Vec<&str> {
        let steps = self.document.steps.iter().filter_map(|step| match &step.does {
            Does::Action(action) => Some(action),
            Does::Wait(_) => None,
        });
        let named = steps.flat_map(|step| {
            let undoes = step.compensate.as_ref().map(|compensation| compensation.action.as_str());
            [Some(step.action.as_str()), undoes]
        });
        named.flatten().collect::<BTreeSet<_>>().into_iter().collect()
    }

    /// Identity of the model, hexadecimal: equal for documents that differ in
    /// comments, key order or notation only.
    pub fn model_hash(&self) -> &str {
        &self.model_hash
    }

    /// The JSON Schema of the input, if the document has one.
    pub fn input_schema(&self) -> Option<&Value> {
        self.document.input_schema.as_ref()
    }

    /// Fills in defaults and checks an input against `inputSchema`.
    ///
    /// # Errors
    /// `validation_error` naming the field and what was expected; nothing started.
    pub fn accept(&self, input: Value) -> Result<Value, Failure> {
        self.input.accept(input)
    }

    /// Where the document asks for a step's output, `steps[3].config.invoiceId`; `None`
    /// when nothing does.
    pub fn use_of_output(&self, step: &StepPath) -> Option<&str> {
        let of_output = |template: &&Template| {
            let codes = template.codes();
            codes.flat_map(|code| syntax::facts(&code.text).references).any(|r| reads_output(&r, step))
        };
        templates(&self.document).into_iter().find(of_output).map(|template| template.path.as_str())
    }

    /// Names of the secrets that the document refers to.
    pub fn secrets(&self) -> &[String] {
        &self.secrets
    }
}

/// Every template of a document.
fn templates(document: &Document) -> Vec<&Template> {
    let mut all: Vec<&Template> = Vec::new();
    for step in &document.steps {
        all.extend(step.templates());
        if let Does::Action(action) = &step.does
            && let Some(compensation) = &action.compensate
        {
            compensation.config.templates(&mut all);
        }
    }
    if let Some(output) = &document.output {
        output.templates(&mut all);
    }
    all
}

/// Whether a reference may read the output of a step. What is computed may be anything.
fn reads_output(reference: &syntax::Reference, step: &StepPath) -> bool {
    use syntax::Segment::Name;
    let other = |segment: &syntax::Segment| matches!(segment, Name(name) if name != step.as_str());
    let status = |segment: &syntax::Segment| matches!(segment, Name(name) if name == "status");
    let mut path = reference.path.iter();
    reference.root == "steps" && !path.next().is_some_and(other) && !path.next().is_some_and(status)
}

fn secrets(document: &Document) -> Vec<String> {
    let mut names = BTreeSet::new();
    for code in templates(document).into_iter().flat_map(Template::codes) {
        for reference in syntax::facts(&code.text).references {
            if let ("secrets", Some(syntax::Segment::Name(name))) =
                (reference.root.as_str(), reference.path.first())
            {
                names.insert(name.clone());
            }
        }
    }
    names.into_iter().collect()
}

fn model_hash(model: &Value) -> String {
    let mut bytes = Vec::new();
    canonical(model, &mut bytes);
    hex::encode(digest::digest(&digest::SHA256, &bytes))
}

/// JSON with sorted keys and no white space.
fn canonical(value: &Value, out: &mut Vec<u8>) {
    match value {
        Value::Object(map) => {
            let mut keys: Vec<_> = map.iter().collect();
            keys.sort_by_key(|(key, _)| *key);
            out.push(b'{');
            for (key, value) in keys {
                out.extend(Value::from(key.as_str()).to_string().bytes());
                out.push(b':');
                canonical(value, out);
                out.push(b',');
            }
            out.push(b'}');
        }
        Value::Array(items) => {
            out.push(b'[');
            for item in items {
                canonical(item, out);
                out.push(b',');
            }
            out.push(b']');
        }
        other => out.extend(other.to_string().bytes()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_is_shared_between_threads() {
        fn shared<T: Send + Sync>() {}
        shared::<Program>();
        shared::<crate::State>();
    }

    #[test]
    fn it_is_known_where_a_steps_output_is_asked_for() {
        let step = |id: &str, config: &str| {
            format!("  - {{ id: {id}, action: stripe.listInvoices, config: {{ {config} }} }}\n")
        };
        let text = format!(
            "name: T\ntrigger: {{ type: api }}\nsteps:\n{}{}{}{}",
            step("a", ""),
            step("b", "customerId: \"{{ steps.a.output.data[0].id }}\""),
            step("c", "customerId: \"{{ 'cus_1' if steps.b.status == 'completed' else input.id }}\""),
            step("d", "customerId: \"{{ steps[input.which].output.id }}\""),
        );
        let source = Source::new("t", &text);
        let program = Program::compile_with(&source, |_, _| {}).unwrap().0;
        let uses = |id: &str| program.use_of_output(&StepPath::parse(id).unwrap());
        assert_eq!(uses("a"), Some("steps[1].config.customerId"));
        assert_eq!(uses("b"), Some("steps[3].config.customerId"), "it may be any step's");
        let known = text.replace("input.which", "'a'");
        let program = Program::compile_with(&Source::new("t", &known), |_, _| {}).unwrap().0;
        let uses = |id: &str| program.use_of_output(&StepPath::parse(id).unwrap());
        assert_eq!((uses("b"), uses("c")), (None, None));
    }

    #[test]
    fn an_input_is_completed_and_checked_and_the_field_named() {
        let text = "name: T\ntrigger: { type: api }\nsteps: [{ id: a, type: wait, for: 1s }]\ninputSchema:\n  type: object\n  required: [email, lines]\n  properties:\n    email: { type: string, format: email }\n    currency: { type: string, default: usd }\n    lines: { type: array, items: { $ref: '#/$defs/line' } }\n  $defs: { line: { type: object, properties: { amount: { type: integer }, quantity: { type: integer, default: 1 } } } }\n";
        let program = Program::compile(&Source::new("t", text), &Catalog).unwrap().0;
        let input = serde_json::json!({ "email": "a@example.com", "lines": [{ "amount": 5 }] });
        let full = serde_json::json!({ "email": "a@example.com", "lines": [{ "amount": 5, "quantity": 1 }], "currency": "usd" });
        assert_eq!(program.accept(input).unwrap(), full);
        for (input, field) in [
            (serde_json::json!({ "email": "a@example.com" }), "input.lines"),
            (serde_json::json!({ "email": "nobody", "lines": [] }), "input.email"),
            (
                serde_json::json!({ "email": "a@example.com", "lines": [{ "amount": 1.5 }] }),
                "input.lines[0].amount",
            ),
            (serde_json::json!(5), "input"),
        ] {
            let failure = program.accept(input).unwrap_err();
            assert_eq!((failure.code, failure.field.as_deref()), (model::Code::ValidationError, Some(field)));
            assert!(failure.message.contains("Nothing was started"));
        }
    }
}
