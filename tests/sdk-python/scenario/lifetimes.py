"""What becomes of subscriptions: trials, payments that fail, renewals, and how they end."""

from scenario.checks import ids
from scenario.plans import DAY_S, Plans, period

POSITIVE = lambda at: at > 0


def lifetimes(world):
    plans = Plans(world.stripe)
    trials(world, plans)
    failures(world, plans)
    renewal(world, plans)
    endings(world, plans)


def trials(world, plans):
    stripe, check = world.stripe, world.check
    made = plans.subscribe(plans.payer(), trial_period_days=14, expand=["latest_invoice"])
    start = made["start_date"]
    check.has("a trial costs nothing yet", made, {
        "status": "trialing", "trial_start": start, "trial_end": start + 14 * DAY_S, "latest_invoice": {"total": 0, "status": "paid"},
    })
    check.same("the first period is the trial", period(world, made)["current_period_end"], made["trial_end"])
    world.sandbox.advance(days=12)
    told = stripe.events.list({"type": "customer.subscription.trial_will_end"})["data"][0]
    check.has("the end of a trial is told before", told, {"data": {"object": {"id": made["id"]}}})
    world.sandbox.advance(days=2, hours=1, minutes=1)
    paid = stripe.subscriptions.retrieve(made["id"], {"expand": ["latest_invoice"]})
    check.has("a trial ends with a payment", paid, {
        "status": "active", "latest_invoice": {"amount_paid": 1000, "billing_reason": "subscription_cycle"},
    })
    without = lambda then: plans.subscribe(
        stripe.customers.create()["id"], trial_period_days=1,
        trial_settings={"end_behavior": {"missing_payment_method": then}},
    )["id"]
    pauses, cancels = without("pause"), without("cancel")
    world.sandbox.advance(days=1, hours=1)
    check.has("a trial without a card can pause", stripe.subscriptions.retrieve(pauses), {"status": "paused"})
    check.has("a trial without a card can cancel", stripe.subscriptions.retrieve(cancels), {"status": "canceled"})
    short = plans.subscribe(plans.payer(), trial_period_days=14)["id"]
    check.has("a trial is cut short", stripe.subscriptions.update(short, {"trial_end": "now"}), {"status": "active"})


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
        "status": "active", "cancel_at_period_end": True, "cancel_at": period(world, ending)["current_period_end"], "canceled_at": POSITIVE,
    })
    check.has("who stays changes that", at_period_end(False), {"cancel_at_period_end": False, "cancel_at": None, "canceled_at": None})
    at_period_end(True)
    check.same("ended ones are listed only when asked", ids(stripe.subscriptions.list({"customer": customer})["data"]), [later])
    world.sandbox.advance(days=31, hours=2)
    check.has("with its period it is gone", stripe.subscriptions.retrieve(later), {"status": "canceled"})
    everything = world.all(stripe.subscriptions.list({"customer": customer, "status": "all", "limit": 1}))
    check.same("all of them are listed by any status", ids(everything), [later, now])
