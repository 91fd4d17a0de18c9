//! Who may say where a connection's API is.

use axum::body::Body;
use http::{Method, StatusCode};
use serde_json::json;

use super::{Server, request};

#[tokio::test]
async fn only_whoever_runs_the_server_names_an_address_that_is_not_the_mode_s_own() {
    let server = Server::new().await;
    for (mode, base_url) in [("local", "http://127.0.0.1:9"), ("test", "https://evil.example")] {
        let key = server.sandbox.secret_key();
        let body = json!({ "name": format!("new {mode}"), "apiKey": key, "mode": mode, "baseUrl": base_url });
        for (scopes, refused) in
            [(&["connections:write"][..], true), (&["admin"], true), (&["admin", "installation"], false)]
        {
            let key = server.key(scopes).await;
            let add = request(Method::POST, "/api/v1/connections", Some(&key), Body::from(body.to_string()));
            let reply = server.send(add).await;
            if refused {
                assert_eq!((reply.status, reply.code()), (StatusCode::FORBIDDEN, "forbidden"), "{scopes:?}");
                assert_eq!(reply.body["error"]["field"], "baseUrl");
            } else {
                assert_eq!(reply.status, StatusCode::CREATED, "{}", reply.text);
            }
        }
    }
}
