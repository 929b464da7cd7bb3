"""No input of any kind ends in anything but a sentence: every reader gets damaged files.

Each example is a good input of one door with some bytes or parts changed, given to the command
line that reads it. What comes out is an exit status of `docs/formats.md`; nothing is raised.
HYPOTHESIS_PROFILE=thorough tries more of them.
"""

import contextlib
import hashlib
import io
import json
import re
import shutil
import signal
from collections.abc import Callable, Iterator
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from screen.cli.main import main
from screen.language.loading.own_folder import default_rules_dir
from tests.generative.mutating import bent, damaged, damaged_zip

_LONGEST = 60  # seconds: what takes so long hangs
_QUICK = 25
_EXAMPLES = _QUICK if settings().max_examples < 1000 else 1000
_PROTOCOL = "NCT04361903"

CASE = """\
case: R-07
screened_at: 2020-03-21T09:00:00+01:00
patient: {sex: female, birth_date: 1957-08-02}
observations:
  platelets: [{value: 90 10*9/L, at: 2020-03-20}, {value: "<5 K/uL", at: 2020-03-21T08:00:00+01:00}]
  pao2: {value: 80 mm[Hg], at: 2020-03-21T08:00:00+01:00, sample: a1}
  fio2: {value: 40 %, at: 2020-03-21T08:00:00+01:00, sample: a1}
  alt: {value: 240 U/L, upper_limit: 40 U/L}
  oxygen_saturation: {value: 92 %, on: room_air, status: final, source: "lab, 3"}
  sars_cov_2_test: {value: positive, assay: pcr, specimen: respiratory}
answers:
  NCT04338958: {informed-consent: confirmed}
"""
SITE = """\
unit_aliases: {Tpt/L: 10*12/L}
staleness: {platelets: 72 h}
no_childbearing_potential: {from: 60 a, below: 10 a}
"""
MAPPING = """\
shape: wide
delimiter: ";"
decimal: ","
times: "%d.%m.%Y %H:%M"
columns:
  ID: case
  DATE: screened_at
  SEX: {is: sex, codes: {m: male, f: female}}
  BORN: birth_date
  PLT: {is: platelets, unit: 10*9/L}
"""
MAPPED = (
    b"ID;DATE;SEX;BORN;PLT\nA;21.03.2020 09:00;m;02.08.1957 00:00;90,5\nB;22.03.2020 09:00;f;;18\n"
)
WIDE = (
    b"case,screened_at,sex,birth_date,platelets,platelets.at,pregnancy\n"
    b"A,2020-03-21T09:00:00+01:00,male,1957-08-02,90 10*9/L,2020-03-20,\n"
    b'B,2020-03-21T09:00:00+01:00,female,1990-01-01,"18 K/uL",,absent\n'
    b"C,2020-03-21,female,,<0.3 10*9/L,2020-03-21T08:00:00+01:00,present\n"
)
LONG = (
    b"case,concept,value,unit,at,specimen\n"
    b"A,platelets,90,10*9/L,2020-03-20T09:00:00+01:00,blood\n"
    b"A,pao2,80,mm[Hg],2020-03-21T08:00:00+01:00,arterial_blood\n"
    b"B,dyspnea,present,,2020-03-21,\n"
)
PATIENTS = (
    b"case,screened_at,sex,birth_date\n"
    b"A,2020-03-21T09:00:00+01:00,male,1957-08-02\nB,2020-03-21T09:00:00+01:00,female,\n"
)
LINES = (
    b'{"case": "A", "screened_at": "2020-03-21T09:00:00+01:00", "patient": {"sex": "male"},'
    b' "observations": {"platelets": [{"value": "90 10*9/L", "at": "2020-03-20"}]}}\n'
    b'{"case": "B", "screened_at": "2020-03-21T09:00:00+01:00",'
    b' "observations": {"dyspnea": "absent"}}\n'
)

AT = datetime(2020, 3, 21, 9)  # noqa: DTZ001 -- as spreadsheets have it

Run = Callable[..., None]


def _too_long(*_: object) -> None:
    raise AssertionError(f"the command hangs: more than {_LONGEST} s")


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch) -> Iterator[Run]:
    """Runs a command line; anything that it does not answer with a sentence is raised here."""
    monkeypatch.setenv("TRIALSCREEN_DEBUG", "1")
    before = signal.signal(signal.SIGALRM, _too_long)

    def command(*arguments: str | Path) -> None:
        said, shown = io.StringIO(), io.StringIO()
        signal.alarm(_LONGEST)
        try:
            with contextlib.redirect_stdout(shown), contextlib.redirect_stderr(said):
                status = main([str(argument) for argument in arguments])
        finally:
            signal.alarm(0)
        assert status in (0, 1, 2)
        assert status == 0 or said.getvalue() or shown.getvalue(), "not a word of what was refused"
        assert not re.search("unexpected [A-Z]", said.getvalue())

    yield command
    signal.signal(signal.SIGALRM, before)


def tried(strategy: st.SearchStrategy[Any]) -> Callable[[Any], Any]:
    """Some examples of one door: as many as the profile has, within what a whole command costs."""

    def decorate(test: Any) -> Any:
        return settings(max_examples=_EXAMPLES, suppress_health_check=[*HealthCheck])(
            given(data=strategy)(test)
        )

    return decorate


def written(folder: Path, name: str, data: bytes) -> Path:
    path = folder / name
    path.write_bytes(data)
    return path


def batch(run: Run, folder: Path, *arguments: str | Path) -> None:
    out = folder / "out"
    shutil.rmtree(out, ignore_errors=True)
    run("batch", *arguments, "--out", out, "-p", _PROTOCOL, "--check", "none", "--workers", "1")


@tried(damaged(CASE.encode()))
def test_case_as_yaml(run: Run, tmp_path: Path, count_example: Any, data: bytes) -> None:
    count_example()
    run("case", written(tmp_path, "case.yaml", data))


@tried(damaged((Path(__file__).parents[2] / "cases" / "respire-pending.json").read_bytes()))
def test_case_as_json(run: Run, tmp_path: Path, count_example: Any, data: bytes) -> None:
    count_example()
    run("case", written(tmp_path, "case.json", data), "-p", _PROTOCOL)


@tried(damaged(SITE.encode()))
def test_site(run: Run, tmp_path: Path, count_example: Any, data: bytes) -> None:
    count_example()
    case = written(tmp_path, "case.yaml", CASE.encode())
    run("case", case, "--site", written(tmp_path, "site.yaml", data), "-p", _PROTOCOL)


@pytest.fixture(scope="module")
def rules(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("rules") / "rules"
    shutil.copytree(default_rules_dir(), folder)
    return folder


_RULES = sorted(
    path.relative_to(default_rules_dir()).as_posix()
    for path in (
        *default_rules_dir().glob("vocabulary/*.yaml"),
        *default_rules_dir().glob(f"protocols/{_PROTOCOL.lower()}/*.yaml"),
    )
)


@tried(st.data())
def test_rules(run: Run, rules: Path, tmp_path: Path, count_example: Any, data: Any) -> None:
    count_example()
    path = rules / data.draw(st.sampled_from(_RULES))
    whole = path.read_bytes()
    try:
        path.write_bytes(data.draw(damaged(whole)))
        run("protocols", "show", _PROTOCOL, "--rules", rules)
        case = written(tmp_path, "case.yaml", CASE.encode())
        run("case", case, "--rules", rules, "-p", _PROTOCOL)
    finally:
        path.write_bytes(whole)


@tried(damaged(MAPPING.encode()))
def test_mapping(run: Run, tmp_path: Path, count_example: Any, data: bytes) -> None:
    count_example()
    table = written(tmp_path, "t.csv", MAPPED)
    batch(run, tmp_path, table, "--map", written(tmp_path, "map.yaml", data))


@tried(st.tuples(damaged(MAPPED), st.booleans()))
def test_mapped_table(run: Run, tmp_path: Path, count_example: Any, data: Any) -> None:
    count_example()
    table = written(tmp_path, "t.csv", data[0])
    if data[1]:
        run("batch", "--map-template", table)
    else:
        mapping = written(tmp_path, "map.yaml", MAPPING.encode())
        batch(run, tmp_path, table, "--map", mapping)


@tried(damaged(WIDE))
def test_wide_csv(run: Run, tmp_path: Path, count_example: Any, data: bytes) -> None:
    count_example()
    batch(run, tmp_path, written(tmp_path, "t.csv", data))


@tried(st.tuples(damaged(LONG), st.one_of(st.just(PATIENTS), damaged(PATIENTS))))
def test_long_csv(run: Run, tmp_path: Path, count_example: Any, data: Any) -> None:
    count_example()
    patients = written(tmp_path, "p.csv", data[1])
    batch(run, tmp_path, written(tmp_path, "t.csv", data[0]), "--patients", patients)


@tried(damaged(LINES))
def test_json_lines(run: Run, tmp_path: Path, count_example: Any, data: bytes) -> None:
    count_example()
    batch(run, tmp_path, written(tmp_path, "t.jsonl", data))


def _workbook() -> bytes:
    from openpyxl import Workbook

    book = Workbook()
    sheet = book.active
    rows = [line.split(",") for line in WIDE.decode().splitlines()]
    for row in rows[:2]:
        sheet.append(row)
    sheet.append(["D", AT, "male", date(1957, 8, 2), 90, None, 0.5])
    sheet["G4"].number_format = "0.0%"
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


@tried(damaged_zip(_workbook()))
def test_xlsx(run: Run, tmp_path: Path, count_example: Any, data: bytes) -> None:
    count_example()
    batch(run, tmp_path, written(tmp_path, "t.xlsx", data))


_CELLS: tuple[Any, ...] = (
    "A", "90 10*9/L", "", "2020-03-21T09:00:00+01:00", 1, -5, 2**62, 0.1, float("nan"), True,
    Decimal("90.10"), date(2020, 3, 21), AT, b"\xff", ["a"], {"a": 1}, None,
)  # fmt: skip


@st.composite
def odd_parquet(draw: st.DrawFn) -> bytes:
    """A Parquet file: a good one damaged, or columns of types that nobody expects."""
    import pyarrow as pa
    from pyarrow import parquet

    names = WIDE.decode().splitlines()[0].split(",")
    columns = {}
    for name in names:
        cell = draw(st.sampled_from(_CELLS))
        columns[name] = pa.array([cell, None, cell])
    good = pa.table({name: pa.array(["A", None, "B"]) for name in names})
    out = io.BytesIO()
    parquet.write_table(pa.table(columns) if draw(st.booleans()) else good, out)
    return out.getvalue() if draw(st.booleans()) else draw(damaged(out.getvalue()))


@tried(odd_parquet())
def test_parquet(run: Run, tmp_path: Path, count_example: Any, data: bytes) -> None:
    count_example()
    batch(run, tmp_path, written(tmp_path, "t.parquet", data))


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a ledger of every kind of entry, a key, and the output of a batch."""
    folder = tmp_path_factory.mktemp("recorded")
    ledger, key = folder / "a.ledger", folder / "k"
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        case = written(folder, "case.yaml", CASE.encode())
        table = written(folder, "t.csv", WIDE)
        for arguments in (
            ["case", case, "-p", _PROTOCOL, "--ledger", ledger],
            ["batch", table, "-p", _PROTOCOL, "--out", folder / "out", "--ledger", ledger,
             "--check", "none", "--workers", "1"],
            ["audit", "keygen", "--out", key],
            ["audit", "sign", "--ledger", ledger, "--key", key, "--name", "Dr B",
             "--meaning", "approved"],
        ):  # fmt: skip
            assert main([str(argument) for argument in arguments]) == 0
    return folder


def sealed(entry: Any) -> bytes:
    """A line of a ledger with the digest of what it says, as anybody could write it."""
    text = json.dumps(entry, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    body = text.encode("utf-8", "surrogatepass")
    return body[:-1] + b',"hash":"sha256:' + hashlib.sha256(body).hexdigest().encode() + b'"}\n'


def read_ledger(run: Run, ledger: Path, rest: Path) -> None:
    run("audit", "verify", "--ledger", ledger)
    run("audit", "log", "--ledger", ledger)
    for number in ("1", "2", "3"):
        run("audit", "show", number, "--ledger", ledger)
    run("audit", "screening-log", "--ledger", ledger)
    run("audit", "replay", "--ledger", ledger, "--input", rest)


@tried(st.data())
def test_ledger(run: Run, recorded: Path, tmp_path: Path, count_example: Any, data: Any) -> None:
    """Bytes changed, or an entry changed and sealed anew."""
    count_example()
    whole = (recorded / "a.ledger").read_bytes()
    if data.draw(st.booleans()):
        lines = whole.splitlines(keepends=True)
        place = data.draw(st.integers(0, len(lines) - 1))
        entry = json.loads(lines[place])
        entry.pop("hash")
        lines[place] = sealed(data.draw(bent(entry)))
        read_ledger(run, written(tmp_path, "b.ledger", b"".join(lines)), recorded)
    else:
        read_ledger(run, written(tmp_path, "b.ledger", data.draw(damaged(whole))), recorded)


@tried(st.data())
def test_keys(run: Run, recorded: Path, tmp_path: Path, count_example: Any, data: Any) -> None:
    count_example()
    ledger = written(tmp_path, "a.ledger", (recorded / "a.ledger").read_bytes())
    key = written(tmp_path, "k", data.draw(damaged((recorded / "k").read_bytes())))
    key.chmod(0o600)
    public = written(tmp_path, "k.pub", data.draw(damaged((recorded / "k.pub").read_bytes())))
    signed = ("--name", "Dr B", "--meaning", "approved")
    run("audit", "verify", "--ledger", ledger, "--pub", public)
    run("audit", "sign", "--ledger", ledger, "--key", key, *signed)
    run("case", recorded / "case.yaml", "-p", _PROTOCOL, "--ledger", ledger, "--case-key", key)


@tried(st.data())
def test_manifest_and_output(
    run: Run, recorded: Path, tmp_path: Path, count_example: Any, data: Any
) -> None:
    count_example()
    out = tmp_path / "out"
    shutil.rmtree(out, ignore_errors=True)
    shutil.copytree(recorded / "out", out)
    shutil.copy(recorded / "t.csv", tmp_path / "t.csv")
    path = out / data.draw(st.sampled_from(sorted(p.name for p in out.iterdir() if p.is_file())))
    if path.suffix == ".json" and data.draw(st.booleans()):
        tree = data.draw(bent(json.loads(path.read_bytes())))
        path.write_text(json.dumps(tree), encoding="utf-8")
    else:
        path.write_bytes(data.draw(damaged(path.read_bytes())))
    run("explain", "--from", out, "A", _PROTOCOL)
    run("explain", "--from", out, "nobody", _PROTOCOL)
