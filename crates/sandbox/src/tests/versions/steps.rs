//! The steps against the tables: whatever an older release declares and the next does
//! not is given by a step, and nothing is given that no table declares.

use std::collections::BTreeSet;

use stripe::{
    Version,
    tables::{self, Field, Type},
};

use super::releases;
use crate::{
    registry::{Does, RESOURCES},
    versions::STEPS,
};

/// The kinds of objects that the sandbox shows, those inside others included.
fn kinds() -> BTreeSet<&'static str> {
    let mut kinds = BTreeSet::from(["account", "balance", "discount", "line_item", "plan", "subscription"]);
    for row in RESOURCES.iter().copied().flatten() {
        match row.does {
            Does::Retrieve(kind) => drop(kinds.insert(kind)),
            Does::List(listing) => drop(kinds.insert(listing.kind)),
            Does::Run(_) => {}
        }
    }
    kinds
}

/// The fields that must be there, as paths; those of hashes as far as the hash must be.
fn required(fields: &[Field], at: &str, found: &mut BTreeSet<String>) {
    for field in fields.iter().filter(|field| !field.optional) {
        let path = if at.is_empty() { field.name.to_owned() } else { format!("{at}.{}", field.name) };
        if let Type::Fields(inner) = &field.kind {
            required(inner, &path, found);
        }
        found.insert(path);
    }
}

/// Every field, required or not.
fn all(fields: &[Field], at: &str, found: &mut BTreeSet<String>) {
    for field in fields {
        let path = if at.is_empty() { field.name.to_owned() } else { format!("{at}.{}", field.name) };
        if let Type::Fields(inner) = &field.kind {
            all(inner, &path, found);
        }
        found.insert(path);
    }
}

fn of(
    kind: &str,
    version: Version,
    which: fn(&[Field], &str, &mut BTreeSet<String>),
) -> Option<BTreeSet<String>> {
    let mut found = BTreeSet::new();
    which(tables::object_on_wire_in(kind, version)?.fields, "", &mut found);
    Some(found)
}

/// What the step to a release gives the release before, for a kind.
fn given(release: &str, kind: &str) -> BTreeSet<String> {
    let step = STEPS.iter().find(|step| step.release == release).unwrap();
    let changes = step.objects.iter().filter(|change| change.object == kind);
    changes.flat_map(|change| change.gives).map(|path| (*path).to_owned()).collect()
}

/// Whether a path, or the hash that it lies in, is among those given.
fn covers(given: &BTreeSet<String>, path: &str) -> bool {
    given.iter().any(|one| {
        path.strip_prefix(one.as_str()).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
    })
}

#[test]
fn what_only_an_older_release_has_is_given_by_the_step_after_it() {
    let releases = releases();
    let mut listed = Vec::new();
    for kind in kinds() {
        for pair in releases.windows(2) {
            let (old, new) = (pair[0], pair[1]);
            let (Some(needs), Some(has)) = (of(kind, old, required), of(kind, new, all)) else { continue };
            let (every, given) = (of(kind, old, all).unwrap(), given(new.name(), kind));
            let missing: Vec<&String> = needs.difference(&has).filter(|path| !covers(&given, path)).collect();
            assert!(missing.is_empty(), "{kind}: {} has {missing:?}, and no step gives them", old.name());
            let invented: Vec<&String> =
                given.iter().filter(|path| !every.contains(*path) || has.contains(*path)).collect();
            assert!(invented.is_empty(), "{kind}: {} does not have {invented:?}", old.name());
            listed.extend(given.into_iter().map(|path| format!("{} {kind}.{path}", old.name())));
        }
    }
    assert_eq!(listed, GIVEN);
}

/// The whole list, for people.
const GIVEN: &[&str] = &[
    "acacia charge.invoice",
    "acacia checkout.session.shipping_details",
    "acacia credit_note.refund",
    "acacia credit_note.tax_amounts",
    "acacia credit_note_line_item.amount_excluding_tax",
    "acacia credit_note_line_item.tax_amounts",
    "acacia credit_note_line_item.unit_amount_excluding_tax",
    "basil discount.coupon",
    "acacia invoice.application_fee_amount",
    "acacia invoice.charge",
    "acacia invoice.discount",
    "acacia invoice.paid",
    "acacia invoice.paid_out_of_band",
    "acacia invoice.payment_intent",
    "acacia invoice.quote",
    "acacia invoice.subscription",
    "acacia invoice.subscription_details",
    "acacia invoice.subscription_proration_date",
    "acacia invoice.tax",
    "acacia invoice.total_tax_amounts",
    "acacia invoice.transfer_data",
    "acacia invoiceitem.plan",
    "acacia invoiceitem.price",
    "acacia invoiceitem.subscription",
    "acacia invoiceitem.subscription_item",
    "acacia invoiceitem.unit_amount",
    "acacia invoiceitem.unit_amount_decimal",
    "acacia line_item.amount_excluding_tax",
    "acacia line_item.invoice_item",
    "acacia line_item.plan",
    "acacia line_item.price",
    "acacia line_item.proration",
    "acacia line_item.proration_details",
    "acacia line_item.subscription_item",
    "acacia line_item.tax_amounts",
    "acacia line_item.tax_rates",
    "acacia line_item.type",
    "acacia line_item.unit_amount_excluding_tax",
    "acacia payment_intent.invoice",
    "acacia plan.aggregate_usage",
    "acacia price.recurring.aggregate_usage",
    "basil promotion_code.coupon",
    "acacia subscription.current_period_end",
    "acacia subscription.current_period_start",
    "acacia subscription.discount",
];

#[test]
fn steps_are_in_order_and_say_what_they_undo() {
    let names: Vec<&str> = STEPS.iter().map(|step| step.release).collect();
    let mut expected: Vec<&str> = releases().iter().skip(1).map(|version| version.name()).collect();
    expected.reverse();
    assert_eq!(names, expected);
    for step in STEPS {
        assert!(step.objects.iter().all(|change| change.what.len() > 20), "{}", step.release);
        for change in step.requests {
            assert!(change.what.len() > 20, "{}", step.release);
            for id in change.operations {
                let operation = tables::operation(id).unwrap_or_else(|| panic!("{id} is no operation"));
                let older =
                    releases().into_iter().rev().find(|version| version.name() < step.release).unwrap();
                for (now, before) in change.names {
                    let takes =
                        |name: &str| operation.params_in(older).iter().any(|param| param.name == name);
                    let head = now.split('[').next().unwrap();
                    assert!(takes(before) && operation.params.iter().any(|p| p.name == head), "{id}: {now}");
                }
            }
        }
    }
}
