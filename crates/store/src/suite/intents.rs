//! Intents and callers' keys.

use model::{CallerKey, IdempotencyKey};

use super::{cases, fixture::*};
use crate::{Backend, Begun, CommitError, Effected, IntentState, Refusal, RequestKey, Write};

cases!(
    an_intent_is_begun_once,
    the_first_outcome_stays,
    a_parked_intent_can_still_be_settled,
    open_intents_come_oldest_first,
    a_callers_key_is_remembered_with_its_first_use,
);

fn key(n: u64) -> IdempotencyKey {
    IdempotencyKey::from_text(format!("bursar_{n}"))
}

fn park(n: u64, known: &str) -> Write {
    Write::ParkIntent { key: key(n), known: sealed(known) }
}

fn refused_at(write: usize, why: Refusal) -> CommitError {
    CommitError::Refused { write, why }
}

async fn an_intent_is_begun_once(store: &dyn Backend) {
    assert_eq!(done(store, vec![Write::BeginIntent(intent(1))]).await, [Effected::Begun(Begun::Fresh)]);
    let mut other = intent(1);
    other.request = sealed("other bytes");
    other.generation = 4;
    let known = done(store, vec![Write::BeginIntent(other)]).await;
    assert_eq!(known, [Effected::Begun(Begun::Known(Box::new(intent(1))))]);
    assert_eq!(store.intent(&key(1)).await.unwrap(), Some(intent(1)));
    assert_eq!(store.intent(&key(2)).await.unwrap(), None);
    assert_eq!(store.intent_of_call(id("co_", 1), id("call_", 1)).await.unwrap(), Some(intent(1)));
    assert_eq!(store.intent_of_call(id("co_", 2), id("call_", 1)).await.unwrap(), None);
}

async fn the_first_outcome_stays(store: &dyn Backend) {
    assert_eq!(refused(store, vec![settle(1, "paid")]).await, refused_at(0, Refusal::Missing));
    done(store, vec![Write::StartRun(run(1, 1)), Write::BeginIntent(intent(1))]).await;
    done(store, vec![settle(1, "paid")]).await;
    let late = refused(store, vec![journal(1, 1, "row"), settle(1, "failed")]).await;
    assert_eq!(late, refused_at(1, Refusal::AlreadySettled));
    assert_eq!(store.journal(id("run_", 1)).await.unwrap(), []);
    assert_eq!(refused(store, vec![park(1, "?")]).await, refused_at(0, Refusal::AlreadySettled));
    let stored = store.intent(&key(1)).await.unwrap().unwrap();
    assert_eq!(stored.state, IntentState::Settled(sealed("paid")));
    assert_eq!((stored.stripe_request_id.as_deref(), stored.settled_at), (Some("req_1"), Some(at(100))));
    let known = done(store, vec![Write::BeginIntent(intent(1))]).await;
    assert_eq!(known, [Effected::Begun(Begun::Known(Box::new(stored)))]);
}

async fn a_parked_intent_can_still_be_settled(store: &dyn Backend) {
    assert_eq!(refused(store, vec![park(1, "?")]).await, refused_at(0, Refusal::Missing));
    done(store, vec![Write::BeginIntent(intent(1)), park(1, "little"), park(1, "more")]).await;
    let state = async || store.intent(&key(1)).await.unwrap().unwrap().state;
    assert_eq!(state().await, IntentState::Parked(sealed("more")));
    assert_eq!(store.open_intents().await.unwrap(), []);
    let unsettled = async |company| store.unsettled_intents(company).await.unwrap();
    let of = intent(1).binding.company;
    assert_eq!((unsettled(of).await, unsettled(id("co_", 77)).await), (1, 0));
    done(store, vec![settle(1, "paid")]).await;
    assert_eq!(unsettled(of).await, 0);
    assert_eq!(state().await, IntentState::Settled(sealed("paid")));
}

async fn open_intents_come_oldest_first(store: &dyn Backend) {
    for n in [3, 1, 2] {
        done(store, vec![Write::BeginIntent(intent(n))]).await;
    }
    let mut direct = intent(4);
    direct.run = None;
    direct.first_attempt = at(1);
    done(store, vec![Write::BeginIntent(direct.clone()), settle(2, "x")]).await;
    assert_eq!(store.open_intents().await.unwrap(), [intent(1), direct, intent(3)]);
    let of_run = store.intents_of_run(id("run_", 1)).await.unwrap();
    assert_eq!(of_run.iter().map(|i| i.key.clone()).collect::<Vec<_>>(), [key(1), key(2), key(3)]);
    let counts = store.counts(None).await.unwrap();
    assert!(counts.contains(&("open_intents", 3)), "{counts:?}");
}

async fn a_callers_key_is_remembered_with_its_first_use(store: &dyn Backend) {
    let first = RequestKey {
        company: id("co_", 1),
        target: "action:stripe.a".into(),
        key: CallerKey::parse("order-7").unwrap(),
        input_hash: [7; 32],
        result: "call_1".into(),
        created_at: at(1),
    };
    let effect = done(store, vec![Write::RememberKey(first.clone())]).await;
    assert_eq!(effect, [Effected::Remembered { key: first.clone(), existed: false }]);
    let second = RequestKey { input_hash: [8; 32], result: "call_2".into(), ..first.clone() };
    let effect = done(store, vec![Write::RememberKey(second)]).await;
    assert_eq!(effect, [Effected::Remembered { key: first.clone(), existed: true }]);
    let elsewhere = RequestKey { target: "action:stripe.b".into(), ..first.clone() };
    done(store, vec![Write::RememberKey(elsewhere)]).await;
    let read = store.request_key(id("co_", 1), "action:stripe.a", "order-7").await.unwrap();
    assert_eq!(read, Some(first));
    assert_eq!(store.request_key(id("co_", 2), "action:stripe.a", "order-7").await.unwrap(), None);
}
