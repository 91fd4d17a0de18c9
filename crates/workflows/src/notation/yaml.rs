//! YAML.
//!
//! Reads events of a YAML 1.2 parser and builds the tree itself, because a workflow
//! needs three things that no value type gives: the place of every node, a budget
//! that aliases count against, and scalars without YAML 1.1's surprises.

use std::collections::{HashMap, HashSet};

use granit_parser::{Event, Parser, ScalarStyle, Span, Tag};

use super::{Budget, DEPTH_MAX, Key, Kind, Node, Unreadable, cut, number, too_deep, twice};

/// Reads one YAML document.
pub(super) fn read(text: &str) -> Result<Node, Unreadable> {
    let options = granit_parser::options! { flow_nesting_limit: 100, block_nesting_limit: 100 };
    let mut builder = Builder::default();
    for event in Parser::new_from_str_with_options(text, options) {
        let (event, span) = event.map_err(|e| {
            let at = byte(text, e.marker().byte_offset(), e.marker().index());
            Unreadable::new(at, "syntax", format!("this is not YAML: {}", e.info()))
        })?;
        builder.take(event, &place(text, &span))?;
    }
    builder.root.ok_or_else(|| {
        Unreadable::new(0, "empty", "the document is empty")
            .fix("begin with `name: …`, `trigger: …` and `steps:`")
    })
}

struct Place {
    start: usize,
    end: usize,
}

fn place(text: &str, span: &Span) -> Place {
    let start = byte(text, span.start.byte_offset(), span.start.index());
    Place { start, end: byte(text, span.end.byte_offset(), span.end.index()).max(start) }
}

fn byte(text: &str, offset: Option<usize>, character: usize) -> usize {
    offset.unwrap_or_else(|| text.char_indices().nth(character).map_or(text.len(), |(i, _)| i))
}

/// A map or list that is still open.
struct Open {
    anchor: usize,
    start: usize,
    what: OpenKind,
}

enum OpenKind {
    List(Vec<Node>),
    Map { entries: Vec<(Key, Node)>, key: Option<Key>, seen: HashSet<String> },
}

#[derive(Default)]
struct Builder {
    root: Option<Node>,
    open: Vec<Open>,
    anchors: HashMap<usize, Node>,
    budget: Option<Budget>,
    documents: usize,
}

impl Builder {
    fn take(&mut self, event: Event<'_>, at: &Place) -> Result<(), Unreadable> {
        match event {
            Event::DocumentStart(..) => self.begin(at),
            Event::Scalar(text, style, anchor, tag) => {
                let kind = scalar(&text, style, tag.as_deref(), at)?;
                self.add(anchor, Node { start: at.start, end: at.end, kind })
            }
            Event::SequenceStart(_, anchor, tag) => {
                self.open(anchor, tag.as_deref(), at, OpenKind::List(Vec::new()))
            }
            Event::MappingStart(_, anchor, tag) => self.open(
                anchor,
                tag.as_deref(),
                at,
                OpenKind::Map { entries: Vec::new(), key: None, seen: HashSet::new() },
            ),
            Event::SequenceEnd | Event::MappingEnd => self.close(at),
            Event::Alias(id) => self.alias(id, at),
            _ => Ok(()),
        }
    }

    fn begin(&mut self, at: &Place) -> Result<(), Unreadable> {
        self.documents += 1;
        if self.documents > 1 {
            return Err(Unreadable::new(at.start, "syntax", "a second document begins here")
                .fix("one file holds one workflow; remove the `---`"));
        }
        self.budget = Some(Budget::new());
        Ok(())
    }

    fn spend(&mut self, nodes: usize, at: usize) -> Result<(), Unreadable> {
        self.budget.get_or_insert_with(Budget::new).take(nodes, at)
    }

    fn open(
        &mut self,
        anchor: usize,
        tag: Option<&Tag>,
        at: &Place,
        what: OpenKind,
    ) -> Result<(), Unreadable> {
        if let Some(tag) = tag.filter(|tag| !matches!(tag.core_suffix(), Some("map" | "seq"))) {
            return Err(no_tag(tag, at));
        }
        if self.open.len() >= DEPTH_MAX {
            return Err(too_deep(at.start));
        }
        self.open.push(Open { anchor, start: at.start, what });
        Ok(())
    }

    fn close(&mut self, at: &Place) -> Result<(), Unreadable> {
        let Some(open) = self.open.pop() else { return Ok(()) };
        let kind = match open.what {
            OpenKind::List(items) => Kind::List(items),
            OpenKind::Map { entries, .. } => Kind::Map(entries),
        };
        self.add(open.anchor, Node { start: open.start, end: at.end, kind })
    }

    fn alias(&mut self, id: usize, at: &Place) -> Result<(), Unreadable> {
        let unknown = || Unreadable::new(at.start, "syntax", "this alias stands inside what it names");
        let anchored = self.anchors.get(&id).ok_or_else(unknown)?;
        let (count, depth) = (anchored.count(), anchored.depth());
        if self.open.len() + depth > DEPTH_MAX {
            return Err(too_deep(at.start));
        }
        self.spend(count, at.start)?;
        let node = self.anchors.get(&id).ok_or_else(unknown)?.clone();
        self.add(0, node)
    }

    fn add(&mut self, anchor: usize, node: Node) -> Result<(), Unreadable> {
        self.spend(1, node.start)?;
        if anchor != 0 {
            // The copy counts too: anchors within anchors would be quadratic for free.
            self.spend(node.count(), node.start)?;
            self.anchors.insert(anchor, node.clone());
        }
        match self.open.last_mut() {
            None => self.root = Some(node),
            Some(Open { what: OpenKind::List(items), .. }) => items.push(node),
            Some(Open { what: OpenKind::Map { entries, key, seen }, .. }) => match key.take() {
                Some(key) => entries.push((key, node)),
                None => *key = Some(a_key(seen, node)?),
            },
        }
        Ok(())
    }
}

fn a_key(seen: &mut HashSet<String>, node: Node) -> Result<Key, Unreadable> {
    let text = match node.kind {
        Kind::Text(text) => text,
        Kind::Bool(b) => b.to_string(),
        Kind::Number(n) => n.to_string(),
        _ => {
            return Err(Unreadable::new(
                node.start,
                "syntax",
                "a key is a text, not a map, a list or nothing",
            ));
        }
    };
    let key = Key { start: node.start, text };
    if key.text == "<<" {
        return Err(Unreadable::new(key.start, "syntax", "merge keys (`<<`) are not read")
            .fix("write the keys out, or use an alias for a whole value"));
    }
    if !seen.insert(key.text.clone()) {
        return Err(twice(&key));
    }
    Ok(key)
}

fn scalar(text: &str, style: ScalarStyle, tag: Option<&Tag>, at: &Place) -> Result<Kind, Unreadable> {
    match tag.map(|tag| (tag, tag.core_suffix())) {
        Some((_, Some("str"))) => return Ok(Kind::Text(text.to_owned())),
        Some((tag, _)) => return Err(no_tag(tag, at)),
        None => {}
    }
    if style != ScalarStyle::Plain {
        return Ok(Kind::Text(text.to_owned()));
    }
    Ok(match text {
        "" | "~" | "null" | "Null" | "NULL" => Kind::Null,
        "true" | "True" | "TRUE" => Kind::Bool(true),
        "false" | "False" | "FALSE" => Kind::Bool(false),
        _ => match number(text) {
            None => Kind::Text(text.to_owned()),
            Some(Ok(number)) => Kind::Number(number),
            Some(Err(why)) => {
                return Err(Unreadable::new(at.start, "number", why).fix("quote it if it is a text"));
            }
        },
    })
}

fn no_tag(tag: &Tag, at: &Place) -> Unreadable {
    Unreadable::new(at.start, "syntax", format!("the tag `{}` is not read", cut(&tag.original())))
        .fix("write the value without a tag")
}
