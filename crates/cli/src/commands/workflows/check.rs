//! `bursar workflows check`: the checker, here. It needs no data, so it opens no door.

use std::path::PathBuf;

use ::actions::Catalog;
use ::workflows::{Program, Severity, Source};
use model::{Code, Failure};
use serde_json::{Value, json};

use super::documents::{self, Document};
use crate::{
    exit::Exit,
    output::{Output, finding},
};

/// Checks documents; the exit says whether one of them is wrong.
pub(crate) fn check(files: &[PathBuf], output: Output) -> Result<Exit, Failure> {
    let mut wrong = false;
    let mut all = Vec::new();
    for Document { name, text } in documents::read(files, documents::standard_input)? {
        let source = Source { text, name: name.clone() };
        let findings = match Program::compile(&source, &Catalog) {
            Ok((_, warnings)) => warnings,
            Err(findings) => findings,
        };
        wrong |= findings.iter().any(|found| found.severity == Severity::Error);
        all.push(json!({ "file": name, "findings": findings }));
    }
    let all = Value::Array(all);
    if !wrong {
        output.result(all, words);
        return Ok(Exit::Done);
    }
    if output.json {
        output.failure(&refused(all));
    } else {
        output.line(words(&all).trim_end());
    }
    Ok(Exit::Usage)
}

/// What programs get: the findings of every document, as an error like any other.
fn refused(all: Value) -> Failure {
    let wrong = |one: &&Value| {
        let mut findings = one["findings"].as_array().into_iter().flatten();
        findings.any(|found| found["severity"] == "error")
    };
    let files: Vec<&str> =
        all.as_array().into_iter().flatten().filter(wrong).filter_map(|one| one["file"].as_str()).collect();
    let text =
        format!("{} cannot run as written. Nothing was stored. See `details.documents`.", files.join(", "));
    Failure::new(Code::ValidationError, text).at("files").with_details(json!({ "documents": all }))
}

/// A line for each finding, in the form that editors jump from.
fn words(all: &Value) -> String {
    let mut lines = String::new();
    for one in all.as_array().into_iter().flatten() {
        let file = one["file"].as_str().unwrap_or_default();
        let findings = one["findings"].as_array().map_or(&[][..], Vec::as_slice);
        if findings.is_empty() {
            lines.push_str(&format!("{file}: nothing to find fault with\n"));
        }
        for found in findings {
            lines.push_str(&format!("{file}:{}\n", finding(found)));
        }
    }
    lines
}
