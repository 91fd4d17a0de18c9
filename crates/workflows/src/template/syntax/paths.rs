//! Paths such as `steps.invoice.output.id`, and where expressions begin.

use minijinja::machinery::ast::Expr;

use super::Segment;

/// Words and signs of an expression; a quoted text counts as one word.
pub(super) fn parts(text: &str) -> usize {
    let (mut count, mut in_word, mut quote, mut escaped) = (0, false, None, false);
    for c in text.chars() {
        match quote {
            Some(_) if escaped => escaped = false,
            Some(_) if c == '\\' => escaped = true,
            Some(q) if c == q => quote = None,
            Some(_) => {}
            None => {
                let is_word = c.is_alphanumeric() || c == '_';
                count += usize::from(!(c.is_whitespace() || (is_word && in_word)));
                in_word = is_word;
                quote = matches!(c, '"' | '\'').then_some(c);
            }
        }
    }
    count
}

/// Whether an expression is a literal that is no whole number.
pub(super) fn is_fraction(expr: &Expr<'_>) -> bool {
    let Expr::Const(c) = expr else { return false };
    c.value.kind() == minijinja::value::ValueKind::Number && !c.value.is_integer()
}

/// A path as one text, ending in a dot.
pub(super) fn spell(root: &str, path: &[Segment]) -> String {
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
pub(super) fn leftmost(expr: &Expr<'_>) -> usize {
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
pub(super) fn path_of<'e>(expr: &'e Expr<'_>) -> Option<(&'e str, Vec<Segment>)> {
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
