//! The generated pages: `docs/actions/` and `api/actions.md`.
//!
//! They are made by a test, because nothing that ships makes them: without
//! `BURSAR_WRITE_DOCS` it holds the files to what the catalog says, with it it writes
//! them. `cargo xtask generate docs` is the way to ask for either.

mod contract;
mod index;
mod page;

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

use ::actions::Catalog;
use clap::CommandFactory as _;

use crate::{arguments::Arguments, target::Target};

/// What every generated file begins with.
const NOTICE: &str = "<!-- Made by `cargo xtask generate docs` from the catalog; do not edit. -->";

fn targets() -> impl Iterator<Item = Target> {
    Catalog.all().iter().map(|action| Target::Action(action)).chain([Target::Request])
}

/// The page of a name: `createInvoice.md`.
fn file(name: &str) -> String {
    format!("{}.md", name.trim_start_matches("stripe."))
}

/// Every generated file, by its place in the repository.
fn files() -> BTreeMap<PathBuf, String> {
    let folder = Path::new("docs/actions");
    let pages = targets().map(|target| (folder.join(file(target.name())), page::write(target)));
    let others =
        [(folder.join("README.md"), index::write()), (PathBuf::from("api/actions.md"), contract::write())];
    pages.chain(others).collect()
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// Text for a cell of a table.
fn cell(text: &str) -> String {
    text.replace('|', "\\|").replace('\n', " ")
}

#[expect(clippy::disallowed_methods, reason = "the task runner asks for writing by it")]
fn is_to_write() -> bool {
    std::env::var("BURSAR_WRITE_DOCS").is_ok_and(|value| value == "1")
}

#[test]
fn the_generated_pages_are_current() {
    let made = files();
    let mut there: BTreeSet<PathBuf> = made.keys().cloned().collect();
    if let Ok(folder) = fs::read_dir(root().join("docs/actions")) {
        there.extend(folder.map(|entry| Path::new("docs/actions").join(entry.unwrap().file_name())));
    }
    let mut stale = Vec::new();
    for path in there {
        let full = root().join(&path);
        let wanted = made.get(&path);
        if fs::read_to_string(&full).ok().as_ref() == wanted {
            continue;
        }
        match wanted {
            _ if !is_to_write() => stale.push(path.display().to_string()),
            Some(text) => {
                fs::create_dir_all(full.parent().unwrap()).unwrap();
                fs::write(&full, text).unwrap();
            }
            None => fs::remove_file(&full).unwrap(),
        }
    }
    assert!(stale.is_empty(), "not current, run `cargo xtask generate docs`: {}", stale.join(", "));
}

#[test]
fn every_link_of_the_pages_leads_somewhere() {
    let made = files();
    let mut links = 0;
    for (path, text) in &made {
        for link in text.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
            let target = path.parent().unwrap().join(link);
            assert!(
                root().join(&target).exists() || made.contains_key(&target),
                "{}: {link}",
                path.display()
            );
            links += 1;
        }
    }
    assert!(links > 300, "only {links} links");
}

#[test]
fn every_command_is_on_the_page_of_the_command_line() {
    let page = fs::read_to_string(root().join("docs/cli.md")).unwrap();
    let rows = |name: &str| {
        let named = format!("`bursar {name}");
        page.lines().filter(|line| line.starts_with('|') && line.contains(&named)).collect::<String>()
    };
    for command in Arguments::command().get_subcommands() {
        let row = rows(command.get_name());
        assert!(!row.is_empty(), "docs/cli.md has no row for `bursar {}`", command.get_name());
        for inner in command.get_subcommands() {
            let is_word = |c: char| !c.is_ascii_alphanumeric() && c != '-';
            let there = row.split(is_word).any(|word| word == inner.get_name());
            assert!(there, "docs/cli.md does not name `bursar {} {}`", command.get_name(), inner.get_name());
        }
    }
}
