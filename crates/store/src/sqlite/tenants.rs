//! Companies, API keys, data keys, sources, secrets and callers' keys.

use model::{CallerKey, CompanyId, KeyId, Mode, SourceId, Timestamp, micros};
use sqlx::{SqliteConnection, query, sqlite::SqliteRow};

use super::{
    columns::{Columns, all, one},
    stop::Stop,
};
use crate::{
    backend::ReadError,
    rows::{ApiKey, Company, DataKey, RequestKey, Secret, Source},
    unit::{Effected, Refusal},
};

type Written = Result<Effected, Stop>;

/// Refuses when an upsert changed no row: the id belongs to another company.
fn written(rows: u64) -> Written {
    if rows == 0 { Err(Stop::Refused(Refusal::Conflict)) } else { Ok(Effected::Done) }
}

pub(super) async fn put_company(conn: &mut SqliteConnection, c: &Company) -> Written {
    query(
        "INSERT INTO companies (id, name, created_at) VALUES ($1, $2, $3) \
         ON CONFLICT (id) DO UPDATE SET name = excluded.name, created_at = excluded.created_at",
    )
    .bind(c.id.to_string())
    .bind(&c.name)
    .bind(micros(c.created_at))
    .execute(conn)
    .await?;
    Ok(Effected::Done)
}

pub(super) async fn companies(conn: &mut SqliteConnection) -> Result<Vec<Company>, ReadError> {
    all(conn, query("SELECT id, name, created_at FROM companies ORDER BY id"), company_row).await
}

/// By its id or its name; a name that looks like another one's id is not found by it.
pub(super) async fn company(conn: &mut SqliteConnection, named: &str) -> Result<Option<Company>, ReadError> {
    let sql =
        "SELECT id, name, created_at FROM companies WHERE id = $1 OR name = $1 ORDER BY id <> $1 LIMIT 1";
    one(conn, query(sql).bind(named), company_row).await
}

fn company_row(row: &SqliteRow) -> Result<Company, ReadError> {
    let mut c = Columns::of("companies", row);
    Ok(Company { id: c.parse()?, name: c.get()?, created_at: c.time()? })
}

pub(super) async fn put_api_key(conn: &mut SqliteConnection, k: &ApiKey) -> Written {
    let done = query(
        "INSERT INTO api_keys (id, company, name, hash, scopes, bound, created_at, expires_at, used_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) \
         ON CONFLICT (id) DO UPDATE SET name = excluded.name, hash = excluded.hash, \
         scopes = excluded.scopes, bound = excluded.bound, created_at = excluded.created_at, \
         expires_at = excluded.expires_at WHERE company = excluded.company",
    )
    .bind(k.id.to_string())
    .bind(k.company.to_string())
    .bind(&k.name)
    .bind(k.hash.to_vec())
    .bind(serde_json::json!(k.scopes).to_string())
    .bind(k.bound)
    .bind(micros(k.created_at))
    .bind(k.expires_at.map(micros))
    .bind(k.used_at.map(micros))
    .execute(conn)
    .await?;
    written(done.rows_affected())
}

fn api_key_row(row: &SqliteRow) -> Result<ApiKey, ReadError> {
    let mut c = Columns::of("api_keys", row);
    Ok(ApiKey {
        id: c.parse()?,
        company: c.parse()?,
        name: c.get()?,
        hash: c.bytes()?,
        scopes: c.json()?,
        bound: c.get()?,
        created_at: c.time()?,
        expires_at: c.time_opt()?,
        used_at: c.time_opt()?,
    })
}

pub(super) async fn remove_api_key(conn: &mut SqliteConnection, id: KeyId) -> Written {
    let done = query("DELETE FROM api_keys WHERE id = $1").bind(id.to_string()).execute(conn).await?;
    if done.rows_affected() == 0 { Err(Stop::Refused(Refusal::Missing)) } else { Ok(Effected::Done) }
}

pub(super) async fn use_api_key(conn: &mut SqliteConnection, id: KeyId, at: Timestamp) -> Written {
    query("UPDATE api_keys SET used_at = $2 WHERE id = $1 AND (used_at IS NULL OR used_at < $2)")
        .bind(id.to_string())
        .bind(micros(at))
        .execute(conn)
        .await?;
    Ok(Effected::Done)
}

pub(super) async fn api_key(
    conn: &mut SqliteConnection,
    hash: [u8; 32],
) -> Result<Option<ApiKey>, ReadError> {
    let sql = "SELECT id, company, name, hash, scopes, bound, created_at, expires_at, used_at \
               FROM api_keys WHERE hash = $1";
    one(conn, query(sql).bind(hash.to_vec()), api_key_row).await
}

pub(super) async fn api_keys(conn: &mut SqliteConnection, of: CompanyId) -> Result<Vec<ApiKey>, ReadError> {
    let sql = "SELECT id, company, name, hash, scopes, bound, created_at, expires_at, used_at \
               FROM api_keys WHERE company = $1 ORDER BY id";
    all(conn, query(sql).bind(of.to_string()), api_key_row).await
}

pub(super) async fn remove_source(
    conn: &mut SqliteConnection,
    of: Option<CompanyId>,
    id: SourceId,
) -> Written {
    query("DELETE FROM sources WHERE company IS $1 AND id = $2")
        .bind(of.map(|of| of.to_string()))
        .bind(id.to_string())
        .execute(conn)
        .await?;
    Ok(Effected::Done)
}

pub(super) async fn put_data_key(conn: &mut SqliteConnection, k: &DataKey) -> Written {
    let done =
        query("INSERT INTO data_keys (id, wrapped, master) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING")
            .bind(&k.id)
            .bind(k.wrapped.as_bytes())
            .bind(&k.master)
            .execute(&mut *conn)
            .await?;
    if done.rows_affected() == 1 {
        return Ok(Effected::DataKey(k.clone()));
    }
    let stored = data_key(conn, &k.id).await?;
    stored.map(Effected::DataKey).ok_or(Stop::Refused(Refusal::Conflict))
}

pub(super) async fn rewrap(conn: &mut SqliteConnection, from: &str, keys: &[DataKey]) -> Written {
    for key in keys {
        let sql = "UPDATE data_keys SET wrapped = $2, master = $3 WHERE id = $1 AND master = $4";
        let done = query(sql).bind(&key.id).bind(key.wrapped.as_bytes()).bind(&key.master).bind(from);
        if done.execute(&mut *conn).await?.rows_affected() == 0 {
            return Err(Stop::Unclean(Refusal::Changed));
        }
    }
    let left = "SELECT hex(id) FROM data_keys WHERE master = $1 LIMIT 1";
    match query(left).bind(from).fetch_optional(conn).await? {
        Some(_) => Err(Stop::Unclean(Refusal::Changed)),
        None => Ok(Effected::Done),
    }
}

fn data_key_row(row: &SqliteRow) -> Result<DataKey, ReadError> {
    let mut c = Columns::of("data_keys", row);
    Ok(DataKey { id: c.get()?, wrapped: c.sealed()?, master: c.get()? })
}

pub(super) async fn data_key(conn: &mut SqliteConnection, id: &str) -> Result<Option<DataKey>, ReadError> {
    one(conn, query("SELECT id, wrapped, master FROM data_keys WHERE id = $1").bind(id), data_key_row).await
}

pub(super) async fn data_keys(conn: &mut SqliteConnection) -> Result<Vec<DataKey>, ReadError> {
    all(conn, query("SELECT id, wrapped, master FROM data_keys ORDER BY id"), data_key_row).await
}

pub(super) async fn put_source(conn: &mut SqliteConnection, s: &Source) -> Written {
    let done = query(
        "INSERT INTO sources (id, company, account, mode, endpoint, url, secret, created_at, expires_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) \
         ON CONFLICT (id) DO UPDATE SET account = excluded.account, mode = excluded.mode, \
         endpoint = excluded.endpoint, url = excluded.url, secret = excluded.secret, \
         created_at = excluded.created_at, expires_at = excluded.expires_at WHERE company IS excluded.company",
    )
    .bind(s.id.to_string())
    .bind(s.company.map(|company| company.to_string()))
    .bind(s.account.as_str())
    .bind(s.mode.as_str())
    .bind(&s.endpoint)
    .bind(&s.url)
    .bind(s.secret.as_bytes())
    .bind(micros(s.created_at))
    .bind(s.expires_at.map(micros))
    .execute(conn)
    .await?;
    written(done.rows_affected())
}

pub(super) async fn sources(
    conn: &mut SqliteConnection,
    of: Option<CompanyId>,
) -> Result<Vec<Source>, ReadError> {
    let sql = "SELECT id, company, account, mode, endpoint, url, secret, created_at, expires_at \
               FROM sources WHERE company IS $1 ORDER BY id";
    all(conn, query(sql).bind(of.map(|of| of.to_string())), |row| {
        let mut c = Columns::of("sources", row);
        Ok(Source {
            id: c.parse::<SourceId>()?,
            company: c.parse_opt()?,
            account: model::AccountId::new(c.get::<String>()?),
            mode: c.with(Mode::parse)?,
            endpoint: c.get()?,
            url: c.get()?,
            secret: c.sealed()?,
            created_at: c.time()?,
            expires_at: c.time_opt()?,
        })
    })
    .await
}

pub(super) async fn put_secret(conn: &mut SqliteConnection, s: &Secret) -> Written {
    query(
        "INSERT INTO secrets (company, name, value, updated_at) VALUES ($1, $2, $3, $4) \
         ON CONFLICT (company, name) DO UPDATE SET value = excluded.value, updated_at = excluded.updated_at",
    )
    .bind(s.company.to_string())
    .bind(&s.name)
    .bind(s.value.as_bytes())
    .bind(micros(s.updated_at))
    .execute(conn)
    .await?;
    Ok(Effected::Done)
}

pub(super) async fn secret(
    conn: &mut SqliteConnection,
    of: CompanyId,
    name: &str,
) -> Result<Option<Secret>, ReadError> {
    let sql = "SELECT company, name, value, updated_at FROM secrets WHERE company = $1 AND name = $2";
    one(conn, query(sql).bind(of.to_string()).bind(name), |row| {
        let mut c = Columns::of("secrets", row);
        Ok(Secret { company: c.parse()?, name: c.get()?, value: c.sealed()?, updated_at: c.time()? })
    })
    .await
}

pub(super) async fn remember_key(conn: &mut SqliteConnection, k: &RequestKey) -> Written {
    let done = query(
        "INSERT INTO request_keys (company, target, key, input_hash, result, created_at) \
         VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING",
    )
    .bind(k.company.to_string())
    .bind(&k.target)
    .bind(k.key.as_str())
    .bind(k.input_hash.to_vec())
    .bind(&k.result)
    .bind(micros(k.created_at))
    .execute(&mut *conn)
    .await?;
    if done.rows_affected() == 1 {
        return Ok(Effected::Remembered { key: k.clone(), existed: false });
    }
    let stored = request_key(conn, k.company, &k.target, k.key.as_str()).await?;
    let key = stored.ok_or(Stop::Refused(Refusal::Conflict))?;
    Ok(Effected::Remembered { key, existed: true })
}

pub(super) async fn request_key(
    conn: &mut SqliteConnection,
    of: CompanyId,
    target: &str,
    key: &str,
) -> Result<Option<RequestKey>, ReadError> {
    let sql = "SELECT company, target, key, input_hash, result, created_at FROM request_keys \
               WHERE company = $1 AND target = $2 AND key = $3";
    one(conn, query(sql).bind(of.to_string()).bind(target).bind(key), |row| {
        let mut c = Columns::of("request_keys", row);
        Ok(RequestKey {
            company: c.parse()?,
            target: c.get()?,
            key: c.with(|text| CallerKey::parse(text).ok())?,
            input_hash: c.bytes()?,
            result: c.get()?,
            created_at: c.time()?,
        })
    })
    .await
}
