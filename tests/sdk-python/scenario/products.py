"""Products and prices."""

from decimal import Decimal

from scenario.checks import ids, like


def products(world):
    stripe, check = world.stripe, world.check
    sent = {
        "name": "Blend", "description": "Whole beans", "metadata": {"origin": "Sidamo"}, "unit_label": "bag",
        "url": "https://shop.example/blend",
    }
    blend = stripe.products.create(sent)
    check.has("a product comes back with its defaults", blend, {
        **sent, "id": like("^prod_"), "object": "product", "active": True, "default_price": None, "images": [], "livemode": False,
    })
    beans = {"id": "beans-1", "name": "Beans"}
    check.has("a product can bring its id", stripe.products.create(beans), {"id": "beans-1"})
    check.refused("an id is taken once", lambda: stripe.products.create(beans), {"status": 400, "code": "resource_already_exists"})
    check.refused("a product needs a name", lambda: stripe.products.create({}), {"code": "parameter_missing", "param": "name"})
    renamed = stripe.products.update(blend["id"], {"name": "House blend", "description": ""})
    check.has("a product is renamed and cleared", renamed, {"name": "House blend", "description": None, "unit_label": "bag"})
    stripe.products.update("beans-1", {"active": False})
    check.same("products are listed by whether they are sold", ids(stripe.products.list({"active": False})), ["beans-1"])
    check.same("products are listed by ids", ids(stripe.products.list({"ids": [blend["id"]]})), [blend["id"]])
    check.same("a product without prices is deleted", stripe.products.delete("beans-1"),
        {"id": "beans-1", "object": "product", "deleted": True})
    mug = stripe.products.create({
        "name": "Mug", "default_price_data": {"currency": "eur", "unit_amount": 1200}, "expand": ["default_price"],
    })
    check.has("a product brings its first price", mug["default_price"], {
        "object": "price", "currency": "eur", "unit_amount": 1200, "type": "one_time", "recurring": None,
    })
    prices(world, blend["id"])


def prices(world, product):
    stripe, check = world.stripe, world.check
    create = lambda **params: stripe.prices.create({"product": product, "currency": "usd", **params})
    monthly = create(unit_amount=1500, recurring={"interval": "month"}, lookup_key="blend_monthly", nickname="Monthly")
    check.has("a recurring price says how often", monthly, {
        "id": like("^price_"), "object": "price", "active": True, "product": product, "currency": "usd", "unit_amount": 1500,
        "type": "recurring", "billing_scheme": "per_unit", "lookup_key": "blend_monthly", "nickname": "Monthly",
        "recurring": {"interval": "month", "interval_count": 1, "usage_type": "licensed"},
    })
    part = create(unit_amount_decimal="0.5")
    check.has("a price can be less than a cent", part, {
        "unit_amount": None, "unit_amount_decimal": lambda text: Decimal(text) == Decimal("0.5"),
    })
    check.refused("a price needs a product that exists", lambda: create(product="prod_nobody", unit_amount=1),
        {"status": 400, "code": "resource_missing", "param": "product"})
    check.refused("a lookup key is held by one price", lambda: create(unit_amount=1, lookup_key="blend_monthly"), {"status": 400})
    check.same("prices are listed by lookup key", ids(stripe.prices.list({"lookup_keys": ["blend_monthly"]})), [monthly["id"]])
    check.same("prices are listed by type", ids(stripe.prices.list({"product": product, "type": "one_time"})), [part["id"]])
    retired = stripe.prices.update(part["id"], {"active": False, "metadata": {"why": "too cheap"}})
    check.has("a price is retired", retired, {"active": False, "metadata": {"why": "too cheap"}})
    check.same("retired prices are filtered", ids(stripe.prices.list({"product": product, "active": True})), [monthly["id"]])
    check.refused("a product with prices is not deleted", lambda: stripe.products.delete(product), {"status": 400})
