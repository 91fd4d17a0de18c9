"""Whose key it is, and what a key may do."""

import stripe as sdk

from scenario.checks import ABSENT, headers, like


def account(world):
    stripe, check, sandbox = world.stripe, world.check, world.sandbox
    mine = stripe.accounts.retrieve_current()
    check.has("the account is the one that the sandbox announced", mine, {
        "id": sandbox.account, "object": "account", "charges_enabled": True, "country": "US", "default_currency": "usd",
    })
    check.has("an answer names the version that the SDK pins", headers(mine), {
        "stripe-version": sdk.api_version, "request-id": like("^req_"),
    })
    customers = lambda key: world.services(sandbox.client(key)).customers
    check.refused("a wrong key is an authentication error without a request id",
        lambda: customers("not_a_key_at_all").list(),
        {"kind": "AuthenticationError", "status": 401, "type": "invalid_request_error", "code": ABSENT, "requestId": None})
    live = "sk_live_0123456789abcdefghijklmnop"
    check.refused("a live key is refused and not shown again", lambda: customers(live).list(),
        {"kind": "AuthenticationError", "status": 401, "message": lambda text: live not in text})
    check.refused("a foreign account is a permission error",
        lambda: stripe.customers.list(options={"stripe_account": "acct_somebodyelse"}),
        {"kind": "PermissionError", "status": 403, "code": "account_invalid"})
    check.refused("an unknown version is refused by name",
        lambda: stripe.customers.list(options={"stripe_version": "1999-01-01"}),
        {"kind": "InvalidRequestError", "status": 400, "code": ABSENT, "message": like("1999-01-01")})
    check.refused("an unknown path is a 404", lambda: world.client.raw_request("get", "/v1/customerz"),
        {"kind": "InvalidRequestError", "status": 404, "message": like("Unrecognized request URL")})
