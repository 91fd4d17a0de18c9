"""Subscriptions: begin, change with proration, and the ways to bill them."""

from scenario.checks import ABSENT, ids, like
from scenario.plans import DAY_S, Plans, period


def subscriptions(world):
    plans = Plans(world.stripe)
    beginning(world, plans)
    changes(world, plans)
    billing(world, plans)


def beginning(world, plans):
    stripe, check, basil = world.stripe, world.check, world.since("basil")
    customer = plans.payer()
    two = [{"price": plans.monthly, "quantity": 2}]
    made = plans.subscribe(customer, items=two, metadata={"team": "ops"}, expand=["latest_invoice"])
    check.has("a subscription that is paid is active", made, {
        "id": like("^sub_"), "object": "subscription", "status": "active", "customer": customer,
        "collection_method": "charge_automatically", "cancel_at_period_end": False, "canceled_at": None, "ended_at": None,
        "trial_end": None, "currency": "usd", "metadata": {"team": "ops"}, "livemode": False,
    })
    item = made["items"]["data"][0]
    check.has("an item has its price and plan", item, {
        "id": like("^si_"), "object": "subscription_item", "quantity": 2, "subscription": made["id"],
        "price": {"id": plans.monthly, "unit_amount": 1000}, "plan": {"id": plans.monthly, "interval": "month"},
    })
    start = made["start_date"]
    check.has("the period stands where the release has it", period(world, made), {
        "current_period_start": start, "current_period_end": lambda end: end > start + 27 * DAY_S,
    })
    check.has("the period stands nowhere else", made if basil else item, {"current_period_start": ABSENT, "current_period_end": ABSENT})
    mode = {"type": "flexible" if world.since("clover") else "classic"} if basil else ABSENT
    check.has("the billing mode is the release’s own", made, {"billing_mode": mode})
    invoice = made["latest_invoice"]
    check.has("its first invoice is paid", invoice, {"status": "paid", "billing_reason": "subscription_create", "amount_paid": 2000})
    details = {"subscription": made["id"], "metadata": {"team": "ops"}}
    check.has("an invoice leads to its subscription", invoice, {
        "parent": {"type": "subscription_details", "subscription_details": details}, "subscription": ABSENT,
    } if basil else {"subscription": made["id"], "subscription_details": {"metadata": {"team": "ops"}}, "parent": ABSENT})
    check.same("invoices are listed by subscription", ids(stripe.invoices.list({"subscription": made["id"]})["data"]), [invoice["id"]])
    listed = stripe.subscription_items.list({"subscription": made["id"]})
    check.same("items are listed by subscription", ids(listed["data"]), [item["id"]])
    poor = stripe.customers.create()["id"]
    check.refused("who has no card cannot subscribe", lambda: plans.subscribe(poor), {"status": 400, "code": "resource_missing"})
    check.refused("an unknown price is named by its place", lambda: plans.subscribe(customer, items=[{"price": "price_nobody"}]),
        {"status": 400, "code": "resource_missing", "param": "items[0][price]"})


def changes(world, plans):
    stripe, check = world.stripe, world.check
    customer = plans.payer()
    made = plans.subscribe(customer)
    item = made["items"]["data"][0]["id"]
    world.sandbox.advance(days=10)
    pending = lambda: world.all(stripe.invoice_items.list({"customer": customer, "pending": True}))
    change = lambda change, **params: stripe.subscriptions.update(made["id"], {"items": [{"id": item, **change}], **params})
    more = change({"quantity": 7}, metadata={"seats": "7"})
    check.has("a quantity changes", more, {"items": {"data": lambda data: data[0]["quantity"] == 7}, "metadata": {"seats": "7"}})
    prorations = pending()
    check.has("a change in the middle credits and debits", prorations,
        lambda two: len(two) == 2 and all(one["proration"] for one in two) and sum(one["amount"] for one in two) > 0)
    check.has("a proration leads to its subscription", prorations[0], {
        "parent": {"type": "subscription_details", "subscription_details": {"subscription": made["id"]}},
    } if world.since("basil") else {"subscription": made["id"]})
    change({"quantity": 1})
    check.same("a change undone sums to nothing", sum(one["amount"] for one in pending()), 0)
    change({"quantity": 3}, proration_behavior="none")
    check.same("without proration nothing is billed", len(pending()), 4)
    upgraded = change({"price": plans.yearly, "quantity": 1}, expand=["latest_invoice"])
    check.has("another interval begins and bills a new period", upgraded, {
        "latest_invoice": {"billing_reason": "subscription_update", "status": "paid"},
        "items": {"data": lambda data: data[0]["price"]["id"] == plans.yearly},
    })
    added = stripe.subscription_items.create({"subscription": made["id"], "price": plans.price(10_000, "year"), "quantity": 2})
    check.has("an item is added", added, {"object": "subscription_item", "subscription": made["id"], "quantity": 2})
    check.has("an item is removed", stripe.subscription_items.delete(added["id"]), {"id": added["id"], "deleted": True})


def billing(world, plans):
    """Ways to bill: by invoice, by a price of its own, at once."""
    stripe, check, basil = world.stripe, world.check, world.since("basil")
    customer = plans.payer()
    sent = plans.subscribe(customer, collection_method="send_invoice", days_until_due=7, expand=["latest_invoice"])
    check.has("who is sent invoices is active before paying", sent, {
        "status": "active", "collection_method": "send_invoice", "days_until_due": 7,
        "latest_invoice": {"collection_method": "send_invoice", "amount_due": 1000},
    })
    own = {"currency": "usd", "product": plans.product, "unit_amount": 500, "recurring": {"interval": "week"}}
    path = "latest_invoice.payments.data.payment.payment_intent" if basil else "latest_invoice.payment_intent"
    made = plans.subscribe(customer, items=[{"price_data": own}], expand=[path])
    check.has("an item brings a price of its own", made["items"]["data"][0], {
        "price": {"unit_amount": 500, "recurring": {"interval": "week"}, "product": plans.product},
    })
    invoice = made["latest_invoice"]
    intent = invoice["payments"]["data"][0]["payment"]["payment_intent"] if basil else invoice["payment_intent"]
    check.has("expansion reaches the payment of a subscription", intent, {
        "object": "payment_intent", "status": "succeeded", "amount_received": 500,
    })
    listed = stripe.subscriptions.list({"price": plans.monthly, "customer": customer})
    check.same("subscriptions are listed by price", ids(listed["data"]), [sent["id"]])
    world.sandbox.advance(days=2)
    billed = stripe.subscriptions.update(made["id"], {
        "items": [{"id": made["items"]["data"][0]["id"], "quantity": 3}], "proration_behavior": "always_invoice",
        "expand": ["latest_invoice"],
    })
    check.has("a change can be billed at once", billed["latest_invoice"], {
        "status": "paid", "billing_reason": "subscription_update", "total": lambda total: 0 < total < 1000,
    })
