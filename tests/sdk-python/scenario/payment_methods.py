"""Payment methods: test cards, whose they are, and those that are refused."""

from scenario.checks import ids, like


def payment_methods(world):
    stripe, check = world.stripe, world.check
    customer = stripe.customers.create()["id"]
    attach = lambda card: stripe.payment_methods.attach(card, {"customer": customer})
    visa = attach("pm_card_visa")
    check.has("a test card is attached as a payment method of its own", visa, {
        "id": lambda text: text.startswith("pm_") and text != "pm_card_visa", "object": "payment_method", "type": "card",
        "customer": customer, "card": {"brand": "visa", "last4": "4242"},
    })
    amex = attach("pm_card_amex")
    check.has("another brand is attached as itself", amex["card"], {"brand": "amex", "last4": "0005"})
    both = [amex["id"], visa["id"]]
    check.same("a customer’s methods are listed, newest first", ids(stripe.customers.payment_methods.list(customer)), both)
    check.same("methods are listed by customer and type", ids(stripe.payment_methods.list({"customer": customer, "type": "card"})), both)
    billed = stripe.payment_methods.update(visa["id"], {"billing_details": {"name": "Ada"}, "metadata": {"a": "1"}})
    check.has("a method takes billing details", billed, {"billing_details": {"name": "Ada"}, "metadata": {"a": "1"}})
    paying = stripe.customers.update(customer, {
        "invoice_settings": {"default_payment_method": visa["id"]}, "expand": ["invoice_settings.default_payment_method"],
    })
    check.has("a method becomes the default and is expanded", paying["invoice_settings"]["default_payment_method"],
        {"id": visa["id"], "card": {"last4": "4242"}})
    check.has("a detached method is nobody’s", stripe.payment_methods.detach(amex["id"]), {"id": amex["id"], "customer": None})
    check.same("a detached method is listed no longer", ids(stripe.customers.payment_methods.list(customer)), [visa["id"]])
    token = stripe.payment_methods.create({"type": "card", "card": {"token": "tok_visa"}})
    check.has("a token becomes a method", token, {"customer": None, "card": {"last4": "4242"}})
    refusals(world, customer, visa["id"])


def refusals(world, customer, visa):
    stripe, check = world.stripe, world.check
    attach = lambda card, to=customer: lambda: stripe.payment_methods.attach(card, {"customer": to})
    other = stripe.customers.create()["id"]
    check.refused("an attached method goes to no other customer", attach(visa, other), {"status": 400})
    check.refused("a declined card is refused when it is attached", attach("pm_card_chargeDeclined"), {
        "kind": "CardError", "status": 402, "type": "card_error", "code": "card_declined", "decline_code": "generic_decline",
        "requestId": like("^req_"),
    })
    check.refused("an expired card says so", attach("pm_card_chargeDeclinedExpiredCard"),
        {"kind": "CardError", "code": "expired_card", "param": "exp_month"})
    check.refused("an unknown method is missing", attach("pm_nobody"),
        {"code": "resource_missing", "message": like("^No such PaymentMethod: 'pm_nobody'")})
    check.refused("a missing customer in a parameter is a 400", attach("pm_card_visa", "cus_nobody"),
        {"status": 400, "code": "resource_missing", "param": "customer"})
