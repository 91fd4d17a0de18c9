//! Templates: minijinja expressions inside texts, with fuel, strict undefined and no I/O.
//!
//! A text that is one whole `{{ … }}` keeps the type of its value; any other becomes
//! text. minijinja decides how an expression is read; what may come out of it is
//! decided here: nothing undefined, no whole number beyond 64 bits, and no fraction
//! that arithmetic made of whole numbers, because money is among those.

mod absent;
mod engine;
mod filters;
mod money;
mod parts;
mod scope;
mod secret;
pub(crate) mod syntax;
mod time;
mod value;

use std::fmt;
use std::sync::Arc;

use minijinja::Expression;
use serde_json::{Map, Value};

use crate::notation::{Kind, Node, Unreadable};

pub(crate) use engine::{FILTERS, TESTS};
pub(crate) use scope::Names;
pub use scope::Scope;
pub use secret::fill_secrets;
pub(crate) use time::moment;

/// A template that could not be evaluated.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct TemplateError {
    /// What is wrong and where.
    pub message: String,
    /// The template's place in the document, where it has one.
    pub path: Option<String>,
}

impl TemplateError {
    pub(crate) fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), path: None }
    }

    pub(crate) fn at(self, path: &str) -> Self {
        Self { path: Some(path.to_owned()), ..self }
    }
}

/// A compiled text with `{{ … }}` in it.
#[derive(Clone)]
pub(crate) struct Template {
    /// Where the document has it, `steps[0].config.email`.
    pub path: String,
    parts: Arc<[Part]>,
    /// One whole `{{ … }}` keeps its value's type.
    whole: bool,
}

enum Part {
    Raw(String),
    Code(Code),
}

/// One expression of a template.
pub(crate) struct Code {
    /// As written.
    pub text: String,
    /// The byte of the document at which it begins.
    pub at: usize,
    arithmetic: bool,
    compiled: Expression<'static, 'static>,
}

impl Template {
    /// Compiles a text that has `{{` in it.
    pub fn compile(text: &str, node: &Node, source: &str, path: &str) -> Result<Self, Unreadable> {
        let split = parts::split(text).map_err(|why| syntax_error(node.start, why))?;
        let whole = parts::is_whole(&split);
        let mut from = node.start;
        let mut parts = Vec::with_capacity(split.len());
        for part in split {
            parts.push(match part {
                parts::Piece::Raw(raw) => Part::Raw(raw.to_owned()),
                parts::Piece::Code(code) => {
                    let at = parts::locate(source, from, node.end, code);
                    from = at;
                    Part::Code(Code::compile(code, at)?)
                }
            });
        }
        Ok(Self { path: path.to_owned(), parts: parts.into(), whole })
    }

    /// A bare expression, as `when` takes one.
    pub fn expression(text: &str, node: &Node, source: &str, path: &str) -> Result<Self, Unreadable> {
        if text.contains("{{") {
            return Self::compile(text, node, source, path);
        }
        let at = parts::locate(source, node.start, node.end, text.trim());
        let code = Code::compile(text.trim(), at)?;
        Ok(Self { path: path.to_owned(), parts: [Part::Code(code)].into(), whole: true })
    }

    /// Its expressions.
    pub fn codes(&self) -> impl Iterator<Item = &Code> {
        self.parts.iter().filter_map(|part| if let Part::Code(code) = part { Some(code) } else { None })
    }

    /// Evaluates it.
    pub fn evaluate(&self, scope: &Scope) -> Result<Value, TemplateError> {
        let named =
            |e: TemplateError| TemplateError::new(format!("{}: {}", self.path, e.message)).at(&self.path);
        if self.whole
            && let Some(code) = self.codes().next()
        {
            return code.evaluate(scope).map_err(named);
        }
        let mut out = String::new();
        for part in self.parts.iter() {
            match part {
                Part::Raw(raw) => out.push_str(raw),
                Part::Code(code) => {
                    let value = code.evaluate(scope).map_err(named)?;
                    value::write_text(&mut out, &value, &code.text).map_err(named)?;
                }
            }
        }
        Ok(Value::String(out))
    }
}

impl Code {
    fn compile(text: &str, at: usize) -> Result<Self, Unreadable> {
        let fail = |e: &minijinja::Error| {
            let inside = e.range().map_or(0, |range| range.start.min(text.len()));
            let detail = e.detail().unwrap_or("it cannot be read");
            syntax_error(at + inside, format!("`{}` is no expression: {detail}", crate::notation::cut(text)))
        };
        let arithmetic = syntax::has_arithmetic(text).map_err(|why| match why {
            syntax::Unparsed::Engine(e) => fail(&e),
            syntax::Unparsed::TooLarge(why) => syntax_error(at, why),
        })?;
        let compiled = engine::compile(text).map_err(|e| fail(&e))?;
        Ok(Self { text: text.to_owned(), at, arithmetic, compiled })
    }

    fn evaluate(&self, scope: &Scope) -> Result<Value, TemplateError> {
        let shown = crate::notation::cut(&self.text);
        let result = self.compiled.eval(scope.root()).map_err(|e| engine::explain(&shown, &e))?;
        value::to_json(&result, self.arithmetic)
            .map_err(|why| TemplateError::new(format!("`{{{{ {shown} }}}}` {why}")))
    }
}

fn syntax_error(at: usize, message: String) -> Unreadable {
    Unreadable {
        at,
        code: "template_syntax",
        message,
        fix: Some("write an expression such as `{{ input.email }}`".into()),
    }
}

impl fmt::Debug for Template {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Template({})", self.path)
    }
}

/// A value of the document in which texts may be templates.
#[derive(Debug, Clone)]
pub(crate) enum Templated {
    Literal(Value),
    Template(Template),
    List(Vec<Templated>),
    Map(Vec<(String, Templated)>),
}

impl Templated {
    /// Compiles every text of a node; all that are wrong are returned, with their paths.
    pub fn compile(node: &Node, source: &str, path: &str, wrong: &mut Vec<(String, Unreadable)>) -> Self {
        match &node.kind {
            Kind::Text(text) if parts::is_template(text) => match Template::compile(text, node, source, path)
            {
                Ok(template) => Self::Template(template),
                Err(e) => {
                    wrong.push((path.to_owned(), e));
                    Self::Literal(Value::Null)
                }
            },
            Kind::List(items) => Self::List(
                items
                    .iter()
                    .enumerate()
                    .map(|(i, item)| Self::compile(item, source, &format!("{path}[{i}]"), wrong))
                    .collect(),
            ),
            Kind::Map(entries) => {
                let compile = |(key, node): &(crate::notation::Key, Node)| {
                    let path = format!("{path}.{}", key.text);
                    (key.text.clone(), Self::compile(node, source, &path, wrong))
                };
                Self::Map(entries.iter().map(compile).collect())
            }
            _ => Self::Literal(node.to_json()),
        }
    }

    /// Evaluates every template in it.
    pub fn evaluate(&self, scope: &Scope) -> Result<Value, TemplateError> {
        Ok(match self {
            Self::Literal(value) => value.clone(),
            Self::Template(template) => template.evaluate(scope)?,
            Self::List(items) => {
                Value::Array(items.iter().map(|item| item.evaluate(scope)).collect::<Result<_, _>>()?)
            }
            Self::Map(entries) => {
                let evaluate = |(key, value): &(String, Self)| Ok((key.clone(), value.evaluate(scope)?));
                Value::Object(entries.iter().map(evaluate).collect::<Result<Map<_, _>, TemplateError>>()?)
            }
        })
    }

    /// Every template in it.
    pub fn templates<'a>(&'a self, into: &mut Vec<&'a Template>) {
        match self {
            Self::Literal(_) => {}
            Self::Template(template) => into.push(template),
            Self::List(items) => items.iter().for_each(|item| item.templates(into)),
            Self::Map(entries) => entries.iter().for_each(|(_, value)| value.templates(into)),
        }
    }
}

/// Evaluates a text that may be a template, as filters of waits hold them.
pub(crate) fn evaluate_text(text: &str, scope: &Scope, path: &str) -> Result<Value, TemplateError> {
    if !parts::is_template(text) {
        return Ok(Value::String(text.to_owned()));
    }
    let node = Node { start: 0, end: text.len(), kind: Kind::Null };
    let template = Template::compile(text, &node, text, path).map_err(|e| TemplateError::new(e.message))?;
    template.evaluate(scope)
}

/// Whether a text has a template in it.
pub(crate) fn is_template(text: &str) -> bool {
    parts::is_template(text)
}

/// A text as it may look once its templates have values: each is replaced by this.
pub(crate) fn with_stand_in(text: &str, stand_in: &str) -> String {
    parts::with_stand_in(text, stand_in)
}

#[cfg(test)]
mod tests;
