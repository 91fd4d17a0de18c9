//! Words, and what may stand at their end.

use clap_complete::engine::complete;

use super::*;

/// The candidates for the last word.
fn candidates(line: &str) -> Vec<String> {
    let words: Vec<OsString> = line.split(' ').map(OsString::from).collect();
    let last = words.len() - 1;
    let found = complete(&mut command(&words), words, last, None).unwrap();
    found.iter().map(|candidate| candidate.get_value().to_string_lossy().into_owned()).collect()
}

#[track_caller]
fn offers(line: &str, wanted: &[&str]) {
    let found = candidates(line);
    for one in wanted {
        assert!(found.iter().any(|found| found == one), "{line}: no {one} in {found:?}");
    }
}

#[track_caller]
fn is(line: &str, wanted: &[&str]) {
    assert_eq!(candidates(line), wanted, "{line}");
}

#[test]
fn commands_are_completed() {
    is("bursar act", &["actions"]);
    is("bursar actions s", &["show", "search"]);
    offers("bursar ", &["call", "actions", "runs"]);
}

#[test]
fn actions_and_operations_are_completed_by_name() {
    is("bursar call stripe.createInv", &["stripe.createInvoice", "stripe.createInvoiceItem"]);
    is("bursar call createInv", &["createInvoice", "createInvoiceItem"]);
    is("bursar call refunds.c", &["refunds.cancel", "refunds.create"]);
    is("bursar actions show stripe.getBal", &["stripe.getBalance"]);
    is("bursar call --data x stripe.getBal", &["stripe.getBalance"]);
    is("bursar --json call stripe.getBal", &["stripe.getBalance"]);
    let all = candidates("bursar call ");
    assert!(
        all.contains(&"stripe.request".to_owned()) && !all.contains(&"refunds.create".to_owned()),
        "{all:?}"
    );
}

#[test]
fn the_flags_of_the_chosen_action_are_completed() {
    is("bursar call stripe.createInvoice --customer", &["--customer-id", "--customer-account"]);
    offers(
        "bursar call stripe.createInvoice --",
        &["--collection-method", "--shipping-details.", "--key", "--input"],
    );
    is("bursar call refunds.create --cha", &["--charge"]);
    assert!(candidates("bursar call stripe.getBalance --cust").is_empty());
    is("bursar call createInvoice --no-auto", &["--no-auto-advance"]);
}

#[test]
fn flags_lead_inside_step_by_step() {
    is("bursar call createInvoice --shipping-details", &["--shipping-details."]);
    is(
        "bursar call createInvoice --shipping-details.",
        &["--shipping-details.address.", "--shipping-details.name", "--shipping-details.phone"],
    );
    is("bursar call createInvoice --shipping-details.address.ci", &["--shipping-details.address.city"]);
    is("bursar call createSubscription --items", &["--items.0."]);
    offers(
        "bursar call createSubscription --items.0.price p --items.1.",
        &["--items.1.price", "--items.1.quantity"],
    );
    offers("bursar call listInvoices --created", &["--created.", "--created"]);
}

#[test]
fn values_are_completed_where_they_are_known() {
    is("bursar call stripe.createInvoice --collection-method ", &["charge_automatically", "send_invoice"]);
    is("bursar call createInvoice --collection-method=s", &["--collection-method=send_invoice"]);
    is("bursar call stripe.listInvoices --limit 3 --status un", &["uncollectible"]);
    is("bursar call createInvoice --collection_method s", &["send_invoice"]);
    is("bursar call createPaymentIntent --payment-method-types card_", &["card_present"]);
    is("bursar call stripe.request --operation refunds.cr", &["refunds.create"]);
    is("bursar call stripe.request --method P", &["POST"]);
    is("bursar call stripe.request --operation refunds.create --params.cha", &["--params.charge"]);
}

#[test]
fn what_stands_before_does_not_confuse_it() {
    for before in
        ["--metadata.team ops", "--customerId cus_1", "--nonsense 1", "--auto-advance", "--days-until-due -3"]
    {
        let line = format!("bursar call stripe.createInvoice {before} --collection-method s");
        is(&line, &["send_invoice"]);
    }
}

#[test]
fn every_action_and_operation_can_be_completed() {
    let actions = ::actions::Catalog.all().iter().map(|action| action.name);
    for name in actions.chain(["stripe.request"]).chain(::stripe::tables::operation_ids()) {
        let found = candidates(&format!("bursar call {name} --"));
        assert!(found.iter().any(|flag| flag == "--dry-run"), "{name}");
    }
}
