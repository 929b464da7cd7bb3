"""Column plans on single cells and rows, with answers worked out by hand."""

from fractions import Fraction

import pyarrow as pa
import pytest

from screen.engine.columns.plan import ColumnPlan
from screen.language.loading.own_folder import default_rules_dir
from screen.language.loading.rules_folder import load_vocabulary
from screen.model.concept import Vocabulary
from screen.model.criterion import (
    Citation,
    Comparison,
    Comparisons,
    Criterion,
    CriterionKind,
    Leaf,
    OneOf,
    Operator,
    Pick,
    Reference,
    Selection,
)
from screen.model.moment import HOUR
from screen.model.protocol import Drug, Protocol

SCREENED = "2020-03-21T09:00:00+01:00"


@pytest.fixture(scope="module")
def vocabulary() -> Vocabulary:
    return load_vocabulary(default_rules_dir())


def less(concept: str, limit: str, within: int | None = None, on: str | None = None) -> Leaf:
    comparison = Comparison(Operator.LT, Fraction(limit), None, "")
    return Leaf(Selection(concept, within, "", on), Comparisons((comparison,)))


def asked(*leaves: Leaf) -> Protocol:
    criteria = tuple(
        Criterion(f"c{n}", CriterionKind.INCLUSION, "", Citation("s", ()), leaf)
        for n, leaf in enumerate(leaves)
    )
    return Protocol("P", "", "", True, "", Drug("x"), {}, criteria)


def decided(vocabulary: Vocabulary, leaf: Leaf, *rows: dict[str, str]) -> list[tuple[str, str]]:
    """The letter and the reasons for each row; ("?", "") for a row that is not taken."""
    base = {"screened_at": SCREENED}
    full = [{"case": f"R-{n}"} | base | row for n, row in enumerate(rows)]
    names = list(dict.fromkeys(name for row in full for name in row))
    table = pa.table({name: pa.array([row.get(name) for row in full]) for name in names})
    found = ColumnPlan(vocabulary, [asked(leaf)]).decide_wide(table, reasons=True)
    answers = {line["row"]: line for line in found.verdicts.to_pylist()}
    assert set(answers) | set(found.unsure) == set(range(len(rows)))
    return [
        (answers[n]["criteria"], answers[n]["reasons"][0]) if n in answers else ("?", "")
        for n in range(len(rows))
    ]


def test_twenty_thousand_is_not_below_twenty_thousand(vocabulary: Vocabulary) -> None:
    values = ["20 10*9/L", "19.999 10*9/L", "20000 /mm3", "19999 /uL", "20 K/uL", "2e1 10*9/L"]
    rows = [{"platelets": value} for value in values]
    letters = [letter for letter, _ in decided(vocabulary, less("platelets", "20"), *rows)]
    # 20 10*9/L is exactly 20,000 /mm3, and so is 2e1 10*9/L.
    assert letters == ["N", "M", "N", "M", "N", "N"]


def test_a_bounded_result_decides_only_from_one_side(vocabulary: Vocabulary) -> None:
    values = ["<0.5 10*9/L", "<= 0.5 10*9/L", "<0.3 10*9/L", ">0.5 10*9/L", ">= 0.4 10*9/L"]
    rows = [{"neutrophils": value} for value in values]
    assert decided(vocabulary, less("neutrophils", "0.5"), *rows) == [
        ("M", ""),
        ("U", "bounded"),
        ("M", ""),
        ("N", ""),
        ("U", "bounded"),
    ]


def test_what_does_not_count_says_why(vocabulary: Vocabulary) -> None:
    rows = [
        {"spo2": "91"},
        {"spo2": "9.1 %"},
        {"spo2": "91 mg/L"},
        {"spo2": "91 %", "spo2.at": "2020-03-21T09:00:01+01:00"},
        {"spo2": "91 %", "spo2.status": "entered-in-error"},
        {},
        {"spo2": "91,5 %"},
    ]
    assert decided(vocabulary, less("spo2", "93"), *rows) == [
        ("U", "no_unit"),
        ("U", "implausible"),
        ("U", "wrong_unit"),
        ("U", "future"),
        ("U", "missing"),
        ("U", "missing"),
        ("?", ""),
    ]


def test_a_window_has_both_its_ends_and_a_day_is_whole(vocabulary: Vocabulary) -> None:
    times = [
        "2020-03-20T09:00:00+01:00",
        "2020-03-20T08:59:59+01:00",
        "2020-03-20T08:00:00Z",
        "2020-03-20",
        "2020-03-19",
    ]
    rows = [{"spo2": "91 %", "spo2.at": at} for at in times]
    rows.append({"spo2": "91 %"})
    # The window of 24 h opens at 09:00 on the 20th (08:00 in UTC).
    assert decided(vocabulary, less("spo2", "93", within=24 * HOUR), *rows) == [
        ("M", ""),
        ("U", "stale"),
        ("M", ""),
        ("U", "undated"),
        ("U", "stale"),
        ("U", "undated"),
    ]


def test_room_air_is_marked_or_shown_by_the_oxygen(vocabulary: Vocabulary) -> None:
    at = {"spo2": "91 %", "spo2.at": "2020-03-21T08:00:00+01:00"}
    beside = {"fio2": "21 %", "fio2.at": "2020-03-21T08:00:00+01:00"}
    rows = [
        at | {"spo2.on": "room_air"},
        at | {"spo2.on": "face_mask"},
        at | beside,
        at | beside | {"fio2": "0.21 1"},
        at | beside | {"fio2": "40 %"},
    ]
    leaf = less("spo2", "93", on="room_air")
    assert [letter for letter, _ in decided(vocabulary, leaf, *rows)] == ["M", "U", "M", "M", "U"]


def test_a_ratio_is_compared_exactly(vocabulary: Vocabulary) -> None:
    times = {"pao2.at": "2020-03-21T08:00:00+01:00", "fio2.at": "2020-03-21T08:59:00+01:00"}
    rows = [
        {"pao2": "75 mm[Hg]", "fio2": "25 %"} | times,
        {"pao2": "74.999 mm[Hg]", "fio2": "25 %"} | times,
        {"pao2": "10 kPa", "fio2": "25 %"} | times,
        {"pao2": "75 mm[Hg]", "fio2": "25 %"} | times | {"fio2.at": "2020-03-21T09:00:00+01:00"},
        {"pao2": "75 mm[Hg]", "fio2": "25 %", "pao2.at": "2020-03-21T07:00:00+01:00"},
    ]
    # 75 / 0.25 is 300; 10 kPa is 75.006 mm[Hg]; 60 minutes are not too far; no time cannot tell.
    assert decided(vocabulary, less("pf_ratio", "300"), *rows) == [
        ("N", ""),
        ("M", ""),
        ("N", ""),
        ("N", ""),
        ("U", "undated"),
    ]


def test_a_multiple_is_of_the_limit_printed_with_the_result(vocabulary: Vocabulary) -> None:
    part = Comparison(Operator.GT, Fraction(5, 3), Reference.UPPER, "")
    leaf = Leaf(Selection("alt"), Comparisons((part,)))
    rows = [
        {"alt": "50 U/L", "alt.upper_limit": "30 U/L"},
        {"alt": "50.000001 U/L", "alt.upper_limit": "30 U/L"},
        {"alt": "50 U/L"},
        {"alt": "50 U/L", "alt.upper_limit": "30"},
        {"alt": "50 U/L", "alt.upper_limit": "0 U/L"},
    ]
    assert decided(vocabulary, leaf, *rows) == [
        ("N", ""),
        ("M", ""),
        ("U", "no_reference"),
        ("U", "no_reference"),
        ("?", ""),
    ]


def test_an_age_counts_completed_years(vocabulary: Vocabulary) -> None:
    rows = [
        {"birth_date": "2002-03-21"},
        {"birth_date": "2002-03-22"},
        {"age": "17.9 a"},
        {"age": "18 a", "birth_date": "2002-03-22"},
        {"birth_date": "2020-03-22"},
    ]
    assert decided(vocabulary, less("age", "18"), *rows) == [
        ("N", ""),
        ("M", ""),
        ("M", ""),
        ("U", "conflicting"),
        ("?", ""),
    ]


def test_a_value_too_general_or_not_yet_known(vocabulary: Vocabulary) -> None:
    active = Leaf(Selection("tuberculosis"), OneOf(("active",)), unrecorded_absent=True)
    rows = [{"tuberculosis": state} for state in ("active", "present", "latent")] + [{}]
    assert decided(vocabulary, active, *rows) == [
        ("M", ""),
        ("U", "unspecific"),
        ("N", ""),
        ("N", ""),
    ]


def test_the_latest_of_a_long_table_and_its_conflicts(vocabulary: Vocabulary) -> None:
    records = [
        ("A", "25 10*9/L", "2020-03-20T08:00:00+01:00"),
        ("A", "15 10*9/L", "2020-03-21T08:00:00+01:00"),
        ("B", "25 10*9/L", "2020-03-21T08:00:00+01:00"),
        ("B", "15 10*9/L", "2020-03-21T08:00:00+01:00"),
        ("C", "15 10*9/L", None),
        ("C", "25 10*9/L", "2020-03-01"),
        ("Z", "25 10*9/L", None),
    ]
    observations = pa.table(
        {
            "case": [case for case, _, _ in records],
            "concept": ["platelets"] * len(records),
            "value": [value for _, value, _ in records],
            "at": [at for _, _, at in records],
        }
    )
    patients = pa.table({"case": ["A", "B", "C"], "screened_at": [SCREENED] * 3})
    lowest = Leaf(
        Selection("platelets", pick=Pick.LOWEST),
        Comparisons((Comparison(Operator.LT, Fraction(20), None, ""),)),
    )
    plan = ColumnPlan(vocabulary, [asked(less("platelets", "20"), lowest)])
    found = plan.decide_long(observations, patients, reasons=True)
    # The undated 15 of C gives way to the dated 25; Z is no patient.
    assert [(r["case"], r["criteria"], r["reasons"][0]) for r in found.verdicts.to_pylist()] == [
        ("A", "MM", ""),
        ("B", "UM", "conflicting"),
        ("C", "NN", ""),
    ]
    assert found.unsure == []


def test_an_unknown_column_is_refused(vocabulary: Vocabulary) -> None:
    plan = ColumnPlan(vocabulary, [asked(less("spo2", "93"))])
    with pytest.raises(ValueError, match="spoo2"):
        plan.decide_wide(pa.table({"case": ["A"], "screened_at": [SCREENED], "spoo2": ["91 %"]}))


def repeated(cells: list[str | None]) -> pa.DictionaryArray:
    return pa.array(cells, pa.string()).dictionary_encode()


def block(first: int, **columns: list[str | None]) -> pa.Table:
    """Rows from `first` on in which every column but the id is a dictionary of texts."""
    count = len(next(iter(columns.values())))
    return pa.table(
        {
            "case": [f"R-{n}" for n in range(first, first + count)],
            "screened_at": repeated([SCREENED] * count),
            **{name.replace("__", "."): repeated(cells) for name, cells in columns.items()},
        }
    )


def letters(plan: ColumnPlan, table: pa.Table) -> list[str]:
    found = plan.decide_wide(table)
    by_row = {line["row"]: line["criteria"] for line in found.verdicts.to_pylist()}
    return [by_row.get(row, "?") for row in range(len(table))]


def test_what_was_read_of_a_text_holds_in_later_blocks(vocabulary: Vocabulary) -> None:
    plan = ColumnPlan(vocabulary, [asked(less("platelets", "20"), less("pf_ratio", "250"))])
    # Without any ratio first; then with ratios, whose positions need more than 64 bits; then
    # with texts of both blocks, new ones, units that are new, and a text that is no quantity.
    empty: list[str | None] = [None, None, None]
    first = block(0, platelets=["19 10*9/L", "20 10*9/L", None], pf_ratio=empty)
    assert letters(plan, first) == ["MU", "NU", "UU"]
    second = block(
        3,
        platelets=["20 10*9/L", "19 10*9/L", "19999 /uL"],
        pf_ratio=["249.9 mm[Hg]", "250 mm[Hg]", None],
    )
    assert letters(plan, second) == ["NM", "MN", "MU"]
    third = block(
        6,
        platelets=[None, "19999 /uL", "1,5 10*9/L"],
        pf_ratio=["250 mm[Hg]", "249.9 mm[Hg]", "33 kPa"],
    )
    assert letters(plan, third) == ["UN", "MM", "?"]


def test_blanks_around_a_cell_mean_nothing(vocabulary: Vocabulary) -> None:
    rows = [
        {"spo2": " 92 %", "spo2.on": "room_air "},
        {"spo2": "\t92 %\u00a0", "spo2.on": " room_air"},
        {"spo2": "  ", "spo2.on": "room_air"},
        {"case": " R-9 ", "spo2": "94 %", "spo2.on": "room_air"},
    ]
    found = decided(vocabulary, less("spo2", "93", on="room_air"), *rows)
    assert found == [("M", ""), ("M", ""), ("U", "missing"), ("N", "")]


def test_a_time_or_context_beside_nothing_is_no_record(vocabulary: Vocabulary) -> None:
    leaf = less("spo2", "93", within=24 * HOUR, on="room_air")
    rows = [
        {"spo2.on": "room_air", "spo2.at": "2020-03-21T08:00:00+01:00"},
        {"spo2.on": "on the moon", "spo2.at": "yesterday"},
        {"spo2": "92 %", "spo2.on": "room_air", "spo2.at": "2020-03-21T08:00:00+01:00"},
        {"spo2": "92 %", "spo2.on": "on the moon"},
    ]
    # As in a row that intake reads: without a value, nobody looks at what stands beside it.
    assert decided(vocabulary, leaf, *rows) == [
        ("U", "missing"), ("U", "missing"), ("M", ""), ("?", ""),
    ]  # fmt: skip


def test_ids_and_notes_may_be_in_other_alphabets(vocabulary: Vocabulary) -> None:
    rows = [
        {"case": "Überwachung 7", "spo2": "92 %", "spo2.source": "Überwachungsmonitor, Zürich"},
        {"case": "患者一", "spo2": "92 %", "spo2.source": "监护仪"},
        {"case": "R\u200b7", "spo2": "92 %"},
        {"spo2": "92 %", "spo2.source": "x" * 201},
    ]
    found = [letter for letter, _ in decided(vocabulary, less("spo2", "93"), *rows)]
    # A sign that nobody sees, and a note that is too long, are refused where cases are read.
    assert found == ["M", "M", "?", "?"]
