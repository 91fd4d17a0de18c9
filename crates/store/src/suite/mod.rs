//! What every backend has to do, as one suite that runs against each.
//!
//! A case is a function over `&dyn Backend` and begins with an empty store.

mod companies;
mod connections;
mod crashes;
mod drivers;
pub(crate) mod fixture;
mod folders;
mod intents;
mod random;
mod receipts;
mod runs;
mod settings;
mod unclaimed;
mod waits;

/// Makes one test per backend out of each case.
macro_rules! cases {
    ($($name:ident),+ $(,)?) => {
        $(mod $name {
            #[tokio::test]
            async fn on_sqlite() {
                let folder = tempfile::tempdir().unwrap();
                let store = crate::Sqlite::open(folder.path(), crate::SqliteOptions::default()).await.unwrap();
                super::$name(&store).await;
                store.close().await;
            }

            #[tokio::test]
            async fn on_memory() {
                super::$name(&crate::Memory::new(crate::MemoryOptions::default())).await;
            }
        })+
    };
}
pub(crate) use cases;
