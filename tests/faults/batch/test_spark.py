"""Whole batches on Spark: the same bytes as by the rules, odd rows included."""

import json
import os
import random
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import screen
from screen.batch.options import EngineName
from tests.faults.batch.test_engines_agree import ODD_LINES, line, long, wide

Batch = Callable[..., Any]

pytestmark = pytest.mark.filterwarnings("ignore")
NAMES = ("verdicts.csv", "rejects.csv", "summary.json")


@pytest.fixture(scope="module")
def spark() -> Iterator[None]:
    """One session for all batches here, which a batch finds and leaves alone."""
    if not os.environ.get("TRIALSCREEN_SPARK"):
        pytest.skip("Spark is not asked for: make test-spark")
    from screen.batch.deciding.spark_session import open_session

    session, _ = open_session()
    yield
    session.stop()


def both(batch: Batch, *arguments: Any, **more: Any) -> list[tuple[bytes, ...]]:
    written = []
    for engine in (EngineName.RULES, EngineName.SPARK):
        ran = batch(*arguments, engine=engine, check=None, overwrite=True, **more)
        written.append(tuple((ran.out / name).read_bytes() for name in NAMES))
        assert ran.rejects
    manifest = json.loads((ran.out / "manifest.json").read_text())
    assert manifest["decided_by"]["spark"] > manifest["decided_by"]["reference"]
    return written


@pytest.mark.usefixtures("spark")
def test_wide(batch: Batch) -> None:
    rules, by_spark = both(batch, wide(random.Random(5)))
    assert rules == by_spark


@pytest.mark.usefixtures("spark")
def test_long(batch: Batch) -> None:
    observations, patients = long(random.Random(6))
    rules, by_spark = both(batch, observations, patients=patients)
    assert rules == by_spark


@pytest.mark.usefixtures("spark")
def test_lines(batch: Batch) -> None:
    good = [json.dumps(line(number)) for number in range(100, 160)]
    rules, by_spark = both(batch, "\n".join([*good, *ODD_LINES]), name="cases.jsonl")
    assert rules == by_spark


def test_without_pyspark(refused: Callable[..., str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyspark.sql", None)
    said = refused("case,screened_at\nA,2020-03-21\n", engine=EngineName.SPARK)
    assert said == "Spark is not part of this installation: pip install 'trialscreen[spark]'"


def test_without_java(tmp_path: Path) -> None:
    if not os.environ.get("TRIALSCREEN_SPARK"):
        pytest.skip("Spark is not asked for: make test-spark")
    (tmp_path / "census.csv").write_text("case,screened_at\nA,2020-03-21\n")
    command = "import sys; from screen.cli.main import main; sys.exit(main())"
    ran = subprocess.run(
        [sys.executable, "-c", command, "batch", "census.csv", "--out", "out", "--engine", "spark"],
        cwd=tmp_path,
        env={
            **os.environ,
            "JAVA_HOME": str(tmp_path / "nowhere"),
            "PYTHONPATH": str(Path(screen.__file__).parent.parent),
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 2
    assert ran.stderr.startswith("Spark does not start (it needs Java 17 or newer): ")
    assert len(ran.stderr.splitlines()) == 1
    assert not (tmp_path / "out").exists()
