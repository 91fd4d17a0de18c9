//! Rows that somebody edited by hand: noticed, named, and never used.

use model::{AccountId, Sealed};
use serde_json::json;
use store::{Connection, Unit, Write};

use super::Server;

impl Server {
    async fn stored(&self) -> Connection {
        self.app.store.connections(self.company).await.unwrap().remove(0)
    }

    /// Writes a row past everything that guards it.
    async fn edit_by_hand(&self, row: Connection) {
        let row = Connection { revision: self.stored().await.revision + 1, ..row };
        let id = row.id;
        self.app.store.commit(Unit::interactive(vec![Write::PutConnection(row)])).await.unwrap();
        self.app.connections.forget(id);
    }

    /// Holds that the connection is shown as failing and that nothing goes out under it.
    async fn expect_unused(&self, what: &str) {
        let asked = self.sandbox.journal().len();
        let listed = self.get("/api/v1/connections").await;
        let shown = self.get("/api/v1/connections/local").await;
        for row in [&listed.data()[0], shown.data()] {
            assert_eq!(row["status"], "error", "{what}: {row}");
            let message = row["error"]["message"].as_str().unwrap();
            assert!(message.contains("Nothing was sent to Stripe"), "{what}: {message}");
            assert!(message.contains("altered") || message.contains("cut short"), "{what}: {message}");
        }
        let body = json!({ "config": {} });
        let call = self.post("/api/v1/actions/stripe.getBalance", None, body).await;
        assert!(["internal_error", "conflict"].contains(&call.code()), "{what}: {call:?}");
        assert_eq!(self.sandbox.journal().len(), asked, "{what}: something was sent");
        assert!(!call.text.contains(&self.sandbox.secret_key()) && !listed.text.contains("sk_test"));
    }
}

#[tokio::test]
async fn a_sealed_credential_with_any_byte_changed_is_named_and_never_used() {
    let server = Server::new().await;
    let row = server.stored().await;
    let sealed = row.credential.clone().unwrap().as_bytes().to_vec();
    for at in 0..sealed.len() {
        let mut bytes = sealed.clone();
        bytes[at] ^= 1 << (at % 8);
        let credential = Some(Sealed::from_ciphertext(bytes));
        server.edit_by_hand(Connection { credential, ..row.clone() }).await;
        server.expect_unused(&format!("byte {at}")).await;
    }
    for length in [0, 1, sealed.len() - 1] {
        let credential = Some(Sealed::from_ciphertext(sealed[..length].to_vec()));
        server.edit_by_hand(Connection { credential, ..row.clone() }).await;
        server.expect_unused(&format!("cut to {length} bytes")).await;
    }
    server.edit_by_hand(row).await;
    let call = server.post("/api/v1/actions/stripe.getBalance", None, json!({ "config": {} })).await;
    assert_eq!(call.data()["object"], "balance", "restored, it works again");
}

#[tokio::test]
async fn a_row_that_points_its_credential_elsewhere_is_named_and_never_used() {
    let server = Server::new().await;
    let row = server.stored().await;
    for (what, edited) in [
        ("address", Connection { base_url: "https://evil.example".into(), ..row.clone() }),
        ("account", Connection { account: Some(AccountId::new("acct_evil")), ..row.clone() }),
        ("mode", Connection { mode: model::Mode::Live, ..row.clone() }),
        ("kind", Connection { kind: "app".into(), ..row.clone() }),
    ] {
        server.edit_by_hand(edited).await;
        server.expect_unused(what).await;
    }
}
