"""Wide CSV to verdicts in Parquet by the column plan.

    python -m tests.benchmarks.columns_csv IN OUT

Reads with PyArrow in blocks, decides each block, writes each block: memory does not grow with
the file. Prints the seconds of each stage and the peak of memory.
"""

import queue
import resource
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from screen.engine.columns.plan import ColumnPlan
from screen.language.loading.own_folder import default_rules_dir
from screen.language.loading.rules_folder import load_protocol, load_vocabulary, protocol_ids

if TYPE_CHECKING:
    import pyarrow as pa

BLOCK_ROWS = 100_000


def blocks(source: Path) -> "Iterator[pa.Table]":
    """Blocks of text columns of about `BLOCK_ROWS` rows, read ahead by one."""
    import pyarrow as pa
    from pyarrow import csv

    with source.open() as file:
        names = file.readline().strip().split(",")
    reader = csv.open_csv(
        source,
        read_options=csv.ReadOptions(block_size=16 << 20),
        convert_options=csv.ConvertOptions(
            column_types=dict.fromkeys(names, pa.string()),
            strings_can_be_null=True,
            null_values=[""],
        ),
    )
    waiting: list[pa.RecordBatch] = []
    for batch in reader:
        waiting.append(batch)
        if sum(len(b) for b in waiting) >= BLOCK_ROWS:
            yield pa.Table.from_batches(waiting)
            waiting = []
    if waiting:
        yield pa.Table.from_batches(waiting)


def run(source: Path, out: Path, protocols: int | None = None) -> dict[str, float]:
    """Seconds by stage. With `protocols`, that many (the seven repeated under other names)."""
    import pyarrow.parquet as pq

    from tests.benchmarks.many import repeated

    spent = dict.fromkeys(("total", "start", "read", "decide", "write"), 0.0)
    begin = time.perf_counter()
    rules = default_rules_dir()
    vocabulary = load_vocabulary(rules)
    known = [load_protocol(rules, name, vocabulary) for name in protocol_ids(rules)]
    plan = ColumnPlan(vocabulary, repeated(known, protocols))
    spent["start"] = time.perf_counter() - begin
    ready: queue.Queue[pa.Table | None] = queue.Queue(maxsize=1)

    def read() -> None:
        for block in blocks(source):
            ready.put(block)
        ready.put(None)

    threading.Thread(target=read, daemon=True).start()
    writer = None
    first, unsure = 0, 0
    while True:
        at = time.perf_counter()
        block = ready.get()
        spent["read"] += time.perf_counter() - at
        if block is None:
            break
        at = time.perf_counter()
        decided = plan.decide_wide(block, first)
        spent["decide"] += time.perf_counter() - at
        first += len(block)
        unsure += len(decided.unsure)
        at = time.perf_counter()
        lines = decided.verdicts.drop_columns(["row"])
        writer = writer or pq.ParquetWriter(out, lines.schema, store_schema=False)
        writer.write_table(lines)
        spent["write"] += time.perf_counter() - at
    if writer is not None:
        writer.close()
    spent["total"] = time.perf_counter() - begin
    spent["cases"], spent["unsure"] = first, unsure
    return spent


if __name__ == "__main__":
    result = run(Path(sys.argv[1]), Path(sys.argv[2]))
    print({stage: round(value, 2) for stage, value in result.items()})
    print(f"peak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6:.2f} GB")
