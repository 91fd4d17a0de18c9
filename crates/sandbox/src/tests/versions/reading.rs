//! Everything that there is, read in every version. The sandbox watches itself: an
//! answer that is not what its version's tables declare is a 500.

use std::collections::BTreeSet;

use serde_json::json;
use stripe::{
    PINNED, Version,
    tables::{self, Field, Type},
};

use super::{Client, releases, world::world};
use crate::{
    conformance::Checker,
    registry::{Does, RESOURCES, Row},
    tests::client::quiet,
    versions::declared,
};

/// Reads every object and every list. Returns the kinds of objects that were read.
async fn read_all(client: &Client<'_>) -> BTreeSet<String> {
    let mut kinds = BTreeSet::new();
    for row in RESOURCES.iter().copied().flatten() {
        let operation = tables::operation_in(row.id, client.version).unwrap();
        if operation.method != stripe::Method::Get {
            continue;
        }
        for path in paths(client, row, operation) {
            let answer = client.get(&path).await;
            assert_eq!(answer.status, 200, "{path} in {}: {}", client.version, answer.body);
            let listed = answer.body["data"].as_array().into_iter().flatten();
            let objects = listed.chain([&answer.body]).filter_map(|object| object["object"].as_str());
            kinds.extend(objects.map(str::to_owned));
            let under = answer.headers.version.as_deref();
            assert_eq!(under, Some(client.version.as_str()), "{path}");
        }
    }
    kinds
}

/// The paths of a read: one for each object that it can be of.
fn paths(client: &Client<'_>, row: &Row, operation: &tables::Operation) -> Vec<String> {
    let kind = match row.does {
        Does::Retrieve(kind) => Some(kind),
        Does::List(listing) => listing.parent.map(|(kind, _)| kind),
        Does::Run(_) => None,
    };
    let Some(kind) = kind else {
        let needs = operation.params.iter().any(|param| param.required);
        let bare = operation.path_params().is_empty() && !needs;
        return if bare { vec![operation.path.to_owned()] } else { owned(client, operation) };
    };
    let objects = client.sandbox.objects(kind);
    let expands = expandables(&operation.response, client.version);
    let mut paths = Vec::new();
    for object in &objects {
        let path = operation.path_with(&[object["id"].as_str().unwrap()]).unwrap();
        paths.extend(expands.iter().map(|field| format!("{path}?expand[]={field}")));
        paths.push(path);
    }
    paths
}

/// The items of subscriptions are listed by their subscription.
fn owned(client: &Client<'_>, operation: &tables::Operation) -> Vec<String> {
    if operation.id != "subscriptionItems.list" {
        return Vec::new();
    }
    let all = client.sandbox.objects("subscription");
    all.iter().map(|s| format!("{}?subscription={}", operation.path, s["id"].as_str().unwrap())).collect()
}

/// The fields of an object that can be expanded under a version.
fn expandables(response: &Type, version: Version) -> Vec<&'static str> {
    let name = match response {
        Type::Object(name) => *name,
        Type::Union(kinds) => match kinds.first() {
            Some(Type::Object(name)) => *name,
            _ => return Vec::new(),
        },
        _ => return Vec::new(),
    };
    let is_one = |field: &&Field| matches!(field.kind, Type::Expandable(_));
    declared(name, version).unwrap().fields.iter().filter(is_one).map(|field| field.name).collect()
}

#[tokio::test]
async fn every_object_has_the_shape_of_every_version() {
    let (sandbox, _) = quiet(71).await;
    world(&Client::of(&sandbox, PINNED)).await;
    let mut read = Vec::new();
    for version in releases() {
        let before = sandbox.conformance().objects;
        read.push(read_all(&Client::of(&sandbox, version)).await);
        assert!(sandbox.conformance().objects > before + 500, "{version}");
    }
    for kinds in &read {
        assert_eq!(kinds, &read[0]);
    }
    let stored = sandbox.conformance().kinds;
    for name in
        ["Invoice", "InvoiceLineItem", "Subscription", "Charge", "Plan", "BalanceTransaction", "Refund"]
    {
        assert!(stored.contains_key(name), "{name} was never looked at");
    }
}

#[tokio::test]
async fn the_newest_shape_would_be_found_out_in_every_older_version() {
    let (sandbox, _) = quiet(78).await;
    let newest = Client::of(&sandbox, PINNED);
    let made = world(&newest).await;
    let paths = [
        ("invoices.retrieve", format!("/v1/invoices/{}", made.paid)),
        ("subscriptions.retrieve", format!("/v1/subscriptions/{}", made.subscription)),
        ("paymentIntents.retrieve", format!("/v1/payment_intents/{}", made.intent)),
    ];
    for version in releases().into_iter().filter(|version| *version != PINNED) {
        let mut found_out = 0;
        for (id, path) in &paths {
            let body = newest.get(path).await.ok().to_string();
            let operation = tables::operation(id);
            assert!(Checker::default().answer(operation, 200, &body, PINNED).is_ok());
            found_out += usize::from(Checker::default().answer(operation, 200, &body, version).is_err());
        }
        assert!(found_out > 0, "{version}");
    }
}

#[tokio::test]
async fn every_version_makes_a_world_of_its_own() {
    for (nth, version) in releases().into_iter().enumerate() {
        let sandbox = super::account_of(version, 80 + nth as u64).await;
        let client = Client::of(&sandbox, version);
        world(&client).await;
        read_all(&client).await;
        for event in sandbox.events() {
            assert_eq!(event["api_version"], version.as_str(), "{}", event["type"]);
        }
        let checked = sandbox.conformance();
        assert!(checked.kinds["Event"] > 50 && checked.deviating == 0, "{:?}", checked.deviations);
    }
}

#[tokio::test]
async fn a_world_is_the_same_whatever_version_reads_it() {
    let (sandbox, _) = quiet(72).await;
    let made = world(&Client::of(&sandbox, PINNED)).await;
    let path = format!("/v1/invoices/{}", made.paid);
    let newest = Client::of(&sandbox, PINNED).get(&path).await.ok();
    for version in releases() {
        let older = Client::of(&sandbox, version).get(&path).await.ok();
        let (older, newest) = (older.as_object().unwrap(), newest.as_object().unwrap());
        let both = older.iter().filter_map(|(name, value)| Some((name, value, newest.get(name)?)));
        for (name, one, other) in
            both.filter(|(name, ..)| !["lines", "automatic_tax"].contains(&name.as_str()))
        {
            assert_eq!(one, other, "{name} in {version}");
        }
        assert_eq!(older.keys().next().unwrap(), "id");
    }
    let metadata = json!({"object": "invoice", "team": "ops"});
    for version in releases() {
        let customer = Client::of(&sandbox, version).get(&format!("/v1/customers/{}", made.customer)).await;
        assert_eq!(customer.ok()["metadata"], metadata, "what looks like an object is left alone");
    }
}
