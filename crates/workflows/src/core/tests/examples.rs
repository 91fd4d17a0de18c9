//! The two documents of the examples, from start to end.

use super::*;

const INVOICE: &str = include_str!("../../../../../workflows/invoice-and-payment.yaml");
const THANKS: &str = include_str!("../../../../../workflows/thank-the-customer.yaml");

pub(super) fn invoice() -> Program {
    program(INVOICE)
}

/// Goes up to the wait.
pub(super) fn sent(program: &Program) -> Run<'_> {
    let input = program.accept(json!({ "email": "ada@example.com", "amount": 1999 })).unwrap();
    let mut run = Run::start(program, input);
    run.answer("customer", object("cus_1"));
    run.answer("invoice", object("in_1"));
    run.answer("line", object("ii_1"));
    run.answer("finalize", object("in_1"));
    run.answer("send", object("in_1"));
    run
}

fn paid(id: &str) -> Value {
    json!({ "type": "invoice.paid", "created": 1, "data": { "object": { "id": id } } })
}

#[test]
fn an_invoice_is_created_finalized_sent_and_paid() {
    let program = invoice();
    assert_eq!((program.name(), program.key().as_str()), ("Invoice and payment", "invoice-and-payment"));
    let input = program.accept(json!({ "email": "ada@example.com", "amount": 1999 })).unwrap();
    assert_eq!(input["currency"], "usd");
    let mut run = Run::start(&program, input);
    assert_eq!(config(&run.all), json!({ "email": "ada@example.com", "metadata": { "source": "bursar" } }));
    let commands = run.answer("customer", object("cus_1"));
    assert_eq!(
        config(&commands),
        json!({ "customerId": "cus_1", "currency": "usd", "collectionMethod": "send_invoice",
                "daysUntilDue": 30, "autoAdvance": false })
    );
    let commands = run.answer("invoice", object("in_1"));
    assert_eq!(config(&commands)["amount"], json!(1999));
    run.answer("line", object("ii_1"));
    run.answer("finalize", object("in_1"));
    let commands = run.answer("send", object("in_1"));
    let until = at(45 * 86_400);
    let wait = Command::Wait {
        path: path("paid"),
        kinds: vec!["invoice.paid".into()],
        object: "in_1".into(),
        until,
    };
    assert_eq!(commands, [wait]);
    assert_eq!(phase(&run), Phase::Suspended);
    let commands = run.tell(Happened::Matched { path: path("paid"), event: paid("in_1") });
    let done = Command::Done { output: json!({ "invoice": "in_1", "paid": true }) };
    assert_eq!(commands, [Command::Forget { path: path("paid") }, done]);
    assert_eq!(phase(&run), Phase::Ended);
    assert_eq!(run.calls(), ["customer#0", "invoice#0", "line#0", "finalize#0", "send#0"]);
    assert_eq!(run.status("paid"), StepStatus::Completed);
    assert_eq!(run.status("finalize~compensate"), StepStatus::Pending);
    run.assert_replays();
}

#[test]
fn an_invoice_that_nobody_pays_ends_the_run_after_45_days() {
    let program = invoice();
    let mut run = sent(&program);
    assert_eq!(run.tell(Happened::Matched { path: path("paid"), event: paid("in_2") }), []);
    run.second = 45 * 86_400 - 1;
    assert_eq!(run.tell(Happened::Fired { path: path("paid") }), [], "too early");
    let commands = run.fire("paid", 45 * 86_400);
    let done = Command::Done { output: json!({ "invoice": "in_1", "paid": false }) };
    assert_eq!(commands, [Command::Forget { path: path("paid") }, done]);
    run.assert_replays();
}

#[test]
fn a_canceled_wait_voids_the_invoice() {
    let program = invoice();
    let mut run = sent(&program);
    let commands = run.tell(Happened::Canceled);
    assert_eq!(commands[0], Command::Forget { path: path("paid") });
    assert_eq!(config(&commands[1..]), json!({ "invoiceId": "in_1" }));
    assert_eq!(phase(&run), Phase::Compensating);
    let commands = run.answer("finalize~compensate", object("in_1"));
    assert!(matches!(&commands[..], [Command::Fail { error }] if error.canceled));
    assert_eq!(run.status("finalize~compensate"), StepStatus::Completed);
    run.assert_replays();
}

#[test]
fn a_paid_invoice_marks_its_customer() {
    let program = program(THANKS);
    let event = json!({ "id": "evt_1", "type": "invoice.paid", "created": 1_800_000_000,
        "data": { "object": { "id": "in_1", "customer": "cus_1", "amount_paid": 1999 } } });
    assert_eq!(program.trigger().starts(&event, at(0)), Ok(true));
    assert_eq!(program.trigger().starts(&event, at(1)), Ok(false), "from before the activation");
    let mut free = event.clone();
    free["data"]["object"]["amount_paid"] = json!(0);
    assert_eq!(program.trigger().starts(&free, at(0)), Ok(false));
    assert!(!program.trigger().listens("invoice.created"));
    let mut run = Run::start(&program, event);
    assert_eq!(config(&run.all), json!({ "customerId": "cus_1" }));
    let commands = run.answer("customer", object("cus_1"));
    assert_eq!(
        config(&commands),
        json!({ "customerId": "cus_1", "metadata": { "last_paid_invoice": "in_1" } })
    );
    let commands = run.answer("mark", object("cus_1"));
    assert_eq!(commands, [Command::Done { output: Value::Null }]);
    run.assert_replays();
}
