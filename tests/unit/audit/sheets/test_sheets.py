"""The checklist and the screening log, and that nothing in a cell can do harm."""

import csv
import io
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from screen.audit.people.notes import add_note, add_signature
from screen.audit.people.signing import make_keys
from screen.audit.sheets.checklist import COLUMNS, checklist
from screen.audit.sheets.screening_log import screening_log
from screen.audit.sheets.sheet import Row, Sheet, comma_separated, html, markdown, safe_cell
from screen.engine.decide import Screener
from screen.explain.words.background import Background
from screen.intake.casefile import read_case_file
from screen.language.loading.rules import load_rules
from screen.problems import ProblemsFound
from tests.unit.audit.site import Site

EVIL = '<script>alert("x")</script>|`*_[a](javascript:b)\x1b[31m\n=1+1'


def sheet_of(site: Site, *, redact: bool = False) -> Sheet:
    loaded = load_rules(site.rules)
    vocabulary, protocols = loaded.vocabulary, loaded.protocols
    (case,) = read_case_file(site.case("A-1"), vocabulary)
    screened = Screener(vocabulary, protocols).screen(case)
    return checklist(screened.screenings[0], Background(screened, vocabulary), redact=redact)


def cells(sheet: Sheet, criterion: str) -> dict[str, str]:
    (row,) = [row for row in sheet.rows if criterion in row.cells]
    return dict(zip(COLUMNS, row.cells, strict=True))


def test_a_row_for_each_criterion(site: Site) -> None:
    sheet = sheet_of(site)
    assert [row.cells[2] for row in sheet.rows] == ["enough-platelets", "sick", "hepatitis"]
    platelets = cells(sheet, "enough-platelets")
    assert platelets["Text"] == "Platelets of 100 000 /mm3 or more"
    assert platelets["Source"] == "P-1: inclusion 1"
    assert platelets["Version"] == "2020-05-04"
    assert (platelets["Value"], platelets["Unit"], platelets["Date"]) == ("90", "10*9/L", "")
    assert platelets["Source record"].endswith("A-1.yaml:5:14")
    assert platelets["Program's finding"] == "not met"
    assert (platelets["Person's finding"], platelets["Initials"]) == ("", "")
    sick = cells(sheet, "sick")
    assert (sick["Value"], sick["Unit"], sick["Date"]) == ("60", "mg/L", "2020-03-20T18:00")
    assert sick["Source record"].startswith("second sample, ")


def test_assumptions_and_failures_stand_out(site: Site) -> None:
    sheet = sheet_of(site)
    assert [row.mark for row in sheet.rows] == ["fails", "", "assumed"]
    assert cells(sheet, "hepatitis")["Attention"] == "ASSUMED"


def test_redacted_checklists_hold_no_value(site: Site) -> None:
    sheet = sheet_of(site, redact=True)
    for text in (markdown(sheet), html(sheet), comma_separated(sheet)):
        assert "A-1" not in text
        assert "T18:00" not in text
        assert "second sample" not in text
    assert cells(sheet, "enough-platelets")["Program's finding"] == "not met"


class _Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes.update(name for name, _ in attrs)

    def handle_data(self, data: str) -> None:
        self.text += data


def evil_sheet() -> Sheet:
    return Sheet(EVIL, ((EVIL, EVIL),), (EVIL, "b"), (Row((EVIL, "x"), "unknown"),), (EVIL,))


def test_html_shows_text_and_runs_nothing() -> None:
    written = html(evil_sheet())
    parser = _Tags()
    parser.feed(written)
    assert parser.tags == {
        *("html", "head", "meta", "title", "style", "body", "h1", "dl", "dt", "dd"),
        *("table", "thead", "tr", "th", "tbody", "td", "p", "br"),
    }
    assert parser.attributes == {"lang", "charset", "http-equiv", "content", "class"}
    assert '<script>alert("x")</script>' in parser.text
    assert "\x1b" not in written
    assert "default-src 'none'" in written
    assert not re.search(r"(https?:|src=|url\(|@import)", written.replace("default-src", ""))


def test_markdown_shows_text_and_no_markup() -> None:
    written = markdown(evil_sheet())
    assert "<script" not in written.replace("\\<script", "")
    assert "\x1b" not in written
    (row,) = [line for line in written.splitlines() if line.startswith("| ") and "| x |" in line]
    assert len(re.findall(r"(?<!\\)\|", row)) == 3


STARTS = ["=", "+", "-", "@", " =", "\t=", "\r=", "\n=", "\uff1d", "\uff0b", "\uff0d", "\uff20"]


@pytest.mark.parametrize("start", STARTS)
def test_no_cell_is_a_formula(start: str) -> None:
    assert safe_cell(f"{start}cmd|' /C calc'!A0")[0] in "'\\;"


@pytest.mark.parametrize("number", ["-1", "+2", "-0.5", "12"])
def test_plain_numbers_stay_numbers(number: str) -> None:
    assert safe_cell(number) == number


def test_csv_can_be_read_again() -> None:
    written = comma_separated(evil_sheet())
    rows = list(csv.reader(io.StringIO(written)))
    assert [len(row) for row in rows] == [2, 2]
    assert "\x1b" not in written


def test_the_screening_log_has_reasons_corrections_and_signatures(site: Site) -> None:
    site.record(site.case("A-1"), site.case("A-2", "150"))
    add_note(site.ledger, 1, "p-1", "sick", "not_met", "no dyspnea", "Kim")
    make_keys(site.folder / "k")
    add_signature(site.ledger, site.folder / "k", "Dr Ibe", "approved", 2)
    sheet, faults = screening_log(site.ledger, site.rules)
    assert faults == []
    first, second = (dict(zip(sheet.columns, row.cells, strict=True)) for row in sheet.rows)
    assert first["Verdict"] == "ineligible"
    assert first["Reasons for failure"] == (
        "enough-platelets: Platelets of 100 000 /mm3 or more (inclusion 1)"
    )
    assert re.fullmatch(
        r"sick: not met by Kim \(account \S+\) \(entry 3\): no dyspnea",
        first["Corrections by people"],
    )
    assert second["Verdict"] == "eligible"
    assert second["Reasons for failure"] == ""
    assert second["Assumed"] == "hepatitis"
    assert second["Signed"].startswith("approved by Dr Ibe at 2")
    assert first["Changed since"] == ""


def test_the_screening_log_says_first_what_is_not_current(site: Site) -> None:
    path = site.case("A-1")
    site.record(path, site.case("A-2"))
    path.unlink()
    sheet, _ = screening_log(site.ledger, site.rules)
    assert sheet.head[0] == ("Not current", "1 rows rest on files that have changed since")
    assert sheet.rows[0].cells[-1] == "input file A-1.yaml is gone"


def test_a_note_is_about_something_that_is_there(site: Site) -> None:
    site.record(site.case("A-1"))
    for arguments, words in (
        ((2, "P-1", "sick", "met", "x"), "the entry must be from 1 to 1"),
        ((1, "P-2", "sick", "met", "x"), 'did you mean "P-1"'),
        ((1, "P-1", "sik", "met", "x"), 'did you mean "sick"'),
        ((1, "P-1", "sick", "maybe", "x"), "met or not_met"),
        ((1, "P-1", "sick", "met", " "), "the reason"),
    ):
        with pytest.raises(ProblemsFound, match=re.escape(words)):
            add_note(site.ledger, *arguments)
    assert len(site.lines()) == 1


def test_a_note_leaves_the_entry_as_it_is(site: Site) -> None:
    site.record(site.case("A-1"))
    before = site.ledger.read_bytes()
    assert add_note(site.ledger, 1, "P-1", "sick", "not_met", "no dyspnea") == 2
    assert site.ledger.read_bytes().startswith(before)
    assert Path(site.ledger).stat().st_size > len(before)
