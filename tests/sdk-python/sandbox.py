"""A sandbox of its own for a scenario, and clients of the official SDK for it.

It holds everything that it answers and sends against Stripe's object tables: what
deviates is a 500 at once, and a failure when it is stopped.
"""

import json
import os
import subprocess
import urllib.error
import urllib.request
from pathlib import Path

import stripe

ROOT = Path(__file__).parent.parent.parent
END_S = 20


def binary():
    """The binary that was built last."""
    built = [ROOT / "target" / profile / "bursar" for profile in ("release", "debug")]
    candidates = [Path(os.environ["BURSAR_BIN"])] if "BURSAR_BIN" in os.environ else built
    found = [candidate for candidate in candidates if candidate.exists()]
    if not found:
        places = " or ".join(map(str, candidates))
        raise SystemExit(f"no bursar binary at {places}; run `cargo build --release`, or set BURSAR_BIN")
    return max(found, key=lambda candidate: candidate.stat().st_mtime)


class Sandbox:
    """The real binary as `bursar sandbox`, until the block ends."""

    def __enter__(self):
        command = [binary(), "sandbox", "--check-objects", "--listen", "127.0.0.1:0", "--json"]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        ready = json.loads(self.process.stdout.readline() or '{"type": "ended"}')
        if ready["type"] != "ready":
            raise SystemExit("the sandbox ended before it was ready")
        self.url, self.account, self.key = ready["url"], ready["account"], ready["secretKey"]
        return self

    def __exit__(self, *_):
        self.process.terminate()
        ended = self.process.wait(END_S)
        if ended != 0:
            raise SystemExit(f"the sandbox ended with {ended}; what deviated stands above")

    def client(self, key=None, **options):
        """An SDK client; no retries unless asked for, so that every answer is seen."""
        options = {"max_network_retries": 0, "base_addresses": {"api": self.url}, **options}
        return stripe.StripeClient(key or self.key, **options)

    def control(self, path, body):
        """The sandbox's own control surface, which Stripe does not have."""
        headers = {"content-type": "application/json"}
        request = urllib.request.Request(f"{self.url}/_sandbox{path}", json.dumps(body).encode(), headers)
        try:
            with urllib.request.urlopen(request) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as error:
            raise RuntimeError(f"POST /_sandbox{path} answered {error.code}: {error.read().decode()}") from error

    def fail(self, fault, times=1, **where):
        """The next writes meet this fault."""
        self.control("/faults", {"fault": fault, "next": times, **where})

    def advance(self, **duration):
        """Moves the sandbox's clock."""
        seconds = duration.get("days", 0) * 86_400 + duration.get("hours", 0) * 3_600 + duration.get("minutes", 0) * 60
        self.control("/clock", {"advance_ms": seconds * 1000})
