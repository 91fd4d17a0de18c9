"""The balance, its transactions and their fees."""

from scenario.checks import like

# Amounts in cents and what Stripe took of them, as recorded: 2.9 % and 30 cents, half up.
FEES = [(950, 58), (1000, 59), (2250, 95), (25000, 755)]


def balance(world):
    stripe, check = world.stripe, world.check

    def pay(amount, card="pm_card_visa"):
        params = {"amount": amount, "currency": "usd", "confirm": True, "payment_method": card, "return_url": "https://shop.example/back"}
        return stripe.payment_intents.create(params)["latest_charge"]

    for amount, fee in FEES:
        source = pay(amount)
        landed = stripe.balance_transactions.list({"source": source})["data"][0]
        check.has(f"a payment of {amount} costs {fee}", landed, {
            "id": like("^txn_"), "type": "charge", "reporting_category": "charge", "amount": amount, "fee": fee,
            "net": amount - fee, "status": "pending", "source": source,
            "fee_details": lambda details: [(one["type"], one["amount"]) for one in details] == [("stripe_fee", fee)],
        })
    at_once = stripe.balance_transactions.list({"source": pay(1000, "pm_card_bypassPending")})["data"][0]
    check.has("a card that lands at once is available", at_once, {"status": "available"})
    now = stripe.balance.retrieve()
    is_list = lambda value: isinstance(value, list)
    check.has("a balance has lists of currencies", now, {"object": "balance", "livemode": False, "available": is_list, "pending": is_list})
    held = sum(one["amount"] for part in ("available", "pending") for one in now[part] if one["currency"] == "usd")
    nets = [one["net"] for one in world.all(stripe.balance_transactions.list({"currency": "usd", "limit": 7}))]
    check.same("the balance is the sum of its transactions", held, sum(nets))
    charges = stripe.balance_transactions.list({"type": "charge", "limit": 100})
    check.has("transactions are listed by type", charges, {
        "data": lambda data: len(data) > 4 and all(one["type"] == "charge" for one in data),
    })
    check.refused("an unknown transaction is missing", lambda: stripe.balance_transactions.retrieve("txn_nobody"),
        {"status": 404, "code": "resource_missing"})
