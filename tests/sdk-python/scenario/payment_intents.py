"""Payment intents: confirm, decline, hold and capture, cancel, 3D Secure."""

from scenario.checks import ABSENT, ids, like

BACK = "https://shop.example/back"
USD = {"amount": 2000, "currency": "usd"}
PAID = {**USD, "confirm": True, "payment_method": "pm_card_visa", "return_url": BACK}


def payment_intents(world):
    stripe, check = world.stripe, world.check
    intent = stripe.payment_intents.create({**USD, "metadata": {"order": "7"}, "receipt_email": "ada@example.com"})
    made = intent["id"]
    check.has("an intent waits for a payment method", intent, {
        "id": like("^pi_"), "object": "payment_intent", "status": "requires_payment_method", "amount": 2000, "amount_received": 0,
        "amount_capturable": 0, "currency": "usd", "capture_method": "automatic_async", "confirmation_method": "automatic",
        "latest_charge": None, "last_payment_error": None, "livemode": False, "metadata": {"order": "7"},
        "receipt_email": "ada@example.com", "payment_method_types": lambda types: "card" in types,
        "client_secret": lambda secret: secret.startswith(f"{made}_secret_"),
    })
    changed = stripe.payment_intents.update(made, {"amount": 2500, "payment_method": "pm_card_visa", "description": "Order 7"})
    check.has("an intent with a method waits for confirmation", changed, {
        "status": "requires_confirmation", "amount": 2500, "description": "Order 7",
    })
    paid = stripe.payment_intents.confirm(made, {"return_url": BACK, "expand": ["latest_charge"]})
    check.has("a confirmed intent has succeeded", paid, {"status": "succeeded", "amount_received": 2500, "next_action": None})
    charge = paid["latest_charge"]
    check.has("its charge has what the intent had", charge, {
        "object": "charge", "status": "succeeded", "paid": True, "captured": True, "amount": 2500, "amount_captured": 2500,
        "amount_refunded": 0, "refunded": False, "description": "Order 7", "metadata": {"order": "7"}, "payment_intent": made,
        "receipt_email": "ada@example.com", "payment_method_details": {"type": "card", "card": {"brand": "visa", "last4": "4242"}},
        "outcome": {"type": "authorized", "network_status": "approved_by_network"},
    })
    invoice = ABSENT if world.since("basil") else None
    check.has("an intent and its charge tell of an invoice before basil", paid, {"invoice": invoice, "latest_charge": {"invoice": invoice}})
    check.refused("a paid intent is not canceled", lambda: stripe.payment_intents.cancel(made), {
        "kind": "InvalidRequestError", "status": 400, "code": "payment_intent_unexpected_state",
        "payment_intent": {"id": made, "status": "succeeded"},
    })
    listed = stripe.charges.list({"payment_intent": made})["data"]
    check.same("charges are listed by their intent", ids(listed), [charge["id"]])
    method_types(world)
    declines(world)
    holds(world)
    authentication(world)
    amounts(world)
    keeping(world)


def method_types(world):
    create = lambda: world.stripe.payment_intents.create({**USD, "payment_method_types": ["card"]})
    name = "methods are chosen by the parameter of the release"
    if world.since("endive"):
        world.check.refused(name, create, {"code": "payment_method_types_no_longer_supported"})
    else:
        world.check.has(name, create(), {"payment_method_types": ["card"]})


def declines(world):
    stripe, check = world.stripe, world.check
    error = check.refused("a decline is a card error with its reason",
        lambda: stripe.payment_intents.create({**PAID, "payment_method": "pm_card_visa_chargeDeclinedInsufficientFunds"}), {
            "kind": "CardError", "status": 402, "type": "card_error", "code": "card_declined",
            "decline_code": "insufficient_funds", "charge": like("^ch_"),
        })
    charge = error["charge"]
    left = stripe.payment_intents.retrieve(error["payment_intent"]["id"])
    check.has("a decline leaves an intent that tells of it", left, {
        "status": "requires_payment_method", "latest_charge": charge,
        "last_payment_error": {"code": "card_declined", "decline_code": "insufficient_funds", "charge": charge},
    })
    check.has("a declined charge has failed", stripe.charges.retrieve(charge), {
        "status": "failed", "paid": False, "captured": False, "failure_code": "card_declined", "outcome": {"type": "issuer_declined"},
    })
    paid = stripe.payment_intents.confirm(left["id"], {"payment_method": "pm_card_mastercard", "return_url": BACK})
    check.has("another card pays a declined intent", paid, {"status": "succeeded", "last_payment_error": None})


def holds(world):
    stripe, check = world.stripe, world.check
    hold = lambda: stripe.payment_intents.create({**PAID, "capture_method": "manual"})
    capture = lambda intent, **params: stripe.payment_intents.capture(intent["id"], params)
    held = hold()
    check.has("money is held", held, {"status": "requires_capture", "amount_capturable": 2000, "amount_received": 0})
    check.refused("more than was held is not captured", lambda: capture(held, amount_to_capture=2001),
        {"status": 400, "param": "amount_to_capture"})
    part = capture(held, amount_to_capture=1250)
    check.has("part of it is captured and the rest let go", part, {"status": "succeeded", "amount_received": 1250, "amount_capturable": 0})
    check.has("what was let go is refunded on the charge", stripe.charges.retrieve(part["latest_charge"]),
        {"amount_captured": 1250, "amount_refunded": 750})
    check.has("without an amount all of it is captured", capture(hold()), {"status": "succeeded", "amount_received": 2000})
    other = hold()
    gone = stripe.payment_intents.cancel(other["id"], {"cancellation_reason": "abandoned"})
    check.has("a canceled hold says why", gone, {
        "status": "canceled", "cancellation_reason": "abandoned", "canceled_at": lambda at: at > 0, "amount_capturable": 0,
    })
    check.refused("a canceled hold is not captured", lambda: capture(other),
        {"code": "payment_intent_unexpected_state", "payment_intent": {"id": other["id"]}})


def authentication(world):
    stripe, check = world.stripe, world.check
    authenticate = lambda intent, result: world.sandbox.control(f"/payment_intents/{intent['id']}/authenticate", {"result": result})
    create = lambda **params: stripe.payment_intents.create({**PAID, "payment_method": "pm_card_authenticationRequired", **params})
    waits = create()
    check.has("3D Secure sends the customer away", waits, {
        "status": "requires_action",
        "next_action": {"type": "redirect_to_url", "redirect_to_url": {"url": like("^http"), "return_url": BACK}},
    })
    authenticate(waits, "complete")
    check.has("who authenticates has paid", stripe.payment_intents.retrieve(waits["id"]), {"status": "succeeded", "next_action": None})
    fails = create()
    authenticate(fails, "fail")
    check.has("who does not has to pay anew", stripe.payment_intents.retrieve(fails["id"]), {
        "status": "requires_payment_method", "last_payment_error": {"code": "payment_intent_authentication_failure"},
    })
    check.refused("off session nobody can authenticate", lambda: create(off_session=True),
        {"kind": "CardError", "status": 402, "code": "authentication_required"})
    check.refused("authentication can be refused beforehand", lambda: create(error_on_requires_action=True),
        {"kind": "CardError", "code": "authentication_required", "decline_code": "authentication_not_handled"})


def amounts(world):
    stripe, check = world.stripe, world.check
    create = lambda amount, currency: stripe.payment_intents.create({"amount": amount, "currency": currency})
    for name, amount, currency, parts in [
        ("less than a currency’s minimum is refused", 49, "usd", {"code": "amount_too_small", "param": "amount"}),
        ("nine digits are refused", 100_000_000, "usd", {"code": "amount_too_large", "param": "amount"}),
        ("nothing is no amount", 0, "usd", {"code": "parameter_invalid_integer", "param": "amount"}),
        ("three decimals end in zero", 1234, "kwd", {"code": "parameter_invalid_integer"}),
        ("an unknown currency is refused", 1000, "zzz", {"param": "currency"}),
    ]:
        check.refused(name, lambda: create(amount, currency), parts)
    check.has("a currency without decimals and in capitals is taken", create(1999, "JPY"), {"amount": 1999, "currency": "jpy"})


def keeping(world):
    stripe, check = world.stripe, world.check
    customer = stripe.customers.create()["id"]
    methods = lambda: ids(stripe.customers.payment_methods.list(customer))
    stripe.payment_intents.create({**PAID, "customer": customer})
    check.same("a method that pays once is not kept", methods(), [])
    paid = stripe.payment_intents.create({**PAID, "customer": customer, "setup_future_usage": "off_session"})
    kept = paid["payment_method"]
    check.same("a method is kept for later when asked", methods(), [kept])
    later = stripe.payment_intents.create({
        **USD, "customer": customer, "confirm": True, "payment_method": kept, "off_session": True,
    })
    check.has("what was kept pays off session", later, {"status": "succeeded", "payment_method": kept})
    listed = stripe.payment_intents.list({"customer": customer, "limit": 2})["data"]
    check.same("intents are listed by customer", ids(listed), [later["id"], paid["id"]])
