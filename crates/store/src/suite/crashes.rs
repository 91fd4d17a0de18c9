//! The crash model of the memory store.

use std::sync::Arc;

use futures_util::FutureExt;

use super::fixture::*;
use crate::{Backend, CommitError, Memory, MemoryOptions, ReadError, Unit, Write};

fn slow(seed: u64) -> MemoryOptions {
    MemoryOptions { seed, sync_ms_max: 20, loses_nothing: false }
}

/// Commits `units` receipts at once, runs for `ms`, and crashes. Says how many
/// were acknowledged, how many the next life finds, and how many were lost.
async fn life(options: MemoryOptions, ms: u64) -> (usize, u64, u64) {
    let store = Arc::new(Memory::new(options));
    let mut commits: Vec<_> = (1..=20)
        .map(|n| {
            let store = store.clone();
            async move {
                tokio::time::sleep(std::time::Duration::from_millis(n)).await;
                store.commit(Unit::interactive(vec![Write::Receive(receipt(n))])).await.unwrap();
                n
            }
            .boxed()
            .shared()
        })
        .collect();
    let all = futures_util::future::join_all(commits.clone());
    _ = tokio::time::timeout(std::time::Duration::from_millis(ms), all).await;
    let next = store.crash();
    let acked: Vec<_> = commits.iter_mut().filter_map(|commit| commit.now_or_never()).collect();
    for n in &acked {
        assert!(next.receipt(id("rcpt_", *n)).await.unwrap().is_some(), "an acknowledged receipt is lost");
    }
    let found = next.counts(None).await.unwrap()[0].1;
    (acked.len(), found, next.lost())
}

#[tokio::test(start_paused = true)]
async fn what_was_acknowledged_survives_and_what_was_not_may_be_lost() {
    let (mut lost, mut unknown) = (0, 0);
    for seed in 0..50 {
        let (acked, found, gone) = life(slow(seed), 5 + seed % 20).await;
        assert!(found >= acked as u64);
        lost += gone;
        unknown += found - acked as u64;
    }
    assert!(lost > 20, "crashes hardly ever lose anything: {lost}");
    assert!(unknown > 20, "nothing unacknowledged ever survives: {unknown}");
}

#[tokio::test(start_paused = true)]
async fn equal_seeds_crash_equally() {
    assert_eq!(life(slow(7), 13).await, life(slow(7), 13).await);
}

#[tokio::test(start_paused = true)]
async fn the_planted_bug_loses_nothing() {
    let mut unknown = 0;
    for seed in 0..10 {
        let (acked, found, lost) = life(MemoryOptions { loses_nothing: true, ..slow(seed) }, 13).await;
        assert_eq!((found, lost), (13, 0));
        unknown += found - acked as u64;
    }
    assert!(unknown > 0);
}

#[tokio::test(start_paused = true)]
async fn a_dead_process_answers_nothing_more() {
    let store = Memory::new(slow(1));
    let waiting = store.commit(Unit::interactive(vec![Write::Receive(receipt(1))]));
    let mut waiting = Box::pin(waiting);
    assert!(futures_util::poll!(&mut waiting).is_pending());
    let next = store.crash();
    let minute = std::time::Duration::from_secs(60);
    assert!(tokio::time::timeout(minute, waiting).await.is_err(), "the commit returned after the crash");
    let later = store.commit(Unit::interactive(vec![Write::Receive(receipt(2))])).await;
    assert!(matches!(later, Err(CommitError::Unavailable(_))));
    assert!(matches!(store.receipt(id("rcpt_", 1)).await, Err(ReadError::Unavailable(_))));
    done(&next, vec![Write::Receive(receipt(2))]).await;
    assert_eq!(next.receipt(id("rcpt_", 2)).await.unwrap(), Some(receipt(2)));
}

#[tokio::test(start_paused = true)]
async fn readers_see_only_what_is_synced() {
    let store = Memory::new(slow(3));
    let waiting = store.commit(Unit::interactive(vec![Write::Receive(receipt(1))]));
    let mut waiting = Box::pin(waiting);
    assert!(futures_util::poll!(&mut waiting).is_pending());
    assert_eq!(store.receipt(id("rcpt_", 1)).await.unwrap(), None);
    waiting.await.unwrap();
    assert_eq!(store.receipt(id("rcpt_", 1)).await.unwrap(), Some(receipt(1)));
}
