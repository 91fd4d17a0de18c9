//! Every form of every example is read back by what would read it.

use ::workflows::{Program, Severity, Source};
use stripe::tables;

use super::*;

fn targets() -> impl Iterator<Item = Target> {
    let actions = Catalog.all().iter().map(|action| Target::Action(action));
    let operations = tables::operation_ids().filter_map(tables::operation);
    // What stands at a host of its own is refused, whatever the input.
    let operations = operations.filter(|operation| operation.host.is_none()).map(Target::Operation);
    actions.chain([Target::Request]).chain(operations)
}

/// The words of a command as the shell reads them.
fn split(text: &str) -> Option<Vec<String>> {
    shlex::split(&text.replace(" \\\n", " "))
}

fn name(target: Target) -> String {
    format!("{target:?}").chars().take(80).collect()
}

#[test]
fn the_command_reads_back_as_the_config_and_the_catalog_takes_it() {
    for target in targets() {
        let forms = Forms::example(target);
        let words: Vec<String> = split(&forms.command).unwrap();
        assert_eq!(words[..2], ["bursar", "call"], "{}", forms.command);
        let called = Target::named(&words[2]).unwrap();
        let config = called.config(None, &words[3..]).unwrap_or_else(|e| panic!("{e}: {}", forms.command));
        assert_eq!(config, forms.config, "{}", forms.command);
        if let Err(failure) = called.check(&config) {
            panic!("{failure}: {}", forms.command);
        }
        assert!(forms.command.lines().all(|line| line.len() <= 100), "{}", forms.command);
    }
}

#[test]
fn curl_sends_the_config_to_the_action_with_what_a_write_needs() {
    for target in targets() {
        let forms = Forms::example(target);
        let words = split(&forms.curl).unwrap();
        let path = format!("http://127.0.0.1:7420/api/v1/actions/{}", target.name());
        assert_eq!(words[..2], ["curl".to_owned(), path]);
        let after = |flag: &str| {
            words.iter().zip(&words[1..]).find(|(word, _)| *word == flag).map(|(_, value)| value)
        };
        let body: Value = serde_json::from_str(after("-d").unwrap()).unwrap();
        assert_eq!(body, json!({ "config": forms.config }), "{}", forms.curl);
        let plan = Catalog.plan(target.entry(), &forms.config, PINNED);
        let plan = plan.unwrap_or_else(|e| panic!("{}: {e:?}", name(target)));
        let has_key = forms.curl.contains("idempotency-key: ");
        assert!(has_key || plan.effect == ::actions::Effect::Read, "{}", forms.curl);
        assert!(words.iter().any(|word| word == "content-type: application/json"));
    }
}

#[test]
fn the_step_is_a_step_that_the_checker_passes() {
    for target in targets() {
        let forms = Forms::example(target);
        let steps: Value =
            serde_saphyr::from_str(&forms.step).unwrap_or_else(|e| panic!("{e}: {}", forms.step));
        let config = steps[0].get("config").cloned().unwrap_or_else(|| json!({}));
        assert_eq!((&config, &steps[0]["action"]), (&forms.config, &json!(target.name())), "{}", forms.step);
        let indented = forms.step.replace('\n', "\n  ");
        let text = format!("name: Example\ntrigger: {{ type: api }}\nsteps:\n  {indented}\n");
        let source = Source { text: text.clone(), name: "example.yaml".to_owned() };
        let findings = match Program::compile(&source, &Catalog) {
            Ok((_, warnings)) => warnings,
            Err(findings) => findings,
        };
        let errors: Vec<_> = findings.iter().filter(|found| found.severity == Severity::Error).collect();
        assert!(errors.is_empty(), "{text}\n{errors:#?}");
    }
}

#[test]
fn what_the_shell_would_read_otherwise_is_quoted() {
    let action = Catalog.get("createCustomer").unwrap();
    let config = json!({"name": "O'Brien & \"Sons\" $HOME", "description": "", "metadata": {"a b": "c;d"}});
    let forms = Forms::of(Target::Action(action), config.clone());
    for form in [&forms.command, &forms.curl] {
        assert!(split(form).is_some(), "{form}");
    }
    let words = split(&forms.command).unwrap();
    assert_eq!(Target::Action(action).config(None, &words[3..]).unwrap(), config, "{}", forms.command);
}
