//! What `stripe.request` does with particular inputs; the rules for all operations are in
//! the harness.

use serde_json::{Value, json};
use stripe::{Kind, Method, PINNED, Version, tables};

use crate::{Catalog, Checked, Effect, Entry, Invalid, Plan, Reconcile, Why};

fn plan(input: Value) -> Result<Plan, Vec<Invalid>> {
    Catalog.plan(Entry::Request, &input, PINNED)
}

fn planned(input: Value) -> Plan {
    plan(input).unwrap_or_else(|found| panic!("{found:#?}"))
}

fn refused(input: Value) -> Vec<Invalid> {
    plan(input).unwrap_err()
}

fn fields(found: &[Invalid]) -> Vec<&str> {
    found.iter().map(|one| one.field.as_str()).collect()
}

fn form(plan: Plan) -> String {
    let kind = match plan.effect {
        Effect::Read => Kind::Read,
        Effect::KeyedWrite => Kind::Write(model::IdempotencyKey::from_text("k")),
        Effect::Delete => Kind::Delete,
    };
    String::from_utf8(plan.into_request(kind).unwrap().form.to_vec()).unwrap()
}

#[test]
fn an_operation_is_named_or_addressed() {
    let named =
        planned(json!({"operation": "refunds.update", "params": {"refund": "re_1", "metadata": {"a": 1}}}));
    let addressed =
        planned(json!({"method": "post", "path": "/v1/refunds/re_1", "params": {"metadata": {"a": 1}}}));
    assert_eq!(named, addressed);
    assert_eq!((named.path.as_str(), named.effect), ("/v1/refunds/re_1", Effect::KeyedWrite));
    assert_eq!((named.locks.clone(), named.checked.clone()), (vec!["re_1".to_owned()], Checked::ByTables));
    assert_eq!(form(named), "metadata[a]=1");
}

#[test]
fn an_input_names_one_operation_in_one_way() {
    let cases = [
        (json!({}), "operation", Why::Missing),
        (json!({"method": "GET"}), "path", Why::Missing),
        (json!({"path": "/v1/customers"}), "method", Why::Missing),
        (json!({"operation": "customers.list", "path": "/v1/customers"}), "path", Why::Twice),
        (
            json!({"operation": "customers.list", "method": "GET", "path": "/v1/customers"}),
            "method",
            Why::Twice,
        ),
        (json!({"operation": 7}), "operation", Why::Value),
        (json!({"method": "PUT", "path": "/v1/customers"}), "method", Why::Value),
        (json!({"method": "GET", "path": 7}), "path", Why::Value),
        (json!([]), "", Why::Value),
    ];
    for (input, field, why) in cases {
        let found = refused(input.clone());
        assert_eq!((found[0].field.as_str(), found[0].why), (field, why), "{input}: {found:?}");
    }
    assert_eq!(
        refused(json!({"method": "PUTT", "path": "/v1/customers"}))[0].allowed,
        ["GET", "POST", "DELETE"]
    );
}

#[test]
fn an_unknown_operation_is_answered_with_what_may_be_meant() {
    let found = refused(json!({"operation": "refund.creat"}));
    assert_eq!(found[0].nearest.as_deref(), Some("refunds.create"));
    assert!(found[0].message.contains("did you mean `refunds.create` or `"), "{}", found[0].message);
    let action = refused(json!({"operation": "stripe.createRefund"}));
    assert_eq!(action[0].nearest.as_deref(), Some("refunds.create"));
    assert!(action[0].message.contains("an action stripe.createRefund"), "{}", action[0].message);
    let gone = refused(json!({"operation": "invoices.retrieveUpcoming"}));
    assert!(gone[0].message.contains("acacia only"), "{}", gone[0].message);
    let nothing = refused(json!({"operation": "mail.send"}));
    assert!(nothing[0].message.contains("bursar actions search"), "{}", nothing[0].message);
    for odd in ["", "unlisted.post", "\u{0}", &"x".repeat(100_000)] {
        let found = refused(json!({ "operation": odd }));
        assert_eq!(fields(&found), ["operation"]);
        assert!(found[0].message.len() < 600);
    }
}

#[test]
fn what_only_an_older_version_has_is_requested_under_it() {
    let input = |version: &str| json!({"operation": "invoices.retrieveUpcoming", "apiVersion": version});
    let plan = planned(input("2024-09-30.acacia"));
    assert_eq!((plan.path.as_str(), plan.options.version.name()), ("/v1/invoices/upcoming", "acacia"));
    assert_eq!(plan.clone().into_request(Kind::Read).unwrap().operation.id, "invoices.retrieveUpcoming");
    let by_path = json!({"method": "GET", "path": "/v1/invoices/upcoming"});
    assert_eq!(planned(by_path).operation.id, "invoices.retrieve");
}

#[test]
fn parameters_are_checked_like_those_of_an_action() {
    let params = json!({"amout": 5, "reason": "bored", "metadata": {"a": {}}, "paymentIntent": "pi_1",
                        "payment_intent": "pi_2"});
    let found = refused(json!({"operation": "refunds.create", "params": params}));
    let expected = ["params.amout", "params.payment_intent", "params.reason", "params.metadata.a"];
    assert_eq!(fields(&found), expected, "{found:#?}");
    assert_eq!(found[0].nearest.as_deref(), Some("amount"));
    assert!(found[0].message.contains("not a parameter of refunds.create"), "{}", found[0].message);
    assert!(found[2].message.contains("requested_by_customer"), "{}", found[2].message);
    let hint = refused(json!({"operation": "refunds.create", "params": {"invoiceId": "in_1"}}));
    assert!(hint[0].message.contains("expand: [\"payments\"]"), "{}", hint[0].message);
}

#[test]
fn parameters_beside_params_are_led_there() {
    let found = refused(json!({"operation": "refunds.create", "amount": 5, "prams": {}, "chargeId": "ch_1"}));
    assert_eq!(fields(&found), ["amount", "prams", "chargeId"], "{found:?}");
    assert!(found[0].message.contains("belongs into `params`"), "{}", found[0].message);
    assert_eq!(found[0].nearest.as_deref(), Some("params.amount"));
    assert_eq!(found[1].nearest.as_deref(), Some("params"));
    for wrong in [json!([]), json!("a=b"), json!(1)] {
        let found = refused(json!({"operation": "refunds.create", "params": wrong}));
        assert_eq!(fields(&found), ["params"]);
    }
}

#[test]
fn ids_stand_in_the_path_or_in_params_and_never_in_both() {
    let found = refused(json!({"operation": "refunds.retrieve"}));
    assert_eq!((fields(&found), found[0].why), (vec!["params.refund"], Why::Missing));
    assert!(found[0].message.contains("/v1/refunds/{refund}"), "{}", found[0].message);
    let both = json!({"method": "GET", "path": "/v1/refunds/re_1", "params": {"refundId": "re_2"}});
    let found = refused(both);
    assert_eq!((fields(&found), found[0].why), (vec!["params.refundId"], Why::Twice));
    assert!(found[0].message.contains("`path`"), "{}", found[0].message);
    let template = refused(json!({"method": "GET", "path": "/v1/refunds/{refund}"}));
    assert!(template[0].message.contains("`{refund}`"), "{}", template[0].message);
}

#[test]
fn options_stand_beside_params_because_some_parameters_are_called_so() {
    let endpoint = json!({"operation": "webhookEndpoints.create", "apiVersion": "2025-03-31.basil",
        "stripeAccount": "acct_1", "expand": ["data"],
        "params": {"url": "https://a.example", "enabledEvents": ["*"], "apiVersion": "2024-09-30.acacia"}});
    let plan = planned(endpoint);
    assert_eq!(plan.options.version.as_str(), "2025-03-31.basil");
    assert_eq!(plan.params["api_version"], "2024-09-30.acacia");
    assert_eq!(plan.params["expand"], json!(["data"]));
    assert_eq!(plan.options.stripe_account.unwrap().as_str(), "acct_1");
    let inside = json!({"operation": "refunds.list", "params": {"stripeAccount": "acct_1"}});
    assert_eq!(fields(&refused(inside)), ["params.stripeAccount"]);
    let twice = json!({"operation": "refunds.list", "expand": ["data"], "params": {"expand": ["data"]}});
    assert_eq!(refused(twice)[0].why, Why::Twice);
    let none = json!({"operation": "coupons.del", "expand": ["x"], "params": {"coupon": "c"}});
    assert_eq!(fields(&refused(none)), ["expand"]);
}

#[test]
fn lists_take_all_and_nothing_else_does() {
    let plan = planned(json!({"operation": "coupons.list", "all": true}));
    assert!(plan.options.all);
    assert_eq!(plan.params["limit"], 100);
    assert_eq!(fields(&refused(json!({"operation": "balance.retrieve", "all": true}))), ["all"]);
    assert_eq!(fields(&refused(json!({"method": "GET", "path": "/v1/new", "all": true}))), ["all"]);
    let limit = refused(json!({"operation": "coupons.list", "params": {"limit": 1000}}));
    assert_eq!(fields(&limit), ["params.limit"]);
}

#[test]
fn a_path_that_no_table_knows_goes_out_as_it_is_and_says_so() {
    for (method, effect) in
        [(Method::Get, Effect::Read), (Method::Post, Effect::KeyedWrite), (Method::Delete, Effect::Delete)]
    {
        let plan = planned(json!({"method": method.as_str(), "path": "/v1/new_things/thing_1/go",
            "params": {"someThing": {"a": [1, true]}, "customer": "cus_1"}, "expand": ["x"]}));
        let why = plan.checked.why_not().unwrap();
        assert!(why.contains("not checked") && why.contains("/v1/new_things/thing_1/go"), "{why}");
        assert_eq!((plan.effect, plan.operation), (effect, tables::unlisted(method)));
        let locks: &[&str] = if effect == Effect::Read { &[] } else { &["cus_1", "thing_1"] };
        assert_eq!(plan.locks, locks);
        let action = Catalog.performing("stripe.request", plan.operation).unwrap();
        assert_eq!((action.name, action.effect), ("stripe.request", effect));
        assert_eq!(form(plan), "someThing[a][0]=1&someThing[a][1]=true&customer=cus_1&expand[0]=x");
    }
    let reconcile =
        |method| Catalog.performing("stripe.request", tables::unlisted(method)).unwrap().reconcile;
    assert_eq!(reconcile(Method::Post), Reconcile::Park);
    assert_eq!(reconcile(Method::Delete), Reconcile::BySamePath);
}

#[test]
fn what_no_table_knows_says_what_may_be_meant() {
    let why = |method: &str, path: &str| {
        let plan = planned(json!({ "method": method, "path": path }));
        plan.checked.why_not().map(str::to_owned).unwrap()
    };
    assert!(why("DELETE", "/v1/refunds/re_1").contains("They have this path with GET (refunds.retrieve)"));
    assert!(why("GET", "/v1/subscription_items/si_1/usage_record_summaries").contains("acacia only"));
    assert!(why("GET", "/v1/refundz/re_1").contains("Did you mean /v1/refunds/{refund} (refunds.retrieve)?"));
    assert!(!why("GET", "/v1/zzz").contains("Did you mean"));
}

#[test]
fn what_has_no_form_is_refused_before_anything_is_stored() {
    let input = |params: Value| json!({"method": "POST", "path": "/v1/new", "params": params});
    assert_eq!(fields(&refused(input(json!({"rate": 1.5})))), ["params.rate"]);
    assert_eq!(fields(&refused(input(json!({"a[b]": 1})))), ["params.a[b]"]);
    let twice = json!({"method": "POST", "path": "/v1/new", "expand": [], "params": {"expand": []}});
    assert_eq!(refused(twice)[0].why, Why::Twice);
}

#[test]
fn no_path_leaves_stripes_api() {
    for (path, says) in [
        ("https://evil.example/v1/customers", "give the path alone"),
        ("//evil.example/v1/x", "give the path alone"),
        ("/v1/../../evil", "lead to another path"),
        ("/v1/customers/%2e%2e/x", "lead to another path"),
        ("/v1/customers?limit=1", "no query string"),
        ("/v1/customers#x", "no query string"),
        ("/v1/customers/a\r\nHost: evil.example", "percent-encoded"),
        ("/v1/customers/a%0d%0aHost", "hides"),
        ("/v1/customers/a%2Fb", "hides"),
        ("/v2/core/accounts", "not supported"),
        ("/oauth/token", "begin with `/v1/`"),
        ("/v1/customers/", "empty part"),
    ] {
        let found = refused(json!({"method": "GET", "path": path, "params": {}}));
        assert_eq!(fields(&found), ["path"], "{path}");
        assert!(found[0].message.contains(says), "{path}: {}", found[0].message);
    }
    // What reads as an id of a listed path is held to what ids may have.
    assert_eq!(fields(&refused(json!({"method": "GET", "path": "/v1/customers/a%3Fb"}))), ["path"]);
}

#[test]
fn names_lead_to_entries_and_inputs_to_operations() {
    for name in ["stripe.request", "request"] {
        let entry = Catalog.entry(name).unwrap();
        assert_eq!((entry.name(), entry.effect()), ("stripe.request", None));
        assert!(!entry.is_tool_by_default());
    }
    let refund = Catalog.entry("createRefund").unwrap();
    assert!(refund.effect() == Some(Effect::KeyedWrite) && refund.is_tool_by_default());
    assert_eq!(Catalog.entry("stripe.requst").unwrap_err().nearest, Some("stripe.request"));
    let performed = |input: Value| Catalog.performed(Entry::Request, &input, PINNED);
    let id = |input: Value| performed(input).map(|action| action.operation.0);
    assert_eq!(id(json!({"operation": "coupons.create", "params": "?"})), Some("coupons.create"));
    assert_eq!(id(json!({"method": "GET", "path": "/v1/coupons/x"})), Some("coupons.retrieve"));
    assert_eq!(id(json!({"method": "GET", "path": "/v1/new"})), Some("unlisted.get"));
    assert!(performed(json!({"operation": "coupons.mak"})).is_none());
    let older = Version::parse("2024-09-30.acacia").unwrap();
    assert!(Catalog.operation("invoices.retrieveUpcoming", older).is_ok());
    let unfound = Catalog.operation("coupons.mak", PINNED).unwrap_err();
    assert!(unfound.to_failure().message.contains("There is no operation `coupons.mak`"));
}
