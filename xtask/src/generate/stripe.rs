//! `cargo xtask generate stripe`: makes the fact tables of `crates/stripe/data` from the
//! type declarations of the official Node SDK, with the scripts in `xtask/stripe-facts`.
//!
//! Everything happens in `target/stripe-facts`; the committed files are only touched
//! when all new ones are there. The versions of all packages are exact, so the same
//! commit gives the same bytes on every machine. Needs Node 20.11 and npm.

use std::{
    collections::BTreeMap,
    fs, io,
    path::{Path, PathBuf},
    process::{Command, ExitCode},
};

use crate::run::root;

/// Name to content.
type Files = BTreeMap<String, Vec<u8>>;

/// Writes the tables, or only compares them with the committed ones.
pub(crate) fn stripe(check: bool) -> ExitCode {
    match generate(check) {
        Ok(done) => {
            println!("{done}");
            ExitCode::SUCCESS
        }
        Err(why) => {
            eprintln!("{why}");
            ExitCode::FAILURE
        }
    }
}

fn generate(check: bool) -> Result<String, String> {
    let made = make(&root().join("target/stripe-facts"))?;
    let data = root().join("crates/stripe/data");
    let committed = read(&data)?;
    match (first_difference(&committed, &made), check) {
        (None, _) => Ok(format!("crates/stripe/data: {} files, all as committed", made.len())),
        (Some(difference), true) => Err(format!(
            "crates/stripe/data is not what `cargo xtask generate stripe` makes.\n{difference}\n\
             Nothing was written. Run it without --check and look at the diff."
        )),
        (Some(difference), false) => {
            write(&data, &committed, &made)?;
            Ok(format!("crates/stripe/data: {} files written.\n{difference}", made.len()))
        }
    }
}

/// Installs the packages, runs the scripts, and reads what they wrote.
fn make(scratch: &Path) -> Result<Files, String> {
    fs::create_dir_all(scratch).map_err(|e| at(scratch, &e))?;
    let out = scratch.join("out");
    if out.exists() {
        fs::remove_dir_all(&out).map_err(|e| at(&out, &e))?;
    }
    // Of an earlier run only the packages stay.
    for name in read(scratch)?.keys() {
        fs::remove_file(scratch.join(name)).map_err(|e| at(scratch, &e))?;
    }
    for (name, content) in read(&root().join("xtask/stripe-facts"))? {
        let file = scratch.join(name);
        fs::write(&file, content).map_err(|e| at(&file, &e))?;
    }
    let quiet = ["--no-audit", "--no-fund", "--no-package-lock", "--ignore-scripts", "--loglevel=error"];
    run(scratch, "npm", &[&["install"], &quiet[..]].concat())?;
    run(scratch, "node", &["generate.js", "out"])?;
    read(&out)
}

fn run(folder: &Path, program: &str, arguments: &[&str]) -> Result<(), String> {
    println!("$ {program} {}", arguments.join(" "));
    let status = Command::new(program).args(arguments).current_dir(folder).status();
    let status = status
        .map_err(|e| format!("`{program}` cannot be started: {e}; install Node 20.11 or newer and npm"))?;
    let words = format!("{program} {}", arguments.join(" "));
    if status.success() { Ok(()) } else { Err(format!("`{words}` ended with {status}; nothing was written")) }
}

/// The files of a folder, those in folders below it left out.
fn read(folder: &Path) -> Result<Files, String> {
    let mut files = Files::new();
    for entry in fs::read_dir(folder).map_err(|e| at(folder, &e))? {
        let path = entry.map_err(|e| at(folder, &e))?.path();
        let name = path.file_name().and_then(|name| name.to_str());
        if let (true, Some(name)) = (path.is_file(), name) {
            files.insert(name.to_owned(), fs::read(&path).map_err(|e| at(&path, &e))?);
        }
    }
    Ok(files)
}

fn write(data: &Path, committed: &Files, made: &Files) -> Result<(), String> {
    let file = |name: &String| -> PathBuf { data.join(name) };
    for (name, content) in made {
        fs::write(file(name), content).map_err(|e| at(&file(name), &e))?;
    }
    for name in committed.keys().filter(|name| !made.contains_key(*name)) {
        fs::remove_file(file(name)).map_err(|e| at(&file(name), &e))?;
    }
    Ok(())
}

fn at(path: &Path, error: &io::Error) -> String {
    format!("{}: {error}", path.display())
}

/// Says where two sets of files first differ.
fn first_difference(committed: &Files, made: &Files) -> Option<String> {
    let names: std::collections::BTreeSet<&String> = committed.keys().chain(made.keys()).collect();
    names.into_iter().find_map(|name| match (committed.get(name), made.get(name)) {
        (Some(a), Some(b)) if a == b => None,
        (Some(a), Some(b)) => Some(format!("First difference: {name}, {}", first_line(a, b))),
        (Some(_), None) => Some(format!("First difference: {name} is committed but not made")),
        (None, _) => Some(format!("First difference: {name} is made but not committed")),
    })
}

/// The first line that differs, each side from shortly before the place.
fn first_line(committed: &[u8], made: &[u8]) -> String {
    let mut lines = committed.split(|b| *b == b'\n').zip(made.split(|b| *b == b'\n')).enumerate();
    let Some((at, (a, b))) = lines.find(|(_, (a, b))| a != b) else { return "in the number of lines".into() };
    let column = a.iter().zip(b).take_while(|(x, y)| x == y).count();
    let around = |line: &[u8]| {
        let from = column.saturating_sub(60);
        String::from_utf8_lossy(&line[from..line.len().min(column + 60)]).into_owned()
    };
    format!("line {} byte {}\n  committed: …{}…\n  made:      …{}…", at + 1, column + 1, around(a), around(b))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn files(list: &[(&str, &str)]) -> Files {
        list.iter().map(|(name, text)| ((*name).to_owned(), text.as_bytes().to_vec())).collect()
    }

    #[test]
    fn the_first_difference_is_named_by_file_line_and_byte() {
        let committed = files(&[("a", "same\n"), ("b", "one\ntwo x\n"), ("c", "1\n")]);
        assert_eq!(first_difference(&committed, &committed.clone()), None);
        let said =
            first_difference(&committed, &files(&[("a", "same\n"), ("b", "one\ntwo y\n"), ("c", "2\n")]));
        let said = said.unwrap();
        assert!(said.starts_with("First difference: b, line 2 byte 5\n"), "{said}");
        assert!(said.contains("…two x…") && said.contains("…two y…"), "{said}");
    }

    #[test]
    fn a_file_too_many_or_a_line_too_few_is_a_difference() {
        let committed = files(&[("a", "one\n")]);
        let said = |made: &[(&str, &str)]| first_difference(&committed, &files(made)).unwrap();
        assert_eq!(said(&[]), "First difference: a is committed but not made");
        assert_eq!(said(&[("a", "one\n"), ("b", "")]), "First difference: b is made but not committed");
        assert_eq!(
            said(&[("a", "one\ntwo")]),
            "First difference: a, line 2 byte 1\n  committed: ……\n  made:      …two…"
        );
        assert_eq!(said(&[("a", "one")]), "First difference: a, in the number of lines");
    }
}
