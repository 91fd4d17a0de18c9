//! Documents named on the command line: files, folders of them, standard input.

use std::{
    fs,
    io::Read as _,
    path::{Path, PathBuf},
};

use model::{Code, Failure};

/// Folders inside folders beyond this are not looked into.
const DEPTH_MAX: usize = 16;

/// A document's text and what to call it.
#[derive(Debug)]
pub(super) struct Document {
    pub(super) name: String,
    pub(super) text: String,
}

/// Reads what is named: `-` is standard input, a folder stands for every document in it
/// and in its folders. Tests of workflows (`*.test.yaml`) are no documents.
///
/// # Errors
/// `validation_error` for what cannot be read and for a folder without documents. Nothing
/// was stored.
pub(super) fn read(
    named: &[PathBuf],
    input: impl FnOnce() -> std::io::Result<String>,
) -> Result<Vec<Document>, Failure> {
    let mut input = Some(input);
    let mut documents = Vec::new();
    for path in named {
        if path.as_os_str() == "-" {
            let Some(input) = input.take() else {
                return Err(wrong("`-` is given twice; standard input is read once"));
            };
            let text = input().map_err(|e| wrong(&format!("Standard input cannot be read: {e}")))?;
            documents.push(Document { name: "-".to_owned(), text });
        } else if path.is_dir() {
            let mut files = Vec::new();
            collect(path, 0, &mut files)?;
            if files.is_empty() {
                return Err(wrong(&format!("{} has no documents (.yaml, .yml, .json)", path.display())));
            }
            for file in files {
                documents.push(document(&file)?);
            }
        } else {
            documents.push(document(path)?);
        }
    }
    Ok(documents)
}

/// Standard input, as text.
pub(super) fn standard_input() -> std::io::Result<String> {
    let mut text = String::new();
    std::io::stdin().read_to_string(&mut text)?;
    Ok(text)
}

/// The documents of a folder by name; what is hidden, and links to folders, are left aside.
fn collect(folder: &Path, depth: usize, files: &mut Vec<PathBuf>) -> Result<(), Failure> {
    let unread = |e: std::io::Error| wrong(&format!("{} cannot be read: {e}", folder.display()));
    let mut entries: Vec<_> =
        fs::read_dir(folder).map_err(unread)?.collect::<Result<_, _>>().map_err(unread)?;
    entries.sort_by_key(fs::DirEntry::file_name);
    for entry in entries {
        let (path, name) = (entry.path(), entry.file_name().to_string_lossy().into_owned());
        let kind = entry.file_type().map_err(unread)?;
        if name.starts_with('.') {
            continue;
        }
        if kind.is_dir() {
            if depth < DEPTH_MAX {
                collect(&path, depth + 1, files)?;
            }
        } else if is_document(&name) {
            files.push(path);
        }
    }
    Ok(())
}

fn is_document(name: &str) -> bool {
    let stem = [".yaml", ".yml", ".json"].iter().find_map(|ending| name.strip_suffix(ending));
    stem.is_some_and(|stem| !stem.is_empty() && !stem.ends_with(".test"))
}

fn document(path: &Path) -> Result<Document, Failure> {
    let text =
        fs::read_to_string(path).map_err(|e| wrong(&format!("{} cannot be read: {e}", path.display())))?;
    Ok(Document { name: path.display().to_string(), text })
}

fn wrong(why: &str) -> Failure {
    Failure::new(Code::ValidationError, format!("{why}. Nothing was stored.")).at("files")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(named: &[PathBuf]) -> Result<Vec<String>, Failure> {
        let documents = read(named, || Ok("from stdin".to_owned()))?;
        Ok(documents.into_iter().map(|document| document.name).collect())
    }

    #[test]
    fn a_folder_stands_for_its_documents_by_name() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        fs::create_dir_all(at("inner/.hidden")).unwrap();
        for file in [
            "b.yaml",
            "a.yml",
            "inner/c.json",
            "a.test.yaml",
            "notes.md",
            ".d.yaml",
            "inner/.hidden/e.yaml",
            ".yaml",
        ] {
            fs::write(at(file), "x").unwrap();
        }
        let found = names(&[folder.path().to_path_buf()]).unwrap();
        let wanted = ["a.yml", "b.yaml", "inner/c.json"].map(|name| at(name).display().to_string());
        assert_eq!(found, wanted);
    }

    #[test]
    fn a_dash_is_standard_input_and_is_read_once() {
        let documents = read(&["-".into()], || Ok("from stdin".to_owned())).unwrap();
        assert_eq!((documents[0].name.as_str(), documents[0].text.as_str()), ("-", "from stdin"));
        let failure = names(&["-".into(), "-".into()]).unwrap_err();
        assert!(failure.message.contains("given twice"), "{}", failure.message);
    }

    #[test]
    fn what_cannot_be_read_is_named_and_nothing_was_stored() {
        let folder = tempfile::tempdir().unwrap();
        for path in [folder.path().to_path_buf(), folder.path().join("missing.yaml")] {
            let failure = names(std::slice::from_ref(&path)).unwrap_err();
            assert_eq!(failure.code, Code::ValidationError);
            assert!(failure.message.contains(&path.display().to_string()), "{}", failure.message);
            assert!(failure.message.ends_with("Nothing was stored."), "{}", failure.message);
        }
    }
}
