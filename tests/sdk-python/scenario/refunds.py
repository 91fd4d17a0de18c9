"""Refunds: in part, the rest, and no more than that; charges."""

from scenario.checks import ids, like


def refunds(world):
    stripe, check = world.stripe, world.check
    paid = stripe.payment_intents.create({
        "amount": 2000, "currency": "usd", "confirm": True, "payment_method": "pm_card_visa",
        "return_url": "https://shop.example/back",
    })
    intent, charge = paid["id"], paid["latest_charge"]
    part = stripe.refunds.create({
        "payment_intent": intent, "amount": 500, "reason": "requested_by_customer", "metadata": {"ticket": "9"},
    })
    check.has("part of a payment is refunded", part, {
        "id": like("^re_"), "object": "refund", "status": "succeeded", "amount": 500, "currency": "usd", "charge": charge,
        "payment_intent": intent, "reason": "requested_by_customer", "metadata": {"ticket": "9"},
        "balance_transaction": like("^txn_"),
    })
    check.has("the charge says how much", stripe.charges.retrieve(charge), {"amount_refunded": 500, "refunded": False})
    check.refused("no more than is left is refunded", lambda: stripe.refunds.create({"charge": charge, "amount": 1501}),
        {"status": 400, "param": "amount"})
    rest = stripe.refunds.create({"charge": charge})
    check.has("without an amount the rest is refunded", rest, {"amount": 1500, "reason": None})
    check.has("the charge is refunded as a whole", stripe.charges.retrieve(charge), {"amount_refunded": 2000, "refunded": True})
    check.refused("nothing is refunded twice", lambda: stripe.refunds.create({"payment_intent": intent}),
        {"status": 400, "code": "charge_already_refunded"})
    check.same("refunds are listed by intent", ids(stripe.refunds.list({"payment_intent": intent})), [rest["id"], part["id"]])
    check.same("refunds are listed by charge", ids(stripe.refunds.list({"charge": charge, "limit": 1})), [rest["id"]])
    changed = stripe.refunds.update(part["id"], {"metadata": {"ticket": "10"}})
    check.has("a refund’s metadata changes", changed, {"id": part["id"], "metadata": {"ticket": "10"}})
    check.refused("a refund is of something", lambda: stripe.refunds.create({"amount": 1}), {"status": 400})
    given = stripe.balance_transactions.retrieve(part["balance_transaction"])
    check.has("a refund costs no fee", given, {"type": "refund", "amount": -500, "fee": 0, "net": -500, "source": part["id"]})
    check.has("a charge takes a description", stripe.charges.update(charge, {"description": "Order 8"}), {"description": "Order 8"})
