"""Events: what happened, as it was, and what caused it."""

import re

from scenario.checks import headers, like
from scenario.idempotency import ignored


def events(world):
    stripe, check = world.stripe, world.check
    customer = stripe.customers.create({"name": "Ada"}, {"idempotency_key": "of-the-event"})
    stripe.customers.update(customer["id"], {"name": "Grace", "phone": ""})
    about = lambda kind: next(
        event for event in stripe.events.list({"type": kind})["data"] if event["data"]["object"]["id"] == customer["id"]
    )
    created = about("customer.created")
    check.has("an event is in the account’s version", created, {
        "id": like("^evt_"), "object": "event", "livemode": False, "api_version": like(r"^\d{4}-\d\d-\d\d\.[a-z]+$"),
        "pending_webhooks": 0,
    })
    check.has("an event holds the object as it was", created, {"data": {"object": {"id": customer["id"], "name": "Ada"}}})
    check.has("an event names the request that caused it", created["request"], {
        "idempotency_key": "of-the-event", "id": headers(customer)["request-id"],
    })
    check.same("an event reads the same later", stripe.events.retrieve(created["id"]), created)
    changed = about("customer.updated")["data"]["previous_attributes"]
    check.same("an update tells what was changed, and only that", changed, {"name": "Ada"})
    stripe.customers.delete(customer["id"])
    kinds = lambda **params: [event["type"] for event in stripe.events.list(params)["data"]]
    two = ["customer.deleted", "customer.created"]
    check.same("events are listed by types", kinds(types=two, limit=2), two)
    check.has("events are listed by a star", kinds(type="customer.*", limit=100),
        lambda found: len(found) > 2 and all(kind.startswith("customer.") for kind in found))
    last = stripe.events.list({"limit": 1})["data"][0]["id"]
    ignored(lambda: stripe.customers.create({"tax_exempt": "sometimes"}))
    check.same("a refused request causes no event", stripe.events.list({"limit": 1})["data"][0]["id"], last)
    stories(world, last)
    check.refused("an unknown event is missing", lambda: stripe.events.retrieve("evt_nobody"), {"status": 404, "code": "resource_missing"})


def stories(world, last):
    """What is told in which order."""
    stripe, check = world.stripe, world.check
    since = lambda event: [one["type"] for one in world.all(stripe.events.list({"limit": 100, "ending_before": event}))]
    newest = lambda **params: stripe.events.list({"limit": 1, **params})["data"][0]
    customer = stripe.customers.create({"payment_method": "pm_card_visa"})["id"]
    draft = stripe.invoices.create({"customer": customer, "collection_method": "send_invoice", "days_until_due": 7})["id"]
    stripe.invoice_items.create({"customer": customer, "invoice": draft, "amount": 1000, "currency": "usd"})
    stripe.invoices.send_invoice(draft)
    stripe.invoices.pay(draft, {"payment_method": "pm_card_visa"})
    order = [
        "invoice.created", "invoiceitem.created", "invoice.finalized", "payment_intent.created", "invoice.sent",
        "charge.succeeded", "payment_intent.succeeded", "invoice.paid", "invoice.payment_succeeded", "invoice_payment.paid",
    ]
    check.same("an invoice’s life is told in its order", [kind for kind in since(last) if kind in order], order)
    charge = newest(type="charge.succeeded")["data"]["object"]["id"]
    stripe.refunds.create({"charge": charge, "amount": 100})
    refunded = newest(type="charge.refunded")
    check.has("a refund is told of the charge", refunded["data"], {"object": {"object": "charge", "id": charge, "amount_refunded": 100}})
    before = newest()["id"]
    intent = stripe.payment_intents.create({"amount": 1000, "currency": "usd"})["id"]
    card = {"payment_method": "pm_card_chargeCustomerFail", "return_url": "https://shop.example/back"}
    ignored(lambda: stripe.payment_intents.confirm(intent, card))
    check.same("a failed payment is told as failed", [kind for kind in since(before) if re.match(r"(charge|payment_intent)\.", kind)],
        ["payment_intent.created", "charge.failed", "payment_intent.payment_failed"])
