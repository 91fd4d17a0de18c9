//! Saying what became of a parked step.

use serde_json::Value;
use store::IntentState;

use super::*;

#[tokio::test(start_paused = true)]
async fn a_parked_step_tells_everything_that_is_known_and_what_to_type() {
    let world = World::new().await;
    let node = Node::ready(&world).await;
    let run = node.parked_although_done().await;
    let view = node.show(run).await;
    let error = view.error.as_ref().unwrap();
    assert_eq!(error.code, Code::Parked);
    let done = format!("bursar runs resolve {run} customer --as done --object ID --note TEXT");
    let not_done = format!("bursar runs resolve {run} customer --as not_done --note TEXT");
    assert_eq!(view.ways.iter().map(|way| &way.command).collect::<Vec<_>>(), [&done, &not_done]);
    assert!(error.message.contains(&done) && error.message.contains(&not_done), "{error}");
    assert!(error.message.contains("it was not done twice"), "{error}");
    let known = step(&view, "customer").known.as_ref().unwrap();
    let request = known.request.as_ref().unwrap();
    assert_eq!((&request["method"], &request["path"]), (&json!("POST"), &json!("/v1/customers")));
    assert_eq!(request["params"]["email"], "ada@example.com");
    let call = known.call.as_ref().unwrap();
    assert_eq!(
        (call.generation, Some(&call.idempotency_key)),
        (0, step(&view, "customer").idempotency_key.as_ref())
    );
    assert_eq!(known.seen.as_ref().unwrap()["candidates"][0]["id"], customer(&world));
    assert!(view.steps.iter().filter(|step| step.known.is_some()).count() == 1);
}

#[tokio::test(start_paused = true)]
async fn what_was_done_unseen_is_taken_over_with_stripes_object() {
    let world = World::new().await;
    let node = Node::ready(&world).await;
    let run = node.parked_although_done().await;
    let id = customer(&world);
    refused(node.resolve(run, "customer", Word::Done, None).await, Code::ValidationError, "asks for what");
    refused(
        node.resolve(run, "customer", Word::Done, Some("cus_none")).await,
        Code::ValidationError,
        "no cus_none",
    );
    refused(
        node.resolve(run, "customer", Word::Skip, None).await,
        Code::ValidationError,
        "only a compensation",
    );
    refused(node.resolve(run, "nowhere", Word::NotDone, None).await, Code::NotFound, "`customer`");
    refused(node.resolve(run, "line", Word::NotDone, None).await, Code::Conflict, "`customer`");
    refused(node.retry(run).await, Code::Conflict, "--as not_done");
    assert_eq!(node.status(run).await, RunStatus::Parked);

    let first = node.resolve(run, "customer", Word::Done, Some(&id)).await.unwrap();
    assert!(!first.repeated);
    node.settle().await;
    let again = node.resolve(run, "customer", Word::Done, Some(&id)).await.unwrap();
    assert_eq!((again.repeated, again.at), (true, first.at), "the same words have the same answer");
    refused(node.resolve(run, "customer", Word::NotDone, None).await, Code::Conflict, "done (\"looked\")");

    let view = node.show(run).await;
    assert_eq!(view.status, RunStatus::Suspended, "{view:#?}");
    assert_eq!(step(&view, "customer").output.as_ref().unwrap()["email"], "ada@example.com");
    let decision = &view.decisions[0];
    assert_eq!((decision.by.as_str(), decision.decision, decision.at), (SOMEBODY, "done", first.at));
    assert_eq!(
        (decision.note.as_deref(), decision.object_id.as_deref()),
        (Some("looked"), Some(id.as_str()))
    );
    assert_eq!((view.decisions.len(), view.ways.len()), (1, 0));
    nothing_twice(&world);
}

#[tokio::test(start_paused = true)]
async fn what_was_not_done_is_sent_once_more_under_a_new_key() {
    let world = World::new().await;
    let node = Node::ready(&world).await;
    let run = node.parked_and_not_done().await;
    let before = step(&node.show(run).await, "nameless").idempotency_key.clone().unwrap();
    node.resolve(run, "nameless", Word::NotDone, None).await.unwrap();
    node.settle().await;
    let view = node.show(run).await;
    assert_eq!(view.status, RunStatus::Completed, "{view:#?}");
    assert_ne!(step(&view, "nameless").idempotency_key.as_ref(), Some(&before));
    assert_eq!(world.executions()[&before], 0);
    assert_eq!(world.sandbox.objects("customer").len(), 2);
    let old = node.store.intent(&model::IdempotencyKey::from_text(before)).await.unwrap().unwrap();
    assert!(matches!(old.state, IntentState::Settled(_)), "nothing sends it again");
}

#[tokio::test(start_paused = true)]
async fn the_same_words_are_not_taken_for_a_second_attempt() {
    let world = World::new().await;
    let node = Node::ready(&world).await;
    let run = node.parked_and_not_done().await;
    let fails = || world.sandbox.fault_at(Fault::Stored500, 1, Some("POST"), Some("/v1/customers"));
    fails();
    node.resolve(run, "nameless", Word::NotDone, None).await.unwrap();
    node.settle().await;
    assert_eq!(node.status(run).await, RunStatus::Parked, "parked again");
    // It may be a late copy of the first.
    refused(node.resolve(run, "nameless", Word::NotDone, None).await, Code::Conflict, "earlier attempt");
    let keyed = |word, key| {
        let (say, person) = (say(word, None), person("looked", Some(key)));
        node.driver.resolve(world.company, run, "nameless", say, person)
    };
    fails();
    let first = keyed(Word::NotDone, "a").await.unwrap();
    node.settle().await;
    let again = keyed(Word::NotDone, "a").await.unwrap();
    assert_eq!((again.repeated, again.at, again.run.status), (true, first.at, RunStatus::Parked));
    keyed(Word::NotDone, "b").await.unwrap();
    node.settle().await;
    assert_eq!(node.status(run).await, RunStatus::Completed);
    refused(keyed(Word::Done, "b").await, Code::Conflict, "idempotency key");
    assert!(world.executions().values().all(|count| *count <= 1));
    assert_eq!(world.sandbox.objects("customer").len(), 2);
}

#[tokio::test(start_paused = true)]
async fn an_object_that_nothing_asks_for_need_not_be_named() {
    let world = World::new().await;
    let node = Node::ready(&world).await;
    let run = node.parked_and_not_done().await;
    assert!(!node.show(run).await.ways[0].command.contains("--object"));
    node.resolve(run, "nameless", Word::Done, None).await.unwrap();
    node.settle().await;
    let view = node.show(run).await;
    assert_eq!((view.status, &step(&view, "nameless").output), (RunStatus::Completed, &Some(Value::Null)));
}

#[tokio::test(start_paused = true)]
async fn a_canceled_run_waits_for_its_parked_step_and_then_ends() {
    for (word, sent) in [(Word::Done, true), (Word::NotDone, false)] {
        let world = World::new().await;
        let node = Node::ready(&world).await;
        let run = node.parked_and_not_done().await;
        node.driver.cancel(world.company, run, somebody()).await.unwrap();
        node.settle().await;
        let view = node.show(run).await;
        assert_eq!(view.status, RunStatus::Parked);
        assert!(view.error.as_ref().unwrap().message.contains("The run is canceled"), "{view:#?}");
        node.resolve(run, "nameless", word, None).await.unwrap();
        node.settle().await;
        let view = node.show(run).await;
        assert_eq!(view.status, RunStatus::Canceled, "{view:#?}");
        assert_eq!(step(&view, "nameless").status == StepStatus::Completed, sent);
        let customers = world.sandbox.objects("customer");
        assert_eq!(
            (customers.len(), &customers[0]["description"]),
            (1, &json!("gone")),
            "it was made up for"
        );
    }
}
