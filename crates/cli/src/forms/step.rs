//! A use as a step of a workflow.

use serde_json::{Value, json};

use crate::target::Target;

/// One item of `steps`, YAML.
pub(super) fn write(target: Target, config: &Value) -> String {
    let mut step = json!({ "id": id(target), "action": target.name() });
    if config.as_object().is_some_and(|config| !config.is_empty()) {
        step["config"] = config.clone();
    }
    serde_saphyr::to_string(&[step]).unwrap_or_default().trim_end().to_owned()
}

/// A step's id: letters and digits.
fn id(target: Target) -> String {
    let name = match target {
        Target::Operation(operation) => operation.id,
        Target::Action(_) | Target::Request => target.name().trim_start_matches("stripe."),
    };
    ::actions::camel(&name.replace('.', "_"))
}
