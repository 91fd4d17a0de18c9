//! What a condition says about what is there.

use minijinja::machinery::ast::{BinOpKind, CompareOpKind, Expr};

use super::Segment;
use super::paths::{path_of, spell};

/// Calls back with every step that must have completed, and every path that must be
/// there, for a condition to hold.
pub(super) fn holds(condition: &Expr<'_>, found: &mut dyn FnMut(&str, &str)) {
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
