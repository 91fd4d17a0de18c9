//! JSON, strict as RFC 8259 has it, with the place of every node.

use std::collections::HashSet;

use super::{Budget, DEPTH_MAX, Key, Kind, Node, Unreadable, cut, number, too_deep, twice};

/// Reads one JSON document.
pub(super) fn read(text: &str) -> Result<Node, Unreadable> {
    let mut reader = Reader { text, at: 0, budget: Budget::new() };
    reader.space();
    let node = reader.value(0)?;
    reader.space();
    if reader.at < text.len() {
        Err(reader.wrong("the document ends here, but more text follows"))
    } else {
        Ok(node)
    }
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
    budget: Budget,
}

impl Reader<'_> {
    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\r' | b'\n')) {
            self.at += 1;
        }
    }

    fn wrong(&self, what: &str) -> Unreadable {
        Unreadable::new(self.at, "syntax", format!("this is not JSON: {what}"))
    }

    fn value(&mut self, depth: usize) -> Result<Node, Unreadable> {
        let start = self.at;
        self.budget.take(1, start)?;
        if depth > DEPTH_MAX {
            return Err(too_deep(start));
        }
        let kind = match self.peek() {
            Some(b'{') => self.map(depth)?,
            Some(b'[') => self.list(depth)?,
            Some(b'"') => Kind::Text(self.string()?),
            Some(_) => self.word()?,
            None => return Err(self.wrong("a value is missing")),
        };
        Ok(Node { start, end: self.at, kind })
    }

    fn list(&mut self, depth: usize) -> Result<Kind, Unreadable> {
        let mut items = Vec::new();
        self.at += 1;
        self.space();
        while self.peek() != Some(b']') {
            items.push(self.value(depth + 1)?);
            self.more(b']')?;
        }
        self.at += 1;
        Ok(Kind::List(items))
    }

    fn map(&mut self, depth: usize) -> Result<Kind, Unreadable> {
        let mut entries: Vec<(Key, Node)> = Vec::new();
        let mut seen = HashSet::new();
        self.at += 1;
        self.space();
        while self.peek() != Some(b'}') {
            let start = self.at;
            if self.peek() != Some(b'"') {
                return Err(self.wrong("a key in double quotes belongs here"));
            }
            self.budget.take(1, start)?;
            let key = Key { start, text: self.string()? };
            if !seen.insert(key.text.clone()) {
                return Err(twice(&key));
            }
            self.space();
            if self.peek() != Some(b':') {
                return Err(self.wrong("a `:` belongs after the key"));
            }
            self.at += 1;
            self.space();
            let node = self.value(depth + 1)?;
            entries.push((key, node));
            self.more(b'}')?;
        }
        self.at += 1;
        Ok(Kind::Map(entries))
    }

    /// A comma and something after it, or the end.
    fn more(&mut self, end: u8) -> Result<(), Unreadable> {
        self.space();
        match self.peek() {
            Some(b',') => {
                self.at += 1;
                self.space();
                if self.peek() == Some(end) {
                    Err(self.wrong("a comma stands before the end"))
                } else {
                    Ok(())
                }
            }
            Some(c) if c == end => Ok(()),
            _ => Err(self.wrong(&format!("a `,` or `{}` belongs here", char::from(end)))),
        }
    }

    fn string(&mut self) -> Result<String, Unreadable> {
        let start = self.at;
        self.at += 1;
        loop {
            match self.peek() {
                Some(b'"') => break,
                Some(b'\\') => self.at += 2,
                Some(_) => self.at += 1,
                None => {
                    self.at = start;
                    return Err(self.wrong("this text has no closing quote"));
                }
            }
        }
        self.at += 1;
        let quoted = self.text.get(start..self.at);
        quoted.and_then(|quoted| serde_json::from_str(quoted).ok()).ok_or_else(|| {
            Unreadable::new(
                start,
                "syntax",
                "this is not JSON: the text has a bad escape or a bare control character",
            )
        })
    }

    fn word(&mut self) -> Result<Kind, Unreadable> {
        let rest = &self.text[self.at..];
        let end =
            rest.find(|c: char| !(c.is_ascii_alphanumeric() || "+-.".contains(c))).unwrap_or(rest.len());
        let word = &rest[..end];
        let kind = match word {
            "null" => Kind::Null,
            "true" => Kind::Bool(true),
            "false" => Kind::Bool(false),
            _ => match number(word) {
                Some(Ok(number)) => Kind::Number(number),
                Some(Err(why)) => {
                    return Err(Unreadable::new(self.at, "number", why).fix("quote it if it is a text"));
                }
                None => {
                    return Err(
                        self.wrong(&format!("`{}` is no value; texts stand in double quotes", cut(word)))
                    );
                }
            },
        };
        self.at += end;
        Ok(kind)
    }
}
