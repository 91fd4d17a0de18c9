//! Lists for people: columns, times as they are read here, no line wider than the
//! terminal.
//!
//! What would surprise: only sentences are shortened. An id, a name or an address is what
//! somebody copies, and half of one is of no use; where only such columns are left, a line
//! stands out. `--json` has everything as it is.

use std::io::IsTerminal as _;

use comfy_table::{Table, presets::NOTHING};
use jiff::{Timestamp, tz::TimeZone};
use textwrap::core::display_width;

/// Shorter than this no sentence gets.
const SENTENCE_MIN: usize = 12;
/// Between two columns, and before and behind all.
const GAP: usize = 2;

/// A table without lines; every row has as many cells as the head.
pub(crate) fn table(head: &[&str], rows: Vec<Vec<String>>) -> String {
    let terminal = std::io::stdout().is_terminal().then(terminal_size::terminal_size).flatten();
    let width = terminal.map(|(width, _)| usize::from(width.0));
    drawn(head, rows, width, &TimeZone::system())
}

fn drawn(head: &[&str], mut rows: Vec<Vec<String>>, width: Option<usize>, zone: &TimeZone) -> String {
    if rows.is_empty() {
        return "none".to_owned();
    }
    for cell in rows.iter_mut().flatten() {
        if let Some(short) = time(cell, zone) {
            *cell = short;
        }
    }
    if let Some(width) = width {
        fit(head, &mut rows, width);
    }
    let mut table = Table::new();
    table.load_style(NOTHING).set_header(head.iter().map(|h| h.to_uppercase()));
    for row in rows {
        table.add_row(row);
    }
    table.to_string().lines().map(|line| line.trim_end().to_owned() + "\n").collect()
}

/// A time of the API's, to the minute, where whoever reads it is.
fn time(cell: &str, zone: &TimeZone) -> Option<String> {
    let exact = cell.len() >= 20 && cell.ends_with('Z') && cell.as_bytes().get(10) == Some(&b'T');
    let at: Timestamp = exact.then(|| cell.parse().ok()).flatten()?;
    Some(at.to_zoned(zone.clone()).strftime("%Y-%m-%d %H:%M").to_string())
}

/// Shortens the widest sentences until every line fits, or none is left.
fn fit(head: &[&str], rows: &mut [Vec<String>], width: usize) {
    let widest = |rows: &[Vec<String>], n: usize| {
        let cells = rows.iter().filter_map(|row| row.get(n)).map(|cell| display_width(cell));
        cells.chain([display_width(head[n])]).max().unwrap_or(0)
    };
    let mut widths: Vec<usize> = (0..head.len()).map(|n| widest(rows, n)).collect();
    let sentences: Vec<usize> = (0..head.len()).filter(|n| is_of_sentences(rows, *n)).collect();
    while widths.iter().sum::<usize>() + GAP * head.len() > width {
        let room = |n: &&usize| widths[**n] > SENTENCE_MIN.max(display_width(head[**n]));
        let Some(n) = sentences.iter().filter(room).max_by_key(|n| widths[**n]) else { break };
        widths[*n] -= 1;
    }
    for n in sentences {
        for cell in rows.iter_mut().filter_map(|row| row.get_mut(n)) {
            shorten(cell, widths[n]);
        }
    }
}

/// Whether a column has anything to shorten: words with spaces, or JSON.
fn is_of_sentences(rows: &[Vec<String>], n: usize) -> bool {
    let prose = |cell: &String| cell.contains(' ') || cell.starts_with('{') || cell.starts_with('[');
    let times = |cell: &String| cell.len() == 16 && cell.as_bytes()[10] == b' ' && cell.as_bytes()[4] == b'-';
    rows.iter().filter_map(|row| row.get(n)).any(|cell| prose(cell) && !times(cell))
}

fn shorten(cell: &mut String, width: usize) {
    if display_width(cell) <= width {
        return;
    }
    while display_width(cell) >= width {
        cell.pop();
    }
    cell.truncate(cell.trim_end().len());
    cell.push('…');
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "run_0192f1c2a7b07c3d8e4f5a6b7c8d9e0f";

    fn shown(width: Option<usize>) -> String {
        let why = "Stripe declined the card (insufficient_funds). No money moved; ask for another card.";
        let rows = vec![
            vec![ID.to_owned(), "2026-11-23T03:45:12.345678Z".into(), "failed".into(), why.into()],
            vec![ID.to_owned(), String::new(), "running".into(), String::new()],
        ];
        let zone = TimeZone::fixed(jiff::tz::offset(1));
        drawn(&["id", "at", "status", "why"], rows, width, &zone)
    }

    #[test]
    fn times_are_short_and_of_here() {
        let text = shown(None);
        assert!(text.contains("2026-11-23 04:45 ") && !text.contains("03:45"), "{text}");
        assert!(text.contains("ask for another card."), "{text}");
        for kept in ["2026-11-23", "T", "2026-13-45T00:00:00Z", "evt_2026-11-23T03:45:12Z"] {
            assert_eq!(time(kept, &TimeZone::UTC), None, "{kept}");
        }
    }

    #[test]
    fn no_line_is_wider_than_the_terminal_and_ids_stay_whole() {
        for width in [90, 100, 120, 200] {
            let text = shown(Some(width));
            assert!(text.lines().all(|line| display_width(line) <= width), "{width}\n{text}");
            assert_eq!(text.matches(ID).count(), 2, "{text}");
            assert_eq!(text.contains('…'), width < 160, "{width}\n{text}");
        }
        assert_eq!(
            shown(Some(20)).matches(ID).count(),
            2,
            "a line stands out rather than that an id is torn"
        );
        assert_eq!(drawn(&["id"], Vec::new(), Some(80), &TimeZone::UTC), "none");
    }

    #[test]
    fn wide_letters_are_counted_as_they_are_shown() {
        let mut cell = "日本語のとても長い文 です".to_owned();
        shorten(&mut cell, 9);
        assert!(display_width(&cell) <= 9 && cell.ends_with('…'), "{cell}");
    }
}
