//! A PDF of lines of text: enough for an invoice that somebody downloads from a test.
//!
//! What would surprise: it is pure ASCII. Text is shown in the fonts that every reader
//! has, whose letters beyond ASCII are written as octal numbers; what they do not have
//! becomes a question mark.

use std::fmt::Write as _;

/// A line; what stands on the right ends at the right margin.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Line {
    pub(super) left: String,
    pub(super) right: String,
    pub(super) is_title: bool,
}

/// A4 in points, 1/72 inch.
const WIDTH: i64 = 595;
const HEIGHT: i64 = 842;
const MARGIN: i64 = 56;
const SIZE: i64 = 10;
const TITLE_SIZE: i64 = 20;
/// From one line to the next.
const LEADING: i64 = 16;
/// A letter of Courier is 0.6 of its size wide.
const COURIER_TENTHS: i64 = 6;
/// How many letters the left side shows; longer text is cut.
const LEFT_MAX: usize = 72;

/// What WinAnsi has between ASCII and Latin-1: the letters, and how they are written.
const WIN_ANSI: &[(char, &str)] = &[
    ('€', "\\200"),
    ('‚', "\\202"),
    ('ƒ', "\\203"),
    ('„', "\\204"),
    ('…', "\\205"),
    ('†', "\\206"),
    ('‡', "\\207"),
    ('ˆ', "\\210"),
    ('‰', "\\211"),
    ('Š', "\\212"),
    ('‹', "\\213"),
    ('Œ', "\\214"),
    ('Ž', "\\216"),
    ('\u{2018}', "\\221"),
    ('\u{2019}', "\\222"),
    ('\u{201c}', "\\223"),
    ('\u{201d}', "\\224"),
    ('•', "\\225"),
    ('\u{2013}', "\\226"),
    ('\u{2014}', "\\227"),
    ('\u{2dc}', "\\230"),
    ('™', "\\231"),
    ('š', "\\232"),
    ('›', "\\233"),
    ('œ', "\\234"),
    ('ž', "\\236"),
    ('Ÿ', "\\237"),
];

const fn lines_per_page() -> usize {
    ((HEIGHT - 2 * MARGIN) / LEADING) as usize
}

/// The document, whose objects are: 1 the catalog, 2 the pages, 3 and 4 the fonts, and
/// from 5 on each page with what it shows.
pub(super) fn pdf(lines: &[Line]) -> String {
    let pages: Vec<String> = lines.chunks(lines_per_page()).map(shown).collect();
    let kids: Vec<String> = (0..pages.len()).map(|n| format!("{} 0 R", 5 + 2 * n)).collect();
    let mut objects = vec![
        "<< /Type /Catalog /Pages 2 0 R >>".to_owned(),
        format!("<< /Type /Pages /Kids [{}] /Count {} >>", kids.join(" "), pages.len()),
        font("Helvetica"),
        font("Courier"),
    ];
    for (n, content) in pages.iter().enumerate() {
        objects.push(format!(
            "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 {WIDTH} {HEIGHT}] /Contents {} 0 R \
             /Resources << /Font << /F1 3 0 R /F2 4 0 R >> >> >>",
            6 + 2 * n
        ));
        objects.push(format!("<< /Length {} >>\nstream\n{content}endstream", content.len()));
    }
    bound(&objects)
}

fn font(name: &str) -> String {
    format!("<< /Type /Font /Subtype /Type1 /BaseFont /{name} /Encoding /WinAnsiEncoding >>")
}

/// The objects with their numbers, and the table of where each begins.
fn bound(objects: &[String]) -> String {
    let mut out = String::from("%PDF-1.4\n");
    let mut table = format!("xref\n0 {}\n0000000000 65535 f \n", objects.len() + 1);
    for (n, object) in objects.iter().enumerate() {
        let _ = writeln!(table, "{:010} 00000 n ", out.len());
        let _ = write!(out, "{} 0 obj\n{object}\nendobj\n", n + 1);
    }
    let at = out.len();
    let _ = write!(
        out,
        "{table}trailer\n<< /Size {} /Root 1 0 R >>\nstartxref\n{at}\n%%EOF\n",
        objects.len() + 1
    );
    out
}

/// The commands that show one page's lines.
fn shown(lines: &[Line]) -> String {
    let mut out = String::from("BT\n");
    let mut y = HEIGHT - MARGIN;
    for line in lines {
        let size = if line.is_title { TITLE_SIZE } else { SIZE };
        let _ = writeln!(out, "/F1 {size} Tf 1 0 0 1 {MARGIN} {y} Tm ({}) Tj", text(&line.left, LEFT_MAX));
        if !line.right.is_empty() {
            let letters = i64::try_from(line.right.chars().count()).unwrap_or(0);
            let x = WIDTH - MARGIN - letters * SIZE * COURIER_TENTHS / 10;
            let right = text(&line.right, usize::MAX);
            let _ = writeln!(out, "/F2 {SIZE} Tf 1 0 0 1 {x} {y} Tm ({right}) Tj");
        }
        y -= LEADING;
    }
    out.push_str("ET\n");
    out
}

/// Text between the parentheses of a string.
fn text(text: &str, most: usize) -> String {
    let mut out = String::new();
    for c in text.chars().take(most) {
        match c {
            '(' | ')' | '\\' => out.extend(['\\', c]),
            ' '..='~' => out.push(c),
            '\u{a0}'..='\u{ff}' => {
                let _ = write!(out, "\\{:03o}", u32::from(c));
            }
            other => match WIN_ANSI.iter().find(|(letter, _)| *letter == other) {
                Some((_, octal)) => out.push_str(octal),
                None => out.push('?'),
            },
        }
    }
    if text.chars().nth(most).is_some() {
        out.push_str("...");
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(left: &str, right: &str) -> Line {
        Line { left: left.to_owned(), right: right.to_owned(), is_title: false }
    }

    #[test]
    fn every_object_begins_where_the_table_says() {
        let lines: Vec<Line> = (0..100).map(|n| line(&format!("Line {n}"), "19.99 USD")).collect();
        let document = pdf(&lines);
        assert!(document.is_ascii() && document.contains("/Count 3 "));
        let table = document.split("xref\n").nth(1).unwrap();
        let begins = table.lines().filter(|line| line.ends_with(" n "));
        for (n, entry) in begins.enumerate() {
            let at: usize = entry[..10].parse().unwrap();
            assert!(document[at..].starts_with(&format!("{} 0 obj\n", n + 1)), "{entry}");
        }
        let start = document.rsplit("startxref\n").next().unwrap().lines().next().unwrap();
        assert!(document[start.parse::<usize>().unwrap()..].starts_with("xref\n"));
        for stream in document.split("/Length ").skip(1) {
            let (length, rest) = stream.split_once(" >>\nstream\n").unwrap();
            assert!(rest[length.parse::<usize>().unwrap()..].starts_with("endstream"));
        }
    }

    #[test]
    fn text_cannot_end_its_string_and_unknown_letters_are_marked() {
        assert_eq!(text(r"a)(\b", 9), r"a\)\(\\b");
        assert_eq!(text("Zoë €5 漢\n", 9), "Zo\\353 \\2005 ??");
        assert_eq!(text("a\u{2014}b…", 9), "a\\227b\\205");
        assert_eq!(text("abcdef", 3), "abc...");
    }
}
