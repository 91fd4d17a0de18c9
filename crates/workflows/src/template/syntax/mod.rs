//! The syntax tree of expressions, for the checker.
//!
//! minijinja's own tree, so that checker and evaluation cannot disagree about what an
//! expression says. The tree has no stable interface, which is why the version is
//! pinned and why this is the only module that sees it.

mod guards;
mod paths;

use minijinja::Error;
use minijinja::machinery::ast::{BinOpKind, CallArg, Expr};
use minijinja::machinery::parse_expr;

use guards::holds;
use paths::{is_fraction, leftmost, parts, path_of, spell};

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
