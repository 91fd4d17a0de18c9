"""Subscriptions: begin, try, change with proration, fail, end now and with the period."""

from scenario.checks import ABSENT, like

DAY_S = 86_400
POSITIVE = lambda at: at > 0


def ids(found):
    return [one["id"] for one in found]


class Plans:
    """A plan by the month and one by the year, and customers who can pay."""

    def __init__(self, stripe):
        self.stripe = stripe
        self.product = stripe.products.create({"name": "Plan"})["id"]
        self.monthly = self.price(1000, "month")
        self.yearly = self.price(10_000, "year")

    def price(self, amount, interval):
        params = {"product": self.product, "currency": "usd", "unit_amount": amount, "recurring": {"interval": interval}}
        return self.stripe.prices.create(params)["id"]

    def payer(self, card="pm_card_visa"):
        customer = self.stripe.customers.create()["id"]
        method = self.stripe.payment_methods.attach(card, {"customer": customer})["id"]
        self.stripe.customers.update(customer, {"invoice_settings": {"default_payment_method": method}})
        return customer

    def subscribe(self, customer, **params):
        return self.stripe.subscriptions.create({"customer": customer, "items": [{"price": self.monthly}], **params})


def subscriptions(world):
    plans = Plans(world.stripe)
    beginning(world, plans)
    changes(world, plans)
    trials(world, plans)
    failures(world, plans)
    renewal(world, plans)
    endings(world, plans)


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
    check.has("the period stands where the release has it", item if basil else made, {
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


def trials(world, plans):
    stripe, check = world.stripe, world.check
    made = plans.subscribe(plans.payer(), trial_period_days=14, expand=["latest_invoice"])
    start = made["start_date"]
    check.has("a trial costs nothing yet", made, {
        "status": "trialing", "trial_start": start, "trial_end": start + 14 * DAY_S, "latest_invoice": {"total": 0, "status": "paid"},
    })
    check.same("the first period is the trial", period_end(world, made), made["trial_end"])
    world.sandbox.advance(days=12)
    told = stripe.events.list({"type": "customer.subscription.trial_will_end"})["data"][0]
    check.has("the end of a trial is told before", told, {"data": {"object": {"id": made["id"]}}})
    world.sandbox.advance(days=2, hours=1, minutes=1)
    paid = stripe.subscriptions.retrieve(made["id"], {"expand": ["latest_invoice"]})
    check.has("a trial ends with a payment", paid, {
        "status": "active", "latest_invoice": {"amount_paid": 1000, "billing_reason": "subscription_cycle"},
    })


def period_end(world, subscription):
    holder = subscription["items"]["data"][0] if world.since("basil") else subscription
    return holder["current_period_end"]


def failures(world, plans):
    stripe, check = world.stripe, world.check
    customer = plans.payer("pm_card_chargeCustomerFail")
    check.refused("a refused card refuses the subscription when asked",
        lambda: plans.subscribe(customer, payment_behavior="error_if_incomplete"),
        {"kind": "CardError", "status": 402, "code": "card_declined"})
    listed = stripe.subscriptions.list({"customer": customer, "status": "all"})
    check.same("a refused subscription is not there", listed["data"], [])
    field = "confirmation_secret" if world.since("basil") else "payment_intent"
    left = plans.subscribe(customer, payment_behavior="default_incomplete", expand=[f"latest_invoice.{field}"])
    check.has("a first payment can be left to the customer", left, {"status": "incomplete", "latest_invoice": {"status": "open"}})
    intent = left["latest_invoice"][field]["client_secret"].split("_secret_")[0]
    stripe.payment_intents.confirm(intent, {"payment_method": "pm_card_visa", "return_url": "https://shop.example/back"})
    check.has("who pays the first invoice is active", stripe.subscriptions.retrieve(left["id"]), {"status": "active"})
    expires = plans.subscribe(customer)
    check.has("a refused first payment leaves it incomplete", expires, {"status": "incomplete"})
    world.sandbox.advance(hours=23, minutes=1)
    check.has("what is not paid in 23 hours expires", stripe.subscriptions.retrieve(expires["id"]), {"status": "incomplete_expired"})


def renewal(world, plans):
    stripe, check = world.stripe, world.check
    customer = plans.payer()
    made = plans.subscribe(customer)["id"]
    read = lambda: stripe.subscriptions.retrieve(made, {"expand": ["latest_invoice"]})
    world.sandbox.advance(days=31, hours=2)
    check.has("a subscription renews and is paid", read(), {
        "status": "active", "latest_invoice": {"status": "paid", "billing_reason": "subscription_cycle"},
    })
    bad = stripe.payment_methods.attach("pm_card_chargeCustomerFail", {"customer": customer})["id"]
    stripe.subscriptions.update(made, {"default_payment_method": bad})
    world.sandbox.advance(days=31, hours=2)
    due = read()
    check.has("a renewal that fails is past due", due, {"status": "past_due", "latest_invoice": {"status": "open", "attempted": True}})
    stripe.invoices.pay(due["latest_invoice"]["id"], {"payment_method": "pm_card_visa"})
    check.has("a renewal paid by hand is active again", read(), {"status": "active"})


def endings(world, plans):
    stripe, check = world.stripe, world.check
    customer = plans.payer()
    now = plans.subscribe(customer)["id"]
    why = {"feedback": "unused", "comment": "bye"}
    gone = stripe.subscriptions.cancel(now, {"cancellation_details": why, "prorate": True, "invoice_now": True})
    check.has("a subscription ends now", gone, {
        "status": "canceled", "ended_at": POSITIVE, "canceled_at": POSITIVE,
        "cancellation_details": {**why, "reason": "cancellation_requested"},
    })
    check.refused("it ends once", lambda: stripe.subscriptions.cancel(now), {"status": 404, "code": "resource_missing"})
    later = plans.subscribe(customer)["id"]
    at_period_end = lambda end: stripe.subscriptions.update(later, {"cancel_at_period_end": end})
    ending = at_period_end(True)
    check.has("a subscription ends with its period", ending, {
        "status": "active", "cancel_at_period_end": True, "cancel_at": period_end(world, ending), "canceled_at": POSITIVE,
    })
    check.has("who stays changes that", at_period_end(False), {"cancel_at_period_end": False, "cancel_at": None, "canceled_at": None})
    at_period_end(True)
    check.same("ended ones are listed only when asked", ids(stripe.subscriptions.list({"customer": customer})["data"]), [later])
    world.sandbox.advance(days=31, hours=2)
    check.has("with its period it is gone", stripe.subscriptions.retrieve(later), {"status": "canceled"})
    everything = world.all(stripe.subscriptions.list({"customer": customer, "status": "all", "limit": 1}))
    check.same("all of them are listed by any status", ids(everything), [later, now])
