"""A recorded truth that its own evidence does not prove is found, whatever the hashes say."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from screen.audit.check.verify import verify
from screen.audit.ledger.line import opened, sealed
from tests.unit.audit.site import Site

Body = dict[str, Any]


def forged(site: Site, change: Callable[[Body], None]) -> list[str]:
    """What verify finds wrong with one entry that was changed, hash and all."""
    site.record(site.case("A-1"))
    entry = opened(site.lines()[0])
    assert entry is not None
    body = json.loads(json.dumps(entry.body))
    change(body)
    line, _ = sealed(body)
    site.ledger.write_bytes(line)
    return verify(site.ledger).wrong


def test_nothing_is_wrong_with_what_was_recorded(site: Site) -> None:
    assert forged(site, lambda body: None) == []


def test_a_truth(site: Site) -> None:
    def change(body: Body) -> None:
        body["screenings"][0]["truths"]["enough-platelets"] = "met"

    assert forged(site, change) == [
        "entry 1: P-1: enough-platelets is recorded as met, and its evidence proves not met"
    ]


def test_a_verdict(site: Site) -> None:
    def change(body: Body) -> None:
        body["screenings"][0]["verdict"] = "eligible"

    assert forged(site, change) == [
        "entry 1: P-1: the verdict is recorded as eligible, and its criteria make it ineligible"
    ]


def test_a_value(site: Site) -> None:
    def change(body: Body) -> None:
        body["facts"]["platelets"]["values"] = [{"amount": "150"}]

    assert forged(site, change) == [
        "entry 1: P-1: enough-platelets is recorded as not met, and its evidence proves met",
        "entry 1: P-1: the verdict is recorded as ineligible, and its criteria make it eligible",
        "entry 1: P-1: platelets: its value is not what its evidence makes it",
    ]


def test_a_pick(site: Site) -> None:
    def change(body: Body) -> None:
        fact = body["facts"]["crp within=86400000000us pick=highest"]
        fact["values"] = [{"amount": "55"}]

    (wrong,) = forged(site, change)
    assert wrong.startswith("entry 1: P-1: crp within=86400000000us pick=highest: ")
    assert wrong.endswith("its value is not what its evidence makes it")


def test_a_window(site: Site) -> None:
    def change(body: Body) -> None:
        for item in body["facts"]["crp within=86400000000us pick=highest"]["evidence"]:
            item["start"] -= 10 * 3_600_000_000

    wrong, *others = forged(site, change)
    assert all("is not the one that was judged" in one for one in others)
    assert wrong.startswith("entry 1: P-1: crp within=86400000000us pick=highest: ")
    assert wrong.endswith("some of its evidence does not lie in the time that is asked for")


def test_a_limit(site: Site) -> None:
    def change(body: Body) -> None:
        (conditions,) = body["conditions"].values()
        conditions["criteria"][0]["when"]["is"]["comparisons"][0]["limit"] = "80"

    (wrong,) = forged(site, change)
    assert wrong.endswith("the conditions that it holds are not those of their digest")


def test_an_assumption(site: Site) -> None:
    def change(body: Body) -> None:
        body["screenings"][0]["assumed"] = []

    assert forged(site, change) == [
        "entry 1: P-1: its recorded assumptions are not those it rests on"
    ]


def test_a_redacted_verdict(site: Site) -> None:
    site.record(site.case("A-1"), redact=True)
    entry = opened(site.lines()[0])
    assert entry is not None
    entry.body["screenings"][0]["verdict"] = "eligible"
    site.ledger.write_bytes(sealed(entry.body)[0])
    (wrong,) = verify(site.ledger).wrong
    assert "its criteria make it ineligible" in wrong


@pytest.mark.parametrize(
    "field", ["facts", "unrecorded", "screenings", "screened_us", "screened_at"]
)
@pytest.mark.parametrize("value", [None, 7, "x", [], {}, [[]], {"x": {"values": 3}}])
def test_a_body_of_another_shape_is_a_finding_and_no_crash(
    site: Site, field: str, value: object
) -> None:
    def change(body: Body) -> None:
        body[field] = value

    assert forged(site, change)
