//! `bursar docs`: the documentation that belongs to this very binary, without a checkout
//! and without a network. Errors name a page by what is typed here.

use model::{Code, Failure};
use serde_json::json;

use crate::{exit::Exit, output::Output};

macro_rules! guides {
    ($($name:literal),+ $(,)?) => {
        /// Guides by name.
        const GUIDES: &[(&str, &str)] =
            &[$(($name, include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/", $name, ".md")))),+];
    };
}

guides!(
    "getting-started",
    "cli",
    "configuration",
    "connections",
    "events",
    "events",
    "http-api",
    "sandbox",
    "stripe-request",
    "workflows",
    "how-it-stays-correct",
    "performance",
);

/// Prints a page, or which ones there are.
pub(super) fn perform(page: Option<&str>, output: Output) -> Result<Exit, Failure> {
    let Some(asked) = page else {
        list(output);
        return Ok(Exit::Done);
    };
    let name = asked.trim_start_matches('/').trim_start_matches("docs/").trim_start_matches("errors/");
    let name = name.trim_end_matches(".md");
    let text = text(name).ok_or_else(|| unknown(asked))?;
    output.result(json!({ "page": name, "text": text }), |_| text.to_owned());
    Ok(Exit::Done)
}

/// The page of this name: a guide, or an error code's.
fn text(name: &str) -> Option<&'static str> {
    let guide = GUIDES.iter().find(|(known, _)| *known == name).map(|(_, text)| *text);
    guide
        .or_else(|| Code::ALL.iter().find(|code| code.as_str() == name).map(|code| server::error_page(*code)))
}

fn list(output: Output) {
    let guides: Vec<&str> = GUIDES.iter().map(|(name, _)| *name).collect();
    let errors: Vec<&str> = Code::ALL.iter().map(|code| code.as_str()).collect();
    let words = format!(
        "bursar docs PAGE prints one of these.\n\nGuides\n  {}\n\nErrors\n  {}",
        guides.join("\n  "),
        errors.join("\n  ")
    );
    output.result(json!({ "guides": guides, "errors": errors }), |_| words);
}

fn unknown(asked: &str) -> Failure {
    let asked: String = asked.chars().take(100).collect();
    let text = format!("There is no page `{asked}`. `bursar docs` lists them.");
    Failure::new(Code::NotFound, text).at("page")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_error_and_every_guide_has_its_page_under_whatever_name_it_is_met() {
        for code in Code::ALL {
            assert!(text(code.as_str()).is_some_and(|page| page.starts_with(&format!("# `{code}`"))));
            for met in
                [format!("/docs/errors/{code}"), format!("docs/errors/{code}.md"), format!("errors/{code}")]
            {
                assert!(perform(Some(&met), Output::new(true)).is_ok(), "{met}");
            }
        }
        assert!(GUIDES.iter().all(|(_, text)| text.starts_with("# ")));
        assert_eq!(perform(Some("nothing"), Output::new(true)).unwrap_err().code, Code::NotFound);
    }

    /// A guide that is written is one that can be read.
    #[test]
    fn every_guide_of_the_documentation_is_there() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs");
        let generated = ["stripe-facts"];
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
            let guide = path.extension().is_some_and(|e| e == "md") && !generated.contains(&name.as_str());
            assert!(!guide || text(&name).is_some(), "{name}.md: add it to `guides!`");
        }
    }
}
