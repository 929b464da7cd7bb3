"""What code cites of the pages is there, and nothing is cited that nobody can read."""

import re
from pathlib import Path

from tests.docs.pages import ROOT

CODE = sorted(
    path for room in ("screen", "tests") for path in (ROOT / room).rglob("*.py") if path.is_file()
)
_CITED = re.compile(r"`?(docs/[\w/]+\.md)`?(?:,\s+section\s+(\d+))?")


def citations() -> list[tuple[Path, str, str]]:
    """Every page that code names, with the number of a section ("" for none)."""
    return [
        (path, found[1], found[2] or "")
        for path in CODE
        for found in _CITED.finditer(path.read_text(encoding="utf-8"))
    ]


def test_every_page_and_section_that_is_cited_exists() -> None:
    missing = []
    for path, page, number in citations():
        text = (ROOT / page).read_text(encoding="utf-8") if (ROOT / page).is_file() else ""
        if not text or (number and f"\n## {number}. " not in text):
            missing.append(f"{path.relative_to(ROOT)}: {page}, section {number}")
    assert not missing


def test_the_meaning_is_cited_where_it_is_decided() -> None:
    cited = {
        path.relative_to(ROOT).as_posix()
        for path, page, number in citations()
        if page == "docs/semantics.md" and number
    }
    facts = {name for name in cited if name.startswith("screen/facts/")}
    columns = {name for name in cited if name.startswith("screen/engine/columns/")}
    assert len(facts) >= 5
    assert len(columns) >= 3


def test_nothing_is_cited_that_is_not_in_the_repository() -> None:
    """The definition of a word like "contract" has to be a page of ours."""
    vague = re.compile(r"\bthe contract\b|\bsection \d+ of the semantics\b", re.IGNORECASE)
    found = [
        str(path.relative_to(ROOT))
        for path in CODE
        if path != Path(__file__) and vague.search(path.read_text(encoding="utf-8"))
    ]
    assert not found
