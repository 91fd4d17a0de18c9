//! Rotating the master key over HTTP.

use std::sync::{Arc, Mutex};

use axum::body::Body;
use connections::MasterKey;
use http::{Method, StatusCode};
use model::{Code, Failure};
use serde_json::json;

use super::{Server, request};
use crate::KeepMaster;

/// Keeps nothing, and remembers in which order it was asked.
#[derive(Default)]
struct Keeper {
    asked: Mutex<Vec<String>>,
}

impl KeepMaster for Keeper {
    fn prepare(&self, given: Option<&str>) -> Result<MasterKey, Failure> {
        let Some(text) = given else {
            return Err(Failure::new(Code::ValidationError, "A key has to be given.").at("newKey"));
        };
        let key = MasterKey::from_text(text, "The new key").map_err(|e| e.to_failure())?;
        self.asked.lock().unwrap().push(format!("prepare {}", key.id()));
        Ok(key)
    }

    fn promote(&self, id: &str) -> Result<Option<String>, Failure> {
        self.asked.lock().unwrap().push(format!("promote {id}"));
        Ok(Some("keep it".into()))
    }
}

#[tokio::test]
async fn the_master_key_is_rotated_while_calls_go_on_and_never_told() {
    let mut server = Server::new().await;
    let keeper = Arc::new(Keeper::default());
    server.app.master_keeper = Some(keeper.clone());
    server.router = crate::router(server.app.clone());
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("new.key");
    let id = MasterKey::read_or_create(&path).unwrap().id().to_owned();
    let line = std::fs::read_to_string(&path).unwrap();

    let before = server.get("/api/v1/vault").await.data()["masterKeyId"].clone();
    let refused = server.post("/api/v1/vault/rotate", None, json!({})).await;
    assert_eq!((refused.status, refused.code()), (StatusCode::BAD_REQUEST, "validation_error"));
    assert_eq!(server.get("/api/v1/vault").await.data()["masterKeyId"], before);

    let reply = server.post("/api/v1/vault/rotate", None, json!({ "newKey": line })).await;
    let data = reply.data();
    assert_eq!(
        (&data["from"], &data["masterKeyId"], &data["toDo"]),
        (&before, &json!(id), &json!("keep it"))
    );
    assert!(data["dataKeys"].as_u64().unwrap() > 1);
    assert_eq!(*keeper.asked.lock().unwrap(), [format!("prepare {id}"), format!("promote {id}")]);
    assert!(server.app.store.data_keys().await.unwrap().iter().all(|key| key.master == id));
    let body = json!({ "config": { "email": "ada@example.com" } });
    server.post("/api/v1/actions/stripe.createCustomer", Some("k1"), body).await.data();

    let log = server.get("/api/v1/audit").await;
    assert_eq!((&log.data()[0]["what"], &log.data()[0]["target"]), (&json!("vault.rotated"), &json!(id)));
    let secret = line.trim().rsplit(':').next().unwrap();
    assert!(!log.text.contains(secret) && !reply.text.contains(secret));

    let admin = server.key(&["admin"]).await;
    let body = Body::from(json!({ "newKey": line }).to_string());
    let reply = server.send(request(Method::POST, "/api/v1/vault/rotate", Some(&admin), body)).await;
    assert_eq!((reply.status, reply.code()), (StatusCode::FORBIDDEN, "forbidden"));
}
