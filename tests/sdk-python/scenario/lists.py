"""Lists: order, pages, cursors, filters; expansion."""

from scenario.checks import ids, like

PAGED = "paged@example.com"


def lists(world):
    stripe, check = world.stripe, world.check
    page = lambda **params: stripe.customers.list({"email": PAGED, **params})
    made = [stripe.customers.create({"email": PAGED, "name": str(n)})["id"] for n in range(25)]
    newest = made[::-1]
    first = page()
    check.has("a list is an envelope with ten of it", first, {
        "object": "list", "url": "/v1/customers", "has_more": True, "data": lambda data: len(data) == 10,
    })
    check.same("the newest comes first", ids(first["data"]), newest[:10])
    check.same("auto-pagination visits each once", ids(world.all(page(limit=10))), newest)
    check.same("starting_after gives the page behind", ids(page(limit=2, starting_after=newest[1])["data"]), newest[2:4])
    before = page(limit=2, ending_before=made[1])
    check.has("ending_before gives the page just newer", before, {
        "has_more": True, "data": lambda data: ids(data) == [made[3], made[2]],
    })
    back = world.all(page(limit=10, ending_before=made[0]))
    check.same("auto-pagination goes backwards too", ids(back), made[1:])
    check.has("the last page has no more", page(limit=5, starting_after=made[5]), {
        "has_more": False, "data": lambda data: len(data) == 5,
    })
    refusals(world)
    filters(world)
    expansions(world)


def refusals(world):
    stripe, check = world.stripe, world.check
    for limit in (0, 101):
        check.refused(f"a limit of {limit} is refused", lambda: stripe.customers.list({"limit": limit}),
            {"kind": "InvalidRequestError", "param": "limit"})
    check.refused("an unknown cursor is a missing resource", lambda: stripe.customers.list({"starting_after": "cus_nobody"}),
        {"code": "resource_missing", "param": "starting_after"})


def filters(world):
    stripe, check = world.stripe, world.check
    made = stripe.customers.create({"email": "timed@example.com"})
    created = made["created"]
    listed = lambda wanted: ids(stripe.customers.list({"email": "timed@example.com", "created": wanted})["data"])
    check.same("created takes a time", listed(created), [made["id"]])
    check.same("created takes a range", listed({"gte": created, "lt": created + 1}), [made["id"]])
    check.same("a range excludes what is outside", listed({"gt": created}), [])


def expansions(world):
    stripe, check = world.stripe, world.check
    customer = stripe.customers.create({"payment_method": "pm_card_visa", "name": "Ada"})["id"]
    intent = stripe.payment_intents.create({
        "amount": 1000, "currency": "usd", "customer": customer, "confirm": True, "payment_method": "pm_card_visa",
        "return_url": "https://example.com/back", "expand": ["customer", "latest_charge.balance_transaction"],
    })
    check.has("a create expands what it answers", intent, {"customer": {"id": customer, "name": "Ada"}})
    check.has("expansion goes through expanded objects", intent["latest_charge"], {
        "object": "charge", "balance_transaction": {"object": "balance_transaction", "fee": 59},
    })
    listed = stripe.payment_intents.list({"customer": customer, "expand": ["data.customer", "data.latest_charge"]})
    check.has("a list expands under data", listed["data"][0], {"customer": {"name": "Ada"}, "latest_charge": {"object": "charge"}})
    check.refused("what is no reference cannot be expanded",
        lambda: stripe.customers.retrieve(customer, {"expand": ["email"]}),
        {"status": 400, "message": like("cannot be expanded")})
