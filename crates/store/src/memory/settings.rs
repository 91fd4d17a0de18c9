//! Writes about what a company owns.

use super::{purge, state::State, unclaimed};
use crate::{
    rows::{ApiKey, Company, Connection, DataKey, Source, Workflow, WorkflowVersion},
    unit::{Effected, Refusal, Write},
};

/// Does such a write.
pub(super) fn apply(state: &mut State, write: &Write) -> Result<Effected, Refusal> {
    match write {
        Write::SaveWorkflow { workflow, version } => save_workflow(state, workflow, version.as_ref())?,
        Write::SetWorkflow { workflow, status, activated_at, version, at } => {
            let row = state.workflows.get_mut(workflow).ok_or(Refusal::Missing)?;
            (row.status, row.version, row.updated_at) = (*status, *version, *at);
            row.activated_at = activated_at.or(row.activated_at);
        }
        Write::PutCompany(company) => {
            let taken = |row: &Company| row.id != company.id && row.name == company.name;
            conflict_if(state.companies.values().any(taken))?;
            state.companies.insert(company.id, company.clone());
        }
        Write::Purge { company, part, limit } => {
            state.removed.insert(*company);
            return Ok(Effected::Purged(purge::some(state, *company, *part, *limit as usize)));
        }
        Write::Audit(entry) => {
            conflict_if(state.audit.contains_key(&entry.id))?;
            state.audit.insert(entry.id, entry.clone());
        }
        Write::UseApiKey(id, at) => {
            if let Some(row) = state.api_keys.get_mut(id) {
                row.used_at = row.used_at.max(Some(*at));
            }
        }
        Write::PutApiKey(key) => put_api_key(state, key)?,
        Write::RemoveApiKey(id) => _ = state.api_keys.remove(id).ok_or(Refusal::Missing)?,
        Write::PutDataKey(key) => return Ok(put_data_key(state, key)),
        Write::RewrapDataKeys { from, keys } => rewrap(state, from, keys)?,
        Write::PutConnection(connection) => put_connection(state, connection)?,
        Write::UseConnection(of, id, at) => {
            if let Some(row) = state.connections.get_mut(id).filter(|row| row.company == *of) {
                row.used_at = row.used_at.max(Some(*at));
            }
        }
        Write::RemoveConnection(of, id) => {
            state.connections.retain(|known, row| known != id || row.company != *of);
            state.authorizations.retain(|_, row| row.connection != *id || row.company != *of);
        }
        Write::PutAuthorization(row) => {
            conflict_if(state.authorizations.contains_key(&row.state))?;
            state.authorizations.insert(row.state, row.clone());
        }
        Write::TakeAuthorization(of) => {
            state.authorizations.remove(of).ok_or(Refusal::Missing)?;
        }
        Write::ForgetAuthorizations(before) => {
            state.authorizations.retain(|_, row| row.expires_at >= *before);
        }
        Write::PutSource(source) => put_source(state, source)?,
        Write::RemoveSource(of, id) => {
            state.sources.retain(|known, row| known != id || row.company != *of);
        }
        Write::KeepUnclaimed { event, of_account, of_all } => {
            return unclaimed::keep(state, event, *of_account, *of_all);
        }
        Write::TakeUnclaimed(id) => _ = state.unclaimed.remove(id).ok_or(Refusal::Missing)?,
        Write::ForgetUnclaimed(before) => return Ok(unclaimed::forget(state, *before)),
        Write::PutSecret(secret) => {
            state.secrets.insert((secret.company, secret.name.clone()), secret.clone());
        }
        _ => {}
    }
    Ok(Effected::Done)
}

fn conflict_if(taken: bool) -> Result<(), Refusal> {
    if taken { Err(Refusal::Conflict) } else { Ok(()) }
}

fn save_workflow(state: &mut State, w: &Workflow, version: Option<&WorkflowVersion>) -> Result<(), Refusal> {
    conflict_if(state.workflows.values().any(|row| {
        let same_key = row.company == w.company && row.key == w.key && row.id != w.id;
        same_key || (row.id == w.id && row.company != w.company)
    }))?;
    if let Some(v) = version {
        let last = state.versions.range((w.id, 0)..=(w.id, u32::MAX)).next_back().map_or(0, |((_, n), _)| *n);
        conflict_if(v.workflow != w.id || u64::from(v.version) != u64::from(last) + 1)?;
        state.versions.insert((w.id, v.version), v.clone());
    }
    state.workflows.insert(w.id, w.clone());
    Ok(())
}

fn put_api_key(state: &mut State, key: &ApiKey) -> Result<(), Refusal> {
    conflict_if(
        state
            .api_keys
            .values()
            .any(|row| if row.id == key.id { row.company != key.company } else { row.hash == key.hash }),
    )?;
    let used_at = state.api_keys.get(&key.id).map_or(key.used_at, |row| row.used_at);
    state.api_keys.insert(key.id, ApiKey { used_at, ..key.clone() });
    Ok(())
}

fn put_data_key(state: &mut State, key: &DataKey) -> Effected {
    Effected::DataKey(state.data_keys.entry(key.id.clone()).or_insert_with(|| key.clone()).clone())
}

fn rewrap(state: &mut State, from: &str, keys: &[DataKey]) -> Result<(), Refusal> {
    let known = |key: &DataKey| state.data_keys.get(&key.id).is_some_and(|row| row.master == from);
    let of_old = state.data_keys.values().filter(|row| row.master == from);
    let missed = of_old.filter(|row| keys.iter().all(|key| key.id != row.id)).count();
    if missed > 0 || !keys.iter().all(known) {
        return Err(Refusal::Changed);
    }
    for key in keys {
        state.data_keys.insert(key.id.clone(), key.clone());
    }
    Ok(())
}

fn put_connection(state: &mut State, new: &Connection) -> Result<(), Refusal> {
    let taken = |row: &Connection| row.id != new.id && row.company == new.company && row.name == new.name;
    let known = state.connections.get(&new.id);
    if new.revision == 1 {
        conflict_if(known.is_some())?;
    } else if known.is_none_or(|row| row.company != new.company || row.revision + 1 != new.revision) {
        return Err(Refusal::Changed);
    }
    let used_at = if new.revision == 1 { new.used_at } else { known.and_then(|row| row.used_at) };
    conflict_if(state.connections.values().any(taken))?;
    state.connections.insert(new.id, Connection { used_at, ..new.clone() });
    Ok(())
}

fn put_source(state: &mut State, new: &Source) -> Result<(), Refusal> {
    conflict_if(state.sources.get(&new.id).is_some_and(|row| row.company != new.company))?;
    state.sources.insert(new.id, new.clone());
    Ok(())
}
