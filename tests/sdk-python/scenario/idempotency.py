"""Idempotency keys, and the SDK's own retries over broken connections."""

import stripe as sdk

from scenario.checks import ABSENT, headers, ids, like


def idempotency(world):
    stripe, check, sandbox = world.stripe, world.check, world.sandbox
    under = lambda key, **params: stripe.customers.create(params, {"idempotency_key": key})
    named = lambda email: ids(stripe.customers.list({"email": email}))
    same = {"email": "same@example.com", "metadata": {"a": "1"}}
    first, second = under("same-body", **same), under("same-body", **same)
    check.same("the same key and body answer with the same object", second, first)
    check.same("it was made once", named(same["email"]), [first["id"]])
    original = headers(first)["request-id"]
    check.has("a replay says so", headers(second), {
        "idempotent-replayed": "true", "idempotency-key": "same-body", "original-request": original,
    })
    check.has("a first answer does not", headers(first), {"idempotent-replayed": ABSENT, "original-request": original})
    check.refused("other parameters under a key are an idempotency error", lambda: under("same-body", email="other@example.com"), {
        "kind": "IdempotencyError", "status": 400, "type": "idempotency_error", "code": ABSENT,
        "message": like("same parameters they were first used with"),
    })
    check.refused("so is another path",
        lambda: stripe.customers.update(first["id"], same, {"idempotency_key": "same-body"}), {"kind": "IdempotencyError"})
    stripe.customers.delete(first["id"])
    check.same("a replay answers after the object is gone", under("same-body", **same), first)
    ignored(lambda: under("first-wrong", tax_exempt="sometimes"))
    check.has("a refused request does not use its key up", under("first-wrong", tax_exempt="exempt"), {"tax_exempt": "exempt"})
    pay = lambda: stripe.payment_intents.create({
        "amount": 1000, "currency": "usd", "confirm": True, "payment_method": "pm_card_chargeCustomerFail",
        "return_url": "https://shop.example/back",
    }, {"idempotency_key": "declined"})
    declined = check.refused("a decline is stored", pay, {"code": "card_declined"})
    check.refused("a decline is replayed", pay, {
        "code": "card_declined", "charge": declined.get("charge"), "headers": {"idempotent-replayed": "true"},
    })
    check.refused("a key that is too long is refused", lambda: under("k" * 256), {"status": 400})
    sandbox.fail("lost_answer")
    retrying = world.services(sandbox.client(max_network_retries=3))
    lost = retrying.customers.create({"email": "lost@example.com"})
    check.same("a lost answer is repeated under its key, and made once", named("lost@example.com"), [lost["id"]])


def ignored(call):
    """Makes a call whose refusal is not what is looked at."""
    try:
        call()
    except sdk.StripeError:
        pass
