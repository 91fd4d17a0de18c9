//! The documents of the examples' folder.

use super::*;

#[test]
fn every_example_document_compiles_without_findings() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../workflows");
    let mut names = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let is_document = [".yaml", ".yml", ".json"].iter().any(|end| name.ends_with(end));
        if is_document && !name.contains(".test.") {
            let text = std::fs::read_to_string(&path).unwrap();
            assert_eq!(findings(&text), [], "{name}");
            names.push(name);
        }
    }
    names.sort();
    assert_eq!(names, ["invoice-and-payment.yaml", "thank-the-customer.yaml"]);
}

#[test]
fn yaml_and_json_of_one_model_are_one_document() {
    let yaml = include_str!("../../../../../workflows/invoice-and-payment.yaml");
    let source = Source::new("a.yaml", yaml);
    let node = crate::notation::parse(&source).unwrap();
    let json = serde_json::to_string_pretty(&node.to_json()).unwrap();
    let compile = |text: &str| Program::compile(&Source::new("d", text), &Catalog).unwrap().0;
    let (a, b) = (compile(yaml), compile(&json));
    assert_eq!(a.model_hash(), b.model_hash());
    assert_eq!(Source::new("d", json).format(), crate::Format::Json);
    let other = compile(&yaml.replace("daysUntilDue: 30", "daysUntilDue: 31"));
    assert_ne!(a.model_hash(), other.model_hash());
}

#[test]
fn json_findings_are_located_too() {
    let json = r#"{
  "name": "Test",
  "trigger": { "type": "api" },
  "steps": [
    { "id": "a", "action": "stripe.createInvoce", "config": {} }
  ]
}"#;
    expect(json, "unknown_action", (5, 28), "stripe.createInvoice");
    expect(&json.replace("\"steps\": [", "\"steps\": [ 1 "), "syntax", (5, 5), "`,` or `]`");
}
