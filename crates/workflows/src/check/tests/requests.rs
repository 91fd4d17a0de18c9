//! Steps that perform any operation.

use super::*;

/// A second step, on line 5, that requests this.
fn request(config: &str) -> String {
    with_steps(&format!("{CUSTOMER}  - {{ id: b, action: stripe.request, config: {{ {config} }} }}"))
}

/// The same with a third step that reads its output.
fn reading(config: &str, path: &str) -> String {
    let third = format!(
        "\n  - {{ id: c, action: stripe.createCustomer, config: {{ email: \"{{{{ steps.b.output.{path} }}}}\" }} }}"
    );
    format!("{}{third}\n", request(config).trim_end())
}

const ID: &str = "{{ steps.customer.output.id }}";

#[test]
fn an_operation_and_its_parameters_are_checked_like_those_of_an_action() {
    let coupon = "operation: coupons.create, params: { duration: once, percentOff: 10 }";
    assert_eq!(findings(&request(coupon)), []);
    expect(&request("operation: coupon.create"), "invalid_value", (5, 48), "coupons.create");
    let wrong = "operation: coupons.create, params: { duraton: once }";
    let found = only(&request(wrong));
    assert_eq!((found.code, found.path.as_str()), ("unknown_parameter", "steps[1].config.params.duraton"));
    assert_eq!(found.nearest.as_deref(), Some("duration"));
    let found = only(&request("operation: coupons.retrieve"));
    assert_eq!((found.code, found.path.as_str()), ("missing_parameter", "steps[1].config.params.coupon"));
    let found = only(&request("operation: coupons.create, duration: once"));
    assert!(found.message.contains("belongs into `params`"), "{found:?}");
    expect(&request("operation: coupons.list, all: true"), "invalid_value", (5, 73), "one page");
}

#[test]
fn what_a_template_gives_is_not_known_yet() {
    for config in [
        format!("operation: coupons.retrieve, params: {{ coupon: '{ID}' }}"),
        "operation: coupons.create, params: '{{ input.params }}'".to_owned(),
        "operation: coupons.create, params: { duration: '{{ input.duration }}' }".to_owned(),
        format!("method: GET, path: '/v1/customers/{ID}'"),
        format!("method: GET, path: '/v1/customers/cus_{ID}/sources/{{{{ input.source }}}}'"),
    ] {
        assert_eq!(findings(&request(&config)), [], "{config}");
    }
    // A template in the path hides no parameter.
    let wrong = format!("method: GET, path: '/v1/customers/{ID}', params: {{ emial: x }}");
    assert_eq!(only(&request(&wrong)).code, "unknown_parameter");
}

#[test]
fn where_nothing_can_be_checked_it_says_so() {
    for (config, says) in [
        ("operation: '{{ input.operation }}', params: { any: thing }", "`operation` is known only"),
        ("method: POST, path: '{{ input.path }}'", "`path` is known only"),
        ("method: '{{ input.verb }}', path: /v1/customers", "`method` is known only"),
        ("method: GET, path: '/v1/{{ input.thing }}/x'", "`path` is known only"),
        ("method: POST, path: /v1/new_things, params: { any: thing }", "not checked"),
        ("method: POST, path: /v1/new_things, params: { any: '{{ input.x }}' }", "not checked"),
    ] {
        let found = only(&request(config));
        assert_eq!((found.code, found.severity), ("unchecked", Severity::Warning), "{config}");
        assert!(found.message.contains(says), "{config}: {}", found.message);
    }
    let found = only(&request("method: GET, path: 'https://api.stripe.com/v1/customers'"));
    assert_eq!(found.code, "invalid_value");
}

#[test]
fn an_output_is_followed_into_the_object_that_the_operation_answers() {
    let coupon = "operation: coupons.retrieve, params: { coupon: c }";
    assert_eq!(findings(&reading(coupon, "percent_off")), []);
    let found = only(&reading(coupon, "percent_of"));
    assert_eq!(found.code, "unknown_reference");
    assert!(found.fix.unwrap().contains("percent_off"));
    let path = format!("method: GET, path: '/v1/customers/{ID}'");
    assert_eq!(only(&reading(&path, "emial")).code, "unknown_reference");
    let expanded = "operation: charges.retrieve, params: { charge: ch_1, expand: [customer] }";
    assert_eq!(findings(&reading(expanded, "customer.id")), []);
    let beside = "operation: charges.retrieve, expand: [customer], params: { charge: ch_1 }";
    assert_eq!(findings(&reading(beside, "customer.id")), []);
    let unlisted = findings(&reading("method: GET, path: /v1/new_things", "whatever.it.is"));
    assert!(unlisted.iter().all(|found| found.code == "unchecked"), "{unlisted:?}");
}

#[test]
fn a_compensation_may_be_any_operation_that_writes() {
    let step = |back: &str| {
        with_steps(&format!(
            "  - {{ id: a, action: stripe.request, config: {{ operation: coupons.create, params: {{ duration: once, percentOff: 5 }} }}, compensate: {{ action: stripe.request, config: {{ {back} }} }} }}"
        ))
    };
    let back = "operation: coupons.del, params: { coupon: '{{ steps.a.output.id }}' }";
    assert_eq!(findings(&step(back)), []);
    let reads = "operation: coupons.retrieve, params: { coupon: '{{ steps.a.output.id }}' }";
    let found = only(&step(reads));
    assert_eq!((found.code, found.severity), ("compensation", Severity::Error));
    assert_eq!(only(&step("operation: coupons.del")).code, "missing_parameter");
}
