"""What the SDK makes of what goes wrong at Stripe."""

from scenario.checks import ABSENT, like


def errors(world):
    stripe, check, sandbox = world.stripe, world.check, world.sandbox

    def create(email, key=None):
        return stripe.customers.create({"email": email}, {"idempotency_key": key} if key else {})

    sandbox.fail("429", reason="endpoint-rate")
    check.refused("too many requests are a rate limit error with its reason", lambda: create("limited@example.com", "limited"),
        {"kind": "RateLimitError", "status": 429, "headers": {"stripe-rate-limited-reason": "endpoint-rate"}})
    check.has("after a rate limit the key is free", create("limited@example.com", "limited"), {"email": "limited@example.com"})
    sandbox.fail("lock_timeout")
    check.refused("a locked object is a rate limit error with a code", lambda: create("locked@example.com"),
        {"kind": "RateLimitError", "status": 429, "code": "lock_timeout", "headers": {"stripe-rate-limited-reason": ABSENT}})
    sandbox.fail("409")
    check.refused("a key in use is a conflict", lambda: create("busy@example.com", "busy"), {"status": 409, "code": "idempotency_key_in_use"})
    sandbox.fail("stored_500")
    check.refused("a failure of Stripe is an API error", lambda: create("broken@example.com", "broken"),
        {"kind": "APIError", "status": 500, "type": "api_error"})
    check.refused("a failure of Stripe is kept under its key", lambda: create("broken@example.com", "broken"),
        {"kind": "APIError", "headers": {"idempotent-replayed": "true"}})
    sandbox.fail("reset")
    check.refused("a broken connection is a connection error", lambda: create("unreachable@example.com"),
        {"kind": "ConnectionError", "status": None})
    check.same("nothing was done", stripe.customers.list({"email": "unreachable@example.com"})["data"], [])
    check.refused("a missing parameter is named", lambda: stripe.payment_intents.create({"currency": "usd"}),
        {"code": "parameter_missing", "param": "amount", "message": like("^Missing required param: amount"), "status": 400})
    check.refused("an empty value where one belongs is named", lambda: stripe.payment_intents.create({"amount": 1000, "currency": ""}),
        {"code": "parameter_invalid_empty", "param": "currency"})
