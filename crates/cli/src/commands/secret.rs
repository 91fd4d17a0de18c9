//! Where a command has a secret from: a file, standard input, or a prompt. Never the
//! command line, which other users of the machine can list and the shell's history keeps.

use std::{
    io::{IsTerminal as _, Read},
    path::Path,
};

use model::{Code, Failure};
use zeroize::Zeroizing;

/// Bytes; a secret of Stripe's has less than a tenth of it.
const LONGEST: u64 = 4096;

/// What is asked for.
#[derive(Debug, Clone, Copy)]
pub(super) struct Wanted {
    /// In words: `API key`.
    pub(super) what: &'static str,
    /// The flag that names its file, without dashes.
    pub(super) flag: &'static str,
}

impl Wanted {
    /// Reads it, without the end of its line.
    ///
    /// # Errors
    /// `validation_error` that names the flag; nothing was sent.
    pub(super) fn read(self, file: Option<&Path>) -> Result<Zeroizing<String>, Failure> {
        let text = match file {
            Some(file) => {
                let unreadable = |e| self.wrong(&format!("{} cannot be read: {e}.", file.display()));
                self.taken(std::fs::File::open(file).map_err(unreadable)?, &file.display().to_string())?
            }
            None if std::io::stdin().is_terminal() => self.prompted()?,
            None => self.taken(std::io::stdin().lock(), "standard input")?,
        };
        let secret = Zeroizing::new(text.trim().to_owned());
        if secret.is_empty() {
            return Err(self.wrong(&format!("No {} was given.", self.what)));
        }
        Ok(secret)
    }

    fn taken(self, from: impl Read, place: &str) -> Result<Zeroizing<String>, Failure> {
        let mut text = Zeroizing::new(String::new());
        let read = from.take(LONGEST + 1).read_to_string(&mut text);
        let read =
            read.map_err(|e| self.wrong(&format!("The {} cannot be read from {place}: {e}.", self.what)))?;
        if read as u64 > LONGEST {
            return Err(self.wrong(&format!("What {place} holds is too long for the {}.", self.what)));
        }
        Ok(text)
    }

    /// Asks on the terminal, which does not show what is typed.
    fn prompted(self) -> Result<Zeroizing<String>, Failure> {
        let terminal = console::Term::stderr();
        let ask = format!("{} (it is not shown): ", self.what);
        let asked = terminal.write_str(&ask).and_then(|()| terminal.read_secure_line());
        asked
            .map(Zeroizing::new)
            .map_err(|e| self.wrong(&format!("The {} cannot be asked for: {e}.", self.what)))
    }

    fn wrong(self, why: &str) -> Failure {
        let text = format!(
            "{why} Nothing was sent and nothing was stored. Pipe it to standard input, or name a file that holds it \
             with --{}.",
            self.flag
        );
        Failure::new(Code::ValidationError, text).at(self.flag)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_comes_without_the_end_of_its_line_and_an_error_does_not_show_it() {
        let wanted = Wanted { what: "API key", flag: "key-file" };
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("key");
        std::fs::write(&file, "rk_test_1\n").unwrap();
        assert_eq!(*wanted.read(Some(&file)).unwrap(), "rk_test_1");
        for held in ["".to_owned(), " \n".to_owned(), "rk_test_".repeat(1000)] {
            std::fs::write(&file, held).unwrap();
            let failure = wanted.read(Some(&file)).unwrap_err();
            assert!(failure.field.as_deref() == Some("key-file") && !failure.message.contains("rk_test"));
        }
        assert!(wanted.read(Some(&folder.path().join("none"))).is_err());
    }
}
