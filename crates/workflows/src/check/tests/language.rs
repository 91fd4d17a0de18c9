//! What reading refuses: names, types, words, and what is not supported yet.

use super::*;

#[test]
fn an_unknown_key_is_refused_with_the_nearest() {
    let text = with_steps(CUSTOMER);
    expect(&format!("{text}vairables: {{}}\n"), "unknown_field", (5, 1), "`variables`");
    expect(
        &with_steps("  - { id: a, action: stripe.listInvoices, confg: {} }"),
        "unknown_field",
        (4, 43),
        "`config`",
    );
}

#[test]
fn what_the_language_has_but_this_version_does_not_run_is_refused_and_says_so() {
    let text = with_steps(CUSTOMER);
    for (document, at, says) in [
        (format!("{text}settings: {{ timeout: 60d }}\n"), (5, 1), "`settings` is not supported yet"),
        (format!("{text}onFailure: []\n"), (5, 1), "`onFailure` is not supported yet"),
        (text.replace("type: api", "type: schedule, cron: '* * * * *'"), (2, 12), "webhook"),
        (text.replace("type: api", "type: webhook, order: refetch_latest"), (2, 34), "as_delivered"),
        (with_steps("  - { id: a, type: loop, over: '{{ input }}' }"), (4, 14), "type: wait"),
        (with_steps("  - { id: a, action: stripe.listInvoices, timeout: 5m }"), (4, 43), "not supported yet"),
    ] {
        expect(&document, "not_supported", at, says);
    }
}

#[test]
fn missing_and_mistyped_fields_are_located() {
    expect(
        "name: Test\nsteps:\n  - { id: a, action: stripe.listInvoices }\n",
        "missing_field",
        (1, 1),
        "trigger",
    );
    expect("name: Test\ntrigger: { type: api }\n", "missing_field", (1, 1), "steps");
    expect(&with_steps("  - { action: stripe.listInvoices }"), "missing_field", (4, 5), "`id`");
    expect(&with_steps("  - { id: a }"), "missing_field", (4, 5), "`action`");
    expect(&with_steps("  - { id: a, for: 1d }"), "missing_field", (4, 5), "type: wait");
    expect(&with_steps("  - { id: a-b, action: stripe.listInvoices }"), "not_allowed", (4, 7), "`id: a_b`");
    expect(&with_steps(&format!("{CUSTOMER}{CUSTOMER}")), "duplicate_id", (5, 7), "`customer`");
    expect("name: Test\ntrigger: { type: api }\nsteps: {}\n", "wrong_type", (3, 8), "a list");
    expect("name: Test\ntrigger: { type: api }\nsteps: []\n", "wrong_type", (3, 8), "1 to 200");
    expect("[1]", "wrong_type", (1, 1), "a map");
    expect(&with_steps("  - 5"), "wrong_type", (4, 5), "a step is a map");
    expect(&with_steps(CUSTOMER).replace("name: Test", "name: '!!'"), "not_allowed", (1, 1), "key");
}

#[test]
fn words_and_durations_are_checked() {
    let step = |more: &str| with_steps(&format!("  - {{ id: a, action: stripe.listInvoices, {more} }}"));
    expect(&step("onError: { strategy: go }"), "not_allowed", (4, 64), "fail, continue");
    expect(&step("retry: { maxAttempts: 0 }"), "wrong_type", (4, 65), "from 1 to 20");
    expect(&step("retry: { initialDelay: soon }"), "not_allowed", (4, 66), "45d");
    expect(&step("retry: { on: [card_decline] }"), "not_allowed", (4, 57), "card_declined");
    expect(&with_steps("  - { id: a, type: wait, for: 4000d }"), "not_allowed", (4, 31), "ten years");
    expect(&with_steps("  - { id: a, type: wait, until: tomorrow }"), "wrong_type", (4, 33), "a moment");
    expect(&with_steps("  - { id: a, type: wiat, for: 1d }"), "unknown_step_type", (4, 14), "`wait`");
    expect(
        &with_steps("  - { id: a, type: wait, for: 1d, until: x }"),
        "missing_field",
        (4, 5),
        "exactly one",
    );
}

#[test]
fn a_wait_needs_an_object_and_an_end() {
    let wait = |more: &str| with_steps(&format!("{CUSTOMER}  - {{ id: w, type: wait, {more} }}"));
    expect(
        &wait("event: invoice.paid, match: { data.object.id: in_1 }"),
        "missing_field",
        (5, 5),
        "atMost: 45d",
    );
    expect(&wait("event: invoice.paid, atMost: 1d"), "missing_field", (5, 5), "`match`");
    expect(
        &wait("event: invoice.paid, atMost: 1d, match: { data.object.status: paid }"),
        "wait_without_id",
        (5, 66),
        "data.object.id",
    );
    expect(
        &wait("event: invoice.payed, atMost: 1d, match: { data.object.id: in_1 }"),
        "unknown_event_type",
        (5, 33),
        "`invoice.paid`",
    );
}

#[test]
fn broken_text_is_located() {
    expect("name: Test\n  bad: [1\n", "syntax", (2, 6), "not YAML");
    expect("", "empty", (1, 1), "name:");
    expect("a: 1\na: 2\n", "duplicate_key", (2, 1), "twice");
    expect("a: !!binary x\n", "syntax", (1, 13), "tag");
    expect("a: &x {b: 1}\nc: { <<: *x }\n", "syntax", (2, 6), "merge keys");
    expect("a: 1\n---\nb: 2\n", "syntax", (2, 1), "second document");
    expect("a: 123456789012345678901234567890\n", "number", (1, 4), "64 bits");
    expect("a: *nothing\n", "syntax", (1, 4), "not YAML");
}
