//! Everything that happened in a world, as text. One seed gives one text.
//!
//! Ciphertexts differ each time, because the vault takes its randomness from the
//! system and should; so they are opened before they are written down.

use std::fmt::Write as _;

use connections::RowId;
use server::App;
use store::{Page, RunFilter};

use super::world::World;

/// What happened, from both sides.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trace {
    /// Every request that Stripe got, in order.
    pub stripe: String,
    /// Every run with its journal, opened.
    pub runs: String,
}

impl Trace {
    /// What has happened so far.
    pub async fn of(world: &World, app: &App) -> Self {
        let mut stripe = String::new();
        for entry in world.sandbox.journal() {
            let _ = writeln!(stripe, "{}", serde_json::to_string(&entry).unwrap_or_default());
        }
        let runs = runs(world, app).await.unwrap_or_else(|why| format!("the journals cannot be read: {why}"));
        Self { stripe, runs }
    }
}

async fn runs(world: &World, app: &App) -> Result<String, String> {
    let mut text = String::new();
    let company = world.setup.company;
    let keyring = app.vault.keyring(company).await.map_err(|failure| failure.message)?;
    let page = Page { limit: 100, after: None };
    let runs = app.store.runs(company, RunFilter::default(), page).await.map_err(|e| e.to_string())?;
    for run in runs.rows.into_iter().rev() {
        let head = (run.id, run.cause.canonical(), run.status, run.created_at, run.ended_at);
        let _ = writeln!(text, "{head:?}");
        for row in app.store.journal(run.id).await.map_err(|e| e.to_string())? {
            let place = format!("{}/{}", run.id, row.seq);
            let at = RowId { table: "journal", id: &place };
            let opened = keyring.open(at, &row.row).map_err(|failure| failure.message)?;
            let _ = writeln!(text, "  {} {}", row.seq, String::from_utf8_lossy(opened.as_bytes()));
        }
    }
    Ok(text)
}
