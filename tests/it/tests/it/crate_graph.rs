//! `ARCHITECTURE.md` says which crate may use which; this holds it to that.

use std::{collections::BTreeMap, path::Path, process::Command};

use serde_json::Value;

fn root() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."))
}

/// The first column of the crate table, from the top.
fn table() -> Vec<String> {
    let text = std::fs::read_to_string(root().join("ARCHITECTURE.md")).expect("ARCHITECTURE.md is there");
    let rows = text.lines().skip_while(|line| !line.starts_with("| `model` |"));
    let names = rows.map_while(|line| line.strip_prefix("| `")?.split('`').next().map(str::to_owned));
    names.collect()
}

/// The folder under `crates/` of each package there, and those that it depends on,
/// for building and for tests too.
fn graph() -> BTreeMap<String, Vec<String>> {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version", "1", "--no-deps", "--offline"])
        .current_dir(root())
        .output()
        .expect("cargo runs, it has built this test");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let metadata: Value = serde_json::from_slice(&output.stdout).unwrap();
    let packages = metadata["packages"].as_array().unwrap();
    let folder = |path: &str| {
        let (before, name) = path.trim_end_matches("/Cargo.toml").rsplit_once('/')?;
        before.ends_with("/crates").then(|| name.to_owned())
    };
    let mut graph = BTreeMap::new();
    for package in packages {
        let Some(name) = folder(package["manifest_path"].as_str().unwrap()) else { continue };
        let dependencies = package["dependencies"].as_array().unwrap().iter();
        let local = dependencies.filter_map(|dependency| folder(dependency["path"].as_str()?));
        graph.insert(name, local.collect());
    }
    graph
}

#[test]
fn the_table_names_every_crate_once() {
    let (mut named, crates) = (table(), graph());
    named.sort();
    assert_eq!(named, crates.into_keys().collect::<Vec<_>>());
}

#[test]
fn no_crate_uses_one_below_it() {
    let table = table();
    let place = |name: &str| table.iter().position(|row| row == name).expect("every crate has a row");
    for (name, dependencies) in graph() {
        for dependency in dependencies {
            assert!(place(&dependency) < place(&name), "`{name}` uses `{dependency}`, which stands below it");
        }
    }
}

#[test]
fn the_sandbox_shares_only_the_wire() {
    let mut dependencies = graph().remove("sandbox").expect("there is a sandbox");
    dependencies.sort();
    dependencies.dedup();
    assert_eq!(dependencies, ["model", "stripe"]);
}
