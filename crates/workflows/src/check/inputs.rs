//! Following a path through `inputSchema`.

use serde_json::Value;

use super::did_you_mean;
use super::shapes::Miss;
use crate::template::syntax::Segment;

/// What is known of a path into the input.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Known {
    /// It will be there, or nobody can say.
    There,
    /// The schema lets it be left out; the name.
    MaybeMissing(String),
}

/// Keywords under which a schema says more than its `properties` do.
const OPEN: &[&str] = &["$ref", "allOf", "anyOf", "oneOf", "if", "patternProperties", "dependentSchemas"];

/// Follows a path through a schema.
pub(super) fn follow(schema: &Value, path: &[Segment]) -> Result<Known, Miss> {
    let (mut schema, mut known) = (schema, Known::There);
    for segment in path {
        let Some(properties) = schema.get("properties").and_then(Value::as_object) else {
            match (segment, schema.get("items")) {
                (Segment::Index, Some(items)) => schema = items,
                _ => return Ok(known),
            }
            continue;
        };
        let Segment::Name(name) = segment else { return Ok(known) };
        let Some(property) = properties.get(name) else {
            let open = OPEN.iter().any(|word| schema.get(word).is_some());
            let more = schema.get("additionalProperties").is_some_and(|more| *more != Value::Bool(false));
            if open || more {
                return Ok(known);
            }
            let message = format!("`inputSchema` has no `{name}`");
            let fix = did_you_mean(name, properties.keys().map(String::as_str));
            return Err(Miss {
                message,
                fix: fix.or_else(|| Some(format!("add `{name}` to its properties"))),
            });
        };
        let required =
            schema["required"].as_array().is_some_and(|all| all.iter().any(|r| r == name.as_str()));
        if !required && property.get("default").is_none() && known == Known::There {
            known = Known::MaybeMissing(name.clone());
        }
        schema = property;
    }
    Ok(known)
}
