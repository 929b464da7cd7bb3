"""What a mapping can say of real exports: each key with a table that is read wrong without it.

At most 100 platelets (10*9/L) exclude, so `ineligible` and `undecided` tell two readings apart.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Batch = Callable[..., Any]
Refused = Callable[..., str]

LOW, OPEN = "ineligible", "undecided"
LONG = "shape: long\nscreened_at: 2020-03-22\n"
AT = "2020-03-22"


def aside(ran: Any) -> dict[tuple[str, str], int]:
    return {(e["concept"], e["reason"]): e["records"] for e in ran.summary["set_aside"]}


def test_codes_of_one_test_beside_codes_for_all(batch: Batch) -> None:
    """A 1 is positive for one test, present for another, and a count for a third."""
    mapping = LONG + (
        "columns:\n  pid: case\n  test: concept\n  u: unit\n"
        "  val: {is: value, codes: {1: present, dyspnea: {1: absent}, "
        'sars_cov_2_test: {1: positive}, platelets: {"<<": "< 10"}}}\n'
    )
    text = (
        "pid,test,val,u\n"
        "A,platelets,1,10*9/L\n"
        "B,platelets,101,10*9/L\nB,sars_cov_2_test,1,\nB,dyspnea,1,\nB,pregnancy,1,\n"
        "C,platelets,<<,10*9/L\n"
        "D,sars_cov_2_test,2,\n"
    )
    ran = batch(text, mapping=mapping)
    assert ran.verdicts == {"A": LOW, "B": LOW, "C": LOW, "D": OPEN}  # B is pregnant
    assert aside(ran) == {("sars_cov_2_test", "unreadable"): 1}


def test_codes_for_all_are_of_findings(batch: Batch) -> None:
    mapping = LONG + (
        "columns: {pid: case, test: {is: concept, codes: {777-3: platelets, 94500-6: "
        "sars_cov_2_test}}, val: {is: value, codes: {Detected: positive}}, u: unit}\n"
    )
    text = "pid,test,val,u\nA,777-3,18.9,10*3/uL\nA,94500-6,Detected,\n"
    ran = batch(text, mapping=mapping)
    assert ran.verdicts == {"A": LOW}
    assert aside(ran) == {}


def test_codes_of_one_test_that_is_named_by_its_code(batch: Batch) -> None:
    mapping = LONG + "columns: {val: {is: value, codes: {sars_cov_2_test: {1: positive}}}}\n"
    text = "case,code,val,unit\nA,777-3,1,10*9/L\nA,94500-6,1,\n"
    ran = batch(text, mapping=mapping)
    assert ran.verdicts == {"A": LOW}
    assert aside(ran) == {}


def test_marks_are_those_of_numbers(batch: Batch) -> None:
    mapping = 'decimal: ","\nthousands: "."\n' + LONG
    text = (
        'case,concept,value,unit\nA,platelets,"100,0",10*9/L\nA,sars_cov_2_test,positive,\n'
        'B,platelets,"100,1",10*9/L\nB,dyspnea,present,\nC,platelets,231.000,/mm3\n'
        'D,platelets,"99,999",/mm3\nE,platelets,"less than 100,0",10*9/L\n'
    )
    ran = batch(text, mapping=mapping + "columns: {}\n")
    assert ran.verdicts == {"A": LOW, "B": OPEN, "C": OPEN, "D": LOW, "E": LOW}
    assert aside(ran) == {}


def test_a_thousands_mark_alone_says_the_decimal_mark(batch: Batch) -> None:
    mapping = 'thousands: "."\ncolumns: {plt: {is: platelets, unit: /mm3}}\n'
    text = f'case,screened_at,plt\nA,{AT},150.000\nB,{AT},98.000\nC,{AT},"99.999,5"\n'
    assert batch(text, mapping=mapping).verdicts == {"A": OPEN, "B": LOW, "C": LOW}


@pytest.mark.parametrize(
    ("marks", "verdicts", "count"),
    [
        ("", {"A": OPEN, "B": OPEN}, 2),  # 150 or 150 thousand: nobody can tell
        ('thousands: "."', {"A": OPEN, "B": LOW}, 0),
        ('decimal: "."', {"A": LOW, "B": LOW}, 0),
        ('decimal: "."\nthousands: none', {"A": LOW, "B": LOW}, 0),
    ],
)
def test_a_point_that_may_mark_thousands(
    batch: Batch, marks: str, verdicts: dict[str, str], count: int
) -> None:
    """A mapping that says what its marks are, even that there are none, settles it."""
    mapping = f"{marks}\ncolumns: {{plt: {{is: platelets, unit: /mm3}}}}\n"
    ran = batch(f"case,screened_at,plt\nA,{AT},150.000\nB,{AT},98.000\n", mapping=mapping)
    assert ran.verdicts == verdicts
    assert sum(aside(ran).values()) == count


def test_a_limit_beside_a_wide_column(batch: Batch) -> None:
    """A limit that is no number sets its record aside."""
    mapping = "columns: {a: {is: alt, unit: U/L}, hi: alt.upper_limit}\n"
    ran = batch(f"case,screened_at,a,hi\nA,{AT},240,40\nB,{AT},240,x\n", mapping=mapping)
    assert ran.verdicts == {"A": OPEN, "B": OPEN}
    assert aside(ran) == {("alt", "unreadable"): 1}


def test_a_sign_in_a_column_of_its_own(batch: Batch) -> None:
    mapping = LONG + (
        "columns: {val: value, op: {is: comparator, codes: {LT: <, GT: '>', EQ: '='}}}\n"
    )
    text = (
        "case,concept,op,val,unit\n"
        "A,platelets,LT,100,10*9/L\n"
        "B,platelets,GT,99,10*9/L\n"  # may lie on either side
        "C,platelets,EQ,100,10*9/L\n"
        "D,platelets,,100,10*9/L\n"
        "E,platelets,~,100,10*9/L\n"
        "F,platelets,LT,>100,10*9/L\n"
        "G,platelets,LT,<100,10*9/L\n"
    )
    ran = batch(text, mapping=mapping)
    expected = {"A": LOW, "B": OPEN, "C": LOW, "D": LOW, "E": OPEN, "F": OPEN, "G": LOW}
    assert ran.verdicts == expected
    assert aside(ran) == {("platelets", "unreadable"): 2}


@pytest.mark.parametrize("word", ["<", "lt", "less than", "LESS THAN", "below"])
def test_signs_without_codes(batch: Batch, word: str) -> None:
    mapping = LONG + "columns: {op: comparator}\n"
    text = (
        f"case,concept,op,value,unit\nA,platelets,{word},101,10*9/L\nB,platelets,{word},99,10*9/L\n"
    )
    assert batch(text, mapping=mapping).verdicts == {"A": OPEN, "B": LOW}


def test_a_sign_beside_a_wide_column(batch: Batch) -> None:
    mapping = "columns: {plt: {is: platelets, unit: 10*9/L}, op: platelets.comparator}\n"
    text = f"case,screened_at,op,plt\nA,{AT},<,90\nB,{AT},>,90\n"
    assert batch(text, mapping=mapping).verdicts == {"A": LOW, "B": OPEN}


def test_rows_that_count(batch: Batch) -> None:
    mapping = LONG + (
        "rows: [{where: ward, is: [ICU, HDU]}, {where: valid, is_not: N}]\n"
        "columns: {}\nignore: {}\n"
    )
    text = (
        "case,concept,value,unit,ward,valid\n"
        "A,platelets,90,10*9/L,ICU,\nB,platelets,90,10*9/L,HDU,N\n"
        "B,platelets,190,10*9/L,HDU,Y\nC,platelets,90,10*9/L,ER,Y\n"
    )
    ran = batch(text, mapping=mapping)
    assert ran.verdicts == {"A": LOW, "B": OPEN}
    assert ran.summary["left_out"]["rows"] == {"valid is N": 1, "ward is not ICU, HDU": 1}


def test_what_stands_below_the_table(batch: Batch) -> None:
    text = f"case,screened_at,platelets\nA,{AT},90 10*9/L\n2 beds free\nTotal,{AT},1\n"
    ran = batch(text, mapping="last_row: 2\ncolumns: {}\n")
    assert ran.verdicts == {"A": LOW}
    assert ran.rejects == []
    assert ran.summary["left_out"]["rows"] == {"below row 2": 1}


def test_a_table_that_says_only_what_is_there(batch: Batch) -> None:
    mapping = LONG + "presence: present\ncolumns: {dx: {is: concept, codes: {O80: pregnancy}}}\n"
    text = "case,dx\nA,O80\nB,J45\nC,B18\n"
    mapping = mapping.replace("O80: pregnancy", "O80: pregnancy, B18: hepatitis_b")
    ran = batch(text, mapping=mapping)
    assert ran.verdicts == {"A": LOW, "B": OPEN, "C": LOW}
    assert ran.summary["left_out"]["not_used"] == {"J45": 1}


def test_a_key_of_two_columns(batch: Batch) -> None:
    """Hospital 1, patient 23 is not hospital 12, patient 3; and what holds the sign is neither."""
    mapping = LONG + "case: [site, pid]\ncolumns: {}\n"
    text = (
        "site,pid,concept,value,unit\n1,23,platelets,90,10*9/L\n12,3,platelets,190,10*9/L\n"
        "1/2,3,platelets,90,10*9/L\n1,,platelets,90,10*9/L\n"
    )
    ran = batch(text, mapping=mapping)
    assert ran.verdicts == {"1/23": LOW, "12/3": OPEN}
    assert ran.summary["cases"]["rows_of_no_case"] == 2
    assert ran.reasons[0][0] == "4"
    assert "joins the columns of a case's key" in ran.reasons[0][2]


def test_spellings_of_units_in_the_mapping(batch: Batch) -> None:
    mapping = "unit_aliases: {Zellen pro nl: /nL}\ncolumns: {}\n"
    text = f"case,screened_at,platelets\nA,{AT},90 Zellen pro nl\nB,{AT},101 Zellen pro nl\n"
    assert batch(text, mapping=mapping).verdicts == {"A": LOW, "B": OPEN}


def test_a_spelling_of_no_unit(refused: Refused) -> None:
    said = refused("case,screened_at\n", mapping="unit_aliases: {x: furlongs}\ncolumns: {}\n")
    assert 'map.yaml:1:19: unknown unit "furlongs"' in said


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ("shift_years: many", "shift_years must be a whole number from -400 to 400"),
        ("last_row: 0", "last_row must be a whole number from 1"),
        ("rows: {where: a}", "one of is and is_not says which rows count"),
        ("case: [A]", "case must be two or more columns"),
        ("presence: present", "presence is for long tables"),
        ("shape: long\npresence: there", 'unknown value "there" for presence'),
    ],
)
def test_keys_that_are_wrong(refused: Refused, wrong: str, said: str) -> None:
    assert said in refused("case,screened_at\n", mapping=f"{wrong}\ncolumns: {{}}\n")


def test_limits_have_the_unit_of_their_result(batch: Batch, tmp_path: Path) -> None:
    """Five times an upper limit of 40 is 200, of 60 it is 300."""
    from screen.batch.options import FileFormat, Options
    from screen.batch.rule_source import RuleSource
    from screen.batch.run import run

    class Silent:
        def cases(self, more: int) -> None: ...
        def read(self, done: int, total: int) -> None: ...
        def say(self, text: str) -> None: ...

    text = (
        "pid,test,val,u,hi,when\n"
        "A,alt,240,U/L,40,2020-03-21T08:00:00\nB,alt,240,U/L,60,2020-03-21T08:00:00\n"
        "C,alt,240 U/L,,40,2020-03-21T08:00:00\n"
    )
    (tmp_path / "labs.csv").write_text(text)
    columns = "pid: case, test: concept, val: value, u: unit, when: at"
    for number, limit in enumerate(("upper_limit", "{is: upper_limit, unit: U/L}")):
        mapping = tmp_path / "map.yaml"
        mapping.write_text(f"shape: long\nscreened_at: last\ncolumns: {{{columns}, hi: {limit}}}\n")
        out = tmp_path / f"out{number}"
        rules = RuleSource(None, ("NCT04338958",))
        run(
            Options(
                input=tmp_path / "labs.csv",
                out=out,
                rules=rules,
                mapping=mapping,
                format=FileFormat.CSV,
                workers=1,
            ),
            Silent(),
        )
        lines = (out / "verdicts.csv").read_text().splitlines()[1:]
        fails = {line.split(",")[0]: line.split(",")[3] for line in lines}
        assert fails == {
            '"A"': '"raised-transaminases"',
            '"B"': '""',
            '"C"': '"raised-transaminases"',
        }
