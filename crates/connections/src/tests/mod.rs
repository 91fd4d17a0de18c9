//! Vault and connections over the store in memory.

mod announced;
mod authorizing;
mod choosing;
mod ending;
mod keys;
mod nango;
mod nango_exchanges;
mod nango_hints;
mod nango_renewing;
mod nango_transcripts;
mod provider;
mod renewing;
mod versions;

use std::sync::Arc;

use model::{
    AccountId, Binding, Clock, Code, CompanyId, ConnectionStatus, ManualClock, Mode, Rng, Sealed, SeededRng,
};
use store::{Company, Connection, Memory, MemoryOptions, Store, Unit, Write};
use stripe::Credential;

use crate::{Connections, MasterKey, NewConnection, RowId, Vault, Wanted};

const AT: RowId<'static> = RowId { table: "intents", id: "k" };

struct World {
    store: Store,
    vault: Vault,
    connections: Connections,
    company: CompanyId,
    key: std::path::PathBuf,
    _folder: tempfile::TempDir,
}

impl World {
    async fn new() -> Self {
        let store: Store = Arc::new(Memory::new(MemoryOptions::default()));
        let clock: Arc<dyn Clock> = Arc::new(ManualClock::at_second(1_800_000_000));
        let rng: Arc<dyn Rng> = Arc::new(SeededRng::new(1));
        let company = CompanyId::new(&*clock, &*rng);
        let row = Company { id: company, name: "Test".into(), created_at: clock.now() };
        store.commit(Unit::interactive(vec![Write::PutCompany(row)])).await.unwrap();
        let folder = tempfile::tempdir().unwrap();
        let key = folder.path().join("master.key");
        let vault = Vault::open(store.clone(), MasterKey::read_or_create(&key).unwrap()).await.unwrap();
        let connections = Connections::new(store.clone(), vault.clone(), clock, rng);
        Self { store, vault, connections, company, key, _folder: folder }
    }

    async fn reopened(&self) -> Vault {
        Vault::open(self.store.clone(), MasterKey::read(&self.key).unwrap()).await.unwrap()
    }

    async fn put(&self, name: &str, account: &str, secret: &str) -> Result<Connection, model::Failure> {
        self.connections.put(self.company, new(name, account, secret)).await
    }

    /// Writes the row over whatever revision is stored.
    async fn alter(&self, mut row: Connection) {
        row.revision = self.store.connection(row.company, row.id).await.unwrap().unwrap().revision + 1;
        self.store.commit(Unit::interactive(vec![Write::PutConnection(row)])).await.unwrap();
    }
}

fn new(name: &str, account: &str, secret: &str) -> NewConnection {
    let mode = if secret.contains("live") { Mode::Live } else { Mode::Test };
    let account = AccountId::new(account);
    NewConnection {
        name: name.into(),
        account: account.clone(),
        mode,
        base_url: "https://api.stripe.com/".into(),
        is_default: false,
        credential: Credential::new(account, mode, secret),
    }
}

fn binding(row: &Connection) -> Binding {
    Binding {
        company: row.company,
        connection: row.id,
        account: row.account.clone().unwrap(),
        mode: row.mode,
    }
}

#[tokio::test]
async fn what_one_process_sealed_the_next_one_opens() {
    let world = World::new().await;
    let sealed = world.vault.keyring(world.company).await.unwrap().seal(AT, b"secret");
    let keyring = world.reopened().await.keyring(world.company).await.unwrap();
    assert_eq!(keyring.open(AT, &sealed).unwrap().as_bytes(), b"secret");
}

#[tokio::test]
async fn the_wrong_master_key_is_refused_and_harms_nothing() {
    let world = World::new().await;
    let sealed = world.vault.keyring(world.company).await.unwrap().seal(AT, b"secret");
    let before = world.store.data_keys().await.unwrap();
    let wrong = MasterKey::random();
    let (wrong_id, right_id) = (wrong.id().to_owned(), before[0].master.clone());
    let refused = Vault::open(world.store.clone(), wrong).await.err().unwrap();
    assert_eq!(refused.code, Code::VaultKeyMissing);
    assert!(
        refused.message.contains(&wrong_id) && refused.message.contains(&right_id),
        "{}",
        refused.message
    );
    assert_eq!(world.store.data_keys().await.unwrap(), before);
    let keyring = world.reopened().await.keyring(world.company).await.unwrap();
    assert!(keyring.open(AT, &sealed).is_ok());
}

#[tokio::test]
async fn processes_that_race_for_a_companys_keys_end_with_the_same_ones() {
    let world = World::new().await;
    let others =
        futures_of(4, || async { world.reopened().await.keyring(world.company).await.unwrap() }).await;
    let sealed = others[0].seal(AT, b"secret");
    for keyring in &others {
        assert_eq!(keyring.open(AT, &sealed).unwrap().as_bytes(), b"secret");
    }
}

async fn futures_of<F: Future>(n: usize, make: impl Fn() -> F) -> Vec<F::Output> {
    let mut pending: Vec<_> = (0..n).map(|_| Some(Box::pin(make()))).collect();
    let mut done: Vec<_> = (0..n).map(|_| None).collect();
    std::future::poll_fn(|cx| {
        for (slot, out) in pending.iter_mut().zip(&mut done) {
            let polled = slot.as_mut().map(|future| future.as_mut().poll(cx));
            if let Some(std::task::Poll::Ready(value)) = polled {
                (*slot, *out) = (None, Some(value));
            }
        }
        if pending.iter().all(Option::is_none) {
            std::task::Poll::Ready(())
        } else {
            std::task::Poll::Pending
        }
    })
    .await;
    done.into_iter().flatten().collect()
}

#[tokio::test]
async fn one_companys_keys_do_not_open_anothers_rows() {
    let world = World::new().await;
    let other = CompanyId::new(&ManualClock::at_second(2), &SeededRng::new(9));
    let row = Company { id: other, name: "Other".into(), created_at: model::seconds(0) };
    world.store.commit(Unit::interactive(vec![Write::PutCompany(row)])).await.unwrap();
    let (a, b) =
        (world.vault.keyring(world.company).await.unwrap(), world.vault.keyring(other).await.unwrap());
    let refused = b.open(AT, &a.seal(AT, b"canary")).err().unwrap();
    assert_eq!(refused.code, Code::InternalError);
    assert!(
        refused.message.contains("intents k") && !refused.message.contains("canary"),
        "{}",
        refused.message
    );
    let own_table = RowId { table: "some_other_table", id: "k" };
    assert!(a.open(own_table, &a.seal(own_table, b"x")).is_ok());
    assert!(a.open(AT, &a.seal(own_table, b"x")).is_err());
}

#[tokio::test]
async fn a_new_credential_keeps_the_id_and_is_used_at_once() {
    let world = World::new().await;
    let first = world.put("main", "acct_1", "sk_test_old").await.unwrap();
    assert_eq!(world.connections.credential(&binding(&first)).await.unwrap().0.expose(), "sk_test_old");
    let second = world.put(" main ", "acct_1", "sk_test_new").await.unwrap();
    assert_eq!((first.id, first.created_at), (second.id, second.created_at));
    let (credential, base) = world.connections.credential(&binding(&first)).await.unwrap();
    assert_eq!((credential.expose(), base.as_str()), ("sk_test_new", "https://api.stripe.com"));
    assert_eq!(world.connections.list(world.company).await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_name_never_moves_to_another_account_or_mode() {
    let world = World::new().await;
    world.put("main", "acct_1", "sk_test_a").await.unwrap();
    for (account, secret) in [("acct_2", "sk_test_b"), ("acct_1", "sk_live_b")] {
        assert_eq!(world.put("main", account, secret).await.unwrap_err().code, Code::Conflict);
    }
    let row = world.connections.list(world.company).await.unwrap().remove(0);
    assert_eq!(world.connections.credential(&binding(&row)).await.unwrap().0.expose(), "sk_test_a");
}

#[tokio::test]
async fn a_bad_key_is_refused_before_anything_is_stored() {
    let world = World::new().await;
    for secret in ["pk_test_a", "sk_test_a b", ""] {
        let refused = world.put("main", "acct_1", secret).await.unwrap_err();
        assert_eq!((refused.code, refused.field.as_deref()), (Code::ValidationError, Some("credential")));
    }
    let crossed = NewConnection { mode: Mode::Live, ..new("main", "acct_1", "sk_live_a") };
    let crossed = NewConnection { account: AccountId::new("acct_2"), ..crossed };
    assert_eq!(world.connections.put(world.company, crossed).await.unwrap_err().code, Code::ValidationError);
    for name in ["", "  ", "a\nb", &"x".repeat(101)] {
        assert_eq!(world.put(name, "acct_1", "sk_test_a").await.unwrap_err().field.as_deref(), Some("name"));
    }
    assert!(world.connections.list(world.company).await.unwrap().is_empty());
}

#[tokio::test]
async fn a_row_that_was_altered_gives_no_credential() {
    let world = World::new().await;
    let mine = world.put("mine", "acct_1", "sk_test_canary1").await.unwrap();
    let other = world.put("other", "acct_2", "sk_test_canary2").await.unwrap();
    let moved = Connection { account: Some(AccountId::new("acct_2")), ..mine.clone() };
    let elsewhere = Connection { base_url: "https://evil.example".into(), ..mine.clone() };
    let swapped = Connection { credential: other.credential.clone(), ..mine.clone() };
    let cut = Connection { credential: Some(Sealed::from_ciphertext(vec![1, 2, 3])), ..mine.clone() };
    for (row, code) in [
        (moved, Code::Conflict),
        (elsewhere, Code::Conflict),
        (swapped, Code::InternalError),
        (cut, Code::InternalError),
    ] {
        world.alter(row.clone()).await;
        world.connections.forget(mine.id);
        let refused = world.connections.credential(&binding(&row)).await.unwrap_err();
        assert_eq!(refused.code, code, "{}", refused.message);
        assert!(!refused.message.contains("canary"));
    }
}

#[tokio::test]
async fn a_binding_of_another_account_gets_no_credential_even_from_the_cache() {
    let world = World::new().await;
    let row = world.put("main", "acct_1", "sk_test_a").await.unwrap();
    world.connections.credential(&binding(&row)).await.unwrap();
    for other in [
        Binding { account: AccountId::new("acct_2"), ..binding(&row) },
        Binding { mode: Mode::Live, ..binding(&row) },
        Binding { company: CompanyId::new(&ManualClock::at_second(2), &SeededRng::new(3)), ..binding(&row) },
    ] {
        assert_eq!(world.connections.credential(&other).await.unwrap_err().code, Code::Conflict);
    }
}

#[tokio::test]
async fn a_connection_that_ended_says_how() {
    let world = World::new().await;
    let row = world.put("main", "acct_1", "sk_test_a").await.unwrap();
    for (status, code) in [
        (ConnectionStatus::Expired, Code::ConnectionExpired),
        (ConnectionStatus::Revoked, Code::ConnectionRequired),
        (ConnectionStatus::Disconnected, Code::ConnectionRequired),
    ] {
        world.alter(Connection { status, ..row.clone() }).await;
        world.connections.forget(row.id);
        assert_eq!(world.connections.credential(&binding(&row)).await.unwrap_err().code, code);
    }
}

#[tokio::test]
async fn a_call_without_a_name_takes_the_default_or_the_only_one() {
    let world = World::new().await;
    let choose = |wanted| world.connections.choose(world.company, wanted);
    let none = choose(Wanted::Default).await.unwrap_err();
    assert!(none.code == Code::ConnectionRequired && none.message.contains("connections add"));
    let a = world.put("a", "acct_1", "sk_test_a").await.unwrap();
    assert_eq!(choose(Wanted::Default).await.unwrap(), binding(&a));
    let b = world.put("b", "acct_2", "sk_test_b").await.unwrap();
    let unsure = choose(Wanted::Default).await.unwrap_err();
    assert!(unsure.message.contains("`a`") && unsure.message.contains("`b`"), "{}", unsure.message);
    assert!(unsure.message.contains("bursar connections default NAME"), "{}", unsure.message);
    assert!(!unsure.message.contains("connections add"), "{}", unsure.message);
    for (name, account, row) in [("a", "acct_1", &a), ("b", "acct_2", &b)] {
        let new = NewConnection { is_default: true, ..new(name, account, "sk_test_c") };
        world.connections.put(world.company, new).await.unwrap();
        assert_eq!(choose(Wanted::Default).await.unwrap(), binding(row));
    }
    let rows = world.connections.list(world.company).await.unwrap();
    assert_eq!(rows.iter().filter(|row| row.is_default).count(), 1);
    assert_eq!(choose(Wanted::Named("a".into())).await.unwrap(), binding(&a));
    assert_eq!(choose(Wanted::Named(b.id.to_string())).await.unwrap(), binding(&b));
}

#[tokio::test]
async fn an_events_run_gets_the_connection_that_owns_its_account() {
    let world = World::new().await;
    let a = world.put("a", "acct_1", "sk_test_a").await.unwrap();
    world.put("b", "acct_1", "sk_live_b").await.unwrap();
    let owner = |named: Option<&str>| Wanted::Owner {
        account: AccountId::new("acct_1"),
        mode: Mode::Test,
        named: named.map(str::to_owned),
    };
    let choose = |wanted| world.connections.choose(world.company, wanted);
    assert_eq!(choose(owner(None)).await.unwrap(), binding(&a));
    assert_eq!(choose(owner(Some("a"))).await.unwrap(), binding(&a));
    assert_eq!(choose(owner(Some("b"))).await.unwrap_err().code, Code::ConnectionRequired);
}

#[tokio::test]
async fn no_credential_shows_in_the_database_or_in_debug_text() {
    let world = World::new().await;
    let row = world.put("main", "acct_1", "sk_test_canary").await.unwrap();
    let credential = world.connections.credential(&binding(&row)).await.unwrap();
    let keyring = world.vault.keyring(world.company).await.unwrap();
    let plain = keyring.open(AT, &keyring.seal(AT, b"canary")).unwrap();
    assert!(!format!("{row:?} {credential:?} {keyring:?} {plain:?}").contains("canary"));
    assert!(!row.credential.as_ref().unwrap().as_bytes().windows(6).any(|w| w == b"canary"));
}

#[tokio::test]
async fn another_master_key_takes_over_while_everything_goes_on() {
    let world = World::new().await;
    let sealed = world.vault.keyring(world.company).await.unwrap().seal(AT, b"before");
    let (old, new) = (MasterKey::read(&world.key).unwrap(), MasterKey::random());
    let entry = |count: usize| {
        let about = (world.vault.master_id(), format!("{{\"dataKeys\":{count}}}"));
        let moment = (&ManualClock::at_second(1) as _, &SeededRng::new(7) as _);
        store::Audited::entry(moment, world.company, None, "vault.rotated", about)
    };
    assert_eq!(world.vault.rotate(&new, entry).await.unwrap(), 9);
    let again = world.vault.rotate(&new, entry).await.unwrap();
    assert_eq!((world.vault.master_id().as_str(), again), (new.id(), 0));
    let log = world.store.audit(world.company, store::Page { limit: 9, after: None }).await.unwrap().rows;
    let log: Vec<_> = log.iter().map(|entry| (entry.what.as_str(), entry.details.as_str())).collect();
    assert_eq!(log, [("vault.rotated", "{\"dataKeys\":9}")], "what changes nothing has no entry");
    let opened = world.vault.keyring(world.company).await.unwrap();
    assert_eq!(opened.open(AT, &sealed).unwrap().as_bytes(), b"before");
    let other = CompanyId::new(&ManualClock::at_second(1), &SeededRng::new(9));
    let after = world.vault.keyring(other).await.unwrap().seal(AT, b"after");
    let refused = Vault::open(world.store.clone(), old).await.err().unwrap();
    assert_eq!(refused.code, Code::VaultKeyMissing);
    assert!(refused.message.contains(new.id()));
    let again = Vault::open(world.store.clone(), new).await.unwrap();
    assert_eq!(again.keyring(world.company).await.unwrap().open(AT, &sealed).unwrap().as_bytes(), b"before");
    assert_eq!(again.keyring(other).await.unwrap().open(AT, &after).unwrap().as_bytes(), b"after");
}
