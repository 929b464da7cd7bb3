"""JSON lines with fsync against SQLite in WAL mode, as the store of a ledger.

    python -m tests.benchmarks.audit.stores [FOLDER]

Each store keeps the same chained entries of 7 kB. Measured: the time of one durable append;
entries lost and damage found after `kill -9` at random moments; two writers at once; a disk
that is full (a limit on the file size); which single-bit changes of the file are found.
"""

import hashlib
import json
import os
import random
import resource
import signal
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path
from typing import Protocol

from screen.audit.ledger.append import append
from screen.audit.ledger.line import Entry
from screen.audit.ledger.read import read_ledger
from screen.problems import ProblemsFound

PAYLOAD = {"kind": "batch", "text": "x" * 6_800}
APPENDS, KILLS, WRITES_EACH = 300, 60, 150


class Store(Protocol):
    """What both can do."""

    def add(self, who: str) -> int:
        """Append one entry durably; its number."""

    def check(self) -> tuple[int, bool]:
        """How many entries follow each other, and whether anything is wrong."""


class Lines:
    """The ledger as it is."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def add(self, who: str) -> int:
        return append(self.path, lambda _: {**PAYLOAD, "by": who}).number

    def check(self) -> tuple[int, bool]:
        if not self.path.exists():
            return 0, False
        items = list(read_ledger(self.path))
        entries = [item for item in items if isinstance(item, Entry)]
        faults = [item for item in items if "Found" in type(item).__name__]
        return len(entries), bool(faults)


class Database:
    """One table, the entry's bytes as a blob; synchronous=FULL, so that a commit is durable."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def _open(self) -> sqlite3.Connection:
        database = sqlite3.connect(self.path, timeout=60, isolation_level=None)
        database.execute("PRAGMA journal_mode=WAL")
        database.execute("PRAGMA synchronous=FULL")
        database.execute(
            "CREATE TABLE IF NOT EXISTS entry (number INTEGER PRIMARY KEY, body BLOB, hash TEXT)"
        )
        return database

    def add(self, who: str) -> int:
        with closing(self._open()) as database:
            database.execute("BEGIN IMMEDIATE")
            last = database.execute("SELECT max(number) FROM entry").fetchone()[0] or 0
            row = database.execute("SELECT hash FROM entry WHERE number = ?", (last,)).fetchone()
            body = {**PAYLOAD, "by": who, "number": last + 1, "previous": row and row[0]}
            text = json.dumps(body, sort_keys=True).encode()
            digest = hashlib.sha256(text).hexdigest()
            database.execute("INSERT INTO entry VALUES (?, ?, ?)", (last + 1, text, digest))
            database.execute("COMMIT")
        return int(last) + 1

    def check(self) -> tuple[int, bool]:
        if not self.path.exists():
            return 0, False
        with closing(sqlite3.connect(self.path)) as database:
            try:
                if database.execute("PRAGMA integrity_check").fetchone() != ("ok",):
                    return 0, True
                rows = database.execute("SELECT * FROM entry ORDER BY number").fetchall()
            except sqlite3.Error:
                return 0, True
        previous = None
        for number, (given, text, digest) in enumerate(rows, 1):
            body = json.loads(text) if hashlib.sha256(text).hexdigest() == digest else {}
            if given != number or body.get("number") != number or body["previous"] != previous:
                return number, True
            previous = digest
        return len(rows), False


STORES: dict[str, type[Lines] | type[Database]] = {"lines": Lines, "sqlite": Database}


def store(name: str, path: Path) -> Store:
    return STORES[name](path)


def files(path: Path) -> Iterator[Path]:
    yield from sorted(one for one in path.parent.iterdir() if one.name.startswith(path.name))


def speed(name: str, path: Path) -> str:
    one = store(name, path)
    one.add("first")
    times = []
    for _ in range(APPENDS):
        started = time.perf_counter()
        one.add("speed")
        times.append((time.perf_counter() - started) * 1000)
    times.sort()
    return f"{statistics.median(times):.2f} ms median, {times[int(APPENDS * 0.95)]:.2f} ms 95 %"


def spawn(name: str, path: Path, count: int, limit: int = 0) -> "subprocess.Popen[str]":
    arguments = [sys.executable, "-m", __spec__.name, "--write", name, str(path), str(count)]
    return subprocess.Popen(
        [*arguments, str(limit)], stdout=subprocess.PIPE, text=True, stderr=subprocess.DEVNULL
    )


def kills(name: str, path: Path) -> str:
    chance = random.Random(1)
    acknowledged = 0
    lost = torn = 0
    for _ in range(KILLS):
        child = spawn(name, path, 100_000)
        assert child.stdout is not None
        child.stdout.readline()
        time.sleep(chance.uniform(0, 0.15))
        child.send_signal(signal.SIGKILL)
        numbers = [int(line) for line in child.stdout.read().splitlines() if line.isdecimal()]
        child.wait()
        acknowledged = max([acknowledged, *numbers])
        entries, wrong = store(name, path).check()
        lost += max(0, acknowledged - entries)
        torn += wrong
    store(name, path).add("after")
    _, wrong = store(name, path).check()
    return (
        f"{KILLS} kills, {acknowledged} acknowledged, {lost} lost, {torn} torn ends, "
        f"{'damage' if wrong else 'whole'} after the next append"
    )


def two(name: str, path: Path) -> str:
    started = time.perf_counter()
    children = [spawn(name, path, WRITES_EACH) for _ in range(2)]
    numbers = [int(n) for c in children for n in c.communicate()[0].split() if n.isdecimal()]
    seconds = time.perf_counter() - started
    entries, wrong = store(name, path).check()
    distinct = len(set(numbers))
    return (
        f"{len(numbers)} acknowledged with {distinct} numbers, {entries} there, "
        f"{'damage' if wrong else 'whole'}, {seconds:.1f} s"
    )


def full(name: str, path: Path) -> str:
    child = spawn(name, path, 100_000, limit=100_000)
    numbers = [int(n) for n in child.communicate()[0].split() if n.isdecimal()]
    before, wrong_before = store(name, path).check()
    told = f"{len(numbers)} acknowledged, {before} there, "
    told += "torn end reported; " if wrong_before else "whole; "
    try:
        store(name, path).add("after")
    except (ProblemsFound, sqlite3.Error) as error:
        return f"{told}next append refused: {error}"
    after, wrong = store(name, path).check()
    return f"{told}with room again: {after} there, {'damage' if wrong else 'whole'}"


def flips(name: str, path: Path) -> str:
    one = store(name, path)
    for _ in range(5):
        one.add("flip")
    if name == "sqlite":
        # As somebody would find it later: everything in the one file.
        with closing(sqlite3.connect(path)) as database:
            database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    data = path.read_bytes()
    chance = random.Random(2)
    copy = path.with_name("copy")
    found, tried = 0, 1_500
    for _ in range(tried):
        place, bit = chance.randrange(len(data)), 1 << chance.randrange(8)
        changed = bytearray(data)
        changed[place] ^= bit
        for old in files(copy):
            old.unlink()
        copy.write_bytes(changed)
        wrong = True
        with suppress(sqlite3.Error, ValueError):
            entries, wrong = store(name, copy).check()
            wrong = wrong or entries != 5
        found += wrong
    return f"{found} of {tried} single-bit changes found ({len(data)} bytes for 5 entries)"


def write(name: str, path: Path, count: int, limit: int) -> None:
    if limit:
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
    one = store(name, path)
    print("ready", flush=True)
    for _ in range(count):
        try:
            number = one.add(str(os.getpid()))
        except (ProblemsFound, sqlite3.Error):
            sys.exit(1)
        print(number, flush=True)


def main(folder: Path) -> None:
    for measure in (speed, kills, two, full, flips):
        for name in STORES:
            place = Path(tempfile.mkdtemp(dir=folder))
            print(f"{measure.__name__:<6} {name:<7} {measure(name, place / 'store')}", flush=True)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--write"]:
        write(sys.argv[2], Path(sys.argv[3]), int(sys.argv[4]), int(sys.argv[5]))
    else:
        with tempfile.TemporaryDirectory(dir=sys.argv[1] if sys.argv[1:] else None) as folder:
            main(Path(folder))
