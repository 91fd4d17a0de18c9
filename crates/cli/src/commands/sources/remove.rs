//! `bursar sources remove`.

use model::Failure;

use crate::{
    client::Client,
    output::{Output, cell},
};

pub(super) async fn perform(path: &str, client: &Client, output: Output) -> Result<(), Failure> {
    let success = client.delete(path).await?;
    output.success(&success, |source| {
        format!("{} is forgotten; remove {} at Stripe too", cell(&source["id"]), cell(&source["endpoint"]))
    });
    Ok(())
}
