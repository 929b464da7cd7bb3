"""What can be wrong with a test table, each with its place; and how a row changes the base."""

from pathlib import Path

import pytest

from screen.documents.tree import Pairs, Text
from screen.language.protocol.protocol_tests import Expected, read_test_table
from screen.model.screening import Verdict
from screen.model.truth import Reason, Truth
from screen.problems import Kind, ProblemsFound

HEAD = """protocol: X
base:
  screened_at: 2020-04-20T09:00
  patient: {sex: male, age: 40 a}
  observations: {dyspnea: present, cyanosis: absent}
base_verdict: eligible
tests:
"""


def written(folder: Path, rows: str, head: str = HEAD) -> Path:
    path = folder / "table.yaml"
    path.write_text(head + rows, encoding="utf-8")
    return path


def plain(node: object) -> object:
    if isinstance(node, Pairs):
        return {key.value: plain(value) for key, value in node.pairs}
    assert isinstance(node, Text)
    return node.value


def test_a_row_changes_the_base(tmp_path: Path) -> None:
    base, row = read_test_table(
        written(
            tmp_path,
            "- {name: a child, patient: {age: 9 a}, change: {fever: present}, drop: [dyspnea],"
            " expect: {adult: not_met, ill: unknown stale missing, verdict: ineligible}}\n",
        )
    )
    assert (base.name, base.verdict, base.expected) == ("base", Verdict.ELIGIBLE, {})
    assert plain(row.case) == {
        "case": "test",
        "screened_at": "2020-04-20T09:00",
        "patient": {"sex": "male", "age": "9 a"},
        "observations": {"cyanosis": "absent", "fever": "present"},
    }
    assert row.expected == {
        "adult": Expected(Truth.NOT_MET),
        "ill": Expected(Truth.UNKNOWN, (Reason.MISSING, Reason.STALE)),
    }
    assert row.verdict is Verdict.INELIGIBLE
    assert (row.name, row.protocol, row.line) == ("a child", "X", 8)


@pytest.mark.parametrize(
    ("row", "kind", "value", "nearest"),
    [
        ("{name: a, expect: {}, drp: []}", Kind.UNKNOWN_KEY, "drp", "drop"),
        ("{name: a}", Kind.MISSING_KEY, "expect", ""),
        ("{expect: {}}", Kind.MISSING_KEY, "name", ""),
        ("{name: a, expect: {adult: mett}}", Kind.UNKNOWN_VALUE, "mett", "met"),
        ("{name: a, expect: {adult: unknown stail}}", Kind.UNKNOWN_VALUE, "stail", "stale"),
        ("{name: a, expect: {verdict: eligble}}", Kind.UNKNOWN_VALUE, "eligble", "eligible"),
        ("{name: a, expect: {}, drop: [dyspnoea]}", Kind.UNKNOWN_VALUE, "dyspnoea", "dyspnea"),
        ("{name: a, expect: {}, drop: dyspnea}", Kind.WRONG_SHAPE, "", ""),
        (
            "{name: a, expect: {}, drop: [dyspnea], change: {dyspnea: absent}}",
            Kind.AGAINST_ITSELF,
            "",
            "",
        ),
        ("{name: base, expect: {}}", Kind.AGAINST_ITSELF, "", ""),
    ],
)
def test_what_is_wrong_has_its_line(
    tmp_path: Path, row: str, kind: Kind, value: str, nearest: str
) -> None:
    with pytest.raises(ProblemsFound) as raised:
        read_test_table(written(tmp_path, f"- {row}\n"))
    (problem,) = raised.value.problems
    assert (problem.kind, problem.line) == (kind, 8)
    assert (problem.value, problem.nearest) == (value, nearest)


@pytest.mark.parametrize("key", ["protocol", "base", "base_verdict", "tests"])
def test_a_table_has_all_its_keys(tmp_path: Path, key: str) -> None:
    head = HEAD.replace(f"\n{key}:", f"\nx{key}:") if key != "protocol" else HEAD[12:]
    with pytest.raises(ProblemsFound) as raised:
        read_test_table(written(tmp_path, "- {name: a, expect: {}}\n", head))
    missing = [one.value for one in raised.value.problems if one.kind is Kind.MISSING_KEY]
    assert key in missing
