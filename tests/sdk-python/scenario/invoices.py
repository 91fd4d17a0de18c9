"""Invoices and what stands on them: draft, open, paid, void, uncollectible, deleted."""

from decimal import Decimal

from scenario.checks import ABSENT, ids, like

POSITIVE = lambda at: at > 0


def invoices(world):
    stripe, check = world.stripe, world.check
    owner = stripe.customers.create({"name": "Ada", "email": "ada@example.com", "payment_method": "pm_card_visa"})
    customer = owner["id"]
    items(world, customer)

    def make(amount, **params):
        due = {"collection_method": "send_invoice", "days_until_due": 30, **params}
        invoice = stripe.invoices.create({"customer": customer, **due})["id"]
        if amount:
            stripe.invoice_items.create({
                "customer": customer, "invoice": invoice, "amount": amount, "currency": "usd", "description": "Consulting",
            })
        return stripe.invoices.retrieve(invoice)

    draft = make(5000, metadata={"order": "1"}, description="November", footer="Thanks")
    check.has("a draft has no number and adds up", draft, {
        "id": like("^in_"), "object": "invoice", "status": "draft", "number": None, "customer": customer,
        "customer_email": "ada@example.com", "billing_reason": "manual", "auto_advance": False,
        "collection_method": "send_invoice", "attempt_count": 0, "attempted": False, "subtotal": 5000, "total": 5000,
        "amount_due": 5000, "amount_paid": 0, "amount_remaining": 5000, "currency": "usd", "description": "November",
        "footer": "Thanks", "metadata": {"order": "1"}, "hosted_invoice_url": None,
        "status_transitions": {"finalized_at": None, "paid_at": None},
    })
    line = draft["lines"]["data"][0]
    check.has("an item is a line", line, {
        "id": like("^il_"), "object": "line_item", "amount": 5000, "currency": "usd", "description": "Consulting", "invoice": draft["id"],
    })
    check.has("a line leads to its item", line, {
        "parent": {"invoice_item_details": {"invoice_item": like("^ii_")}}, "invoice_item": ABSENT,
    } if world.since("basil") else {"invoice_item": like("^ii_"), "parent": ABSENT})
    changed = stripe.invoices.update(draft["id"], {"description": "December", "days_until_due": 14})
    check.has("a draft is changed", changed, {"description": "December"})
    finalize = lambda: stripe.invoices.finalize_invoice(draft["id"])
    final = finalize()
    check.has("a final invoice is numbered and open", final, {
        "status": "open", "number": f"{owner['invoice_prefix']}-0001", "hosted_invoice_url": like("^http"),
        "invoice_pdf": like("^http"), "status_transitions": {"finalized_at": POSITIVE}, "due_date": lambda at: at > final["created"],
    })
    check.refused("a final invoice is finalized once", finalize, {"status": 400})
    check.refused("a final invoice takes no items", lambda: stripe.invoice_items.create({
        "customer": customer, "invoice": draft["id"], "amount": 1, "currency": "usd",
    }), {"status": 400})
    payment(world, draft["id"])
    endings(world, make)
    listing(world, customer)
    advancing(world)


def items(world, customer):
    stripe, check, basil = world.stripe, world.check, world.since("basil")
    create = lambda **params: stripe.invoice_items.create({"customer": customer, **params})
    seats = create(unit_amount_decimal="250", quantity=3, currency="usd", description="Seats")
    check.has("an item is quantity times unit amount", seats, {
        "id": like("^ii_"), "object": "invoiceitem", "amount": 750, "quantity": 3, "invoice": None, "proration": False,
    })
    check.has("an item tells its unit amount", seats, {
        "pricing": {"type": "price_details", "unit_amount_decimal": lambda text: Decimal(text) == 250},
        "unit_amount": ABSENT, "price": ABSENT,
    } if basil else {"unit_amount": 250, "unit_amount_decimal": "250", "pricing": ABSENT})
    product = stripe.products.create({"name": "Support"})["id"]
    price = stripe.prices.create({"product": product, "currency": "usd", "unit_amount": 400})["id"]
    priced = create(quantity=2, **({"pricing": {"price": price}} if basil else {"price": price}))
    by = {"pricing": {"price_details": {"price": price, "product": product}}} if basil else {"price": {"id": price}}
    check.has("an item is billed by a price", priced, {"amount": 800, **by})
    changed = stripe.invoice_items.update(seats["id"], {"quantity": 2, "metadata": {"a": "1"}})
    check.has("an item is changed while it is pending", changed, {"amount": 500, "metadata": {"a": "1"}})
    pending = stripe.invoice_items.list({"customer": customer, "pending": True})
    check.same("pending items are listed", ids(pending), [priced["id"], seats["id"]])
    check.has("an invoice leaves pending items alone", stripe.invoices.create({"customer": customer}), {"total": 0})
    taking = stripe.invoices.create({"customer": customer, "pending_invoice_items_behavior": "include"})
    check.has("an invoice takes pending items when asked", taking, {"total": 1300, "lines": {"data": lambda lines: len(lines) == 2}})
    check.same("an item is deleted", stripe.invoice_items.delete(seats["id"]),
        {"id": seats["id"], "object": "invoiceitem", "deleted": True})
    check.has("its line goes with it", stripe.invoices.retrieve(taking["id"]), {"total": 800})
    check.refused("an item needs an amount", lambda: create(currency="usd"), {"status": 400, "code": "parameter_missing"})


def intent_of(world, invoice):
    """The payment intent of an invoice, found as the release has it."""
    if not world.since("basil"):
        return world.stripe.invoices.retrieve(invoice)["payment_intent"]
    return world.stripe.invoice_payments.list({"invoice": invoice})["data"][0]["payment"]["payment_intent"]


def payment(world, invoice):
    stripe, check = world.stripe, world.check
    intent = intent_of(world, invoice)
    check.has("an open invoice waits for its payment intent", stripe.payment_intents.retrieve(intent),
        {"status": "requires_payment_method", "amount": 5000})
    pay = lambda **params: stripe.invoices.pay(invoice, params)
    check.refused("a declined invoice is a card error", lambda: pay(payment_method="pm_card_chargeCustomerFail"),
        {"kind": "CardError", "status": 402, "code": "card_declined", "payment_intent": {"id": intent}})
    check.has("a declined invoice stays open and counts", stripe.invoices.retrieve(invoice),
        {"status": "open", "attempted": True, "attempt_count": 1, "amount_remaining": 5000})
    paid = pay(payment_method="pm_card_visa")
    check.has("a paid invoice owes nothing", paid, {
        "status": "paid", "amount_paid": 5000, "amount_remaining": 0, "attempt_count": 2, "status_transitions": {"paid_at": POSITIVE},
    })
    check.has("a paid invoice says so as its release does", paid, {
        "paid": ABSENT, "payment_intent": ABSENT, "charge": ABSENT, "subscription": ABSENT, "parent": None,
    } if world.since("basil") else {
        "paid": True, "paid_out_of_band": False, "payment_intent": intent, "charge": like("^ch_"), "subscription": None, "parent": ABSENT,
    })
    check.refused("nothing is paid twice", pay, {"status": 400})
    charges = stripe.charges.list({"payment_intent": intent})["data"]
    check.same("both tries are charges", [charge["status"] for charge in charges], ["succeeded", "failed"])


def endings(world, make):
    stripe, check = world.stripe, world.check
    sent = stripe.invoices.send_invoice(make(1000)["id"])
    check.has("sending finalizes a draft", sent, {"status": "open", "number": like("-0002$")})
    check.has("an open invoice is voided", stripe.invoices.void_invoice(sent["id"]),
        {"status": "void", "status_transitions": {"voided_at": POSITIVE}})
    check.refused("a void invoice is not paid", lambda: stripe.invoices.pay(sent["id"]), {"status": 400})
    bad = stripe.invoices.finalize_invoice(make(1000)["id"])["id"]
    check.has("an open invoice is given up", stripe.invoices.mark_uncollectible(bad), {"status": "uncollectible"})
    check.has("what was given up can be paid out of band", stripe.invoices.pay(bad, {"paid_out_of_band": True}), {"status": "paid"})
    draft = make(1000)["id"]
    check.same("a draft is deleted", stripe.invoices.delete(draft), {"id": draft, "object": "invoice", "deleted": True})
    check.refused("an invoice that went out is not deleted", lambda: stripe.invoices.delete(bad), {"status": 400})
    nothing = stripe.invoices.finalize_invoice(make(0)["id"])
    check.has("an invoice over nothing is paid at once", nothing, {"status": "paid", "total": 0})
    charged = make(0, collection_method="charge_automatically", days_until_due=None)["id"]
    check.refused("only invoices to be sent are sent", lambda: stripe.invoices.send_invoice(charged), {"status": 400})
    check.refused("an invoice to be sent needs a due date", lambda: make(0, days_until_due=None), {"status": 400})


def listing(world, customer):
    stripe, check = world.stripe, world.check
    listed = lambda **params: stripe.invoices.list({"customer": customer, "limit": 100, **params})["data"]
    check.same("invoices are listed by state", [invoice["status"] for invoice in listed(status="void")], ["void"])
    charged = [invoice["status"] for invoice in listed(collection_method="charge_automatically")]
    check.has("invoices are listed by how they are collected", charged, ["draft", "draft", "draft"])
    paid = next(invoice for invoice in listed(status="paid") if invoice["total"] == 5000)
    check.has("an invoice’s lines are a list of their own", stripe.invoices.line_items.list(paid["id"]), {
        "object": "list", "has_more": False, "data": lambda data: [line["amount"] for line in data] == [5000],
    })


def advancing(world):
    stripe, check = world.stripe, world.check
    customer = stripe.customers.create({"balance": -300})["id"]
    method = stripe.payment_methods.attach("pm_card_visa", {"customer": customer})["id"]
    stripe.customers.update(customer, {"invoice_settings": {"default_payment_method": method}})
    draft = stripe.invoices.create({"customer": customer, "auto_advance": True})["id"]
    stripe.invoice_items.create({"customer": customer, "invoice": draft, "amount": 1000, "currency": "usd"})
    world.sandbox.advance(hours=1, minutes=1)
    paid = stripe.invoices.retrieve(draft)
    check.has("a draft that advances is charged after an hour", paid, {"status": "paid", "attempt_count": 1})
    check.has("credit is taken off what is due", paid, {
        "total": 1000, "starting_balance": -300, "ending_balance": 0, "amount_due": 700, "amount_paid": 700,
    })
    check.has("the credit is used up", stripe.customers.retrieve(customer), {"balance": 0})
