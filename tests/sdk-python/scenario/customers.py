"""Customers: defaults, what comes back, clearing, metadata, deletion."""

from scenario.checks import ABSENT, like

ADDRESS = {"line1": "12 St James’s Square", "city": "London", "country": "GB", "postal_code": "SW1Y 4JH"}


def customers(world):
    stripe, check = world.stripe, world.check
    check.has("a customer needs nothing and has Stripe’s defaults", stripe.customers.create(), {
        "id": like("^cus_"), "object": "customer", "livemode": False, "balance": 0, "email": None, "tax_exempt": "none",
        "delinquent": False, "invoice_prefix": like("^[A-Z0-9]{8}$"), "next_invoice_sequence": 1,
        "preferred_locales": [], "metadata": {}, "shipping": None,
        "invoice_settings": {"custom_fields": None, "default_payment_method": None, "footer": None, "rendering_options": None},
    })
    sent = {
        "name": "Ada Lovelace & Co. = 100% +", "email": "ada@example.com", "phone": "+44 20 7946 0000",
        "description": "zwölf Boxkämpfer 🥊", "address": ADDRESS, "preferred_locales": ["en-GB", "de"],
        "shipping": {"name": "Ada", "address": ADDRESS},
        "metadata": {"order": "6735", "with space": "a=b&c"},
    }
    ada = stripe.customers.create(sent)
    check.has("everything sent comes back", ada, sent)
    check.same("a customer reads the same later", stripe.customers.retrieve(ada["id"]), ada)
    change = lambda **params: stripe.customers.update(ada["id"], params)
    merged = change(metadata={"order": 7, "add": "x", "with space": ""})
    check.same("metadata merges key by key, and an empty value removes one", merged["metadata"], {"add": "x", "order": "7"})
    emptied = change(metadata="")
    check.same("an empty string removes all metadata", emptied["metadata"], {})
    check.has("an update leaves what it does not name", emptied, {"name": sent["name"], "address": ADDRESS})
    check.has("an empty string clears a field", change(description=""), {"description": None})
    moved = change(address={"line1": "c"})
    check.has("an address is replaced as a whole", moved, {"address": {"line1": "c", "city": None, "country": None}})
    check.has("an address is cleared as a whole", change(address=""), {"address": None})
    refusals(world)
    deletion(world)


def refusals(world):
    stripe, check = world.stripe, world.check
    check.refused("an unknown customer is a 404 in Stripe’s words", lambda: stripe.customers.retrieve("cus_nobody"), {
        "kind": "InvalidRequestError", "status": 404, "type": "invalid_request_error", "code": "resource_missing", "param": "id",
        "message": "No such customer: 'cus_nobody'", "doc_url": like("resource-missing"), "requestId": like("^req_"),
    })
    check.refused("an unknown parameter is named", lambda: stripe.customers.create({"nmae": "Ada"}), {
        "kind": "InvalidRequestError", "status": 400, "code": "parameter_unknown", "param": "nmae",
        "message": like("^Received unknown parameter: nmae"),
    })
    check.refused("a nested unknown parameter is named by its place",
        lambda: stripe.customers.create({"address": {"line9": "x"}}),
        {"code": "parameter_unknown", "param": "address[line9]"})
    check.refused("a word for a number is an invalid integer", lambda: stripe.customers.create({"balance": "much"}),
        {"code": "parameter_invalid_integer", "param": "balance"})
    check.refused("an enum refuses other values and lists its own",
        lambda: stripe.customers.create({"email": "no@example.com", "tax_exempt": "sometimes"}),
        {"param": "tax_exempt", "code": ABSENT, "message": like("exempt, none, or reverse")})
    check.same("a refused create leaves nothing behind", stripe.customers.list({"email": "no@example.com"})["data"], [])


def deletion(world):
    stripe, check = world.stripe, world.check
    made = stripe.customers.create({"email": "gone@example.com"})["id"]
    stub = {"id": made, "object": "customer", "deleted": True}
    check.same("a deletion answers a stub", stripe.customers.delete(made), stub)
    check.same("a deleted customer reads as a stub", stripe.customers.retrieve(made), stub)
    check.same("a deleted customer is in no list", stripe.customers.list({"email": "gone@example.com"})["data"], [])
    check.refused("a customer is deleted once", lambda: stripe.customers.delete(made), {"status": 404, "code": "resource_missing"})
