//! The minijinja environment: what expressions can do, and how much of it.

use std::sync::LazyLock;

use minijinja::{Environment, Error, ErrorKind, Expression, UndefinedBehavior};

use super::{TemplateError, filters};

/// Instructions, and work of filters, that one evaluation may take.
const FUEL: u64 = 100_000;
/// How deep an expression nests.
const RECURSION_MAX: usize = 64;

static ENGINE: LazyLock<Environment<'static>> = LazyLock::new(|| {
    let mut engine = Environment::new();
    engine.set_undefined_behavior(UndefinedBehavior::Strict);
    engine.set_fuel(Some(FUEL));
    engine.set_recursion_limit(RECURSION_MAX);
    engine.set_debug(false);
    filters::install(&mut engine);
    // Only what an expression needs; `debug` shows the whole scope.
    for function in ["debug", "namespace", "dict"] {
        engine.remove_global(function);
    }
    engine
});

/// Filters that an expression can name, minijinja's and ours, for near misses.
pub(crate) const FILTERS: &[&str] = &[
    "abs",
    "add",
    "batch",
    "bool",
    "chain",
    "count",
    "d",
    "default",
    "dictsort",
    "first",
    "float",
    "format",
    "groupby",
    "int",
    "iso",
    "items",
    "join",
    "json",
    "last",
    "length",
    "lines",
    "list",
    "lower",
    "map",
    "max",
    "min",
    "minor",
    "money",
    "reject",
    "rejectattr",
    "replace",
    "reverse",
    "round",
    "select",
    "selectattr",
    "slice",
    "sort",
    "split",
    "string",
    "sum",
    "title",
    "trim",
    "unique",
    "unix",
    "upper",
    "zip",
    "attr",
    "capitalize",
    "escape",
    "e",
    "safe",
    "indent",
    "pprint",
];

/// Tests that an expression can name.
pub(crate) const TESTS: &[&str] = &[
    "boolean",
    "defined",
    "divisibleby",
    "endingwith",
    "eq",
    "equalto",
    "escaped",
    "even",
    "false",
    "filter",
    "float",
    "ge",
    "greaterthan",
    "gt",
    "in",
    "int",
    "integer",
    "iterable",
    "le",
    "lessthan",
    "lower",
    "lt",
    "mapping",
    "ne",
    "none",
    "number",
    "odd",
    "safe",
    "sameas",
    "sequence",
    "startingwith",
    "string",
    "test",
    "true",
    "undefined",
    "upper",
];

/// Compiles an expression.
pub(super) fn compile(text: &str) -> Result<Expression<'static, 'static>, Error> {
    ENGINE.compile_expression_owned(text.to_owned())
}

/// Says what went wrong in words for the author of a document.
pub(super) fn explain(shown: &str, e: &Error) -> TemplateError {
    let detail = e.detail().unwrap_or_default();
    let why = match e.kind() {
        ErrorKind::UndefinedError if detail.is_empty() => "reads something that is not there".to_owned(),
        ErrorKind::UndefinedError => format!("reads something that is not there: {detail}"),
        ErrorKind::OutOfFuel => "takes too many steps".to_owned(),
        _ if detail.is_empty() => format!("cannot be evaluated: {}", e.kind()),
        _ => format!("cannot be evaluated: {detail}"),
    };
    TemplateError::new(format!("`{{{{ {shown} }}}}` {why}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_listed_filter_and_test_exists() {
        for name in FILTERS {
            let known = compile(&format!("'{name}' is filter")).unwrap().eval(()).unwrap();
            assert!(known.is_true(), "filter {name}");
        }
        for name in TESTS {
            let known = compile(&format!("'{name}' is test")).unwrap().eval(()).unwrap();
            assert!(known.is_true(), "test {name}");
        }
    }
}
