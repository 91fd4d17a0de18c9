//! Where `bursar connections add` has the API key from: a file, standard input, or a
//! prompt. Never the command line, which other users of the machine can list and the
//! shell's history keeps.

use std::{
    io::{IsTerminal as _, Read},
    path::Path,
};

use model::{Code, Failure};
use zeroize::Zeroizing;

/// Bytes; a key of Stripe's has less than a tenth of it.
const LONGEST: u64 = 4096;

/// Reads the key, without the end of its line.
pub(super) fn read(file: Option<&Path>) -> Result<Zeroizing<String>, Failure> {
    let text = match file {
        Some(file) => {
            let unreadable = |e| wrong(format!("{} cannot be read: {e}.", file.display()));
            taken(std::fs::File::open(file).map_err(unreadable)?, &file.display().to_string())?
        }
        None if std::io::stdin().is_terminal() => prompted()?,
        None => taken(std::io::stdin().lock(), "standard input")?,
    };
    let key = Zeroizing::new(text.trim().to_owned());
    if key.is_empty() {
        return Err(wrong("No API key was given.".to_owned()));
    }
    Ok(key)
}

fn taken(from: impl Read, what: &str) -> Result<Zeroizing<String>, Failure> {
    let mut text = Zeroizing::new(String::new());
    let read = from.take(LONGEST + 1).read_to_string(&mut text);
    let read = read.map_err(|e| wrong(format!("The API key cannot be read from {what}: {e}.")))?;
    if read as u64 > LONGEST {
        return Err(wrong(format!("What {what} holds is too long for an API key.")));
    }
    Ok(text)
}

/// Asks on the terminal, which does not show what is typed.
fn prompted() -> Result<Zeroizing<String>, Failure> {
    let terminal = console::Term::stderr();
    let asked = terminal.write_str("API key (it is not shown): ").and_then(|()| terminal.read_secure_line());
    asked.map(Zeroizing::new).map_err(|e| wrong(format!("The API key cannot be asked for: {e}.")))
}

fn wrong(why: String) -> Failure {
    let text = format!(
        "{why} Nothing was sent and nothing was stored. Pipe the key to standard input, or name a file that \
         holds it with --key-file."
    );
    Failure::new(Code::ValidationError, text).at("key-file")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_comes_without_the_end_of_its_line_and_an_error_does_not_show_it() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("key");
        std::fs::write(&file, "rk_test_1\n").unwrap();
        assert_eq!(*read(Some(&file)).unwrap(), "rk_test_1");
        for held in ["".to_owned(), " \n".to_owned(), "rk_test_".repeat(1000)] {
            std::fs::write(&file, held).unwrap();
            let failure = read(Some(&file)).unwrap_err();
            assert!(failure.field.as_deref() == Some("key-file") && !failure.message.contains("rk_test"));
        }
        assert!(read(Some(&folder.path().join("none"))).is_err());
    }
}
