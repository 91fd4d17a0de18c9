//! Workflows and their versions.

use model::{CompanyId, Timestamp, WorkflowId, WorkflowKey, WorkflowStatus, micros};
use sqlx::{Row, SqliteConnection, query, sqlite::SqliteRow};

use super::{
    columns::{Columns, all, one},
    stop::Stop,
};
use crate::{
    backend::ReadError,
    rows::{Workflow, WorkflowVersion},
    unit::{Effected, Refusal},
};

/// Stores the workflow, and the version if it is the next one.
pub(super) async fn save(
    conn: &mut SqliteConnection,
    w: &Workflow,
    version: Option<&WorkflowVersion>,
) -> Result<Effected, Stop> {
    guard(conn, w, version).await?;
    query(
        "INSERT INTO workflows (id, company, key, name, status, version, activated_at, created_at, updated_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (id) DO UPDATE SET key = excluded.key, \
         name = excluded.name, status = excluded.status, version = excluded.version, \
         activated_at = excluded.activated_at, created_at = excluded.created_at, updated_at = excluded.updated_at",
    )
    .bind(w.id.to_string())
    .bind(w.company.to_string())
    .bind(w.key.as_str())
    .bind(&w.name)
    .bind(w.status.as_str())
    .bind(i64::from(w.version))
    .bind(w.activated_at.map(micros))
    .bind(micros(w.created_at))
    .bind(micros(w.updated_at))
    .execute(&mut *conn)
    .await?;
    if let Some(v) = version {
        insert_version(conn, v).await?;
    }
    Ok(Effected::Done)
}

/// The key and the id belong to this workflow, and the version is the next one.
async fn guard(
    conn: &mut SqliteConnection,
    w: &Workflow,
    version: Option<&WorkflowVersion>,
) -> Result<(), Stop> {
    let (id, company) = (w.id.to_string(), w.company.to_string());
    let sql = "SELECT 1 FROM workflows WHERE (company = $1 AND key = $2 AND id <> $3) \
               UNION ALL SELECT 1 FROM workflows WHERE id = $3 AND company <> $1";
    let taken = query(sql).bind(company).bind(w.key.as_str()).bind(id).fetch_optional(&mut *conn).await?;
    if taken.is_some() {
        return Err(Stop::Refused(Refusal::Conflict));
    }
    let Some(v) = version else { return Ok(()) };
    let sql = "SELECT coalesce(max(version), 0) FROM workflow_versions WHERE workflow = $1";
    let last: i64 = query(sql).bind(v.workflow.to_string()).fetch_one(conn).await?.try_get(0)?;
    if v.workflow == w.id && i64::from(v.version) == last + 1 {
        Ok(())
    } else {
        Err(Stop::Refused(Refusal::Conflict))
    }
}

async fn insert_version(conn: &mut SqliteConnection, v: &WorkflowVersion) -> Result<(), Stop> {
    query(
        "INSERT INTO workflow_versions (workflow, version, source, model_hash, created_at) \
         VALUES ($1, $2, $3, $4, $5)",
    )
    .bind(v.workflow.to_string())
    .bind(i64::from(v.version))
    .bind(&v.source)
    .bind(&v.model_hash)
    .bind(micros(v.created_at))
    .execute(conn)
    .await?;
    Ok(())
}

/// Sets the status; without a new time of activation the old one stays.
pub(super) async fn set(
    conn: &mut SqliteConnection,
    id: WorkflowId,
    status: WorkflowStatus,
    activated_at: Option<Timestamp>,
    version: u32,
    at: Timestamp,
) -> Result<Effected, Stop> {
    let done = query(
        "UPDATE workflows SET status = $2, activated_at = coalesce($3, activated_at), version = $4, \
         updated_at = $5 WHERE id = $1",
    )
    .bind(id.to_string())
    .bind(status.as_str())
    .bind(activated_at.map(micros))
    .bind(i64::from(version))
    .bind(micros(at))
    .execute(conn)
    .await?;
    if done.rows_affected() == 0 { Err(Stop::Refused(Refusal::Missing)) } else { Ok(Effected::Done) }
}

fn workflow_row(row: &SqliteRow) -> Result<Workflow, ReadError> {
    let mut c = Columns::of("workflows", row);
    Ok(Workflow {
        id: c.parse()?,
        company: c.parse()?,
        key: c.with(|text| WorkflowKey::parse(text).ok())?,
        name: c.get()?,
        status: c.parse()?,
        version: c.number()?,
        activated_at: c.time_opt()?,
        created_at: c.time()?,
        updated_at: c.time()?,
    })
}

pub(super) async fn list(conn: &mut SqliteConnection, of: CompanyId) -> Result<Vec<Workflow>, ReadError> {
    let sql = "SELECT id, company, key, name, status, version, activated_at, created_at, updated_at \
               FROM workflows WHERE company = $1 ORDER BY id";
    all(conn, query(sql).bind(of.to_string()), workflow_row).await
}

pub(super) async fn by_id(
    conn: &mut SqliteConnection,
    of: CompanyId,
    id: WorkflowId,
) -> Result<Option<Workflow>, ReadError> {
    let sql = "SELECT id, company, key, name, status, version, activated_at, created_at, updated_at \
               FROM workflows WHERE id = $1 AND company = $2";
    one(conn, query(sql).bind(id.to_string()).bind(of.to_string()), workflow_row).await
}

pub(super) async fn by_key(
    conn: &mut SqliteConnection,
    of: CompanyId,
    key: &WorkflowKey,
) -> Result<Option<Workflow>, ReadError> {
    let sql = "SELECT id, company, key, name, status, version, activated_at, created_at, updated_at \
               FROM workflows WHERE company = $1 AND key = $2";
    one(conn, query(sql).bind(of.to_string()).bind(key.as_str()), workflow_row).await
}

fn version_row(row: &SqliteRow) -> Result<WorkflowVersion, ReadError> {
    let mut c = Columns::of("workflow_versions", row);
    Ok(WorkflowVersion {
        workflow: c.parse()?,
        version: c.number()?,
        source: c.get()?,
        model_hash: c.get()?,
        created_at: c.time()?,
    })
}

pub(super) async fn version(
    conn: &mut SqliteConnection,
    of: WorkflowId,
    version: u32,
) -> Result<Option<WorkflowVersion>, ReadError> {
    let sql = "SELECT workflow, version, source, model_hash, created_at FROM workflow_versions \
               WHERE workflow = $1 AND version = $2";
    one(conn, query(sql).bind(of.to_string()).bind(i64::from(version)), version_row).await
}

pub(super) async fn versions(
    conn: &mut SqliteConnection,
    of: WorkflowId,
) -> Result<Vec<WorkflowVersion>, ReadError> {
    let sql = "SELECT workflow, version, source, model_hash, created_at FROM workflow_versions \
               WHERE workflow = $1 ORDER BY version DESC";
    all(conn, query(sql).bind(of.to_string()), version_row).await
}
