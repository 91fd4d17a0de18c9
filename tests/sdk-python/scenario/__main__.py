"""Tells the scenario under one release: `python -m scenario endive`."""

import sys
import traceback
from pathlib import Path
from types import SimpleNamespace

import stripe

from run import RELEASES
from sandbox import ROOT, Sandbox
from scenario.account import account
from scenario.balance import balance
from scenario.checks import Checks
from scenario.customers import customers
from scenario.errors import errors
from scenario.events import events
from scenario.idempotency import idempotency
from scenario.invoices import invoices
from scenario.lifetimes import lifetimes
from scenario.lists import lists
from scenario.payment_intents import payment_intents
from scenario.payment_methods import payment_methods
from scenario.products import products
from scenario.refunds import refunds
from scenario.subscriptions import subscriptions
from scenario.webhooks import webhooks

SECTIONS = [
    account, customers, lists, products, payment_methods, payment_intents, refunds, balance, invoices, subscriptions,
    lifetimes, events, webhooks, idempotency, errors,
]
CHECKS_MIN = 80
NAMES = ROOT / "tests" / "sdk-node" / "scenario" / "checks.txt"


def tell(release, sandbox):
    """Tells the whole scenario; gives what was checked and what did not hold."""
    check = Checks()
    client = sandbox.client()
    order = list(RELEASES)
    world = SimpleNamespace(
        check=check, sandbox=sandbox, client=client,
        # Before release 12 the services stood at the client itself.
        stripe=getattr(client, "v1", client),
        services=lambda other: getattr(other, "v1", other),
        since=lambda name: order.index(release) >= order.index(name),
        all=lambda listed: list(listed.auto_paging_iter()),
    )
    for section in SECTIONS:
        try:
            section(world)
        except Exception:
            after = check.made[-1] if check.made else "the beginning"
            check.failed.append(f"{section.__name__} broke off after “{after}”\n{traceback.format_exc()}")
    return check


def main(release):
    stripe.enable_telemetry = False
    lines = NAMES.read_text(encoding="utf-8").splitlines()
    named = [line for line in lines if line and not line.startswith("#")]
    with Sandbox() as sandbox:
        check = tell(release, sandbox)
    problems = check.failed + check.against(named)
    if len(check.made) < CHECKS_MIN:
        problems.append(f"only {len(check.made)} checks")
    print(f"{len(check.made)} checks with stripe {stripe.VERSION} ({release}), {len(check.failed)} failed")
    if problems:
        sys.exit("\n".join(problems))


if __name__ == "__main__":
    main(sys.argv[1])
