"""Runs a batch over a small file that the test writes, and reads what came out."""

import csv
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from screen.batch.deciding.check_process import started_beside
from screen.batch.options import EngineName, FileFormat, Options
from screen.batch.rule_source import RuleSource
from screen.batch.run import run
from screen.problems import ProblemsFound

PROTOCOL = "NCT04361903"


class Silent:
    """A watcher that keeps what is said."""

    def __init__(self) -> None:
        self.said: list[str] = []

    def cases(self, more: int) -> None:
        pass

    def read(self, done: int, total: int) -> None:
        pass

    def say(self, text: str) -> None:
        self.said.append(text)


class Ran(NamedTuple):
    """`verdicts`: the verdict of each case; `rejects`: rejects.csv as dictionaries."""

    out: Path
    verdicts: dict[str, str]
    rejects: list[dict[str, str]]
    summary: Any

    @property
    def reasons(self) -> list[tuple[str, str, str]]:
        return [(line["row"], line["column"], line["reason"]) for line in self.rejects]


Batch = Callable[..., Ran]


@pytest.fixture
def batch(tmp_path: Path) -> Batch:
    def run_it(
        content: str | bytes | Path,
        mapping: str = "",
        name: str = "census.csv",
        engine: EngineName = EngineName.RULES,
        patients: str | bytes | Path = "",
        strict: bool = False,
        **more: Any,
    ) -> Ran:
        path = content if isinstance(content, Path) else tmp_path / name
        if isinstance(content, str):
            path.write_text(content, encoding="utf-8", newline="")
        elif isinstance(content, bytes):
            path.write_bytes(content)
        if mapping:
            (tmp_path / "map.yaml").write_text(mapping, encoding="utf-8")
        second = patients if isinstance(patients, Path) else tmp_path / "patients.csv"
        if isinstance(patients, str) and patients:
            second.write_text(patients, encoding="utf-8")
        elif isinstance(patients, bytes):
            second.write_bytes(patients)
        options = Options(
            input=path,
            out=tmp_path / "out",
            rules=RuleSource(None, (PROTOCOL,), strict=strict),
            mapping=tmp_path / "map.yaml" if mapping else None,
            patients=second if patients else None,
            engine=engine,
            format=FileFormat.CSV,
            workers=1,
            **more,
        )
        with started_beside(options) as beside:
            result = run(options, Silent(), beside=beside)
        with (options.out / "verdicts.csv").open(newline="", encoding="utf-8") as file:
            verdicts = {line["case"]: line["verdict"] for line in csv.DictReader(file)}
        with (options.out / "rejects.csv").open(newline="", encoding="utf-8") as file:
            rejects = list(csv.DictReader(file))
        cases = result.summary["cases"]
        assert cases["in"] == cases["screened"] + cases["rejected"]
        assert cases["screened"] == len(verdicts)
        return Ran(options.out, verdicts, rejects, result.summary)

    return run_it


@pytest.fixture
def refused(batch: Batch, tmp_path: Path) -> Callable[..., str]:
    """What a batch says that does nothing at all; no output may be there."""

    def run_it(*arguments: Any, **more: Any) -> str:
        with pytest.raises(ProblemsFound) as caught:
            batch(*arguments, **more)
        assert not (tmp_path / "out").exists()
        return str(caught.value).replace(f"{tmp_path}/", "")

    return run_it
