"""The site: it builds without a warning, and nothing in it is fetched from anywhere."""

import importlib.util
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.docs.pages import PAGES, ROOT, name_of

IS_THERE = importlib.util.find_spec("sphinx") is not None
# What a browser fetches by itself. A link that a reader may follow (`<a href>`) is none of it.
_FETCHED = (
    re.compile(r"<(?:script|img|iframe|source|audio|video|embed)\b[^>]*\bsrc=[\"']?([^\"'\s>]+)"),
    re.compile(r"<link\b[^>]*\bhref=[\"']?([^\"'\s>]+)"),
    re.compile(r"url\(\s*[\"']?([^\"')\s]+)"),
    re.compile(r"@import\s+[\"']([^\"']+)"),
)


def test_the_generator_is_there_where_it_has_to_be() -> None:
    if os.environ.get("CI") and not IS_THERE:
        pytest.fail("sphinx is not installed: the site would not be checked")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    if not IS_THERE:
        pytest.skip("sphinx is not installed; make docs installs it")
    out = tmp_path_factory.mktemp("site")
    command = [sys.executable, "-m", "sphinx", "-W", "--keep-going", "-q", "-E"]
    command += ["-d", str(out / "trees"), "-b", "html", "-c", "docs", ".", str(out / "html")]
    built = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert built.returncode == 0, built.stderr
    return out / "html"


def test_every_page_is_part_of_it(site: Path) -> None:
    missing = [
        name_of(page)
        for page in PAGES
        if not (site / name_of(page).replace(".md", ".html")).is_file()
    ]
    assert not missing


def test_nothing_is_fetched(site: Path) -> None:
    fetched = []
    for file in sorted(site.rglob("*")):
        if file.suffix in (".html", ".css"):
            text = file.read_text(encoding="utf-8")
            found = [target for pattern in _FETCHED for target in pattern.findall(text)]
            fetched += [f"{file.name}: {t}" for t in found if re.match(r"(?:https?:)?//", t)]
    assert not fetched


def test_scripts_talk_to_nobody(site: Path) -> None:
    """The theme's own scripts name addresses in their licenses alone."""
    for file in sorted(site.rglob("*.js")):
        text = re.sub(r"/\*.*?\*/", "", file.read_text(encoding="utf-8"), flags=re.DOTALL)
        code = "\n".join(line for line in text.splitlines() if not line.strip().startswith("//"))
        assert not re.search(r"https?://(?!www\.w3\.org)", code), file.name


def test_the_rows_are_in_it(site: Path) -> None:
    text = (site / "docs" / "reference" / "language.html").read_text(encoding="utf-8")
    assert text.count("<tr") > 500
    assert "made: " not in text
