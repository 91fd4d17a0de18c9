//! What needs the catalog and Stripe's tables.

use super::*;

/// A second step, on line 5, with a config that reads the customer.
fn second(action: &str, config: &str) -> String {
    with_steps(&format!("{CUSTOMER}  - {{ id: b, action: {action}, config: {{ {config} }} }}"))
}

#[test]
fn unknown_actions_and_fields_name_the_nearest() {
    expect(&second("stripe.createInvoce", ""), "unknown_action", (5, 22), "stripe.createInvoice");
    expect(&second("stripe.listInvoices", "lookbackDays: 3"), "unknown_parameter", (5, 53), "lookbackDays");
    expect(
        &second("stripe.createCustomer", "address: { citty: Bonn }"),
        "unknown_parameter",
        (5, 66),
        "city",
    );
    // A template does not make an unknown field known.
    expect(
        &second("stripe.createCustomer", "emial: '{{ input.email }}'"),
        "unknown_parameter",
        (5, 55),
        "email",
    );
}

#[test]
fn missing_parameters_and_wrong_values_are_found() {
    expect(&second("stripe.createInvoice", "daysUntilDue: 30"), "missing_parameter", (5, 52), "customerId");
    expect(&second("stripe.listInvoices", "status: succeeded"), "invalid_value", (5, 53), "paid");
    let line = "customerId: '{{ steps.customer.output.id }}', currency: usd, amount: ";
    let found = only(&second("stripe.createInvoiceItem", &format!("{line}'19.99'")));
    assert_eq!((found.code, found.path.as_str()), ("invalid_value", "steps[1].config.amount"));
    assert!(found.message.contains("1999"), "{found:?}");
    let found = only(&second("stripe.createInvoiceItem", &format!("{line}19.99")));
    assert_eq!(found.code, "invalid_value");
    assert_eq!(findings(&second("stripe.createInvoiceItem", &format!("{line}1999"))), []);
    assert_eq!(findings(&second("stripe.createInvoiceItem", &format!("{line}'{{{{ input.n }}}}'"))), []);
    let found = only(&second("stripe.createInvoiceItem", &format!("{line}5").replace("usd", "usdd")));
    assert_eq!((found.code, found.path.as_str()), ("invalid_value", "steps[1].config.currency"));
}

#[test]
fn a_step_lists_one_page_and_says_so() {
    expect(&second("stripe.listInvoices", "all: true"), "invalid_value", (5, 53), "`startingAfter`");
    expect(&second("stripe.listInvoices", "all: '{{ input.all }}'"), "invalid_value", (5, 53), "one page");
    let found = only(&second("stripe.listInvoices", "extra: { all: true }"));
    assert_eq!((found.code, found.path.as_str()), ("invalid_value", "steps[1].config.extra.all"));
    expect(&second("stripe.listInvoices", "all: 3"), "invalid_value", (5, 53), "true or false");
    expect(&second("stripe.getBalance", "all: true"), "unknown_parameter", (5, 51), "lists nothing");
    assert_eq!(findings(&second("stripe.listInvoices", "all: false, limit: 3")), []);
}

#[test]
fn an_idempotency_key_in_a_step_is_refused() {
    let found = only(&second("stripe.createCustomer", "idempotencyKey: x"));
    assert!(found.fix.unwrap().contains("its own idempotency key"));
}

#[test]
fn references_to_nothing_are_found() {
    let read =
        |expression: &str| second("stripe.createCustomer", &format!("email: \"{{{{ {expression} }}}}\""));
    for (expression, column, says) in [
        ("steps.custmer.output.id", 66, "`customer`"),
        ("steps.b.output.id", 66, "has not run yet"),
        ("steps.customer.id", 66, "steps.customer.output.id"),
        ("steps.customer.output.emial", 66, "`email`"),
        ("steps.customer.output.invoicePrefix", 66, "invoice_prefix"),
        ("steps.customer.output.email.x", 66, "a text"),
        ("steps.customer.output[0]", 66, "not a list"),
        ("inptu.email", 66, "`input`"),
        ("event.id", 66, "no `event`"),
        ("variables.terms", 66, "terms"),
        ("run.modus", 66, "`mode`"),
        ("'a' ~ nothing", 72, "nothing"),
    ] {
        expect(&read(expression), "unknown_reference", (5, column), says);
    }
    for fine in [
        "steps.customer.output.email",
        "steps.customer.status",
        "run.mode",
        "now",
        "input.x.y",
        "steps.customer.output.metadata.anything",
        "steps.customer.output.address.city",
    ] {
        assert_eq!(findings(&read(fine)), [], "{fine}");
    }
}

#[test]
fn a_list_is_not_an_object_and_an_id_not_what_it_names() {
    let list = |expression: &str, more: &str| {
        with_steps(&format!(
            "  - {{ id: list, action: stripe.listInvoices, config: {{ limit: 3{more} }} }}\n  - {{ id: b, action: stripe.createCustomer, config: {{ email: '{{{{ {expression} }}}}' }} }}"
        ))
    };
    expect(&list("steps.list.output.status", ""), "unknown_reference", (5, 66), "in `data`");
    expect(&list("steps.list.output[0].id", ""), "unknown_reference", (5, 66), "`data[0]`");
    expect(&list("steps.list.output.data.id", ""), "unknown_reference", (5, 66), "`data[0].id`");
    expect(&list("steps.list.output.data[0].customer.email", ""), "unknown_reference", (5, 66), "expand");
    assert_eq!(findings(&list("steps.list.output.data[0].customer", "")), []);
    assert_eq!(findings(&list("steps.list.output.data[0].customer.email", ", expand: [data.customer]")), []);
    expect(
        &list("steps.list.output.data[0].payment_intent", ""),
        "unknown_reference",
        (5, 66),
        "payment_intent",
    );
}

#[test]
fn a_step_that_may_be_left_out_needs_a_guard() {
    let reads = |expression: &str, when: &str| {
        with_steps(&format!(
            "  - {{ id: a, action: stripe.createCustomer, when: input.wanted }}\n  - {{ id: b, action: stripe.createCustomer, {when}config: {{ email: \"{{{{ {expression} }}}}\" }} }}"
        ))
    };
    expect(&reads("steps.a.output.email", ""), "maybe_missing", (5, 66), "skipped");
    for guarded in [
        "steps.a.output.email | default('x@example.com')",
        "steps.a.output.email if steps.a.status == 'completed' else 'x@example.com'",
        "steps.a.output.email if steps.a.output is defined else 'x@example.com'",
        "steps.a.status",
    ] {
        assert_eq!(findings(&reads(guarded, "")), [], "{guarded}");
    }
    assert_eq!(findings(&reads("steps.a.output.email", "when: steps.a.status == 'completed', ")), []);
    let continues = |fallback: &str| {
        with_steps(&format!(
            "  - {{ id: a, action: stripe.createCustomer, onError: {{ strategy: continue{fallback} }} }}\n  - {{ id: b, action: stripe.createCustomer, config: {{ email: '{{{{ steps.a.output.email }}}}' }} }}"
        ))
    };
    expect(&continues(""), "maybe_missing", (5, 66), "fallback");
    assert_eq!(findings(&continues(", fallback: { email: x@example.com }")), []);
}

#[test]
fn inputs_and_variables_are_followed() {
    let schema = "inputSchema: { type: object, required: [email], properties: { email: { type: string }, note: { type: string } } }\n";
    let read = |name: &str| {
        format!("{}{schema}", second("stripe.createCustomer", &format!("description: '{{{{ {name} }}}}'")))
    };
    assert_eq!(findings(&read("input.email")), []);
    expect(&read("input.emial"), "unknown_reference", (5, 72), "`email`");
    expect(&read("input.note"), "maybe_missing", (5, 72), "left out");
    assert_eq!(findings(&read("input.note | default(1)")), []);
    let modes = "variablesByMode: { test: { price: a }, live: { price: b } }\n";
    let document = format!("{}{modes}", second("stripe.createCustomer", "name: '{{ variables.price }}'"));
    let found = only(&document);
    assert_eq!((found.code, found.severity), ("missing_mode_value", Severity::Warning));
    assert!(found.message.contains("local"));
}

#[test]
fn inexact_money_is_found() {
    let amount = |expression: &str| {
        second(
            "stripe.createInvoiceItem",
            &format!("customerId: cus_1, currency: usd, amount: '{{{{ {expression} }}}}'"),
        )
    };
    for inexact in ["input.amount * 0.1", "input.amount / 3", "(input.amount * 0.1) + 1"] {
        assert_eq!(only(&amount(inexact)).code, "inexact_money", "{inexact}");
    }
    for exact in [
        "(input.amount * 0.1) | round",
        "input.amount // 3",
        "1 if input.amount / 100 > 3 else 2",
        "input.amount * 3 + 1",
        "input.a | minor(\"usd\")",
    ] {
        assert_eq!(findings(&amount(exact)), [], "{exact}");
    }
}

#[test]
fn template_syntax_is_located() {
    let read = |expression: &str| second("stripe.createCustomer", &format!("email: '{expression}'"));
    expect(&read("{{ input. }}"), "template_syntax", (5, 71), "no expression");
    expect(&read("{{ input.a"), "template_syntax", (5, 62), "}}");
    expect(&read("{% if x %}"), "template_syntax", (5, 62), "{%");
    expect(&read("{{ input.a | upperr }}"), "template_syntax", (5, 66), "`upper`");
    expect(&read("{{ input.a is definde }}"), "template_syntax", (5, 66), "`defined`");
}

#[test]
fn secrets_stand_in_configs_only_and_unchanged() {
    let read = |expression: &str| {
        second("stripe.createCustomer", &format!("description: \"{{{{ {expression} }}}}\""))
    };
    assert_eq!(findings(&read("secrets.TOKEN")), []);
    expect(&read("secrets.TOKEN | upper"), "secret", (5, 72), "only filled in when it is sent");
    let output = format!("{}output: {{ a: '{{{{ secrets.TOKEN }}}}' }}\n", with_steps(CUSTOMER));
    expect(&output, "secret", (5, 18), "`config`");
}

#[test]
fn compensations_are_checked_like_calls() {
    let back = |compensate: &str| {
        with_steps(&format!(
            "  - {{ id: a, action: stripe.finalizeInvoice, config: {{ invoiceId: in_1 }}, compensate: {{ {compensate} }} }}"
        ))
    };
    assert_eq!(
        findings(&back("action: stripe.voidInvoice, config: { invoiceId: '{{ steps.a.output.id }}' }")),
        []
    );
    assert_eq!(only(&back("action: stripe.voidInvoce")).code, "unknown_action");
    assert_eq!(only(&back("action: stripe.voidInvoice")).code, "missing_parameter");
    assert_eq!(only(&back("action: stripe.listInvoices")).code, "compensation");
    let found = only(&back("action: stripe.voidInvoice, config: { invoiceId: '{{ steps.z.output.id }}' }"));
    assert_eq!(
        (found.code, found.path.as_str()),
        ("unknown_reference", "steps[0].compensate.config.invoiceId")
    );
}

#[test]
fn triggers_are_checked_against_stripes_events() {
    let on =
        |trigger: &str| format!("name: Test\ntrigger: {{ type: webhook, {trigger} }}\nsteps:\n{CUSTOMER}");
    assert_eq!(findings(&on("events: ['invoice.*']")), []);
    expect(&on("events: [invoice.payed]"), "unknown_event_type", (2, 36), "invoice.paid");
    expect(&on("events: ['invoce.*']"), "unknown_event_type", (2, 36), "invoce");
    expect(
        &on("events: [invoice.paid], filter: { amount_paid: 5 }"),
        "unknown_field",
        (2, 61),
        "data.object.amount_paid",
    );
    expect(
        &on("events: [invoice.paid], filter: { data.object.amountPaid: 5 }"),
        "unknown_field",
        (2, 61),
        "amount_paid",
    );
    expect(
        &on("events: [invoice.paid], filter: { data.object.amount_paid: { $gtt: 5 } }"),
        "filter",
        (2, 88),
        "`$gt`",
    );
    let reads =
        on("events: [invoice.paid]").replace("a@example.com", "'{{ event.data.object.customerEmail }}'");
    let found = only(&reads);
    assert_eq!(found.code, "unknown_reference");
    assert!(found.fix.unwrap().contains("customer_email"));
}

#[test]
fn an_input_schema_that_is_none_is_refused() {
    let text = with_steps(CUSTOMER);
    assert_eq!(only(&format!("{text}inputSchema: {{ type: objet }}\n")).code, "input_schema");
    assert_eq!(
        only(&format!("{text}inputSchema: {{ $ref: 'https://example.com/x' }}\n")).code,
        "input_schema"
    );
    assert_eq!(only(&format!("{text}inputSchema: 5\n")).code, "input_schema");
}
