"""A CSV with something wrong in it: the file is refused, or the row, and nothing else."""

import gzip
from collections.abc import Callable
from typing import Any

import pytest

from screen.batch.options import EngineName

HEAD = "case,screened_at,sex,platelets,hemoglobin\n"
AT = "2020-03-21T09:00:00+01:00"
LOW = f"A,{AT},male,90 10*9/L,12 g/dL\n"
HIGH = f"B,{AT},male,300 10*9/L,12 g/dL\n"
BOTH = {"A": "ineligible", "B": "undecided"}

Batch = Callable[..., Any]
Refused = Callable[..., str]


def test_nothing_wrong(batch: Batch) -> None:
    ran = batch(HEAD + LOW + HIGH)
    assert ran.verdicts == BOTH
    assert ran.rejects == []


def test_missing_header(refused: Refused) -> None:
    said = refused(LOW.replace("A,", "1,", 1) + HIGH)
    assert said == (
        "census.csv:1: the first row looks like data; a row with the names of the columns is needed"
    )


def test_header_without_case_names_the_separator(refused: Refused) -> None:
    said = refused((HEAD + LOW).replace(",", ";"))
    assert 'there is no column "case"; the cells seem to be separated by ";"' in said


def test_other_separator_is_declared(batch: Batch) -> None:
    ran = batch((HEAD + LOW).replace(",", ";"), mapping='delimiter: ";"\ncolumns: {}\n')
    assert ran.verdicts == {"A": "ineligible"}


def test_duplicate_columns(refused: Refused) -> None:
    said = refused(HEAD.replace("hemoglobin", "platelets") + LOW)
    assert said == 'census.csv:1:5: two columns are called "platelets" (columns 4 and 5)'


def test_column_without_a_name(refused: Refused) -> None:
    assert refused(HEAD.replace("hemoglobin", "") + LOW) == "census.csv:1:5: column 5 has no name"


def test_unknown_column_is_not_dropped(refused: Refused) -> None:
    said = refused(HEAD.replace("platelets", "plateletts") + LOW)
    assert said == (
        'census.csv:1:4: unknown column "plateletts": a mapping can name it or ignore it; '
        'did you mean "platelets"?'
    )


def test_key_without_its_concept(refused: Refused) -> None:
    said = refused(HEAD.replace("platelets", "spo2.on") + LOW)
    assert 'there is no column "spo2", which "spo2.on" belongs to' in said


@pytest.mark.parametrize("text", ["", "\n\n", " \n"])
def test_empty_file(refused: Refused, text: str) -> None:
    assert "is empty" in refused(text) or "a row with the names" in refused(text)


def test_ragged_rows(batch: Batch) -> None:
    ran = batch(HEAD + LOW + f"C,{AT},male\n" + HIGH + f"D,{AT},male,1 10*9/L,2 g/dL,3\n")
    assert ran.verdicts == BOTH
    assert ran.reasons == [
        ("3", "", "the row has 3 instead of 5 cells"),
        ("5", "", "the row has 6 instead of 5 cells"),
    ]
    assert ran.summary["cases"] == {"in": 4, "screened": 2, "rejected": 2, "rows_of_no_case": 0}


def test_rows_are_counted_as_a_spreadsheet_does(batch: Batch) -> None:
    """Blank lines count and are no cases; a line break inside quotes does not end a row."""
    text = HEAD + "\n" + LOW + '"C\nD",,male,,\n' + ",,,,\n" + f"E,{AT},male,x,\n"
    ran = batch(text, strict=True)
    assert ran.verdicts == {"A": "ineligible"}
    assert [line["row"] for line in ran.rejects] == ["4", "4", "6"]


def test_byte_order_mark(batch: Batch) -> None:
    assert batch("\ufeff" + HEAD + LOW + HIGH).verdicts == BOTH


def test_windows_line_ends(batch: Batch) -> None:
    assert batch((HEAD + LOW + HIGH).replace("\n", "\r\n")).verdicts == BOTH


def test_null_bytes(batch: Batch) -> None:
    ran = batch((HEAD + LOW + f"C,{AT},male,9\0 10*9/L,\n" + HIGH).encode())
    assert ran.verdicts == BOTH
    assert ran.rejects == [
        {
            "input": "census.csv",
            "row": "3",
            "case": "C",
            "column": "platelets",
            "value": "9\\x00 10*9/L",
            "reason": "the cell holds a null character",
        }
    ]


def test_mixed_encodings(batch: Batch) -> None:
    text = (HEAD + LOW).encode() + f"Jos\xe9,{AT},male,,\n".encode("latin-1") + HIGH.encode()
    ran = batch(text)
    assert ran.verdicts == BOTH
    assert ran.reasons == [
        (
            "3",
            "case",
            "the cell is not text in UTF-8 (byte 0xE9); a mapping can name the file's encoding",
        )
    ]


def test_declared_encoding(batch: Batch) -> None:
    text = (HEAD + f"Jos\xe9,{AT},male,90 10*9/L,\n").encode("latin-1")
    ran = batch(text, mapping="encoding: latin-1\ncolumns: {}\n")
    assert ran.verdicts == {"Jos\xe9": "ineligible"}


def test_utf_16(batch: Batch, refused: Refused) -> None:
    text = (HEAD + LOW).encode("utf-16")
    assert "census.csv: is not UTF-8 text (it begins like UTF-16)" in refused(text)
    assert batch(text, mapping="encoding: utf-16\ncolumns: {}\n").verdicts == {"A": "ineligible"}


def test_header_that_is_no_utf8(refused: Refused) -> None:
    said = refused(HEAD.replace("sex", "s\xe9x").encode("latin-1"))
    assert said == "census.csv:1: is not UTF-8 text (byte 0xE9 at 19)"


@pytest.mark.parametrize("number", ["1,250", "1'250", "12,5", "1.250,5"])
def test_thousands_and_decimal_commas_are_refused(batch: Batch, number: str) -> None:
    ran = batch(HEAD + f'C,{AT},male,"{number} 10*9/L",\n' + LOW, strict=True)
    assert ran.verdicts == {"A": "ineligible"}
    (reject,) = ran.rejects
    assert (reject["row"], reject["column"]) == ("2", "platelets")
    assert "write no thousands separators, and a decimal point" in reject["reason"]


def test_declared_decimal_comma(batch: Batch) -> None:
    mapping = 'decimal: ","\nthousands: "."\ncolumns: {}\n'
    rows = [
        f'C,{AT},male,"100,0 10*9/L",\n',  # exactly 100 000 /mm3 excludes
        f'D,{AT},male,"100,1 10*9/L",\n',
        f'E,{AT},male,"100.100 /mm3",\n',  # 100 100 /mm3 does not
        f'F,{AT},male,"99.999 /mm3",\n',
        f'G,{AT},male,"90.5 10*9/L",\n',  # a point that groups no thousands
    ]
    ran = batch(HEAD + "".join(rows), mapping=mapping, strict=True)
    assert ran.verdicts == {
        "C": "ineligible",
        "D": "undecided",
        "E": "undecided",
        "F": "ineligible",
    }
    assert ran.reasons == [
        ("6", "platelets", '"90.5 10*9/L" is not a number in the mapping\'s form (1.234,5)')
    ]


def test_duplicate_cases(batch: Batch) -> None:
    ran = batch(HEAD + LOW + HIGH + LOW.replace("90", "300"))
    assert ran.verdicts == {"B": "undecided"}
    reason = 'the case "A" is there 2 times, and none of them is chosen'
    assert ran.reasons == [("2", "case", reason), ("4", "case", reason)]


def test_row_without_a_case(batch: Batch) -> None:
    ran = batch(HEAD + LOW + f",{AT},male,90 10*9/L,\n")
    assert ran.verdicts == {"A": "ineligible"}
    assert ran.reasons == [("3", "case", "the row does not say which case it is")]


def test_every_bad_cell_of_a_row_is_named(batch: Batch) -> None:
    ran = batch(HEAD + f"C,yesterday,M,90,12 g/dLL\n{LOW}", strict=True)
    assert ran.verdicts == {"A": "ineligible"}
    assert [(line["row"], line["column"], line["value"]) for line in ran.rejects] == [
        ("2", "screened_at", "yesterday"),
        ("2", "sex", "M"),
        ("2", "hemoglobin", "g/dLL"),
    ]


def test_times_after_the_screening_do_not_count(batch: Batch) -> None:
    text = "case,screened_at,platelets,platelets.at\n" + "".join(
        f"{case},{AT},90 10*9/L,{at}\n"
        for case, at in [
            ("A", "2020-03-21T09:00:00+01:00"),
            ("B", "2020-03-21T09:00:01+01:00"),
            ("C", "2020-03-21T09:00:00"),
        ]
    )
    ran = batch(text, strict=True)
    assert ran.verdicts == {"A": "ineligible", "B": "undecided"}
    (reject,) = ran.rejects
    assert (reject["row"], reject["column"]) == ("4", "platelets.at")
    assert "give every time of a case an offset, or none" in reject["reason"]


def test_gzip(batch: Batch) -> None:
    assert batch(gzip.compress((HEAD + LOW + HIGH).encode()), name="c.csv.gz").verdicts == BOTH


def test_truncated_gzip(refused: Refused) -> None:
    rows = "".join(LOW.replace("A,", f"A{n},", 1) for n in range(2000))
    packed = gzip.compress((HEAD + rows).encode())
    said = refused(packed[:-20], name="c.csv.gz")
    assert "c.csv.gz: cannot be read: the compressed data is damaged or ends too early" in said


def test_unknown_kind_of_file(refused: Refused) -> None:
    said = refused("x", name="census.txt")
    assert '".txt" is no kind of file that is read here; these are: .csv' in said


def test_formulas_cannot_come_out(batch: Batch) -> None:
    """An id that a spreadsheet would run, and a bad value, are made harmless in both files."""
    ran = batch(HEAD + f'"=cmd()",{AT},male,90 10*9/L,\n"@x",{AT},male,-1 10*9/LL,\n', strict=True)
    assert ran.verdicts == {"'=cmd()": "ineligible"}
    assert [line["case"] for line in ran.rejects] == ["'@x"]
    assert "\n'=cmd()" not in (ran.out / "rejects.csv").read_text()


def test_minus_is_made_harmless_too(batch: Batch) -> None:
    ran = batch(HEAD + f"C,{AT},male,-x,\n", strict=True)
    assert [line["value"] for line in ran.rejects] == ["'-x"]


def test_a_case_that_is_there_twice_is_never_chosen_by_its_better_row(batch: Batch) -> None:
    """One row of A is refused by the mapping, before any case is read; the other is fine."""
    mapping = "shape: wide\ncolumns:\n  sex: {is: sex, codes: {M: male}}\n"
    table = f"case,screened_at,sex\nA,{AT},X\nA,{AT},M\nB,{AT},M\n"
    for engine in (EngineName.RULES, EngineName.COLUMNS):
        ran = batch(table, mapping, engine=engine, overwrite=True)
        assert list(ran.verdicts) == ["B"]
        assert [(line["row"], line["case"]) for line in ran.rejects] == [("2", "A"), ("3", "A")]


def test_a_ragged_row_with_bytes_that_are_no_text(batch: Batch, capfd: Any) -> None:
    ragged = f"C,{AT},Jos\xe9,18 10*9/L,12 g/dL,more\n".encode("latin-1")
    ran = batch((HEAD + LOW).encode() + ragged + HIGH.encode())
    assert ran.verdicts == BOTH
    (reject,) = ran.rejects
    assert (reject["row"], reject["reason"]) == ("3", "the row has 6 instead of 5 cells")
    assert "Jos\\xe9" in reject["value"]
    assert capfd.readouterr().err == ""


LOST = "the cell holds a sign (\ufffd) for a character that an earlier program could not read"


@pytest.mark.parametrize("engine", list(EngineName)[:2])
def test_a_character_that_an_earlier_program_lost(batch: Batch, engine: EngineName) -> None:
    """Two patients may share what is left of a name; the program's own mark cannot be forged."""
    forged = "\ufffd9 10*9/L\ufffdUNKNOWN_UNIT\ufffda\ufffdb"
    rows = f"M\ufffdller,{AT},male,18 10*9/L,12 g/dL\nC,{AT},male,{forged},12 g/dL\n"
    ran = batch(HEAD + LOW + rows + HIGH, engine=engine)
    assert ran.verdicts == BOTH
    assert ran.reasons == [("3", "case", LOST), ("4", "platelets", LOST)]


@pytest.mark.parametrize("split", range(1, 4))
def test_a_character_in_two_pieces_is_one(batch: Batch, split: int) -> None:
    """A piece of the file may end within a character; the last one is cut off at the end."""
    filler = "x" * ((1 << 20) - len(HEAD) - len(f"A,{AT},") - split)
    text = f"{HEAD}A,{AT},{filler}\N{GRINNING FACE},90 10*9/L,12 g/dL\n"
    ran = batch(text.encode() + b"B,\xf0\x9f\x98", name="census.csv")
    rejected = {line["row"]: line["reason"] for line in ran.rejects}
    assert rejected.keys() == {"2", "3"}
    assert "\ufffd" not in rejected["2"]
