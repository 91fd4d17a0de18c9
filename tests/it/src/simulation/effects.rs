//! What really happened at Stripe, counted by its objects and by its own journal.

use std::collections::{BTreeMap, BTreeSet};

use model::IdempotencyKey;
use sandbox::Sandbox;
use serde_json::Value;

use super::{
    auditor::{executed, text},
    findings::{Finding, Kind},
    person,
    plan::Start,
    world::World,
};

/// No write was executed twice under its key, no step took effect under two keys or used
/// a second one without a decision, and no more objects were made than took effect.
pub(super) fn once_per_key(world: &World) -> Vec<Finding> {
    let (sandbox, mut findings) = (&world.sandbox, Vec::new());
    let mut keys_at: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for entry in sandbox.journal().into_iter().filter(|entry| entry.method == "POST") {
        if let Some(key) = &entry.key {
            keys_at.entry(entry.path.clone()).or_default().insert(key.clone());
        } else if executed(&entry) && entry.path != "/v1/webhook_endpoints" {
            findings.push(Finding::new(Kind::Keys, format!("{} was written to without a key", entry.path)));
        }
    }
    let effective = person::effective(sandbox);
    let decided = world.record.promises().other_keys;
    for (path, keys) in &keys_at {
        findings.extend(keys.iter().filter_map(|key| at_most_once(sandbox, path, key)));
        // Lists get one key of every run; a customer or an invoice has one step that writes.
        let is_list = matches!(path.as_str(), "/v1/customers" | "/v1/invoices" | "/v1/invoiceitems");
        let allowed = if is_list { world.plan.starts.len() } else { 1 };
        if keys.len() > allowed + decided {
            let text = format!(
                "{path} was written to under {} keys instead of {allowed}, after {decided} decisions",
                keys.len()
            );
            findings.push(Finding::new(Kind::Keys, text));
        }
        let effects = keys.intersection(&effective).count();
        if effects > allowed {
            let text = format!("{effects} keys took effect at {path} instead of {allowed}");
            findings.push(Finding::new(Kind::Executed, text));
        }
    }
    for (path, kind) in
        [("/v1/customers", "customer"), ("/v1/invoices", "invoice"), ("/v1/invoiceitems", "invoiceitem")]
    {
        let effects = keys_at.get(path).map_or(0, |keys| keys.intersection(&effective).count());
        let objects = sandbox.objects(kind).len();
        if objects > effects {
            let text = format!("{objects} objects came of {effects} keys that took effect at {path}");
            findings.push(Finding::new(Kind::Executed, text));
        }
    }
    findings
}

fn at_most_once(sandbox: &Sandbox, path: &str, key: &str) -> Option<Finding> {
    let times = sandbox.executions(&IdempotencyKey::from_text(key));
    let text = format!("{path} was executed {times} times under {key}");
    (times > 1).then(|| Finding::new(Kind::Executed, text))
}

/// The effects of one example run: each there once when it completed, none twice in any case.
pub(super) fn of_run(sandbox: &Sandbox, start: &Start, complete: bool) -> Vec<Finding> {
    let mut run = Effects { sandbox, start, complete, findings: Vec::new() };
    let customers = run.all("customer", |c| text(c, "email") == start.email);
    run.count("customer", &customers);
    for customer in &customers {
        let of = |object: &Value| text(object, "customer") == text(customer, "id");
        let invoices = run.all("invoice", of);
        run.count("invoice", &invoices);
        let items = run.all("invoiceitem", of);
        run.count("invoice item", &items);
        run.metadata(customer);
        for invoice in &invoices {
            run.invoice(invoice);
        }
    }
    run.findings
}

struct Effects<'a> {
    sandbox: &'a Sandbox,
    start: &'a Start,
    complete: bool,
    findings: Vec<Finding>,
}

impl Effects<'_> {
    fn all(&self, kind: &str, wanted: impl Fn(&Value) -> bool) -> Vec<Value> {
        self.sandbox.objects(kind).into_iter().filter(|object| wanted(object)).collect()
    }

    fn find(&mut self, kind: Kind, text: String) {
        self.findings.push(Finding::new(kind, format!("{}: {text}", self.start.key)));
    }

    fn count(&mut self, what: &str, objects: &[Value]) {
        let n = objects.len();
        if n > 1 || (n == 0 && self.complete) {
            self.find(Kind::Executed, format!("{n} objects of the kind {what}"));
        }
    }

    fn metadata(&mut self, customer: &Value) {
        if customer["metadata"]["source"] != "bursar" {
            self.find(Kind::Object, format!("the customer's metadata is {}", customer["metadata"]));
        }
    }

    fn invoice(&mut self, invoice: &Value) {
        let id = text(invoice, "id").to_owned();
        for kind in ["invoice.created", "invoice.finalized", "invoice.sent", "invoice.paid"] {
            let events = self.sandbox.events();
            let n = events.iter().filter(|e| e["type"] == kind && e["data"]["object"]["id"] == *id).count();
            if n > 1 || (n == 0 && self.complete) {
                self.find(Kind::Executed, format!("{n} events {kind} of {id}"));
            }
        }
        let (status, paid) = (text(invoice, "status"), invoice["amount_paid"].as_u64());
        if !self.complete {
            if status == "open" {
                self.find(Kind::Object, format!("{id} is left open by a run that did not complete"));
            }
            return;
        }
        if status != "paid" || paid != Some(self.start.amount) {
            let text = format!("{id} is {status} with {paid:?} paid of {}", self.start.amount);
            self.find(Kind::Object, text);
        }
    }
}
