"""Webhook endpoints, and deliveries that the SDK's own verifier takes or refuses."""

import hashlib
import hmac
import time

import stripe as sdk

from receiver import Receiver
from scenario.checks import ABSENT, like


def webhooks(world):
    endpoints(world)
    with Receiver() as receiver:
        deliveries(world, receiver)
        versions(world, receiver)


def endpoints(world):
    stripe, check = world.stripe, world.check
    create = lambda **params: stripe.webhook_endpoints.create({"url": "https://example.com/hooks", "enabled_events": ["invoice.paid"], **params})
    made = create(description="billing", metadata={"team": "finance"})
    check.has("an endpoint shows its secret when it is made", made, {
        "id": like("^we_"), "object": "webhook_endpoint", "secret": like(r"^whsec_\S{20,}$"), "status": "enabled",
        "description": "billing", "metadata": {"team": "finance"},
    })
    read = stripe.webhook_endpoints.retrieve(made["id"])
    check.has("an endpoint shows its secret once", read, {"id": made["id"], "secret": ABSENT, "enabled_events": ["invoice.paid"]})
    changed = stripe.webhook_endpoints.update(made["id"], {"url": "https://example.com/b", "enabled_events": ["*"], "disabled": True})
    check.has("an endpoint is changed and disabled", changed, {
        "url": "https://example.com/b", "enabled_events": ["*"], "status": "disabled",
    })
    check.same("endpoints are listed", stripe.webhook_endpoints.list()["data"], [changed])
    check.same("an endpoint is deleted", stripe.webhook_endpoints.delete(made["id"]),
        {"id": made["id"], "object": "webhook_endpoint", "deleted": True})
    check.refused("an endpoint needs an address", lambda: create(url="hooks"), {"code": "url_invalid", "param": "url"})
    check.refused("an endpoint needs events that there are", lambda: create(enabled_events=["invoice.eaten"]),
        {"kind": "InvalidRequestError", "status": 400})


def deliveries(world, receiver):
    stripe, check = world.stripe, world.check
    made = stripe.webhook_endpoints.create({"url": receiver.url, "enabled_events": ["customer.created"]})
    secret = made["secret"]
    customer = stripe.customers.create({"name": "Ada 🥊"})["id"]
    refused, taken = receiver.wait(2)
    check.has("a delivery is posted as Stripe does", taken, {
        "method": "POST", "path": "/hooks",
        "headers": {"content-type": "application/json; charset=utf-8", "user-agent": like(r"^Stripe/1\.0")},
    })
    signature = taken["headers"]["stripe-signature"]
    verify = lambda body=taken["body"], given=signature, known=secret: world.client.construct_event(body, given, known)
    event = verify()
    check.has("the SDK’s verifier takes it", event, {"type": "customer.created", "data": {"object": {"id": customer, "name": "Ada 🥊"}}})
    check.same("a delivery holds what the event holds", event["data"], stripe.events.retrieve(event["id"])["data"])
    first = verify(refused["body"], refused["headers"]["stripe-signature"])
    check.same("a delivery that was refused comes again, signed anew",
        [first["id"], refused["headers"]["stripe-signature"] == signature], [event["id"], False])
    altered = bytearray(taken["body"])
    # Text all the same, so that it is the signature that tells.
    altered[altered.index(b"Ada")] ^= 1
    broken = {"kind": "SignatureVerificationError"}
    check.refused("altered bytes do not verify", lambda: verify(bytes(altered)), broken)
    check.refused("another secret does not verify", lambda: verify(known="whsec_another"), broken)
    check.refused("an old signature does not verify", lambda: verify(given=signed(taken["body"], secret, int(time.time()) - 3600)), broken)
    stripe.webhook_endpoints.delete(made["id"])


def versions(world, receiver):
    """An endpoint has a version of its own, whatever the account's."""
    stripe, check = world.stripe, world.check
    version = sdk.api_version
    made = stripe.webhook_endpoints.create({"url": receiver.url, "enabled_events": ["invoice.paid"], "api_version": version})
    check.has("an endpoint takes a version", made, {"api_version": version})
    draft = stripe.invoices.create({"customer": stripe.customers.create()["id"]})["id"]
    stripe.invoices.finalize_invoice(draft)
    told = receiver.wait(3)[2]
    event = world.client.construct_event(told["body"], told["headers"]["stripe-signature"], made["secret"])
    paid = ABSENT if world.since("basil") else True
    check.has("an endpoint is told in its version", event, {
        "api_version": version, "data": {"object": {"id": draft, "status": "paid", "paid": paid}},
    })
    stripe.webhook_endpoints.delete(made["id"])


def signed(body, secret, at):
    """Stripe's signature of a body at a time."""
    digest = hmac.new(secret.encode(), f"{at}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={at},v1={digest}"
