"""What pyproject.toml declares is what the program imports, and nothing else."""

import ast
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from importlib.metadata import packages_distributions, requires
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
SOURCES = sorted((ROOT / "screen").rglob("*.py"))

# Not imported, but bounded for a package that is.
BOUNDED = {"pint": "ucumvert"}
# A package that another one brings, in the one version that fits it.
PARTS = {"pydantic-core": "pydantic"}
# Packages whose data is read (`importlib.resources.files`), without an import.
_READS = ("files", "version")


def normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def declared(requirements: list[str]) -> set[str]:
    return {normal(re.split(r"[\[<>=!~; ]", one, maxsplit=1)[0]) for one in requirements}


def named(source: str) -> Iterator[str]:
    """The top-level modules and the packages that a source file imports, or reads data of."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module.partition(".")[0]
        elif (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Name)
            and node.func.id in _READS
            and node.args
            and isinstance(node.args[0], ast.Constant)
        ):
            yield str(node.args[0].value).partition(".")[0]


def imported() -> set[str]:
    """The distributions that screen/ imports, as far as they are no part of Python."""
    modules = {name for path in SOURCES for name in named(path.read_text(encoding="utf-8"))}
    others = modules - sys.stdlib_module_names - {"screen", "trialscreen"}
    known = packages_distributions()
    return {normal(one) for module in others for one in known.get(module, [module])}


def test_every_dependency_is_imported() -> None:
    assert declared(PROJECT["dependencies"]) - imported() == set(BOUNDED)


def test_everything_imported_is_declared() -> None:
    known = declared(PROJECT["dependencies"] + PROJECT["optional-dependencies"]["spark"])
    assert {PARTS.get(name, name) for name in imported()} - known == set()


@pytest.mark.parametrize(("name", "of"), [*BOUNDED.items(), *PARTS.items()])
def test_what_is_not_both_belongs_to_another_package(name: str, of: str) -> None:
    assert of in declared(PROJECT["dependencies"])
    assert name in declared(requires(of) or [])


def test_every_dependency_says_why_it_is_there() -> None:
    """A comment stands before each, and says what it replaces, or for whom it is bounded."""
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    block = text.partition("dependencies = [\n")[2].partition("\n]\n")[0]
    reasons: dict[str, str] = {}
    said = ""
    for line in block.splitlines():
        if line.strip().startswith("#"):
            said += line
        else:
            reasons[line.strip()] = said
            said = ""
    assert len(reasons) == len(PROJECT["dependencies"])
    without = {one for one, why in reasons.items() if not re.search("replaces|bounded for", why)}
    assert without == set()


def test_the_versions_of_python_are_said_alike() -> None:
    prefix = "Programming Language :: Python :: 3."
    minors = [int(one.removeprefix(prefix)) for one in PROJECT["classifiers"] if prefix in one]
    assert minors == list(range(minors[0], minors[-1] + 1))
    assert PROJECT["requires-python"] == f">=3.{minors[0]},<3.{minors[-1] + 1}"
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert f"not (3, {minors[0]}) <= sys.version_info < (3, {minors[-1] + 1})" in makefile
    named = ", ".join(f"3.{minor}" for minor in minors[:-1])
    tried = f"Python {named} or 3.{minors[-1]}"
    for page in ("Makefile", "README.md", "docs/install.md"):
        assert tried in (ROOT / page).read_text(encoding="utf-8")
    assert minors[0] <= sys.version_info.minor <= minors[-1]


def test_a_library_of_units_that_does_not_start_is_no_unknown_unit() -> None:
    program = (
        "import sys; sys.modules['ucumvert'] = None\n"
        "from screen.units.library import is_ucum\n"
        "is_ucum('furlong')"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, check=False)
    assert done.returncode == 1
    assert b"ModuleNotFoundError" in done.stderr
