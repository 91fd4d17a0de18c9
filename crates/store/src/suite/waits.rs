//! Dispatch and event waits: exactly one input, whichever comes first.

use model::{AccountId, Mode, ReceiptStatus, RunStatus};

use super::{cases, fixture::*};
use crate::{Backend, Effected, Epoch, Input, InputKind, Unit, Wait, Write};

cases!(
    a_wait_that_opens_first_is_told_by_the_dispatch,
    a_wait_that_opens_later_looks_back,
    a_start_that_fails_lets_nobody_wait,
    an_event_is_told_once_over_tries_death_replay_and_dispatch,
    an_overtaken_driver_tells_no_wait,
    a_run_is_never_told_the_event_that_started_it,
    an_event_is_told_once_even_after_it_was_taken_in,
    a_wait_hears_only_what_it_asked_for,
    a_wait_does_not_look_back_before_its_time,
    inputs_keep_their_order,
    a_closed_wait_hears_nothing,
    racing_dispatches_and_waits_give_one_input_each,
    dispatches_of_one_group_mean_what_each_means_alone,
);

fn event(n: u64, run: u64, step: &str, receipt: u64) -> Input {
    Input {
        run: id("run_", run),
        n,
        kind: InputKind::Event { path: path(step), receipt: id("rcpt_", receipt) },
    }
}

fn told(runs: &[u64]) -> Effected {
    Effected::Dispatched { started: vec![], told: runs.iter().map(|n| id("run_", *n)).collect() }
}

async fn a_wait_that_opens_first_is_told_by_the_dispatch(store: &dyn Backend) {
    done(store, vec![Write::StartRun(called_run(1)), Write::StartRun(called_run(2))]).await;
    let waits =
        vec![begin_wait(2, "x", "in_5", 0), begin_wait(1, "b", "in_5", 0), begin_wait(1, "a", "cus_1", 0)];
    assert_eq!(done(store, waits).await, vec![Effected::Waiting { found: 0 }; 3]);
    let open = store.waits(id("run_", 2)).await.unwrap();
    assert_eq!(open, [Wait { run: id("run_", 2), path: path("x"), on: wait_key("in_5") }]);
    done(store, vec![Write::Receive(receipt(5))]).await;
    assert_eq!(store.inputs(id("run_", 1)).await.unwrap(), []);
    assert_eq!(done(store, vec![dispatch(5, vec![])]).await, [told(&[1, 2])]);
    assert_eq!(store.inputs(id("run_", 1)).await.unwrap(), [event(1, 1, "a", 5), event(2, 1, "b", 5)]);
    assert_eq!(store.inputs(id("run_", 2)).await.unwrap(), [event(1, 2, "x", 5)]);
    let status = store.receipt(id("rcpt_", 5)).await.unwrap().unwrap().status;
    assert_eq!(status, ReceiptStatus::Dispatched);
}

async fn a_wait_that_opens_later_looks_back(store: &dyn Backend) {
    done(store, vec![Write::StartRun(called_run(1)), Write::Receive(receipt(5)), Write::Receive(receipt(6))])
        .await;
    // 5 was ignored when it came: nothing waited for it then. 6 is still to be dispatched.
    done(store, vec![dispatch(5, vec![])]).await;
    let effect = done(store, vec![begin_wait(1, "w", "cus_1", 0)]).await;
    assert_eq!(effect, [Effected::Waiting { found: 2 }]);
    assert_eq!(done(store, vec![dispatch(6, vec![])]).await, [told(&[])]);
    assert_eq!(store.inputs(id("run_", 1)).await.unwrap(), [event(1, 1, "w", 5), event(2, 1, "w", 6)]);
}

async fn a_start_that_fails_lets_nobody_wait(store: &dyn Backend) {
    done(store, vec![Write::StartRun(called_run(1)), begin_wait(1, "w", "in_5", 0)]).await;
    done(store, vec![Write::Receive(receipt(5)), Write::Receive(receipt(6))]).await;
    assert_eq!(done(store, vec![retry(5, Some(9))]).await, [told(&[1])]);
    assert_eq!(store.inputs(id("run_", 1)).await.unwrap(), [event(1, 1, "w", 5)]);
    // The next try does not tell it again, and a dead one is found looking back.
    assert_eq!(done(store, vec![retry(5, None)]).await, [told(&[])]);
    done(store, vec![retry(6, None)]).await;
    let effect = done(store, vec![begin_wait(1, "later", "in_6", 0)]).await;
    assert_eq!(effect, [Effected::Waiting { found: 1 }]);
}

async fn an_event_is_told_once_over_tries_death_replay_and_dispatch(store: &dyn Backend) {
    done(store, vec![Write::StartRun(called_run(1)), begin_wait(1, "w", "in_5", 0)]).await;
    done(store, vec![Write::Receive(receipt(5)), retry(5, Some(20))]).await;
    done(store, vec![Write::ConsumeInput { run: id("run_", 1), n: 1, epoch: Epoch(0) }]).await;
    for again in [retry(5, Some(30)), retry(5, None)] {
        assert_eq!(done(store, vec![again]).await, [told(&[])]);
    }
    done(store, vec![Write::Replay { receipt: id("rcpt_", 5) }]).await;
    let started = Effected::Dispatched { started: vec![id("run_", 5)], told: vec![] };
    assert_eq!(done(store, vec![dispatch(5, vec![run(5, 1)])]).await, [started]);
    assert_eq!(store.inputs(id("run_", 1)).await.unwrap(), []);
    assert_eq!(store.receipt(id("rcpt_", 5)).await.unwrap().unwrap().status, ReceiptStatus::Dispatched);
}

async fn an_overtaken_driver_tells_no_wait(store: &dyn Backend) {
    done(store, vec![Write::StartRun(called_run(1)), begin_wait(1, "w", "in_5", 0)]).await;
    done(store, vec![Write::Receive(receipt(5)), Write::TakeDriver]).await;
    assert_eq!(refused(store, vec![retry(5, Some(20))]).await, crate::CommitError::Fenced);
    assert_eq!(store.inputs(id("run_", 1)).await.unwrap(), []);
    assert_eq!(store.receipt(id("rcpt_", 5)).await.unwrap(), Some(receipt(5)));
}

async fn a_run_is_never_told_the_event_that_started_it(store: &dyn Backend) {
    done(store, vec![Write::Receive(receipt(5)), Write::StartRun(run(5, 1))]).await;
    let effect = done(store, vec![begin_wait(5, "w", "in_5", 0)]).await;
    assert_eq!(effect, [Effected::Waiting { found: 0 }]);
    assert_eq!(done(store, vec![retry(5, Some(9))]).await, [told(&[])]);
    assert_eq!(done(store, vec![dispatch(5, vec![])]).await, [told(&[])]);
    assert_eq!(store.inputs(id("run_", 5)).await.unwrap(), []);
}

async fn an_event_is_told_once_even_after_it_was_taken_in(store: &dyn Backend) {
    done(store, vec![Write::StartRun(called_run(1)), Write::Receive(receipt(5)), dispatch(5, vec![])]).await;
    done(store, vec![begin_wait(1, "w", "in_5", 0)]).await;
    done(store, vec![Write::ConsumeInput { run: id("run_", 1), n: 1, epoch: Epoch(0) }]).await;
    assert_eq!(done(store, vec![begin_wait(1, "w", "in_5", 0)]).await, [Effected::Waiting { found: 0 }]);
    done(store, vec![Write::Replay { receipt: id("rcpt_", 5) }]).await;
    assert_eq!(done(store, vec![dispatch(5, vec![])]).await, [told(&[])]);
    assert_eq!(store.inputs(id("run_", 1)).await.unwrap(), []);
}

async fn a_wait_hears_only_what_it_asked_for(store: &dyn Backend) {
    done(store, vec![Write::StartRun(called_run(1)), begin_wait(1, "w", "cus_1", 0)]).await;
    let mut others = [receipt(1), receipt(2), receipt(3), receipt(4), receipt(5)];
    others[0].kind = "invoice.created".into();
    others[1].mode = Mode::Live;
    others[2].account = AccountId::new("acct_2");
    others[3].company = id("co_", 2);
    others[4].objects = vec!["in_5".into()];
    for other in others {
        let effects = done(
            store,
            vec![
                Write::Receive(other.clone()),
                Write::Dispatch { receipt: other.id, runs: vec![], epoch: Epoch(0) },
            ],
        );
        assert_eq!(effects.await[1], told(&[]), "{other:?}");
    }
    let effect = done(store, vec![begin_wait(1, "later", "cus_1", 0)]).await;
    assert_eq!(effect, [Effected::Waiting { found: 0 }]);
}

async fn a_wait_does_not_look_back_before_its_time(store: &dyn Backend) {
    done(store, vec![Write::StartRun(called_run(1))]).await;
    for n in 4..=6 {
        done(store, vec![Write::Receive(receipt(n)), dispatch(n, vec![])]).await;
    }
    let effect = done(store, vec![begin_wait(1, "w", "cus_1", 5)]).await;
    assert_eq!(effect, [Effected::Waiting { found: 2 }]);
}

async fn inputs_keep_their_order(store: &dyn Backend) {
    done(store, vec![Write::StartRun(called_run(1)), begin_wait(1, "w", "cus_1", 0)]).await;
    for n in [7, 3] {
        done(store, vec![Write::Receive(receipt(n)), dispatch(n, vec![])]).await;
    }
    done(store, vec![Write::Tell { run: id("run_", 1), kind: InputKind::Cancel }]).await;
    done(store, vec![Write::ConsumeInput { run: id("run_", 1), n: 1, epoch: Epoch(0) }]).await;
    let cancel = Input { run: id("run_", 1), n: 3, kind: InputKind::Cancel };
    assert_eq!(store.inputs(id("run_", 1)).await.unwrap(), [event(2, 1, "w", 3), cancel]);
}

async fn a_closed_wait_hears_nothing(store: &dyn Backend) {
    done(store, vec![Write::StartRun(called_run(1)), begin_wait(1, "w", "in_5", 0)]).await;
    for _ in 0..2 {
        done(store, vec![Write::EndWait { run: id("run_", 1), path: path("w"), epoch: Epoch(0) }]).await;
    }
    let effects = done(store, vec![Write::Receive(receipt(5)), dispatch(5, vec![])]).await;
    assert_eq!(effects[1], told(&[]));
}

async fn racing_dispatches_and_waits_give_one_input_each(store: &dyn Backend) {
    for n in 1..=40 {
        done(store, vec![Write::StartRun(called_run(n)), Write::Receive(receipt(n))]).await;
    }
    let units = (1..=40).flat_map(|n| {
        let wait = Unit::background(vec![begin_wait(n, "w", &format!("in_{n}"), 0)]);
        let dispatch = Unit::interactive(vec![dispatch(n, vec![])]);
        if n % 2 == 0 { [wait, dispatch] } else { [dispatch, wait] }
    });
    for answer in futures_util::future::join_all(units.map(|unit| store.commit(unit))).await {
        answer.unwrap();
    }
    for n in 1..=40 {
        assert_eq!(store.inputs(id("run_", n)).await.unwrap(), [event(1, n, "w", n)], "run {n}");
        done(store, vec![set_run(n, RunStatus::Completed)]).await;
    }
}

async fn dispatches_of_one_group_mean_what_each_means_alone(store: &dyn Backend) {
    for n in 1..=12 {
        done(store, vec![Write::StartRun(called_run(n)), Write::Receive(receipt(n))]).await;
    }
    // Those of even numbers are waited for, 11 for another type; 13 does not exist.
    for n in [2, 4, 6, 8, 10, 12] {
        done(store, vec![begin_wait(n, "w", &format!("in_{n}"), 99)]).await;
    }
    let mut other = wait_key("in_11");
    other.kinds = vec!["invoice.voided".into()];
    let (run, since) = (id("run_", 11), at(99));
    done(store, vec![Write::BeginWait { run, path: path("w"), on: other, since, epoch: Epoch(0) }]).await;
    let units = (1..=13).chain([3, 4]).map(|n| store.commit(Unit::background(vec![dispatch(n, vec![])])));
    let answers = futures_util::future::join_all(units).await;
    for n in 1..=12_u64 {
        let expected = if n % 2 == 0 { told(&[n]) } else { told(&[]) };
        assert_eq!(answers[n as usize - 1], Ok(vec![expected]), "{n}");
        let status = store.receipt(id("rcpt_", n)).await.unwrap().unwrap().status;
        let expected = if n % 2 == 0 { ReceiptStatus::Dispatched } else { ReceiptStatus::Ignored };
        assert_eq!(status, expected, "{n}");
    }
    let refused = |why| Err(crate::CommitError::Refused { write: 0, why });
    assert_eq!(answers[12], refused(crate::Refusal::Missing));
    assert_eq!(answers[13..], [refused(crate::Refusal::NotReceived), refused(crate::Refusal::NotReceived)]);
}
