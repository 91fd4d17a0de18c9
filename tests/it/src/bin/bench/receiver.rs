//! What is measured: the whole router over SQLite in a folder, as `bursar serve` has it.

use std::{path::Path, sync::Arc};

use calls::{Limits, Transports};
use connections::MasterKey;
use events::NewSource;
use model::{AccountId, Code, Failure, Mode, SystemClock, SystemRng};
use serde_json::json;
use server::{App, Assembly, FIRST_COMPANY, ServerLimits};
use store::{Sqlite, SqliteOptions, Store};
use stripe::signature::Secret;
use tokio::net::TcpListener;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::{
    Done, child,
    deliveries::{ACCOUNT, SECRET},
    over::Over,
};

/// How much of the product runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Variant {
    /// Receipts, which are their own dispatch records, are stored; the dispatcher rests.
    Receives,
    /// The dispatcher works through them at the same time; no workflow listens.
    Dispatches,
    /// Everything but the store's commit.
    StoresNothing,
}

/// The parts over a store, as the binary puts them together.
pub(crate) async fn assemble(store: Store, transports: Transports) -> Done<App> {
    let parts = Assembly {
        store,
        master: MasterKey::random(),
        transports,
        carrier: Arc::new(connections::Unconnected),
        providers: connections::ProviderSettings::default(),
        clock: Arc::new(SystemClock),
        rng: Arc::new(SystemRng),
        limits: Limits::default(),
        concurrency: 64,
        server: ServerLimits::default(),
    };
    Ok(server::assemble(parts).await.map_err(said)?)
}

/// A failure as an error of the benchmark.
pub(crate) fn said(failure: Failure) -> String {
    format!("{}: {}", failure.code.as_str(), failure.message)
}

/// Serves until told to stop.
pub(crate) async fn serve(listener: TcpListener, folder: &Path, variant: Variant) -> Done {
    let sqlite = Arc::new(Sqlite::open(&folder.join("data"), SqliteOptions::default()).await?);
    let store: Store = match variant {
        Variant::StoresNothing => Arc::new(Over::without_receipts(sqlite.clone())),
        Variant::Receives | Variant::Dispatches => sqlite.clone(),
    };
    let app = assemble(store, no_stripe()).await?;
    let company = server::ensure_company(&app, FIRST_COMPANY).await.map_err(said)?.id;
    let source = NewSource {
        account: AccountId::new(ACCOUNT),
        mode: Mode::Test,
        endpoint: "we_benchmark".into(),
        url: "http://127.0.0.1/".into(),
        secret: Secret::new(SECRET).ok_or("a blank secret")?,
    };
    app.sources.put(company, source).await.map_err(said)?;

    let (tasks, stop) = (TaskTracker::new(), CancellationToken::new());
    if variant == Variant::Dispatches {
        app.run_background(&tasks, &stop);
    }
    let at = listener.local_addr()?;
    let router = server::router(app.clone());
    let serving = async move {
        let _ = axum::serve(listener, router).await;
    };
    let last = || async move {
        stop.cancel();
        tasks.close();
        tasks.wait().await;
        let counts = app.store.counts(None).await?;
        sqlite.close().await;
        let stored = counts.iter().find(|(what, _)| *what == "receipts").map(|(_, count)| *count);
        Ok(json!({ "stored": stored }))
    };
    child::until_told(at, json!({ "path": format!("/webhooks/stripe/{company}") }), serving, last).await
}

/// Receiving calls nobody.
fn no_stripe() -> Transports {
    Arc::new(|_| Err(Failure::new(Code::ConnectionUnreachable, "This benchmark has no Stripe.")))
}
