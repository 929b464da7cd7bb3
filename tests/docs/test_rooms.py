"""What `docs/architecture.md` says of the rooms and of how to add something is so."""

import ast
import re
from pathlib import Path

from tests.docs.pages import ROOT

PAGE = ROOT / "docs" / "architecture.md"
TEXT = PAGE.read_text(encoding="utf-8")


def rooms() -> list[str]:
    """The rooms as the page lists them, from the ground up: `screen.model`."""
    listed = TEXT.partition("## The rooms")[2].partition("## One case")[0]
    return [
        found.strip("/").replace("/", ".")
        for found in re.findall(r"^\| `(screen/[\w/]+)` \|", listed, re.MULTILINE)
    ]


def room_of(module: str) -> str | None:
    """The innermost room that a module lies in."""
    homes = [room for room in rooms() if module == room or module.startswith(f"{room}.")]
    return max(homes, key=len, default=None)


def imports(file: Path) -> set[str]:
    tree = ast.parse(file.read_text(encoding="utf-8"))
    found = {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    found |= {
        name.name for node in ast.walk(tree) if isinstance(node, ast.Import) for name in node.names
    }
    return {module for module in found if module}


def rooms_above(file: Path) -> list[str]:
    """The rooms that a file imports, and that the page lists below its own."""
    order = rooms()
    own = room_of(".".join(file.relative_to(ROOT).with_suffix("").parts))
    others = {room for name in imports(file) if (room := room_of(name)) is not None}
    return [] if own is None else [o for o in others if order.index(o) > order.index(own)]


def test_every_room_is_listed() -> None:
    folders = {path.parent.name for path in (ROOT / "screen").glob("*/__init__.py")}
    assert {room.split(".")[1] for room in rooms()} == folders


def test_imports_run_one_way() -> None:
    against = [
        f"{file.relative_to(ROOT)} imports {other}"
        for file in sorted((ROOT / "screen").rglob("*.py"))
        for other in rooms_above(file)
    ]
    assert not against


def files_listed(heading: str) -> set[str]:
    section = TEXT.partition(f"### {heading}\n")[2].partition("\n### ")[0]
    return set(re.findall(r"`(screen/[\w/]+\.py)", section))


def files_that_know(word: str) -> set[str]:
    return {
        file.relative_to(ROOT).as_posix()
        for file in (ROOT / "screen").rglob("*.py")
        if re.search(rf"\b{word}\b", file.read_text(encoding="utf-8"))
    }


def test_the_files_of_an_operator_are_those_that_know_one() -> None:
    """`at_least` has a truth table and a problem of its own; other operators may need neither."""
    listed = files_listed("An operator")
    known = files_that_know("AtLeast(Shape)?")
    assert known <= listed
    assert listed - known == {"screen/model/truth.py", "screen/problems.py"}


def test_the_files_of_a_method_are_those_that_know_one() -> None:
    listed = files_listed("A method of derivation")
    assert files_that_know(r"Method\.(RATIO|SHARE)") <= listed


def test_the_reference_evaluator_knows_the_model_alone() -> None:
    ours = {name for name in imports(ROOT / "screen/engine/reference.py") if "screen" in name}
    assert all(name.startswith("screen.model.") for name in ours)
