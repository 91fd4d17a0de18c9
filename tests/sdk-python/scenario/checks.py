"""The named checks of the scenario: counted, and held against the list that the
scenario in Node is held to as well.

A check that fails does not end the scenario: what follows still says whether it holds,
and the report names everything at once.
"""

import json
import re

import stripe

# The part is not there.
ABSENT = object()


def like(pattern):
    """A text in which the pattern is found."""
    return re.compile(pattern)


def plain(value):
    """A value as JSON has it, without the SDK's own classes."""
    if isinstance(value, stripe.StripeObject):
        return json.loads(str(value))
    if isinstance(value, list):
        return [plain(one) for one in value]
    return value


def ids(listed):
    """The ids of a list, in its envelope or not."""
    return [one["id"] for one in (listed if isinstance(listed, list) else listed["data"])]


def headers(answer):
    """The headers that an answer came with, in lower case."""
    return {name.lower(): value for name, value in answer.last_response.headers.items()}


def told(error):
    """What an error says, whichever class of which release it is."""
    body = error.json_body.get("error", {}) if isinstance(error.json_body, dict) else {}
    return {
        **body,
        "kind": type(error).__name__.replace("APIConnection", "Connection"),
        "status": error.http_status,
        "requestId": error.request_id,
        "headers": {name.lower(): value for name, value in (error.headers or {}).items()},
    }


def differences(actual, expected, at=""):
    """Where `actual` is not as expected. A pattern or function stands for what it accepts."""
    if expected is ABSENT:
        return [] if actual is None else [f"{at}: {actual!r} is there"]
    if isinstance(expected, re.Pattern):
        fits = isinstance(actual, str) and expected.search(actual)
        return [] if fits else [f"{at}: {actual!r} is not like {expected.pattern}"]
    if callable(expected):
        return [] if expected(actual) else [f"{at}: {actual!r} is not accepted"]
    if isinstance(expected, dict):
        if not isinstance(actual, dict):
            return [f"{at}: {actual!r} is no object"]
        return [line for key, part in expected.items() for line in _part(actual, key, part, at)]
    return [] if actual == expected else [f"{at}: {actual!r} instead of {expected!r}"]


def _part(actual, key, part, at):
    if part is ABSENT:
        return [f"{at}.{key}: {actual[key]!r} is there"] if key in actual else []
    if key not in actual:
        return [f"{at}.{key}: is not there"]
    return differences(actual[key], part, f"{at}.{key}")


class Checks:
    def __init__(self):
        self.made = []
        self.failed = []

    def _record(self, name, problems):
        self.made.append(name)
        if problems:
            self.failed.append("\n    ".join([name, *problems]))

    def against(self, named):
        """How the checks made differ from the ones that belong to the scenario."""
        missing = [f"not made: {name}" for name in named if name not in self.made]
        unknown = [f"not in checks.txt: {name}" for name in self.made if name not in named]
        twice = [f"made twice: {name}" for name in set(self.made) if self.made.count(name) > 1]
        if missing or unknown or twice:
            return missing + unknown + twice
        return [] if self.made == named else ["in another order than in checks.txt"]

    def same(self, name, actual, expected):
        """It is exactly this."""
        actual, expected = plain(actual), plain(expected)
        self._record(name, [] if actual == expected else [f"{actual!r} instead of {expected!r}"])

    def has(self, name, actual, parts):
        """It has these parts, and may have others."""
        self._record(name, differences(plain(actual), parts))

    def refused(self, name, call, parts):
        """The call is refused with an error of these parts. Gives what the error tells."""
        try:
            answer = call()
        except stripe.StripeError as error:
            self._record(name, differences(told(error), parts))
            return told(error)
        self._record(name, [f"was not refused: {str(answer)[:200]}"])
        return {}
