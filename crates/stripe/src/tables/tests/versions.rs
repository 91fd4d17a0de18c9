//! Operations and objects under older versions.

use std::collections::HashSet;

use serde_json::json;

use super::op;
use crate::{Method, PINNED, Version, tables::*};

fn release(name: &str) -> Version {
    Version::all().filter(|version| version.name() == name).last().unwrap_or_else(|| panic!("{name}"))
}

fn field(object: &str, name: &str, version: &str) -> Option<&'static Field> {
    let object = object_in(object, release(version)).unwrap_or_else(|| panic!("{object} in {version}"));
    object.fields.iter().find(|field| field.name == name)
}

const FORMER: [&str; 4] = [
    "invoices.listUpcomingLines",
    "invoices.retrieveUpcoming",
    "subscriptionItems.createUsageRecord",
    "subscriptionItems.listUsageRecordSummaries",
];

#[test]
fn an_operation_that_is_gone_is_found_only_under_its_releases() {
    let acacia = release("acacia");
    let more: Vec<_> = operation_ids_in(acacia).filter(|id| operation(id).is_none()).collect();
    assert_eq!(more, FORMER);
    for id in FORMER {
        let operation = operation_in(id, acacia).unwrap();
        assert_eq!((operation.id, operation.releases.to_string().as_str()), (id, "acacia only"));
        for later in ["basil", "clover", "dahlia", "endive"] {
            assert!(operation_in(id, release(later)).is_none(), "{id} {later}");
        }
        assert!(!operation_ids().any(|known| known == id));
    }
    assert_eq!(operation_ids_in(PINNED).count(), operation_ids().count());
}

#[test]
fn an_operation_that_came_later_can_be_asked_for_under_older_versions() {
    let settings = op("balanceSettings.retrieve");
    assert_eq!(settings.releases.to_string(), "since clover");
    let acacia = release("acacia");
    assert!(!settings.releases.declared_in(acacia) && settings.releases.declared_in(PINNED));
    assert_eq!(operation_in("balanceSettings.retrieve", acacia).unwrap().id, settings.id);
    assert_eq!(op("refunds.create").releases.to_string(), "since acacia");
}

#[test]
fn a_path_leads_to_the_operation_of_its_version() {
    let found = |path: &str, version: &str| {
        route_in(Method::Get, path, release(version)).map(|(operation, values)| (operation.id, values))
    };
    let upcoming = "/v1/invoices/upcoming";
    assert_eq!(found(upcoming, "acacia"), Some(("invoices.retrieveUpcoming", Vec::new())));
    let invoice = Some(("invoices.retrieve", vec!["upcoming".to_owned()]));
    assert_eq!(found(upcoming, "basil"), invoice);
    assert_eq!(route(Method::Get, upcoming).map(|(op, values)| (op.id, values)), invoice);
    assert_eq!(found("/v1/subscription_items/si_1/usage_record_summaries", "clover"), None);
    for id in FORMER {
        let operation = operation_in(id, release("acacia")).unwrap();
        assert_eq!(route_in(operation.method, operation.path, release("acacia")).unwrap().0.id, id);
    }
}

#[test]
fn the_parameters_of_an_operation_that_is_gone_are_checked() {
    let acacia = release("acacia");
    let usage = operation_in("subscriptionItems.createUsageRecord", acacia).unwrap();
    assert_eq!(usage.path_params(), ["subscription_item"]);
    let good = json!({ "quantity": 3, "timestamp": "now", "action": "set" });
    assert_eq!(usage.check(good.as_object().unwrap(), acacia), []);
    let bad = json!({ "quantity": 3, "action": "add" });
    let found = usage.check(bad.as_object().unwrap(), acacia);
    let allowed = vec!["increment", "set"];
    let problem = Problem::NotAllowed { given: "add".to_owned(), allowed };
    assert_eq!(found, [Invalid { param: "action".to_owned(), problem }]);
    let missing = usage.check(&serde_json::Map::new(), acacia);
    assert_eq!(missing, [Invalid { param: "quantity".to_owned(), problem: Problem::Missing }]);
}

#[test]
fn an_object_has_the_fields_of_its_release() {
    // Stripe's changelog of 2025-03-31.basil: a subscription's period moved to its items, an
    // invoice's payment and subscription to `payments` and `parent`.
    for (object, gone) in [
        ("Invoice", "paid"),
        ("Invoice", "charge"),
        ("Invoice", "subscription"),
        ("Subscription", "current_period_end"),
        ("PaymentIntent", "invoice"),
    ] {
        assert!(field(object, gone, "acacia").is_some(), "{object}.{gone}");
        for later in ["basil", "clover", "dahlia", "endive"] {
            assert!(field(object, gone, later).is_none(), "{object}.{gone} {later}");
        }
    }
    for (object, came) in [("Invoice", "parent"), ("SubscriptionItem", "current_period_end")] {
        assert!(field(object, came, "acacia").is_none(), "{object}.{came}");
        assert!(field(object, came, "basil").is_some(), "{object}.{came}");
    }
    let charge = field("Invoice", "charge", "acacia").unwrap();
    assert_eq!((&charge.kind, charge.nullable), (&Type::Expandable(&["Charge"]), true));
}

#[test]
fn under_the_newest_release_an_object_is_the_one_object() {
    for name in object_names() {
        let newest = object(name).unwrap();
        assert!(std::ptr::eq(newest, object_in(name, PINNED).unwrap()), "{name}");
    }
    let same = |name: &str| {
        let older = object_in(name, release("acacia")).unwrap();
        std::ptr::eq(older, object(name).unwrap())
    };
    assert!(same("Application") && !same("Invoice"));
}

#[test]
fn an_object_is_absent_where_its_release_has_none() {
    assert!(object_in("BalanceSettings", release("basil")).is_none());
    assert!(object_in("BalanceSettings", release("clover")).is_some());
    let usage = object_on_wire_in("usage_record", release("acacia")).unwrap();
    assert_eq!((usage.name, usage.releases.to_string().as_str()), ("UsageRecord", "acacia only"));
    assert!(object("UsageRecord").is_none() && object_on_wire("usage_record").is_none());
    let invoice = object_on_wire_in("invoice", release("acacia")).unwrap();
    assert!(invoice.fields.iter().any(|field| field.name == "paid"));
}

/// Which objects a type names.
fn names(kind: &Type, out: &mut HashSet<&'static str>) {
    match kind {
        Type::Object(name) => drop(out.insert(name)),
        Type::Expandable(of) => out.extend(of.iter()),
        Type::Fields(fields) => fields.iter().for_each(|field| names(&field.kind, out)),
        Type::Map(one) | Type::Array(one) | Type::List(one) | Type::SearchResult(one) => names(one, out),
        Type::Union(all) => all.iter().for_each(|one| names(one, out)),
        _ => {}
    }
}

#[test]
fn every_object_that_an_older_release_names_is_one_of_its_objects() {
    let all = [("acacia", 164), ("basil", 163), ("clover", 173), ("dahlia", 175), ("endive", 179)];
    for (name, count) in all {
        let version = release(name);
        let objects = || data::objects().iter().filter_map(|entry| object_in(entry.name, version));
        assert_eq!(objects().count(), count, "{name}");
        let mut named = HashSet::new();
        objects().flat_map(|object| object.fields).for_each(|field| names(&field.kind, &mut named));
        let declared = operation_ids_in(version).filter_map(|id| operation_in(id, version));
        declared.filter(|op| op.releases.declared_in(version)).for_each(|op| names(&op.response, &mut named));
        named.retain(|known| !known.starts_with("V2."));
        assert!(named.len() > 100);
        for known in named {
            assert!(object_in(known, version).is_some(), "{known} in {name}");
        }
    }
}

#[test]
fn the_tables_are_those_of_the_pinned_version() {
    let notice = include_str!("../../../data/NOTICE.md");
    assert!(notice.contains(&format!("(API version {PINNED})")), "regenerate, or change PINNED");
    for older in crate::version::NAMES.iter().filter(|name| **name != PINNED.name()) {
        assert!(notice.contains(&format!("({older})")), "{older}");
    }
}
