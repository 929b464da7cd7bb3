"""Every file and every name in it that a page cites is there."""

import ast
import re
from pathlib import Path

import pytest

from tests.docs.pages import PAGES, ROOT, name_of, prose

_TOP = "screen|tests|rules|cases|docs"
_NAME = r"(?:[\w.*/-]|<[^<>]*>)"
_PATH = re.compile(rf"(?<![\w/.])(?:(?:{_TOP})/{_NAME}*|\.ci/run)(?:::[\w.]+)?")
_LINK = re.compile(r"\]\(([^)#\s]+)(?:#[^)\s]*)?\)")
_STANDS_FOR = re.compile(r"<[^<>]*>")


def cited(page: Path) -> list[str]:
    """The paths that a page writes as code; `*` and `<id>` stand for any name."""
    code = re.findall(r"`([^`\n]+)`", prose(page))
    return [found for span in code for found in _PATH.findall(span)]


def found(path: str) -> list[Path]:
    pattern = _STANDS_FOR.sub("*", path).strip("/")
    return [ROOT / pattern] if (ROOT / pattern).exists() else list(ROOT.glob(pattern))


def names_in(file: Path) -> set[str]:
    """What a module defines: functions, classes, constants, and what classes hold."""
    names: set[str] = set()
    for node in ast.parse(file.read_text(encoding="utf-8")).body:
        names |= _defined(node)
        if isinstance(node, ast.ClassDef):
            names |= {f"{node.name}.{name}" for part in node.body for name in _defined(part)}
    return names


def _defined(node: ast.stmt) -> set[str]:
    match node:
        case ast.FunctionDef(name=name) | ast.ClassDef(name=name):
            return {name}
        case ast.Assign(targets=targets):
            return {target.id for target in targets if isinstance(target, ast.Name)}
        case ast.AnnAssign(target=ast.Name(id=name)):
            return {name}
        case _:
            return set()


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_every_path_exists(page: Path) -> None:
    missing = [path for path in cited(page) if not found(path.partition("::")[0])]
    assert not missing, f"{name_of(page)} names what is not there: {missing}"


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_every_name_stands_in_its_file(page: Path) -> None:
    missing = [
        place
        for place in cited(page)
        if "::" in place
        for file, _, name in [place.partition("::")]
        if name not in names_in(ROOT / file)
    ]
    assert not missing, f"{name_of(page)} names what its files do not define: {missing}"


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_every_link_leads_somewhere(page: Path) -> None:
    targets = [target for target in _LINK.findall(prose(page)) if "://" not in target]
    missing = [target for target in targets if not (page.parent / target).exists()]
    assert not missing, f"{name_of(page)} links to what is not there: {missing}"


def test_paths_are_found_in_the_pages() -> None:
    """Else the tests above would pass for want of anything to look at."""
    assert len(cited(ROOT / "docs" / "architecture.md")) > 60
    assert "judge" in names_in(ROOT / "screen" / "engine" / "reference.py")
