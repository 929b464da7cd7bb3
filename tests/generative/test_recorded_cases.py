"""Whatever was screened and recorded verifies: no honest entry looks forged.

And an amount that is changed in it, with every hash made anew, is found.
"""

import json
import re
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import pytest

from screen.audit.check.case_check import CaseChecker
from screen.audit.check.proof import Deduction, Proof, prove
from screen.audit.check.proof_memory import RememberingDeduction
from screen.audit.check.verify import verify
from screen.audit.entry.shelf import Shelf
from screen.audit.ledger.find import entries
from screen.audit.recording.case_entry import record_case
from screen.audit.recording.file_digests import RulesDigest, SourceFile
from screen.engine.decide import Screener
from screen.problems import ProblemsFound
from tests.faults.audit.forging import Body
from tests.generative.drawn_tables import case_of
from tests.generative.test_columns import drawn_world

CASES = 40
FILE = SourceFile("case.yaml", f"sha256:{0:064}")


def recorded(seed: int, ledger: Path) -> int:
    """Screen and record drawn cases; how many could be read."""
    vocabulary, protocols, cases, staleness = drawn_world(seed, 4)
    screener = Screener(vocabulary, protocols, staleness)
    done = 0
    for drawn in cases[:CASES]:
        try:
            case = case_of(drawn, vocabulary)
        except ProblemsFound:
            continue
        record_case(ledger, screener.screen(case), vocabulary, RulesDigest({}), FILE, by="kim")
        done += 1
    return done


@pytest.mark.parametrize("seed", range(6))
def test_what_was_recorded_verifies(seed: int, tmp_path: Path) -> None:
    ledger = tmp_path / "drawn.ledger"
    done = recorded(seed, ledger)
    report = verify(ledger)
    assert report.wrong == []
    assert report.kinds == {"case": done}
    assert done > CASES // 2


def measured(body: Body, units: dict[str, str]) -> Iterator[Any]:
    """Evidence for its own concept, in that one's unit: the ledger alone tells what it says."""
    for key, fact in body["facts"].items():
        name = key.split(" ")[0]
        for item in fact.get("evidence", ()):
            is_own = item["concept"] == name and "unit" not in item and "inputs" not in item
            if is_own and "amount" in item and item["text"].endswith(f" {units[name]}"):
                yield item


@pytest.mark.parametrize("seed", range(6))
def test_a_text_of_another_amount_is_found(seed: int, tmp_path: Path) -> None:
    ledger = tmp_path / "drawn.ledger"
    recorded(seed, ledger)
    checker, units, tried = CaseChecker(), dict[str, str](), 0
    for line in ledger.read_bytes().splitlines(keepends=True):
        body = json.loads(line)
        checker.take(body)
        for conditions in body["conditions"].values():
            units |= conditions["units"]
        for item in measured(body, units):
            was = item["text"]
            item["text"] = re.sub(r"\d", r"\g<0>7", was, count=1)
            wrong = checker.check(body).wrong
            item["text"] = was
            assert any("does not say what was judged" in one for one in wrong), (was, wrong)
            tried += 1
    assert tried


def altered(body: Body) -> Iterator[Body]:
    """An entry, and then with each fact that of the next, each verdict and each truth another."""
    yield body
    facts = body["facts"]
    for name, other in zip(facts, [*facts.values()][1:], strict=False):
        if ("state" in str(facts[name])) == ("state" in str(other)):
            yield {**body, "facts": {**facts, name: other}}
    for place, screening in enumerate(body["screenings"]):
        wrong = {"verdict": "pending", "truths": dict.fromkeys(screening["truths"], "met")}
        for key, value in wrong.items():
            screenings = list(body["screenings"])
            screenings[place] = {**screening, key: value}
            yield {**body, "screenings": screenings}


def proof_of(body: Body, shelf: Shelf, deduction: Deduction) -> Proof | str:
    try:
        return prove(body, shelf, deduction)
    except (LookupError, ArithmeticError, ValueError, TypeError, AttributeError) as error:
        return type(error).__name__


@pytest.mark.parametrize("seed", range(3))
def test_what_is_remembered_of_other_entries_changes_no_proof(seed: int, tmp_path: Path) -> None:
    ledger = tmp_path / "drawn.ledger"
    recorded(seed, ledger)
    shelf, remembering, wrong = Shelf(), RememberingDeduction(), 0
    for entry in islice(entries(ledger), CASES // 4):
        shelf.take(entry.body)
        for body in altered(entry.body):
            proof = proof_of(body, shelf, Deduction())
            assert proof_of(body, shelf, remembering) == proof
            wrong += isinstance(proof, Proof) and bool(proof.wrong)
    assert wrong > CASES // 2
