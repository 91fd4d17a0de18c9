//! Where the expressions of a text begin and end.

/// A piece of a text.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Piece<'a> {
    /// To be kept as it is.
    Raw(&'a str),
    /// The inside of a `{{ … }}`, trimmed.
    Code(&'a str),
}

/// Whether a text has a template in it.
pub(super) fn is_template(text: &str) -> bool {
    text.contains("{{") || text.contains("{%")
}

/// Splits a text; the error says what is wrong.
pub(super) fn split(text: &str) -> Result<Vec<Piece<'_>>, String> {
    if text.contains("{%") {
        return Err("`{% … %}` is not read here; a template is an expression, `{{ a if b else c }}`".into());
    }
    let mut pieces = Vec::new();
    let mut rest = text;
    while let Some(begin) = rest.find("{{") {
        if begin > 0 {
            pieces.push(Piece::Raw(&rest[..begin]));
        }
        let inside = &rest[begin + 2..];
        let end = end_of(inside).ok_or("a `{{` has no `}}`")?;
        let code = inside[..end].trim();
        if code.is_empty() {
            return Err("there is nothing between `{{` and `}}`".into());
        }
        pieces.push(Piece::Code(code));
        rest = &inside[end + 2..];
    }
    if !rest.is_empty() {
        pieces.push(Piece::Raw(rest));
    }
    Ok(pieces)
}

/// The text with this in the place of every expression; a text that cannot be split as it is.
pub(super) fn with_stand_in(text: &str, stand_in: &str) -> String {
    let pieces = split(text).unwrap_or_else(|_| vec![Piece::Raw(text)]);
    let read = pieces.into_iter().map(|piece| match piece {
        Piece::Raw(raw) => raw,
        Piece::Code(_) => stand_in,
    });
    read.collect()
}

/// Whether the text is one expression and white space, so that its type is kept.
pub(super) fn is_whole(pieces: &[Piece<'_>]) -> bool {
    let blank = |piece: &&Piece<'_>| !matches!(piece, Piece::Raw(raw) if raw.trim().is_empty());
    let mut rest = pieces.iter().filter(blank);
    matches!((rest.next(), rest.next()), (Some(Piece::Code(_)), None))
}

/// The offset of the closing `}}`, beyond quoted texts and braces of map literals.
fn end_of(inside: &str) -> Option<usize> {
    let bytes = inside.as_bytes();
    let (mut i, mut open, mut quote) = (0, 0usize, None);
    while i < bytes.len() {
        match (quote, bytes[i]) {
            (Some(_), b'\\') => i += 1,
            (Some(q), c) if c == q => quote = None,
            (Some(_), _) => {}
            (None, c @ (b'"' | b'\'')) => quote = Some(c),
            (None, b'{') => open += 1,
            (None, b'}') if open > 0 => open -= 1,
            (None, b'}') if bytes.get(i + 1) == Some(&b'}') => return Some(i),
            _ => {}
        }
        i += 1;
    }
    None
}

/// The byte of the document at which an expression stands. Escapes and folded lines
/// can hide it; then it is where the search began.
pub(super) fn locate(source: &str, from: usize, end: usize, code: &str) -> usize {
    let end = end.min(source.len());
    source.get(from..end).and_then(|text| text.find(code)).map_or(from, |i| from + i)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_split_at_its_expressions() {
        let pieces = split("a {{ x }} b {{ {'k': {'n': 1}} }}{{ '}}' }}").unwrap();
        use Piece::{Code, Raw};
        assert_eq!(pieces, [Raw("a "), Code("x"), Raw(" b "), Code("{'k': {'n': 1}}"), Code("'}}'")],);
        assert!(is_whole(&split(" {{ x }}\n").unwrap()));
        assert!(!is_whole(&split("{{ x }}{{ y }}").unwrap()));
    }

    #[test]
    fn an_open_or_empty_expression_is_refused() {
        for text in ["{{ x", "{{ '}} ", "{{}}", "{{ x }", "{% if x %}"] {
            assert!(split(text).is_err(), "{text}");
        }
    }
}
