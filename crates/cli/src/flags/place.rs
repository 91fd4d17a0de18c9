//! Where a flag leads: `items.0.price`, `items[0][price]`, `metadata[order.id]`.

use model::Failure;

use super::usage;

/// Deeper than anything Stripe takes.
const STEPS_MAX: usize = 20;

/// The steps of a flag's name. `[]` is an empty step.
///
/// # Errors
/// `validation_error` for an empty name, a bracket that is not closed, or too many steps.
pub(crate) fn steps(written: &str) -> Result<Vec<String>, Failure> {
    let wrong = |why: &str| usage(format!("`--{}` {why}.", written.chars().take(100).collect::<String>()));
    let mut steps = Vec::new();
    let mut rest = written;
    loop {
        let end = rest.find(['.', '[']).unwrap_or(rest.len());
        if end == 0 {
            return Err(wrong("names no field: a name is missing"));
        }
        steps.push(rest[..end].to_owned());
        rest = &rest[end..];
        while let Some(inside) = rest.strip_prefix('[') {
            let Some((step, after)) = inside.split_once(']') else {
                return Err(wrong("has a bracket that is not closed"));
            };
            steps.push(step.to_owned());
            rest = after;
        }
        if steps.len() > STEPS_MAX {
            return Err(wrong("leads deeper than anything that Stripe takes"));
        }
        match rest.strip_prefix('.') {
            Some(after) => rest = after,
            None if rest.is_empty() => return Ok(steps),
            None => return Err(wrong("has text behind a bracket; put a dot between")),
        }
    }
}
