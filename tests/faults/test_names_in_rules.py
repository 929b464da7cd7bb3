"""Names in rules are names: no formula, no query, no markup ever begins as one."""

import shutil
from pathlib import Path

import pytest

from screen.language.loading.own_folder import default_rules_dir
from screen.language.loading.rules_folder import load_protocol, load_vocabulary
from screen.problems import Kind, ProblemsFound

SHIPPED = default_rules_dir()
ODD = [
    "=1+1",
    "\uff1d1+1",
    "+x",
    "@x",
    "-x",
    "x-",
    "_x",
    "x__y",
    "x y",
    'x"y',
    "x'y",
    "x`y",
    "x;y",
    "x|y",
    "x*y",
    "x<y",
    "x&y",
    "x\\y",
    "x/y",
    "x\ny",
    "x\ty",
    "x\0y",
    "x\x1by",
    "x\u202ey",
    "\u0445",
    "z' || (SELECT version()) || '",
    '"); DROP TABLE seen; --',
    "{x}",
    "<script>",
    "x" * 65,
]


@pytest.fixture
def rules(tmp_path: Path) -> Path:
    shutil.copytree(SHIPPED, tmp_path / "rules")
    return tmp_path / "rules"


def written(text: str) -> str:
    """The text as YAML in double quotes."""
    escaped = "".join(f"\\U{ord(c):08x}" if c in '"\\' or not c.isprintable() else c for c in text)
    return f'"{escaped}"'


def load(rules: Path, protocol: str) -> None:
    load_protocol(rules, protocol, load_vocabulary(rules))


def refused(rules: Path, file: Path, text: str, protocol: str = "") -> Kind:
    """The one problem: it names the file, and the line and column of the name."""
    with pytest.raises(ProblemsFound) as caught:
        load(rules, protocol)
    problem = caught.value.problems[0]
    assert problem.file.endswith(file.relative_to(rules).as_posix())
    assert problem.line
    assert problem.column
    line = file.read_text(encoding="utf-8").splitlines()[problem.line - 1]
    assert line[problem.column - 1 :].startswith(written(text))
    return problem.kind


@pytest.mark.parametrize("name", [*ODD, "X", "x-y", "x.y"])
def test_concepts(rules: Path, name: str) -> None:
    for file, body in {
        "quantities.yaml": "{label: Z, unit: mg/L}",
        "findings.yaml": "{label: Z, values: [present, absent]}",
        "attestations.yaml": "{label: Z, values: [given, refused]}",
    }.items():
        path = rules / "vocabulary" / file
        before = path.read_text(encoding="utf-8")
        path.write_text(f"{before}\n{written(name)}: {body}\n", encoding="utf-8")
        assert refused(rules, path, name) in (Kind.NOT_A_NAME, Kind.TOO_LONG)
        path.write_text(before, encoding="utf-8")


@pytest.mark.parametrize("name", [*ODD, "x-y", "x.y"])
def test_values(rules: Path, name: str) -> None:
    path = rules / "vocabulary" / "findings.yaml"
    before = path.read_text(encoding="utf-8")
    for values in (f"[absent, {written(name)}]", f"{{absent: [], present: [{written(name)}]}}"):
        path.write_text(f"{before}\nz: {{label: Z, values: {values}}}\n", encoding="utf-8")
        assert refused(rules, path, name) in (Kind.NOT_A_VALUE_NAME, Kind.TOO_LONG)
    path.write_text(
        f"{before}\nz:\n  label: Z\n  values:\n    {written(name)}: []\n", encoding="utf-8"
    )
    assert refused(rules, path, name) in (Kind.NOT_A_VALUE_NAME, Kind.TOO_LONG)


@pytest.mark.parametrize("name", [*ODD, "X", "x_y", "x.y"])
def test_criteria(rules: Path, name: str) -> None:
    path = rules / "protocols/nct04361903/protocol.yaml"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("id: adult", f"id: {written(name)}", 1), encoding="utf-8")
    kind = refused(rules, path, name, "NCT04361903")
    assert kind in (Kind.NOT_A_NAME, Kind.TOO_LONG)


@pytest.mark.parametrize("name", [*ODD, "x--y", "../x", "."])
def test_protocols(rules: Path, name: str) -> None:
    path = rules / "protocols/nct04361903/protocol.yaml"
    text = path.read_text(encoding="utf-8")
    renamed = text.replace("protocol: NCT04361903", f"protocol: {written(name)}", 1)
    assert renamed != text
    path.write_text(renamed, encoding="utf-8")
    kinds = (Kind.NOT_A_PROTOCOL_NAME, Kind.TOO_LONG, Kind.WRONG_FOLDER)
    assert refused(rules, path, name, "NCT04361903") in kinds


def test_a_folder_that_is_a_formula(rules: Path) -> None:
    folder = rules / "protocols" / "=1+1"
    (rules / "protocols/nct04361903").rename(folder)
    path = folder / "protocol.yaml"
    text = path.read_text(encoding="utf-8").replace("protocol: NCT04361903", 'protocol: "=1+1"', 1)
    path.write_text(text, encoding="utf-8")
    assert refused(rules, path, "=1+1", "=1+1") is Kind.NOT_A_PROTOCOL_NAME
