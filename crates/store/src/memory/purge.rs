//! Removing what a company owns, some rows at a time.

use std::collections::{BTreeMap, BTreeSet};

use model::CompanyId;

use super::state::{State, identity};
use crate::rows::PurgePart;

type Gone = Vec<(&'static str, u64)>;

/// Removes at most so many rows of a part, and says how many went, by table.
pub(super) fn some(state: &mut State, company: CompanyId, part: PurgePart, limit: usize) -> Gone {
    let s = state;
    match part {
        PurgePart::ApiKeys => vec![("api_keys", take(&mut s.api_keys, limit, |_, r| r.company == company))],
        PurgePart::Sources => {
            vec![("sources", take(&mut s.sources, limit, |_, r| r.company == Some(company)))]
        }
        PurgePart::Authorizations => {
            vec![("authorizations", take(&mut s.authorizations, limit, |_, r| r.company == company))]
        }
        PurgePart::Connections => {
            vec![("connections", take(&mut s.connections, limit, |_, r| r.company == company))]
        }
        PurgePart::Secrets => vec![("secrets", take(&mut s.secrets, limit, |k, _| k.0 == company))],
        PurgePart::Workflows => workflows(s, company, limit),
        PurgePart::Runs => runs(s, company, limit),
        PurgePart::Intents => {
            vec![("intents", take(&mut s.intents, limit, |_, r| r.1.binding.company == company))]
        }
        PurgePart::Receipts => receipts(s, company, limit),
        PurgePart::RequestKeys => {
            vec![("request_keys", take(&mut s.request_keys, limit, |k, _| k.0 == company))]
        }
        PurgePart::Audit => vec![("audit", take(&mut s.audit, limit, |_, r| r.company == company))],
        PurgePart::DataKeys => {
            let of = format!("{company}/");
            let keys = take(&mut s.data_keys, usize::MAX, |id, _| id.starts_with(&of));
            vec![("data_keys", keys), ("companies", u64::from(s.companies.remove(&company).is_some()))]
        }
    }
}

/// Removes the first rows that pass.
fn take<K: Ord + Clone, V>(map: &mut BTreeMap<K, V>, limit: usize, pass: impl Fn(&K, &V) -> bool) -> u64 {
    let going: Vec<K> = map.iter().filter(|(k, v)| pass(k, v)).take(limit).map(|(k, _)| k.clone()).collect();
    for key in &going {
        map.remove(key);
    }
    going.len() as u64
}

fn workflows(s: &mut State, company: CompanyId, limit: usize) -> Gone {
    let of = |row: &&crate::rows::Workflow| row.company == company;
    let going: BTreeSet<_> = s.workflows.values().filter(of).take(limit).map(|row| row.id).collect();
    let rows = take(&mut s.workflows, limit, |id, _| going.contains(id));
    let versions = take(&mut s.versions, usize::MAX, |key, _| going.contains(&key.0));
    vec![("workflows", rows), ("workflow_versions", versions)]
}

fn runs(s: &mut State, company: CompanyId, limit: usize) -> Gone {
    let of = |row: &&crate::rows::Run| row.company == company;
    let going: BTreeSet<_> = s.runs.values().filter(of).take(limit).map(|row| row.id).collect();
    s.by_cause.retain(|_, run| !going.contains(run));
    vec![
        ("runs", take(&mut s.runs, limit, |id, _| going.contains(id))),
        ("journal", take(&mut s.journal, usize::MAX, |key, _| going.contains(&key.0))),
        ("timers", take(&mut s.timers, usize::MAX, |key, _| going.contains(&key.0))),
        ("waits", take(&mut s.waits, usize::MAX, |key, _| going.contains(&key.0))),
        ("inputs", take(&mut s.inputs, usize::MAX, |key, _| going.contains(&key.0))),
    ]
}

fn receipts(s: &mut State, company: CompanyId, limit: usize) -> Gone {
    let of = |row: &&crate::rows::Receipt| row.company == company;
    let going: Vec<_> = s.receipts.values().filter(of).take(limit).cloned().collect();
    let objects = going.iter().map(|r| r.objects.iter().collect::<BTreeSet<_>>().len() as u64).sum();
    for receipt in &going {
        s.by_event.remove(&identity(receipt));
        s.receipts.remove(&receipt.id);
    }
    vec![("receipts", going.len() as u64), ("receipt_objects", objects)]
}
