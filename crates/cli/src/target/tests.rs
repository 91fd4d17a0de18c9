//! Names, and the configs that flags make of them.

use super::*;

fn config(name: &str, input: Option<&str>, line: &str) -> Result<Value, Failure> {
    let words: Vec<String> = line.split(' ').filter(|word| !word.is_empty()).map(str::to_owned).collect();
    Target::named(name)?.config(input, &words)
}

#[test]
fn an_operations_id_goes_out_as_a_request() {
    let made =
        config("refunds.create", None, "--charge ch_1 --amount 500 --stripe-account acct_1 --metadata.a b");
    assert_eq!(
        made.unwrap(),
        json!({"operation": "refunds.create", "stripeAccount": "acct_1",
               "params": {"charge": "ch_1", "amount": 500, "metadata": {"a": "b"}}})
    );
    let made = config(
        "webhookEndpoints.create",
        None,
        "--params.url https://x.example --api-version 2026-10-28.endive",
    );
    assert_eq!(
        made.unwrap(),
        json!({"operation": "webhookEndpoints.create",
               "params": {"url": "https://x.example", "apiVersion": "2026-10-28.endive"}})
    );
}

#[test]
fn a_request_reads_its_params_by_the_operation_it_names() {
    let expected = json!({"operation": "refunds.create", "params": {"charge": "ch_1", "amount": 500}});
    let line = "--params.charge ch_1 --params.amount 500";
    for (input, line) in [
        (None, format!("--operation refunds.create {line}")),
        (None, format!("{line} --operation=refunds.create")),
        (Some(r#"{"operation": "refunds.create"}"#), line.to_owned()),
    ] {
        assert_eq!(config("stripe.request", input, &line).unwrap(), expected, "{line}");
    }
    let made =
        config("stripe.request", None, "--method POST --path /v1/refunds --params.amount 500").unwrap();
    assert_eq!(made["params"]["amount"], 500);
    let made =
        config("stripe.request", None, "--method POST --path /v1/nobody/knows --params.amount 500").unwrap();
    assert_eq!(made["params"]["amount"], "500", "nothing is known of it");
}

#[test]
fn an_input_that_is_no_object_is_refused() {
    for input in ["[]", "1", "{"] {
        let failure = config("getCustomer", Some(input), "").unwrap_err();
        assert_eq!(
            (failure.code, failure.field.as_deref()),
            (Code::ValidationError, Some("input")),
            "{input}"
        );
        assert!(failure.message.contains("Nothing was sent."), "{}", failure.message);
    }
}

#[test]
fn a_name_that_nothing_has_is_answered_with_the_nearest() {
    let failure = Target::named("stripe.createInvoce").unwrap_err();
    assert_eq!(failure.code, Code::NotFound);
    assert!(failure.message.contains("stripe.createInvoice"), "{}", failure.message);
}

#[test]
fn every_misspelt_flag_of_every_action_is_refused_as_the_api_refuses_it() {
    let mut tried = 0;
    for action in Catalog.all() {
        for field in Description::of_action(action, PINNED).all() {
            let mut flag = flags::flag(&field.name);
            flag.insert(flag.len() / 2, 'q');
            let words = [format!("--{flag}"), "1".to_owned()];
            let target = Target::Action(action);
            let config = target.config(None, &words).unwrap();
            let failure = target.check(&config).unwrap_err();
            let key = config.as_object().unwrap().keys().next().unwrap();
            let api = Catalog.plan(*action, &json!({ key: "1" }), PINNED).unwrap_err();
            assert_eq!(failure, Invalid::to_failure(&api, *action, "config."), "{}", action.name);
            let nearest =
                failure.details.as_ref().unwrap()["invalid"].as_array().unwrap().iter().find_map(|invalid| {
                    Some(target.flag_beside(invalid["field"].as_str()?, invalid["nearest"].as_str()?))
                });
            assert_eq!(nearest, Some(flags::flag(&field.name)), "{} --{flag}", action.name);
            tried += 1;
        }
    }
    assert!(tried > 500, "only {tried}");
}

#[test]
fn an_operation_that_only_older_versions_have_is_called_under_one_of_them() {
    let line = "--customer cus_1 --api-version 2025-02-24.acacia";
    let made = config("invoices.retrieveUpcoming", None, line).unwrap();
    assert_eq!(
        made,
        json!({"operation": "invoices.retrieveUpcoming", "params": {"customer": "cus_1"},
               "apiVersion": "2025-02-24.acacia"})
    );
    let target = Target::named("invoices.retrieveUpcoming").unwrap();
    assert!(!target.check(&made).unwrap(), "it reads");
    let newer = config("invoices.retrieveUpcoming", None, "--api-version 2026-10-28.endive").unwrap();
    let failure = target.check(&newer).unwrap_err();
    assert!(failure.message.contains("acacia only"), "{}", failure.message);
}

#[test]
fn what_some_version_takes_is_left_to_the_server_which_knows_the_connections() {
    let made = config("updateCustomer", None, "--customer-id cus_1 --coupon summer").unwrap();
    assert_eq!(made, json!({"customerId": "cus_1", "coupon": "summer"}));
    let target = Target::named("updateCustomer").unwrap();
    assert!(target.check(&made).unwrap(), "it writes");
    let misspelt = config("updateCustomer", None, "--customer-id cus_1 --cupon x").unwrap();
    let failure = target.check(&misspelt).unwrap_err();
    assert!(failure.message.contains("cupon"), "{}", failure.message);
    let named = json!({"customerId": "cus_1", "coupon": "summer", "apiVersion": "2026-10-28.endive"});
    assert!(target.check(&named).is_err());
}
