"""Plans to subscribe to, and customers who can pay for them."""

DAY_S = 86_400


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


def period(world, subscription):
    """What holds the current period: the item since basil, the subscription before."""
    return subscription["items"]["data"][0] if world.since("basil") else subscription
