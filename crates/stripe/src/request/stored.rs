//! A request as bytes. What is read back is checked against itself and the tables,
//! so that a record that was damaged or mixed up is not sent.

use bytes::Bytes;
use model::{AccountId, IdempotencyKey};
use serde::{Deserialize, Serialize};

use super::{Kind, Method, Request};
use crate::{
    Version, path,
    tables::{self, Operation},
};

/// Raised when the record's shape changes.
const FORMAT: u8 = 1;

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Stored {
    format: u8,
    operation: String,
    path: String,
    form: Form,
    version: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    account: Option<AccountId>,
    kind: StoredKind,
}

/// Text, as every form of ours is, or the bytes of one that is not.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Form {
    Text(String),
    Hex(String),
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum StoredKind {
    Read,
    Write(IdempotencyKey),
    Delete,
}

pub(super) fn write(request: &Request) -> Vec<u8> {
    let stored = Stored {
        format: FORMAT,
        operation: request.operation.id.to_owned(),
        path: request.path.clone(),
        form: match std::str::from_utf8(&request.form) {
            Ok(text) => Form::Text(text.to_owned()),
            Err(_) => Form::Hex(hex::encode(&request.form)),
        },
        version: request.version.as_str().to_owned(),
        account: request.account.clone(),
        kind: match &request.kind {
            Kind::Read => StoredKind::Read,
            Kind::Write(key) => StoredKind::Write(key.clone()),
            Kind::Delete => StoredKind::Delete,
        },
    };
    // Strings and a number: this cannot fail, and an empty record would be refused on reading.
    serde_json::to_vec(&stored).unwrap_or_default()
}

pub(super) fn read(bytes: &[u8]) -> Result<Request, String> {
    let stored: Stored =
        serde_json::from_slice(bytes).map_err(|e| format!("the stored request cannot be read: {e}"))?;
    if stored.format != FORMAT {
        return Err(format!("the stored request has format {}, and {FORMAT} is known", stored.format));
    }
    let id = &stored.operation;
    let version = Version::parse(&stored.version).map_err(|e| format!("the stored request: {e}"))?;
    let operation = operation(id, &stored.path, version)?;
    let kind = match (operation.method, stored.kind) {
        (Method::Get, StoredKind::Read) => Kind::Read,
        (Method::Post, StoredKind::Write(key)) if !key.as_str().is_empty() => Kind::Write(key),
        (Method::Delete, StoredKind::Delete) => Kind::Delete,
        _ => return Err(format!("the stored request of `{id}` does not say how it may be repeated")),
    };
    let form = match stored.form {
        Form::Text(text) => Bytes::from(text),
        Form::Hex(digits) => {
            hex::decode(digits).map_err(|e| format!("the stored form cannot be read: {e}"))?.into()
        }
    };
    Ok(Request { operation, path: stored.path, form, version, account: stored.account, kind })
}

/// The operation of this id, if the path is its own.
fn operation(id: &str, path: &str, version: Version) -> Result<&'static Operation, String> {
    if let Some(unlisted) = tables::unlisted_named(id) {
        // The tables of a later release may know the path; it still goes out as it was written.
        return match path::clean(path) {
            Ok(clean) if clean == path => Ok(unlisted),
            _ => Err(format!("the stored request of `{id}` has a path that is not written as paths are")),
        };
    }
    let operation = tables::operation_in(id, version)
        .ok_or_else(|| format!("the stored request names `{id}`, which is no operation of {version}"))?;
    let routed = tables::route_in(operation.method, path, version);
    if routed.is_none_or(|(found, _)| found.id != operation.id) {
        return Err(format!("the stored request names `{id}`, and its path belongs to another operation"));
    }
    Ok(operation)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request() -> Request {
        Request {
            operation: tables::operation("invoices.finalizeInvoice").unwrap(),
            path: "/v1/invoices/in_1%2F2/finalize".to_owned(),
            form: Bytes::from_static(b"auto_advance=false&expand[0]=customer"),
            version: crate::PINNED,
            account: Some(AccountId::new("acct_1")),
            kind: Kind::Write(IdempotencyKey::from_text("bursar_1")),
        }
    }

    #[test]
    fn a_stored_request_comes_back_byte_for_byte() {
        let bare = Request { account: None, form: Bytes::new(), ..request() };
        let odd = Request { form: Bytes::from_static(&[0xff, b'=']), ..request() };
        let read = Request {
            operation: tables::operation("customers.list").unwrap(),
            path: "/v1/customers".to_owned(),
            kind: Kind::Read,
            ..request()
        };
        let unlisted = |method, kind| Request {
            operation: tables::unlisted(method),
            path: "/v1/new_things/thing%201".to_owned(),
            kind,
            ..request()
        };
        let post = unlisted(Method::Post, request().kind);
        let get = unlisted(Method::Get, Kind::Read);
        let delete = unlisted(Method::Delete, Kind::Delete);
        // Written before the tables knew the path.
        let learned = Request { path: "/v1/invoices/in_1/finalize".to_owned(), ..post.clone() };
        for one in [request(), bare, odd, read, post, get, delete, learned] {
            assert_eq!(Request::from_stored(&one.to_stored()).unwrap(), one);
        }
    }

    #[test]
    fn a_record_that_contradicts_itself_is_refused() {
        let refused = |request: Request| Request::from_stored(&request.to_stored()).unwrap_err();
        let other_path = Request { path: "/v1/invoices/in_1/void".to_owned(), ..request() };
        assert!(refused(other_path).contains("another operation"));
        let no_path = Request { path: "/v1/nothing".to_owned(), ..request() };
        assert!(refused(no_path).contains("another operation"));
        let no_key = Request { kind: Kind::Read, ..request() };
        assert!(refused(no_key).contains("may be repeated"));
        let empty_key = Request { kind: Kind::Write(IdempotencyKey::from_text("")), ..request() };
        assert!(refused(empty_key).contains("may be repeated"));
        let path = "/v1/new_things".to_owned();
        let unlisted = Request { operation: tables::unlisted(Method::Post), path, ..request() };
        for path in ["/v1/a/../b", "/v2/a", "/v1/a?b", "/v1/a b", "/v1/%61", "https://x/v1/a"] {
            let elsewhere = Request { path: path.to_owned(), ..unlisted.clone() };
            assert!(refused(elsewhere).contains("not written as paths are"), "{path}");
        }
        assert!(refused(Request { kind: Kind::Delete, ..unlisted }).contains("may be repeated"));
    }

    #[test]
    fn a_record_of_another_shape_is_refused_and_named() {
        let text = String::from_utf8(request().to_stored()).unwrap();
        let refused = |from: &str, to: &str| {
            assert!(text.contains(from), "{from}");
            Request::from_stored(text.replace(from, to).as_bytes()).unwrap_err()
        };
        assert!(refused("finalizeInvoice", "vanishInvoice").contains("`invoices.vanishInvoice`"));
        assert!(refused("2026-10-28.endive", "2031-01-01.zinnia").contains("2026-10-28.endive"));
        assert!(refused("\"format\":1", "\"format\":2").contains("format 2"));
        assert!(Request::from_stored(b"").is_err());
        assert!(Request::from_stored(b"{}").is_err());
    }
}
