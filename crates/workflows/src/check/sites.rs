//! The places of a document that have templates, and what each of them can see.

use crate::document::Document;
use crate::steps::{Does, OnError, Step, WaitStep, When};
use crate::template::{Template, Templated, syntax};

/// One template and where it stands.
pub(super) struct Site<'a> {
    pub template: &'a Template,
    /// Steps before this index have run when it is evaluated.
    pub before: usize,
    /// Steps that have surely completed, because a condition around it says so.
    pub surely: Vec<String>,
    /// Secrets are filled in here.
    pub sends: bool,
}

/// Every template of a document.
pub(super) fn sites(document: &Document) -> Vec<Site<'_>> {
    let mut all = Vec::new();
    for (i, step) in document.steps.iter().enumerate() {
        of_step(step, i, &mut all);
    }
    if let Some(output) = &document.output {
        add(output, document.steps.len(), &[], false, &mut all);
    }
    all
}

fn of_step<'a>(step: &'a Step, i: usize, all: &mut Vec<Site<'a>>) {
    let mut surely = Vec::new();
    if let Some(When::Template(when)) = &step.when {
        all.push(Site { template: when, before: i, surely: Vec::new(), sends: false });
        let mut codes = when.codes();
        if let (Some(code), None) = (codes.next(), codes.next()) {
            surely = syntax::completed_by(&code.text);
        }
    }
    match &step.does {
        Does::Action(action) => {
            add(&action.config, i, &surely, true, all);
            if let Some(compensation) = &action.compensate {
                // It only ever runs when its own step completed.
                let mut surely = surely.clone();
                surely.push(step.id.clone());
                add(&compensation.config, i + 1, &surely, true, all);
            }
        }
        Does::Wait(WaitStep::Until(template)) => {
            all.push(Site { template, before: i, surely: surely.clone(), sends: false });
        }
        Does::Wait(WaitStep::Event(event)) => {
            let site = |template| Site { template, before: i, surely: surely.clone(), sends: false };
            all.extend(event.templates.iter().map(site));
        }
        Does::Wait(WaitStep::For(_)) => {}
    }
    if let OnError::Continue(fallback) = &step.on_error {
        add(fallback, i, &surely, false, all);
    }
}

fn add<'a>(templated: &'a Templated, before: usize, surely: &[String], sends: bool, all: &mut Vec<Site<'a>>) {
    let mut templates = Vec::new();
    templated.templates(&mut templates);
    let site = |template| Site { template, before, surely: surely.to_vec(), sends };
    all.extend(templates.into_iter().map(site));
}
