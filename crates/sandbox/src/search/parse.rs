//! Stripe's search query language (Stripe's docs, Search). Pure.
//!
//! `email:"a@b.c" AND -metadata["key"]:null`. Clauses are joined by AND, by a space, which
//! is the same, or by OR, but AND and OR never meet in one query. Keywords are so whatever
//! their case; quotes are single or double, and a backslash takes the next character as it is.

use std::fmt;

/// A query as it was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Query {
    pub(super) clauses: Vec<Clause>,
    /// One clause is enough, rather than all.
    pub(super) any: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Clause {
    pub(super) negated: bool,
    pub(super) field: Field,
    pub(super) operator: Operator,
    pub(super) value: Wanted,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Field {
    Named(String),
    /// A key of the metadata.
    Metadata(String),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Operator {
    Is,
    Contains,
    Less,
    AtMost,
    More,
    AtLeast,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Wanted {
    Text(String),
    Number(i64),
    Null,
}

/// Why a text is no query.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wrong {
    Unreadable,
    Mixed,
}

impl fmt::Display for Wrong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Unreadable => {
                "We were unable to parse your search query. Try using the format `metadata[\"key\"]:\"value\"` to query for metadata or key:\"value\" to query for other fields."
            }
            Self::Mixed => {
                "We were unable to parse your search query. AND and OR cannot be combined in one query; join all clauses with the same one."
            }
        })
    }
}

/// Reads a query.
///
/// # Errors
/// What is none.
pub(super) fn parse(text: &str) -> Result<Query, Wrong> {
    let mut rest = Rest(text.trim());
    let mut clauses = vec![clause(&mut rest)?];
    let mut joins = (false, false);
    while rest.spaces() {
        match rest.keyword() {
            Some("or") => joins.1 = true,
            _ => joins.0 = true,
        }
        clauses.push(clause(&mut rest)?);
    }
    match joins {
        _ if !rest.0.is_empty() => Err(Wrong::Unreadable),
        (true, true) => Err(Wrong::Mixed),
        (_, any) => Ok(Query { clauses, any }),
    }
}

/// What is still to be read.
struct Rest<'a>(&'a str);

impl<'a> Rest<'a> {
    /// Takes what the text begins with, if it does.
    fn takes(&mut self, prefix: &str) -> bool {
        match self.0.strip_prefix(prefix) {
            Some(rest) => {
                self.0 = rest;
                true
            }
            None => false,
        }
    }

    /// Takes characters of a kind; may be none.
    fn run(&mut self, of: impl Fn(char) -> bool) -> &'a str {
        let end = self.0.find(|c| !of(c)).unwrap_or(self.0.len());
        let (taken, rest) = self.0.split_at(end);
        self.0 = rest;
        taken
    }

    fn spaces(&mut self) -> bool {
        !self.run(char::is_whitespace).is_empty()
    }

    /// Takes AND or OR and the space behind it.
    fn keyword(&mut self) -> Option<&'static str> {
        ["and", "or"].into_iter().find(|word| {
            let found = self.0.get(..word.len()).is_some_and(|head| head.eq_ignore_ascii_case(word));
            let behind = self.0.get(word.len()..).unwrap_or_default();
            let is_it = found && behind.starts_with(char::is_whitespace);
            if is_it {
                self.0 = behind.trim_start();
            }
            is_it
        })
    }

    /// Takes a text in quotes; `None` when there is no quote or no end.
    fn quoted(&mut self) -> Option<String> {
        let quote = self.0.chars().next().filter(|c| matches!(c, '"' | '\''))?;
        let mut text = String::new();
        let mut chars = self.0.char_indices().skip(1);
        while let Some((at, c)) = chars.next() {
            match c {
                '\\' => text.push(chars.next()?.1),
                c if c == quote => {
                    self.0 = &self.0[at + c.len_utf8()..];
                    return Some(text);
                }
                c => text.push(c),
            }
        }
        None
    }
}

fn clause(rest: &mut Rest) -> Result<Clause, Wrong> {
    let negated = rest.takes("-");
    let field = field(rest)?;
    rest.spaces();
    let operator = operator(rest)?;
    rest.spaces();
    let value = wanted(rest)?;
    Ok(Clause { negated, field, operator, value })
}

fn field(rest: &mut Rest) -> Result<Field, Wrong> {
    let name = rest.run(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '.'));
    if name != "metadata" {
        return if name.is_empty() { Err(Wrong::Unreadable) } else { Ok(Field::Named(name.to_owned())) };
    }
    if !rest.takes("[") {
        return Err(Wrong::Unreadable);
    }
    let key = rest.quoted().ok_or(Wrong::Unreadable)?;
    if rest.takes("]") { Ok(Field::Metadata(key)) } else { Err(Wrong::Unreadable) }
}

fn operator(rest: &mut Rest) -> Result<Operator, Wrong> {
    const ALL: &[(&str, Operator)] = &[
        (":", Operator::Is),
        ("~", Operator::Contains),
        ("<=", Operator::AtMost),
        (">=", Operator::AtLeast),
        ("<", Operator::Less),
        (">", Operator::More),
    ];
    ALL.iter().find(|(sign, _)| rest.takes(sign)).map(|(_, operator)| *operator).ok_or(Wrong::Unreadable)
}

fn wanted(rest: &mut Rest) -> Result<Wanted, Wrong> {
    if let Some(text) = rest.quoted() {
        return Ok(Wanted::Text(text));
    }
    let bare = rest.run(|c| c.is_ascii_alphanumeric() || c == '-');
    match bare {
        "null" | "NULL" => Ok(Wanted::Null),
        number => number.parse().map(Wanted::Number).map_err(|_| Wrong::Unreadable),
    }
}
