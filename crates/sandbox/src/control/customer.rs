//! Acts of a customer on a page of the sandbox, committed like a request.

use serde_json::Value;

use crate::{
    core::Shared,
    state::{Asking, Tx},
    test_clocks, versions,
    wire::{Refusal, refusal, shown},
};

/// Runs an act on the account that has this object, keeps what follows from it, and answers the object that it returns.
///
/// # Errors
/// Stripe's error; what the refusal leaves behind stays recorded.
pub(crate) async fn act(
    shared: &Shared,
    about: &str,
    does: impl FnOnce(&mut Tx) -> Result<Value, Refusal>,
) -> Result<Value, Refusal> {
    let (result, seq) = {
        let mut core = shared.core();
        let (account, now_ms) = (core.state.holder(about), shared.clock.now_ms());
        let clock = test_clocks::of_object(core.state.of(account), about);
        let tx = Tx::new(&core.state, account, now_ms, Asking::default(), shared.base());
        let mut tx = tx.on_clock(clock);
        let result = does(&mut tx);
        let version = tx.state().api_version();
        let result = result.map(|object| shown(&tx, &object));
        let result = result.map_err(|refused| versions::shape_error(&tx, refused, version));
        let record = tx.into_record();
        let record = match &result {
            Err(refused) if !refused.leaves => record.only_ids(),
            _ => record,
        };
        (result, core.commit(record))
    };
    let lost = || refusal::broken("The sandbox cannot write its log, so this may be lost.");
    let seq = seq.map_err(|_| lost())?;
    if !shared.durable(seq).await {
        return Err(lost());
    }
    shared.wake.notify_one();
    result
}
