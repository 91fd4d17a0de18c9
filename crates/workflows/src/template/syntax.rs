//! The syntax tree of expressions, for the checker.
//!
//! minijinja's own tree, so that checker and evaluation cannot disagree about what an
//! expression says. The tree has no stable interface, which is why the version is
//! pinned and why this is the only file that sees it.

use minijinja::Error;
use minijinja::machinery::ast::{BinOpKind, CallArg, CompareOpKind, Expr};
use minijinja::machinery::parse_expr;

/// Words and signs that one expression may have. Trees are walked recursively, here
/// and in minijinja, and `1+1+1+…` is a tree as deep as it is long.
const PARTS_MAX: usize = 300;

/// Why an expression has no tree.
pub(super) enum Unparsed {
    Engine(Error),
    TooLarge(String),
}

/// One step of a path such as `steps.invoice.output.lines.data[0].amount`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Segment {
    Name(String),
    Index,
    /// Something that is computed.
    Any,
}

/// A name that an expression reads, and how.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Reference {
    pub root: String,
    pub path: Vec<Segment>,
    /// The byte of the expression at which it begins.
    pub at: usize,
    /// It may be missing: `default`, `is defined`, or the branch of a condition that
    /// asked for it.
    pub guarded: bool,
    /// Steps of which a condition around it says that they completed.
    pub surely: Vec<String>,
    /// A filter or an operation changes it.
    pub changed: bool,
}

/// What the checker wants to know of an expression.
#[derive(Debug, Default)]
pub(crate) struct Facts {
    pub references: Vec<Reference>,
    pub filters: Vec<(String, usize)>,
    pub tests: Vec<(String, usize)>,
    /// Where arithmetic makes a fraction that nothing rounds.
    pub inexact: Option<usize>,
}

/// Whether an expression computes with numbers.
pub(super) fn has_arithmetic(text: &str) -> Result<bool, Unparsed> {
    if parts(text) > PARTS_MAX {
        return Err(Unparsed::TooLarge(format!("an expression has at most {PARTS_MAX} words and signs")));
    }
    let expr = parse_expr(text).map_err(Unparsed::Engine)?;
    let mut walk = Walk::default();
    walk.expr(&expr, &Around::default());
    Ok(walk.arithmetic)
}

/// Words and signs of an expression; a quoted text counts as one word.
fn parts(text: &str) -> usize {
    let (mut count, mut in_word, mut quote, mut escaped) = (0, false, None, false);
    for c in text.chars() {
        match quote {
            Some(_) if escaped => escaped = false,
            Some(_) if c == '\\' => escaped = true,
            Some(q) if c == q => quote = None,
            Some(_) => {}
            None => {
                let is_word = c.is_alphanumeric() || c == '_';
                count += usize::from(!c.is_whitespace() && !(is_word && in_word));
                in_word = is_word;
                quote = matches!(c, '"' | '\'').then_some(c);
            }
        }
    }
    count
}

/// What an expression reads and does; nothing for one that does not parse.
pub(crate) fn facts(text: &str) -> Facts {
    let mut walk = Walk::default();
    if let Ok(expr) = parse_expr(text) {
        walk.expr(&expr, &Around::default());
    }
    walk.facts
}

/// Steps that must have completed for a condition to hold.
pub(crate) fn completed_by(text: &str) -> Vec<String> {
    let mut steps = Vec::new();
    if let Ok(expr) = parse_expr(text) {
        holds(&expr, &mut |step, _| steps.push(step.to_owned()));
    }
    steps
}

/// What stands around an expression.
#[derive(Debug, Clone, Default)]
struct Around {
    guarded: bool,
    rounded: bool,
    changed: bool,
    compared: bool,
    surely: Vec<String>,
    defined: Vec<String>,
}

#[derive(Default)]
struct Walk {
    arithmetic: bool,
    facts: Facts,
}

impl Walk {
    fn expr(&mut self, expr: &Expr<'_>, around: &Around) {
        if let Some((root, path)) = path_of(expr) {
            return self.reference(expr, root, path, around);
        }
        let inside = || Around { changed: true, ..around.clone() };
        match expr {
            Expr::Filter(filter) => {
                self.filter(filter.name, filter.expr.as_ref(), &filter.args, expr, around)
            }
            Expr::Test(test) => {
                self.facts.tests.push((test.name.to_owned(), leftmost(expr)));
                let guarded = matches!(test.name, "defined" | "undefined");
                self.expr(
                    &test.expr,
                    &Around { guarded: guarded || around.guarded, compared: true, ..around.clone() },
                );
                self.args(&test.args, around);
            }
            Expr::BinOp(op) => self.binary(op.op, &op.left, &op.right, expr, around),
            Expr::Compare(compare) => {
                let around = Around { compared: true, ..inside() };
                self.expr(&compare.expr, &around);
                compare.ops.iter().for_each(|op| self.expr(&op.expr, &around));
            }
            Expr::IfExpr(branch) => {
                self.expr(&branch.test_expr, &Around { compared: true, ..around.clone() });
                self.expr(&branch.true_expr, &around.given(&branch.test_expr));
                if let Some(other) = &branch.false_expr {
                    self.expr(other, around);
                }
            }
            Expr::UnaryOp(op) => self.expr(&op.expr, &inside()),
            Expr::Slice(slice) => {
                self.expr(&slice.expr, around);
                for part in [&slice.start, &slice.stop, &slice.step].into_iter().flatten() {
                    self.expr(part, around);
                }
            }
            Expr::GetAttr(attr) => self.expr(&attr.expr, &inside()),
            Expr::GetItem(item) => {
                self.expr(&item.expr, &inside());
                self.expr(&item.subscript_expr, &inside());
            }
            Expr::Call(call) => {
                // A method's name is no field of what it is called on.
                match &call.expr {
                    Expr::GetAttr(method) => self.expr(&method.expr, &inside()),
                    function => self.expr(function, &inside()),
                }
                self.args(&call.args, &inside());
            }
            Expr::List(list) => list.items.iter().for_each(|item| self.expr(item, around)),
            Expr::Tuple(tuple) => tuple.items.iter().for_each(|item| self.expr(item, around)),
            Expr::Map(map) => map.keys.iter().chain(&map.values).for_each(|part| self.expr(part, around)),
            Expr::Var(_) | Expr::Const(_) => {}
        }
    }

    fn reference(&mut self, expr: &Expr<'_>, root: &str, path: Vec<Segment>, around: &Around) {
        let spelled = spell(root, &path);
        let reference = Reference {
            root: root.to_owned(),
            at: leftmost(expr),
            guarded: around.guarded || around.defined.iter().any(|d| spelled.starts_with(d.as_str())),
            surely: around.surely.clone(),
            changed: around.changed,
            path,
        };
        self.facts.references.push(reference);
        self.subscripts(expr, around);
    }

    /// Computed subscripts inside a path read names of their own.
    fn subscripts(&mut self, expr: &Expr<'_>, around: &Around) {
        match expr {
            Expr::GetAttr(attr) => self.subscripts(&attr.expr, around),
            Expr::GetItem(item) => {
                self.subscripts(&item.expr, around);
                if !matches!(item.subscript_expr, Expr::Const(_)) {
                    self.expr(&item.subscript_expr, around);
                }
            }
            _ => {}
        }
    }

    fn filter(
        &mut self,
        name: &str,
        on: Option<&Expr<'_>>,
        args: &[CallArg<'_>],
        whole: &Expr<'_>,
        around: &Around,
    ) {
        self.facts.filters.push((name.to_owned(), leftmost(whole)));
        let around = Around {
            guarded: around.guarded || matches!(name, "default" | "d"),
            rounded: around.rounded || name == "round",
            changed: true,
            ..around.clone()
        };
        if let Some(on) = on {
            self.expr(on, &around);
        }
        self.args(args, &Around { guarded: false, ..around });
    }

    fn args(&mut self, args: &[CallArg<'_>], around: &Around) {
        for arg in args {
            match arg {
                CallArg::Pos(e) | CallArg::Kwarg(_, e) | CallArg::PosSplat(e) | CallArg::KwargSplat(e) => {
                    self.expr(e, around);
                }
            }
        }
    }

    fn binary(
        &mut self,
        op: BinOpKind,
        left: &Expr<'_>,
        right: &Expr<'_>,
        whole: &Expr<'_>,
        around: &Around,
    ) {
        use BinOpKind::{Add, Div, FloorDiv, Mul, Pow, Rem, ScAnd, Sub};
        let computes = matches!(op, Add | Sub | Mul | Div | FloorDiv | Pow | Rem);
        self.arithmetic |= computes;
        let fraction = matches!(op, Div) || (computes && (is_fraction(left) || is_fraction(right)));
        if fraction && !around.rounded && !around.compared && self.facts.inexact.is_none() {
            self.facts.inexact = Some(leftmost(whole));
        }
        let inside = Around { changed: true, ..around.clone() };
        // What stands after `and` is only read when what stands before it holds.
        self.expr(left, &inside);
        let after = if matches!(op, ScAnd) { inside.given(left) } else { inside };
        self.expr(right, &after);
    }
}

impl Around {
    /// What is known where a condition holds.
    fn given(&self, condition: &Expr<'_>) -> Self {
        let mut around = self.clone();
        holds(condition, &mut |step, path| {
            if !step.is_empty() {
                around.surely.push(step.to_owned());
            }
            around.defined.push(path.to_owned());
        });
        around
    }
}

/// Calls back with every step that must have completed, and every path that must be
/// there, for a condition to hold.
fn holds(condition: &Expr<'_>, found: &mut dyn FnMut(&str, &str)) {
    match condition {
        Expr::BinOp(op) if matches!(op.op, BinOpKind::ScAnd) => {
            holds(&op.left, found);
            holds(&op.right, found);
        }
        Expr::Test(test) if test.name == "defined" => {
            if let Some((root, path)) = path_of(&test.expr) {
                found("", &spell(root, &path));
            }
        }
        Expr::BinOp(op) if matches!(op.op, BinOpKind::Eq) => completed(&op.left, &op.right, found),
        Expr::Compare(compare) => {
            if let [only] = compare.ops.as_slice()
                && matches!(only.op, CompareOpKind::Eq)
            {
                completed(&compare.expr, &only.expr, found);
            }
        }
        _ => {}
    }
}

/// `steps.x.status == 'completed'`, either way round.
fn completed(left: &Expr<'_>, right: &Expr<'_>, found: &mut dyn FnMut(&str, &str)) {
    for (path, word) in [(left, right), (right, left)] {
        let says = matches!(word, Expr::Const(c) if c.value.as_str() == Some("completed"));
        if let (true, Some(("steps", path))) = (says, path_of(path))
            && let [Segment::Name(step), Segment::Name(status)] = path.as_slice()
            && status == "status"
        {
            found(step, &format!("steps.{step}."));
        }
    }
}

fn is_fraction(expr: &Expr<'_>) -> bool {
    let Expr::Const(c) = expr else { return false };
    c.value.kind() == minijinja::value::ValueKind::Number && !c.value.is_integer()
}

fn spell(root: &str, path: &[Segment]) -> String {
    let mut out = root.to_owned();
    for segment in path {
        match segment {
            Segment::Name(name) => out.extend([".", name]),
            Segment::Index => out.push_str("[]"),
            Segment::Any => out.push_str("[?]"),
        }
    }
    out.push('.');
    out
}

/// Where an expression begins. The spans of postfix operations begin at their operand's
/// last part, so it is the operand's beginning that is looked for.
fn leftmost(expr: &Expr<'_>) -> usize {
    match expr {
        Expr::GetAttr(attr) => leftmost(&attr.expr),
        Expr::GetItem(item) => leftmost(&item.expr),
        Expr::Slice(slice) => leftmost(&slice.expr),
        Expr::BinOp(op) => leftmost(&op.left),
        Expr::Compare(compare) => leftmost(&compare.expr),
        Expr::Test(test) => leftmost(&test.expr),
        Expr::IfExpr(branch) => leftmost(&branch.true_expr),
        Expr::Call(call) => leftmost(&call.expr),
        Expr::Filter(filter) => filter.expr.as_ref().map_or(0, leftmost),
        other => other.span().start_offset as usize,
    }
}

/// The root and the path of an expression that is nothing but a path.
fn path_of<'e>(expr: &'e Expr<'_>) -> Option<(&'e str, Vec<Segment>)> {
    match expr {
        Expr::Var(var) => Some((var.id, Vec::new())),
        Expr::GetAttr(attr) => {
            let (root, mut path) = path_of(&attr.expr)?;
            let name = attr.name;
            let digits = !name.is_empty() && name.bytes().all(|b| b.is_ascii_digit());
            path.push(if digits { Segment::Index } else { Segment::Name(name.to_owned()) });
            Some((root, path))
        }
        Expr::GetItem(item) => {
            let (root, mut path) = path_of(&item.expr)?;
            path.push(match &item.subscript_expr {
                Expr::Const(c) if c.value.is_integer() => Segment::Index,
                Expr::Const(c) => {
                    c.value.as_str().map_or(Segment::Any, |name| Segment::Name(name.to_owned()))
                }
                _ => Segment::Any,
            });
            Some((root, path))
        }
        _ => None,
    }
}
