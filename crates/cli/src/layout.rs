//! Text laid out for a terminal: headings, paragraphs, definitions.
//!
//! Everything keeps to the width that it is given; a word that is longer stands out
//! rather than being torn apart, so that names can be copied.

use textwrap::{Options, WordSeparator, WordSplitter, wrap};

use crate::output::Output;

/// The width of a terminal that nobody knows.
const WIDTH_DEFAULT: usize = 80;
/// Longer lines are hard to read.
const WIDTH_MAX: usize = 100;
const WIDTH_MIN: usize = 40;
/// The widest first column of definitions.
const NAME_MAX: usize = 26;

/// A page that grows.
pub(crate) struct Page {
    text: String,
    width: usize,
    output: Output,
}

impl Page {
    /// An empty page as wide as the terminal, within reason.
    pub(crate) fn new(output: Output) -> Self {
        let width = terminal_size::terminal_size().map_or(WIDTH_DEFAULT, |(width, _)| usize::from(width.0));
        Self::of_width(width.clamp(WIDTH_MIN, WIDTH_MAX), output)
    }

    pub(crate) fn of_width(width: usize, output: Output) -> Self {
        Self { text: String::new(), width, output }
    }

    /// A heading, an empty line before it.
    pub(crate) fn heading(&mut self, text: &str) {
        if !self.text.is_empty() {
            self.text.push('\n');
        }
        let text = self.output.paint("1", text);
        self.text.push_str(&text);
        self.text.push('\n');
    }

    /// An empty line.
    pub(crate) fn gap(&mut self) {
        self.text.push('\n');
    }

    /// A paragraph, indented; nothing for no text.
    pub(crate) fn paragraph(&mut self, indent: usize, text: &str) {
        if text.is_empty() {
            return;
        }
        let indent = " ".repeat(indent);
        let options = options(self.width).initial_indent(&indent).subsequent_indent(&indent);
        for line in wrap(text, options) {
            self.text.push_str(line.trim_end());
            self.text.push('\n');
        }
    }

    /// Text as it is, indented.
    pub(crate) fn verbatim(&mut self, indent: usize, text: &str) {
        for line in text.lines() {
            let line = format!("{}{line}", " ".repeat(indent));
            self.text.push_str(line.trim_end());
            self.text.push('\n');
        }
    }

    /// Names with what is said of them, the second column aligned. A name that is too
    /// long has a line of its own.
    pub(crate) fn definitions(&mut self, rows: &[(String, Vec<String>)]) {
        let longest = rows.iter().map(|(name, _)| name.chars().count()).filter(|n| *n <= NAME_MAX).max();
        let column = 2 + longest.unwrap_or(0) + 2;
        for (name, says) in rows {
            let mut begun = format!("  {name}");
            if begun.chars().count() + 2 > column {
                self.text.push_str(&begun);
                self.text.push('\n');
                begun.clear();
            }
            let mut first = Some(format!("{begun:<column$}"));
            let indent = " ".repeat(column);
            for say in says.iter().filter(|say| !say.is_empty()) {
                let initial = first.take().unwrap_or_else(|| indent.clone());
                let options = options(self.width).initial_indent(&initial).subsequent_indent(&indent);
                for line in wrap(say, options) {
                    self.text.push_str(line.trim_end());
                    self.text.push('\n');
                }
            }
            if let Some(alone) = first.filter(|line| !line.trim().is_empty()) {
                self.text.push_str(alone.trim_end());
                self.text.push('\n');
            }
        }
    }

    /// What is on the page.
    pub(crate) fn text(self) -> String {
        self.text
    }
}

/// Text for standard error, broken between words where a terminal would break within
/// them; as it is where there is no terminal.
pub(crate) fn for_standard_error(text: &str) -> String {
    let Some((width, _)) = terminal_size::terminal_size_of(std::io::stderr()) else { return text.to_owned() };
    let indent = " ".repeat(text.len() - text.trim_start().len());
    wrap(text, options(usize::from(width.0).max(WIDTH_MIN)).subsequent_indent(&indent)).join("\n")
}

fn options<'a>(width: usize) -> Options<'a> {
    Options::new(width)
        .break_words(false)
        .word_separator(WordSeparator::AsciiSpace)
        .word_splitter(WordSplitter::NoHyphenation)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn definitions_are_aligned_and_keep_to_the_width() {
        let mut page = Page::of_width(40, Output::new(true));
        page.heading("Fields");
        page.definitions(&[
            (
                "amount".to_owned(),
                vec!["integer".to_owned(), "What is to be paid, in minor units.".to_owned()],
            ),
            ("customerId".to_owned(), vec!["string".to_owned()]),
            ("aNameThatIsMuchTooLongForAColumn".to_owned(), vec!["string".to_owned()]),
            ("alone".to_owned(), vec![]),
        ]);
        assert_eq!(
            page.text(),
            "Fields\n  amount      integer\n              What is to be paid, in\n              minor units.\n  \
             customerId  string\n  aNameThatIsMuchTooLongForAColumn\n              string\n  alone\n"
        );
    }

    #[test]
    fn a_long_word_is_not_torn_apart() {
        let mut page = Page::of_width(10, Output::new(true));
        page.paragraph(2, "see https://example.com/a-long-address for more");
        assert_eq!(page.text(), "  see\n  https://example.com/a-long-address\n  for more\n");
    }
}
